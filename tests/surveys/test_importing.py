"""A file of rows from outside: looked at, taken in by a job, reported on, and harmless the second time."""

import csv
import datetime as dt
import gzip
import io
import json
import re
import zipfile

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import Workbook

from ground import jobfiles, jobs, remembered, uploads
from ground.access import EVERYTHING
from ground.csvfile import BadFile
from ground.models import ColumnMapping, Job, Team
from surveys import importing, imports
from surveys.models import Agent, Customer, Decision, Interaction, Invitation, Skip, Suppression

pytestmark = pytest.mark.django_db
HEADER = "№;Канал;Почта;Закрыто;Команда;Жалоба"
ROW = "{};телефон;c{}@example.org;20.11.2026 11:59;support;нет"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path


def upload(content: bytes | str, name: str = "a.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def keep(*lines: str, encoding: str = "utf-8") -> uploads.Table:
    return uploads.keep(upload("\r\n".join(lines).encode(encoding)))


def workbook(*rows: list) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def run(kind: str, table: uploads.Table, by, *, source: str = "desk", asks: bool = True) -> Job:
    columns = importing.mapping_for(kind, table, source=source)
    job = importing.begin(kind, table, columns, source=source, by=by, asks=asks)
    return jobs.finish_now(job)


def report(job: Job) -> list[list[str]]:
    text = (jobfiles.folder() / job.file).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_russian_file_is_understood_by_its_titles(administrator, encoding) -> None:
    table = keep(HEADER, ROW.format(1, 1), ROW.format(2, 2), encoding=encoding)
    job = run("interactions", table, administrator)
    assert job.result["counts"] == {"created": 2, "updated": 0, "stale": 0, "refused": 0, "skipped": 0}
    interaction = Interaction.objects.order_by("pk").first()
    assert (interaction.source, interaction.external_id, interaction.channel) == ("desk", "1", "phone")
    assert interaction.customer.email == "c1@example.org"
    assert interaction.team.code == "support"
    assert interaction.is_complaint is False
    assert interaction.closed_at.astimezone(dt.UTC) == dt.datetime(2026, 11, 20, 8, 59, tzinfo=dt.UTC)


TOLD = {
    "external_id": 7, "channel": "phone", "is_complaint": True, "closed_at": "2026-11-20T08:59:00Z", "replies": 3,
    "customer": {"email": "c7@example.org", "name": "Анна"}, "attributes": {"plan": "gold", "city": "Омск"},
    "team": {"code": "support"}, "tags": ["a", "b"], "events": [{"kind": "delivered", "at": "2026-11-20T08:00:00Z"}],
}  # fmt: skip


@pytest.mark.parametrize("form", ["list", "lines"])
def test_json_as_the_api_takes_it_needs_no_choice_of_columns(administrator, form) -> None:
    others = [TOLD | {"external_id": "8", "channel": "голубь"}, {}, {"note": None}]
    told = [TOLD, *others, TOLD | {"external_id": 9}]
    lines = [json.dumps(one, ensure_ascii=False) for one in told]
    content = f"[{', '.join(lines)}]" if form == "list" else "\ufeff" + "\n".join(lines)
    job = run("interactions", uploads.keep(upload(content, "a.json")), administrator)
    assert job.result["counts"] == {"created": 2, "updated": 0, "stale": 0, "refused": 1, "skipped": 0}
    assert [(row[0], row[1]) for row in report(job)[1:]] == [("2", "channel")]  # by the line, no header before it
    row = Interaction.objects.get(external_id="7")
    assert (row.channel, row.is_complaint, row.replies, row.tags) == ("phone", True, 3, ["a", "b"])
    assert (row.customer.email, row.team.code) == ("c7@example.org", "support")
    assert row.attributes == {"plan": "gold", "city": "Омск"}
    assert row.events.filter(kind="delivered").exists()


def test_json_goes_on_where_its_worker_died(administrator, monkeypatch) -> None:
    monkeypatch.setattr(importing, "STEP", 2)
    content = "\n".join(json.dumps(TOLD | {"external_id": number}) for number in range(5))
    table = uploads.keep(upload(content))
    columns = importing.mapping_for("interactions", table, source="desk")
    job = importing.begin("interactions", table, columns, source="desk", by=administrator)
    progress = importing._step(job)
    job.cursor = progress.cursor
    job.save()
    assert (progress.rows, Interaction.objects.count()) == (2, 2)
    assert jobs.finish_now(job).result["counts"]["created"] == 5


def test_the_second_time_nothing_changes(administrator) -> None:
    run("interactions", keep(HEADER, ROW.format(1, 1)), administrator)
    job = run("interactions", keep(HEADER, ROW.format(1, 1)), administrator)
    assert job.result["counts"]["stale"] == 1
    assert Interaction.objects.count() == 1


def test_wrong_rows_stand_in_the_report_and_the_others_are_imported(administrator) -> None:
    table = keep(HEADER, ROW.format(1, 1), "2;голубь;c2@example.org;20.11.2026;;", "", "3;чат;не адрес;завтра;;",
                 "4;чат;;20.11.2026;;")  # fmt: skip
    job = run("interactions", table, administrator)
    assert job.result["counts"] == {"created": 1, "updated": 0, "stale": 0, "refused": 3, "skipped": 0}
    rows = report(job)[1:]
    assert [(row[0], row[1]) for row in rows] == [("3", "Канал"), ("5", "Закрыто"), ("6", "")]
    assert all(row[2] for row in rows) and "external_id" not in rows[2][2]


def test_columns_are_remembered_for_the_next_file_of_the_source(administrator) -> None:
    table = keep("a;b;c", "1;phone;x@example.org")
    assert importing.mapping_for("interactions", table, source="odd") == {}
    chosen = {"external_id": "a", "channel": "b", "customer_email": "c"}
    importing.begin("interactions", table, chosen, source="odd", by=administrator)
    assert ColumnMapping.objects.get().columns == chosen
    assert importing.mapping_for("interactions", keep("b;a;c", "1;2;3"), source="odd") == chosen
    assert importing.lacking("interactions", {"external_id": "a"}, source="odd")


def test_titles_as_russian_help_desks_write_them() -> None:
    guessed = importing.mapping_for("interactions", keep("№ заявки;Канал;ФИО клиента", "1;чат;Анна"), source="new")
    assert guessed == {"external_id": "№ заявки", "channel": "Канал", "customer_name": "ФИО клиента"}


def test_a_workbook_of_customers(administrator) -> None:
    until = dt.datetime(2027, 3, 31)
    made = workbook(["Код клиента", "ФИО", "Почта", "Выручка", "Конец договора"],
                    [17.0, "Анна", "A@Example.org", 1500.5, until])  # fmt: skip
    job = run("customers", uploads.keep(upload(made, "a.xlsx")), administrator, source="")
    assert job.result["counts"]["created"] == 1
    customer = Customer.objects.get()
    assert (customer.external_id, customer.name, customer.email, float(customer.value), customer.contract_end) == (
        "17", "Анна", "a@example.org", 1500.5, until.date(),
    )  # fmt: skip


def test_suppressions_with_their_reasons_in_words(administrator) -> None:
    table = keep("Адрес,Причина", "a@example.org,отписка", "b@example.org,", "кто?,")
    job = run("suppressions", table, administrator, source="")
    assert job.result["counts"]["refused"] == 1
    assert dict(Suppression.objects.values_list("address", "reason")) == {
        "a@example.org": "unsubscribed", "b@example.org": "manual",
    }  # fmt: skip


def test_a_manager_of_a_team_imports_its_contacts_only(manager, team, other_team) -> None:
    lines = [f"{number};phone;c{number}@example.org;20.11.2026;{code}" for number, code in
             enumerate([team.code, other_team.code, ""], 1)]  # fmt: skip
    job = run("interactions", keep("id;channel;email;closed;team", *lines), manager)
    assert job.result["counts"] == {"created": 1, "updated": 0, "stale": 0, "refused": 2, "skipped": 0}
    assert Interaction.objects.get().team == team
    refused = run("suppressions", keep("address", "a@example.org"), manager, source="")
    assert refused.result["counts"]["refused"] == 1


def test_a_worker_that_dies_between_steps_takes_no_row_twice(administrator, monkeypatch) -> None:
    table = keep(HEADER, *[ROW.format(number, number) for number in range(60)], "x;голубь;;20.11.2026;;")
    columns = importing.mapping_for("interactions", table, source="desk")
    job = importing.begin("interactions", table, columns, source="desk", by=administrator)
    take, seen = imports.get("interactions").take, []

    def dies(values, given):
        seen.append(values["external_id"])
        if len(seen) == 40:
            raise SystemExit
        return take(values, given)

    monkeypatch.setattr(imports.get("interactions"), "take", dies)
    with pytest.raises(SystemExit):
        jobs.finish_now(job)
    Job.objects.update(leased_until=None)
    job = jobs.finish_now(Job.objects.get())
    assert job.result["counts"] == {"created": 60, "updated": 0, "stale": 0, "refused": 1, "skipped": 0}
    assert len(report(job)) == 2
    assert Interaction.objects.count() == 60


def test_a_step_decides_about_all_its_rows_at_once_and_as_row_by_row(administrator, rule, monkeypatch) -> None:
    monkeypatch.setattr(importing, "STEP_SECONDS", 60)
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        table = keep(HEADER, ROW.format(1, 1), ROW.format(2, 1), ROW.format(3, 3), ROW.format(3, 3))
        with CaptureQueriesContext(connection) as seen:
            run("interactions", table, administrator)
    assert sum('INTO "surveys_decision"' in asked["sql"] for asked in seen.captured_queries) == 1
    outcomes = Decision.objects.order_by("interaction__external_id").values_list("outcome", flat=True)
    assert list(outcomes) == ["send", "refuse", "send"]  # the second contact of a customer finds the first asked about
    assert Invitation.objects.count() == 2


def test_history_is_taken_in_and_nobody_is_asked_about_it(administrator, rule) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        run("interactions", keep(HEADER, ROW.format(1, 1)), administrator)
        run("interactions", keep(HEADER, ROW.format(1, 1), ROW.format(2, 2)), administrator, asks=False)
        run("interactions", keep(HEADER, ROW.format(2, 2)), administrator)
    decided = Decision.objects.order_by("interaction__external_id").values_list("outcome", "reason")
    assert list(decided) == [("send", ""), ("refuse", "skipped")]
    skip = Skip.objects.get()  # not of the first, which had been asked about
    assert (skip.interaction.external_id, skip.by, skip.agent) == ("2", administrator, None)


def test_what_a_refused_row_brought_with_it_is_taken_back_alone(administrator) -> None:
    told = [("", "A"), ("phone", "A"), ("phone", "B"), ("phone", "A")]
    lines = [f"{at};{channel};c{at}@example.org;20.11.2026;new;{name}" for at, (channel, name) in enumerate(told)]
    job = run("interactions", keep("id;channel;email;closed;team;team's name", *lines), administrator)
    assert job.result["counts"] == {"created": 3, "updated": 0, "stale": 0, "refused": 1, "skipped": 0}
    assert Interaction.objects.filter(team__code="new").count() == 3
    assert Team.objects.get(code="new").name == "A"  # the last word, though it was told before


def test_slow_rows_end_a_step_early_and_none_is_left_out(administrator, monkeypatch) -> None:
    monkeypatch.setattr(importing, "STEP_SECONDS", 0)
    table = keep(HEADER, *[ROW.format(number, number) for number in range(5)], "", ROW.format(9, 9))
    columns = importing.mapping_for("interactions", table, source="desk")
    job = importing.begin("interactions", table, columns, source="desk", by=administrator)
    steps = []
    monkeypatch.setattr(importing, "_report", lambda *told, write=importing._report: steps.append(1) or write(*told))
    job = jobs.finish_now(job)
    assert len(steps) == 7
    assert (job.done, job.result["counts"]["created"]) == (7, 6)


def test_a_second_click_begins_nothing(administrator) -> None:
    table = keep(HEADER, ROW.format(1, 1))
    columns = importing.mapping_for("interactions", table, source="desk")
    first, second = (importing.begin("interactions", table, columns, source="desk", by=administrator) for _ in "ab")
    assert first == second
    assert Job.objects.count() == 1


def test_two_columns_of_one_title_are_told_apart() -> None:
    assert keep("mail;mail;;mail (2);mail", "1;2;3;4;5").header == ["mail", "mail (2)", "", "mail (2) (2)", "mail (3)"]


def test_empty_lines_at_the_end_are_no_rows() -> None:
    assert keep("a;b", "1;2", ";", "", ";").count == 1


def test_nul_and_other_unstorable_signs_never_reach_the_database(administrator) -> None:
    pad = [ROW.format(number, number) for number in range(200)]
    table = keep(HEADER.replace("Почта", "По\u200bчта"), *pad, ROW.format("5\x00", "7\x00\x01"))
    columns = importing.mapping_for("interactions", keep(HEADER, ROW.format(1, 1)), source="desk")
    columns["customer_email"] = table.header[2]
    job = importing.begin("interactions", table, columns, source="desk", by=administrator)
    assert jobs.finish_now(job).result["counts"]["stale"] == 1


def test_titles_of_a_workbook_lose_what_cannot_be_stored(administrator) -> None:
    made = workbook(["id_x0000_", "channel", "email", "closed"], ["1", "phone", "a@example.org", "20.11.2026"])
    table = uploads.keep(upload(made, "a.xlsx"))
    assert run("interactions", table, administrator).result["counts"]["created"] == 1


def test_a_role_that_was_taken_away_stops_the_import(manager) -> None:
    table = keep(HEADER, ROW.format(1, 1))
    job = importing.begin("interactions", table, {"external_id": "№"}, source="desk", by=manager)
    manager.memberships.all().delete()
    jobs.finish_now(job)
    assert Job.objects.get().quarantined_at
    assert not Interaction.objects.exists()


def opendocument() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        pack.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        pack.writestr("content.xml", "<office/>")
    return file.getvalue()


NO_TABLES = {
    "empty": b"",
    "a blank line": b"\n",
    "a mark of UTF-8 alone": b"\xef\xbb\xbf",
    "half a sign of UTF-16": b"\xff\xfe\x00",
    "a header alone": b"a;b",
    "too many cells": b"a;b\n1;2;3",
    "binary": b"\x00\x01\x02\x03" * 50,
    "a broken zip": b"PK\x03\x04rest",
    "an open quote": b'a;b\n"1',
    "a sign behind a quote": b'a;b\n"1"2;3',
    "a huge cell": b"a\n" + b"x" * 10_001,
    "a cell larger than the reader takes": b"a\n" + b"x" * 200_000,
    "a huge title": b"x" * 10_001 + b"\n1",
    "too many columns": b";".join([b"a"] * 201) + b"\n1",
    "gzip": gzip.compress(HEADER.encode() * 9),
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504,
    "an open document": opendocument(),
    "a page": b"\n<!DOCTYPE html>\n<title>a</title>\n<p>b</p>",
    "a page without a head": b"<table><tr><td>1</td></tr>\n</table>",
    "JSON of numbers": b'[{"a": 1}, 2]',
    "JSON without an end": b'[{"a": 1}',
    "JSON and more": b'[{"a": 1}] 5',
    "JSON of one pretty object": b'{\n"a": 1\n}',
    "deep JSON": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a huge number of JSON": b'{"a": ' + b"1" * 6000 + b"}",
    "an empty list": b"[]",
    "PDF": b"%PDF-1.7\n1 0 obj",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
}


