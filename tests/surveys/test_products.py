"""Exports of known help desks and CRMs, through the page and its job: nothing has to be chosen."""

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from ground import jobs
from ground.models import ColumnMapping, Job
from surveys import imports
from surveys.imports import durations
from surveys.imports.products import PRODUCTS, recognise
from surveys.models import Interaction

pytestmark = pytest.mark.django_db
EXPORTS = Path(__file__).parent / "exports"
ADDRESS = "/admin/surveys/interaction/import/"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def desk(administrator: Any, organisation: Any) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def workbook(text: str, delimiter: str) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def bring(desk: Client, code: str, *, chosen: dict[str, str] | None = None, is_workbook: bool = False) -> Job:
    """Through both pages as a person who presses on, and through the job."""
    text = (EXPORTS / f"{code}.csv").read_text(encoding="utf-8")
    content = workbook(text, ";" if ";" in text.split("\n")[0] else ",") if is_workbook else text.encode()
    file = SimpleUploadedFile(f"export.{'xlsx' if is_workbook else 'csv'}", content)
    sent = desk.post(ADDRESS, {"kind": "interactions", "source": "", "file": file})
    assert sent.status_code == 302, sent.content.decode()
    page = desk.get(sent.url)
    assert page.context["product"] == code and not page.context["lacking"] and not page.context["faults"]
    told = {f"column-{field.name}": field.column for field in page.context["fields"]}
    told |= {"product": code, "product_was": code, "zone": page.context["zone"], "run": "1"} | (chosen or {})
    assert desk.post(sent.url, told).status_code == 302
    return jobs.finish_now(Job.objects.latest("pk"))


def brought(code: str) -> dict[str, Interaction]:
    found = Interaction.objects.filter(source=code).select_related("customer", "team", "agent")
    return {interaction.external_id: interaction for interaction in found}


def moment(hour: int, minute: int = 0, second: int = 0, day: int = 20) -> dt.datetime:
    """In Moscow, where the organisation is."""
    return dt.datetime(2026, 11, day, hour - 3, minute, second, tzinfo=dt.UTC)


def test_zendesk(desk: Client) -> None:
    assert bring(desk, "zendesk").result["counts"] == {
        "created": 4, "updated": 0, "stale": 0, "refused": 0, "skipped": 1,
    }  # fmt: skip
    rows = brought("zendesk")
    solved, waits, called, again = rows["101"], rows["102"], rows["103"], rows["105"]
    assert (solved.channel, solved.priority, solved.reason, solved.tags) == (
        "email", "high", "Question", ["refund", "card"],
    )  # fmt: skip
    assert (solved.customer.external_id, solved.customer.email) == ("crm-77", "vera@example.org")
    assert (solved.team.code, solved.agent.name, solved.replies, solved.transfers) == ("Support", "Olga Reznik", 3, 1)
    assert (solved.first_response_at, solved.resolved_at, solved.closed_at) == (moment(9, 25), moment(15), moment(15))
    assert (solved.is_resolved, solved.reopened_at) == (True, moment(12))
    assert (solved.requester_wait_seconds, waits.requester_wait_seconds) == (95 * 60, None)
    assert solved.attributes == {"satisfaction": "Good"}
    assert (waits.channel, waits.agent, waits.closed_at, waits.first_response_at) == ("web", None, None, None)
    assert waits.customer.external_id is None and waits.attributes == {} and waits.priority == ""
    assert (called.channel, called.direction) == ("phone", "outbound")
    assert (again.channel, again.is_resolved, again.solved_at) == ("messenger", False, None)


def test_freshdesk(desk: Client) -> None:
    assert bring(desk, "freshdesk").result["counts"]["skipped"] == 1
    rows = brought("freshdesk")
    closed, waits, ours = rows["201"], rows["202"], rows["203"]
    assert (closed.first_response_at, closed.resolved_at, closed.closed_at) == (
        moment(9, 12, 31), moment(11), moment(12),
    )  # fmt: skip
    assert (closed.customer.phone, closed.customer.language, closed.priority) == ("79161234567", "ru", "normal")
    assert (closed.handle_seconds, closed.replies, closed.tags) == (1200, 2, ["refund", "card"])
    assert closed.attributes == {"satisfaction": "Extremely Happy"}
    assert (waits.team, waits.agent, waits.closed_at, waits.channel) == (None, None, None, "web")
    assert waits.first_response_at == moment(10, 30)
    assert (ours.direction, ours.channel, ours.closed_at) == ("outbound", "email", moment(10, 5))


@pytest.mark.parametrize("is_workbook", [False, True])
def test_usedesk(desk: Client, is_workbook: bool) -> None:
    assert bring(desk, "usedesk", is_workbook=is_workbook).result["counts"] == {
        "created": 2, "updated": 0, "stale": 0, "refused": 0, "skipped": 2,
    }  # fmt: skip
    rows = brought("usedesk")
    solved, waits = rows["301"], rows["302"]
    assert (solved.channel, solved.reason, solved.customer.phone) == ("messenger", "Вопрос", "+79161234567")
    assert (solved.first_response_at, solved.closed_at, solved.is_resolved) == (moment(9, 12), moment(11), True)
    assert (waits.channel, waits.priority, waits.agent, waits.closed_at) == ("chat", "urgent", None, None)


@pytest.mark.parametrize("is_workbook", [False, True])
def test_omnidesk(desk: Client, is_workbook: bool) -> None:
    assert bring(desk, "omnidesk", is_workbook=is_workbook).result["counts"]["skipped"] == 1
    rows = brought("omnidesk")
    closed, waits = rows["123-456789"], rows["123-456790"]
    assert (closed.channel, closed.priority, closed.first_response_at) == ("email", "urgent", moment(10, 5))
    assert (closed.closed_at, closed.tags, closed.is_resolved) == (moment(11), ["возврат"], True)
    assert (waits.channel, waits.customer.phone, waits.closed_at) == ("social", "+79160000002", None)


def test_bitrix24(desk: Client) -> None:
    bring(desk, "bitrix24")
    rows = brought("bitrix24")
    won, open_, lost = rows["401"], rows["402"], rows["403"]
    assert (won.channel, won.closed_at, won.is_resolved) == ("phone", moment(11), True)
    assert (won.customer.phone, won.customer.name, won.agent.name) == (
        "+7 916 123-45-67", "Вера Антонова", "Ольга Резник",
    )  # fmt: skip
    assert (open_.channel, open_.closed_at, open_.is_resolved) == ("messenger", None, None)
    assert (lost.channel, lost.closed_at, lost.is_resolved) == ("web", moment(10, 30), None)


def test_amocrm_whose_deals_name_no_channel(desk: Client) -> None:
    file = SimpleUploadedFile("a.csv", (EXPORTS / "amocrm.csv").read_bytes())
    page = desk.get(desk.post(ADDRESS, {"kind": "interactions", "source": "", "file": file}).url)
    assert [str(label) for label in page.context["lacking"]]
    url, told = page.request["PATH_INFO"], {f"column-{field.name}": field.column for field in page.context["fields"]}
    told |= {"product": "amocrm", "product_was": "amocrm", "column-channel": "=messenger", "run": "1"}
    assert desk.post(url, told).status_code == 302
    assert jobs.finish_now(Job.objects.get()).result["counts"]["created"] == 3
    rows = brought("amocrm")
    assert {row.channel for row in rows.values()} == {"messenger"}
    assert (rows["501"].closed_at, rows["501"].is_resolved, rows["501"].tags) == (
        moment(11),
        True,
        ["гарантия", "срочно"],
    )
    assert rows["501"].customer.phone == "+79161234567"
    assert (rows["502"].closed_at, rows["502"].customer.email) == (None, "ivan@example.org")
    assert (rows["503"].closed_at, rows["503"].is_resolved) == (moment(10, 30), None)