@pytest.mark.parametrize("content", NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_refused_with_a_sentence(content) -> None:
    with pytest.raises(BadFile) as refused:
        uploads.keep(upload(content))
    assert refused.value.complaints[0].message
    assert list(jobfiles.folder().iterdir()) == []


def test_rows_keep_their_numbers_and_places(tmp_path) -> None:
    table = keep("a", "1", "", "3")
    first = uploads.lines(table.name, at=table.begins, number=2, most=2)
    rest = uploads.lines(table.name, at=first[-1].behind, number=4, most=9)
    assert [(line.number, line.cells) for line in [*first, *rest]] == [(2, ["1"]), (3, []), (4, ["3"])]
    assert json.loads((jobfiles.folder() / table.name).read_bytes().split(b"\n")[0]) == ["a"]


def test_looking_writes_nothing(administrator) -> None:
    table = keep(HEADER, ROW.format(1, 1), "2;голубь;;;;")
    columns = importing.mapping_for("interactions", table, source="desk")
    given = importing.given_for(EVERYTHING, source="desk")
    faults = importing.look("interactions", table, columns, given=given)
    assert {fault.line for fault in faults} == {3}
    assert not Interaction.objects.exists()


def test_a_team_and_an_agent_may_be_called_by_their_names(administrator, team, agent) -> None:
    table = keep(f"{HEADER};Оператор", f"1;телефон;c1@example.org;20.11.2026 11:59;{team.name};нет;{agent.name}")
    assert run("interactions", table, administrator).result["counts"]["created"] == 1
    interaction = Interaction.objects.get()
    assert (interaction.team, interaction.agent) == (team, agent)


@pytest.fixture
def slow_reading(monkeypatch):
    monkeypatch.setattr(remembered, "COSTLY_SECONDS", 0)
    yield
    cache.clear()


def test_a_teams_code_in_capitals_is_no_other_team(administrator) -> None:
    Team.objects.create(code="support", name="support")  # as a program made it that told no name
    run("interactions", keep(HEADER, ROW.format(1, 1).replace("support", "Support")), administrator)
    assert Interaction.objects.get().team == Team.objects.get()


def test_names_that_take_long_to_read_are_not_read_at_every_step(
    administrator, agent, slow_reading, django_assert_num_queries
) -> None:
    table = keep(HEADER, ROW.format(1, 1))
    columns = importing.mapping_for("interactions", table, source="desk")
    importing.look("interactions", table, columns, given=importing.given_for(EVERYTHING, source="desk"))
    given = importing.given_for(EVERYTHING, source="desk")
    with django_assert_num_queries(0):
        importing.look("interactions", table, columns, given=given)


def test_a_name_that_two_agents_have_means_neither(administrator, team, agent) -> None:
    Agent.objects.create(external_id="a-2", name=agent.name, team=team)
    table = keep(f"{HEADER};Оператор", f"1;телефон;c1@example.org;20.11.2026 11:59;{team.code};нет;{agent.name}")
    run("interactions", table, administrator)
    assert Interaction.objects.get().agent.external_id == agent.name


def test_faults_of_a_customer_s_row_are_said_in_russian(administrator) -> None:
    table = keep("Код;Часовой пояс;VIP;Язык;Начало договора", "1;Марс;может;русский;01.02.2026")
    with translation.override("ru"):
        faults = importing.look(
            "customers", table, importing.mapping_for("customers", table, source=""),
            given=importing.given_for(EVERYTHING, source=""),
        )  # fmt: skip
    assert [fault.column for fault in faults] == ["Язык", "Часовой пояс", "VIP"]
    assert not re.search("[A-Za-z]{4}", "".join(fault.sentence for fault in faults).replace("Europe/Moscow", ""))