def test_a_later_file_brings_contacts_up_to_date_and_a_guessed_closing_is_no_second_one(desk: Client) -> None:
    bring(desk, "bitrix24")
    text = (EXPORTS / "bitrix24.csv").read_text(encoding="utf-8")
    later = text.replace("20.11.2026 11:00:00", "21.11.2026 11:00:00").replace("В работе", "Сделка успешна")
    later = later.replace("20.11.2026 10:30:00;0;RUB\n403", "21.11.2026 10:30:00;0;RUB\n403")
    file = SimpleUploadedFile("later.csv", later.encode())
    sent = desk.post(ADDRESS, {"kind": "interactions", "source": "bitrix24", "file": file})
    page = desk.get(sent.url)
    told = {f"column-{field.name}": field.column for field in page.context["fields"]}
    desk.post(sent.url, told | {"product": "bitrix24", "product_was": "bitrix24", "run": "1"})
    job = jobs.finish_now(Job.objects.latest("pk"))
    assert job.result["counts"] == {"created": 0, "updated": 2, "stale": 1, "refused": 0, "skipped": 0}
    rows = brought("bitrix24")
    assert (rows["401"].closings, rows["401"].closed_at) == (1, moment(11))
    assert (rows["402"].closings, rows["402"].closed_at) == (1, moment(10, 30, day=21))


def test_another_product_may_be_chosen_and_is_remembered_with_the_zone(desk: Client) -> None:
    file = SimpleUploadedFile("a.csv", (EXPORTS / "zendesk.csv").read_bytes())
    url = desk.post(ADDRESS, {"kind": "interactions", "source": "help", "file": file}).url
    page = desk.get(url)
    plain = desk.post(url, {"product": "", "product_was": "zendesk", "zone": "Asia/Omsk", "run": "1"})
    assert plain.status_code == 200 and plain.context["product"] == "" and not Job.objects.exists()
    told = {f"column-{field.name}": field.column for field in page.context["fields"]}
    desk.post(url, told | {"product": "zendesk", "product_was": "zendesk", "zone": "UTC", "run": "1"})
    jobs.finish_now(Job.objects.get())
    assert brought("help")["102"].created_at == dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    kept = ColumnMapping.objects.get(source="help")
    assert (kept.product, kept.zone, kept.columns["channel"]) == ("zendesk", "UTC", "Via")
    file.seek(0)
    assert (
        desk.get(desk.post(ADDRESS, {"kind": "interactions", "source": "help", "file": file}).url).context["zone"]
        == "UTC"
    )


def test_each_header_is_recognised_and_a_common_one_is_nobody_s() -> None:
    for code in PRODUCTS:
        header = (EXPORTS / f"{code}.csv").read_text(encoding="utf-8").split("\n")[0]
        assert recognise(header.split(";" if ";" in header else ",")) == code
    assert recognise(["№", "Канал", "Почта", "Закрыто", "Команда"]) == ""
    names = {field.name for field in imports.get("interactions").FIELDS}
    assert all(set(product.titles) <= names for product in PRODUCTS.values())


def test_a_date_where_a_number_is_meant_is_left_for_its_row_to_say() -> None:
    for code, name in (("freshdesk", "first_response_after"), ("zendesk", "requester_wait_seconds")):
        assert PRODUCTS[code].read({name: "12.05.2026"}) == {name: "12.05.2026"}
    assert PRODUCTS["freshdesk"].read({"resolved_after": "0.2008333333"}) == {"resolved_after": "723 s"}


@pytest.mark.parametrize(("text", "seconds"), [
    ("90", 5400), ("1,5", 90), ("00:12:31", 751), ("2:05", 7500), ("1 day 02:00:00", 93600),
    ("1 day, 12:00:00", 129600), ("2 ч 5 мин", 7500), ("12.516666666666667", 751), ("1d 3h", 97200),
    ("45 сек.", 45), ("751 s", 751),
])  # fmt: skip
def test_durations_as_files_tell_them(text: str, seconds: int) -> None:
    assert durations.seconds_of(text, unit=60) == seconds


@pytest.mark.parametrize("text", ["soon", "", "12 попугаев", "12:99", "1 ч и ещё", "99999999999", "½"])
def test_what_is_no_duration_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="duration|длительность"):
        durations.seconds_of(text, unit=60)


def test_a_wrong_duration_is_named_with_its_column(desk: Client) -> None:
    table_rows = "id;channel;email;created;время первого ответа\n1;phone;a@example.org;20.11.2026 10:00;soon"
    url = desk.post(ADDRESS, {
        "kind": "interactions", "source": "x", "file": SimpleUploadedFile("a.csv", table_rows.encode()),
    }).url  # fmt: skip
    (fault,) = desk.get(url).context["faults"]
    assert fault["column"] == "время первого ответа"


EVERY = {
    "id": "7", "source": "crm", "channel": "chat", "direction": "outbound", "reason": "billing", "tags": "a,b",
    "priority": "high", "created_at": "2026-11-20 10:00", "enqueued_at": "2026-11-20 10:00",
    "answered_at": "2026-11-20 10:01", "first_response_at": "2026-11-20 10:02", "resolved_at": "2026-11-20 11:00",
    "closed_at": "2026-11-20 11:00", "reopened_at": "2026-11-20 10:30", "updated_at": "2026-11-20 11:01",
    "replies": "3", "transfers": "2", "handle_seconds": "00:20:00", "requester wait time": "1 h 30 min",
    "is_abandoned": "нет", "is_resolved": "да",
    "is_complaint": "да", "email": "a@example.org", "team": "support", "agent": "a7",
    "events": "delivered 20.11.2026 10:40; shipped 2026-11-20 10:50", "attributes": "plan=gold; city=Омск",
}  # fmt: skip


def test_every_field_of_a_contact_comes_from_a_file(desk: Client) -> None:
    cells = [f'"{cell}"' for cell in EVERY.values()]
    file = SimpleUploadedFile("a.csv", f"{','.join(EVERY)}\n{','.join(cells)}".encode())
    sent = desk.post(ADDRESS, {"kind": "interactions", "source": "file", "file": file})
    page = desk.get(sent.url)
    assert (page.context["faults"], page.context["unused"]) == ([], [])
    told = {f"column-{field.name}": field.column for field in page.context["fields"]}
    desk.post(sent.url, told | {"product": "", "product_was": "", "run": "1"})
    jobs.finish_now(Job.objects.get())
    contact = Interaction.objects.get()
    assert (contact.source, contact.direction, contact.transfers, contact.handle_seconds) == (
        "crm",
        "outbound",
        2,
        1200,
    )
    assert contact.requester_wait_seconds == 5400
    assert (contact.enqueued_at, contact.answered_at, contact.reopened_at) == (
        moment(10), moment(10, 1), moment(10, 30),
    )  # fmt: skip
    assert (contact.is_abandoned, contact.is_resolved, contact.is_complaint) == (False, True, True)
    assert contact.attributes == {"plan": "gold", "city": "Омск"}
    assert dict(contact.events.filter(kind__in=["delivered", "shipped"]).values_list("kind", "at")) == {
        "delivered": moment(10, 40), "shipped": moment(10, 50),
    }  # fmt: skip


@pytest.mark.parametrize(("told", "column"), [
    ("is_abandoned\n1;phone;a@example.org;2026-11-20 10:00;2026-11-20 10:01;да", "is_abandoned"),
    ("closed_at\n1;phone;a@example.org;2026-11-20 10:00;;2026-11-20 09:00", "closed_at"),
    ("events\n1;phone;a@example.org;2026-11-20 10:00;;closed 2026-11-20 11:00", "events"),
    ("attributes\n1;phone;a@example.org;2026-11-20 10:00;;gold", "attributes"),
])  # fmt: skip
def test_what_cannot_be_true_together_is_said(desk: Client, told: str, column: str) -> None:
    file = SimpleUploadedFile("a.csv", f"id;channel;email;created_at;answered_at;{told}".encode())
    (fault,) = desk.get(desk.post(ADDRESS, {"kind": "interactions", "source": "x", "file": file}).url).context["faults"]
    assert fault["column"] == column and fault["sentence"]
