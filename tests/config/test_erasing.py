"""One person is erased everywhere, down to the bytes of the database's file; counts stay; a restore erases again."""

import datetime as dt
import json
import shutil
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics import rollups
from analytics.models import Annotation, ScoreDay
from feedback import search
from feedback.models import Comment, Exclusion, Idea, IdeaComment, Label, Note, Response, Revision, SavedView, Touch
from ground import erasing, erasing_job, hashed_file, jobfiles, jobs
from ground.models import (
    AuditEntry,
    Change,
    Erasure,
    IdempotencyRecord,
    InboundMail,
    Job,
    Outgoing,
    Team,
    User,
)
from surveys import own_data, suppression
from surveys.models import Agent, Consent, Customer, Invitation, Message, Pause, Segment, Skip, Suppression, Survey
from tests import factories
from tests.config.reading import make_response

EMAIL, PHONE, ID, NAME = "zinaida.oreshkina@post.example", "+7 912 345-67-89", "crm-zx-90817", "Зинаида Орешкина"
# What is searched for in the bytes afterwards: everything that leads to her or repeats her words.
SEEDED = [
    EMAIL, "zinaida.oreshkina", PHONE, "912 345-67-89", "9123456789", "345-67-89", ID, "90817", NAME, "Орешкина",
    "тайное-слово", "tajnoe", "переулок Левый", "zx-flat-7", "T-ORESH-1", "ORESH-TAG", "msgid-oresh", "prov-oresh",
    "старая.почта@post.example", "прежние слова",
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"


@pytest.fixture
def her(team: Team, agent: Agent, survey: Survey, manager: User) -> Customer:
    """Somebody of whom there is a row everywhere."""
    Segment.objects.create(attribute="tariff")
    customer = Customer.objects.create(
        external_id=ID, name=NAME, email=EMAIL, phone=PHONE, contract_start="2024-05-17", value=170,
        attributes={"tariff": "pro", "address": "переулок Левый", "flat": "zx-flat-7"},
    )  # fmt: skip
    contact = factories.make_interaction(
        customer=customer, team=team, agent=agent, external_id="T-ORESH-1", tags=["ORESH-TAG"], attributes={"to": EMAIL}
    )
    invitation = factories.make_invitation(survey, interaction=contact)
    for address in (EMAIL, "старая.почта@post.example"):
        Message.objects.create(
            invitation=invitation,
            address=address,
            state="accepted",
            message_id="<msgid-oresh>",
            provider_id="prov-oresh",
        )
    Touch.objects.create(invitation=invitation, header_class="navigation", prefix_hash="ph", agent_hash="ah")
    response = make_response(
        survey, text=f"тайное-слово tajnoe: {PHONE}", team=team, agent=agent, customer=customer, invitation=invitation,
        score=2, channel="phone",
    )  # fmt: skip
    Response.objects.filter(pk=response.pk).update(wants_contact=True)
    Revision.objects.filter(response=response).delete()
    Revision.objects.create(response=response, number=1, evidence="confirmed", text="прежние слова")
    _read(response.comment)
    Note.objects.create(comment=response.comment, author=manager, text=f"{NAME} звонила")
    Exclusion.objects.create(response=response, reason="other", author=manager, note=EMAIL, lifted_at=timezone.now())
    IdeaComment.objects.create(comment=response.comment, vector=b"vvvv", idea=Idea.objects.create(title=f"от {EMAIL}"))
    Consent.objects.create(customer=customer, act="granted", source=EMAIL)
    Pause.objects.create(customer=customer)
    Skip.objects.create(interaction=contact, reason=f"просила {NAME}")
    suppression.suppress(EMAIL, reason=Suppression.Reason.UNSUBSCRIBED)
    own_data.ask_erasure(customer)
    Job.objects.create(kind="export", params={"q": NAME, "to": EMAIL}, finished_at=timezone.now())
    IdempotencyRecord.objects.create(caller="c", key="k", fingerprint="f", status=200, body={"email": EMAIL, "n": NAME})
    Outgoing.objects.create(address="m@example.org", subject=f"О {NAME}", text="тайное-слово", sent_at=timezone.now())
    InboundMail.objects.create(mailbox="m", uid="1", raw=f"To: {EMAIL}".encode(), handled_at=timezone.now())
    SavedView.objects.create(owner=manager, name="она", query=urllib.parse.urlencode({"q": EMAIL, "team": "1"}))
    Annotation.objects.create(kind="other", start=dt.date.today(), end=dt.date.today(), text=f"жалоба {ID}")
    for row, called in ((customer, NAME), (contact, "T-ORESH-1")):
        LogEntry.objects.create(
            user=manager, content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk),
            object_repr=called, action_flag=2, change_message="[]",
        )  # fmt: skip
    return customer


@pytest.fixture
def other(team: Team, survey: Survey) -> Response:
    """Somebody else, who wrote of her."""
    response = make_response(
        survey, text=f"Моя соседка {NAME} (тел. 8 912 345 67 89) тоже довольна", team=team, score=5
    )
    _read(response.comment)
    return response


def _read(comment: Comment) -> None:
    """As the worker leaves it."""
    from feedback import classify

    Comment.objects.filter(pk=comment.pk).update(classified_at=None)
    assert classify.classify([comment.pk]) == 1


@pytest.fixture
def counted(her: Customer, other: Response) -> dict[str, Any]:
    rollups.mark_everything()
    while rollups.has_work():
        rollups.roll_up()
    return _counts()


def _counts() -> dict[str, Any]:
    tables = {table for tables in rollups.TABLES.values() for table in tables}
    fields = {table: [f.attname for f in table._meta.concrete_fields if not f.primary_key] for table in tables}
    return {table.__name__: sorted(map(str, table._default_manager.values_list(*fields[table]))) for table in tables}


def _database() -> bytes:
    """Every byte of SQLite's files; of PostgreSQL a dump."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        return b"".join(path.read_bytes() for path in map(Path, (name, f"{name}-wal")) if path.exists())
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows).encode()


def _left(data: bytes) -> list[str]:
    low = data.decode("utf-8", "replace").lower()
    return [
        word
        for word in SEEDED
        if any(form.lower() in low for form in (word, json.dumps(word)[1:-1], urllib.parse.quote(word)))
    ]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_not_a_byte_is_left_and_no_count_changes(
    counted: dict[str, Any], her: Customer, other: Response, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "mailbox").mkdir()
    (tmp_path / "mailbox" / "1-a.eml").write_bytes(b"To: " + EMAIL.encode() + b"\r\n\r\nx")
    (tmp_path / "mailbox" / "2-b.eml").write_bytes(b"To: other@post.example\r\n\r\nx")
    (tmp_path / "before-migrate").mkdir()
    (tmp_path / "before-migrate" / "otklik-1.sqlite3").write_text(EMAIL)
    (jobfiles.folder() / "f.csv").write_text(EMAIL)
    assert {EMAIL, NAME, "тайное-слово", ID} <= set(_left(_database()))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = OFF")  # not every SQLite is built to overwrite what it deletes
    call_command("erase_person", EMAIL.upper(), "--yes")
    assert _left(_database()) == []
    assert [path.name for path in (tmp_path / "mailbox").iterdir()] == ["2-b.eml"]
    assert not list(jobfiles.folder().iterdir())
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert _left(files) == []
    assert not Change.objects.exists() and _counts() == counted
    assert rollups.verify().differences == ()
    rollups.mark_everything()
    while rollups.has_work():
        rollups.roll_up()
    assert _counts() == counted
    assert ScoreDay.objects.filter(score=2).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("told", "left"), [((), 1), (("--clean",), 0)])
def test_a_large_file_is_written_anew_at_night_or_when_told(
    her: Customer, monkeypatch: Any, capsys: Any, told: tuple[str, ...], left: int
) -> None:
    monkeypatch.setattr(erasing, "SMALL_BYTES", -1)
    monkeypatch.setattr(erasing, "NIGHT", ())
    with translation.override("ru"):
        call_command("erase_person", EMAIL, "--yes", *told)
    assert Erasure.objects.filter(cleaned_at=None).count() == left
    assert ("ночью" in capsys.readouterr().out) is bool(left)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_what_stays_of_somebody_is_a_number(her: Customer, other: Response, manager: User) -> None:
    subject = erasing.find(PHONE)
    assert subject.keys == {her.pk}
    erasure = erasing.erase(subject, by=manager)
    her.refresh_from_db()
    assert (her.name, her.email, her.external_id, her.attributes) == ("", "", None, {"tariff": "pro"})
    mine = Response.objects.get(customer=her)
    assert (mine.score, mine.comment.text, mine.comment.lemmas) == (2, "[erased]", "")
    assert mine.comment.labels.exists() and not mine.comment.labels.exclude(spans=[]).exists()
    assert not {mine.comment.pk, other.comment.pk} & {*search.keys("tajnoe", most=9), *search.keys("Орешкина", most=9)}
    theirs = Comment.objects.get(response=other)
    assert theirs.text.startswith("Моя соседка •") and theirs.text.endswith("тоже довольна")
    assert "орешкина" not in theirs.lemmas and theirs.pk in search.keys("соседка", most=5)
    assert not Label.objects.filter(comment=theirs, source="human").exists()
    assert SavedView.objects.get().query == "team=1"
    request = her.erasure_requests.get()
    assert request.closed_at and request.outcome == own_data.ERASED
    entry = AuditEntry.objects.get(verb="person.erased")
    assert (entry.actor, entry.subject) == (manager, f"ground.erasure:{erasure.pk}")
    assert erasure.counts["surveys.Customer"] == 1 and NAME not in str(erasure.counts)


@pytest.mark.django_db(transaction=True)
def test_she_is_asked_no_more_and_what_waited_is_called_off(her: Customer, survey: Survey, rule: Any) -> None:
    waiting = factories.make_invitation(
        survey, interaction=factories.make_interaction(customer=her), state=Invitation.State.PLANNED, sent_at=None
    )
    link = Invitation.objects.filter(customer=her).first()
    assert link is not None
    erasing.erase(erasing.find(ID), by=None)
    waiting.refresh_from_db()
    assert waiting.state == Invitation.State.CANCELLED
    entry = suppression.is_suppressed(f" {EMAIL.upper()}", survey)
    assert entry and entry.reason == Suppression.Reason.ERASED and EMAIL not in entry.address
    assert not Suppression.objects.filter(address=EMAIL).exists()
    from surveys import links

    assert Client().get(links.answer_path(link)).status_code == 404
    assert not suppression.suppress("", reason=Suppression.Reason.HARD_BOUNCE)
    # Back as a customer she is somebody new, and still not asked.
    from surveys import deciding

    back = Customer.objects.create(email=EMAIL, language="ru")
    decision = deciding.consider(factories.make_interaction(customer=back))
    assert decision is not None and (decision.outcome, decision.reason) == ("refuse", "erased")


# --- after a restore ----------------------------------------------------------------------------------------------


@pytest.fixture
def backup(her: Customer, other: Response, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A copy of the database as it was; called, it takes the database's place."""
    if connection.vendor != "sqlite":
        pytest.skip("a dump and its restore are PostgreSQL's own")
    name, copy = str(connection.settings_dict["NAME"]), tmp_path / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])

    def restore() -> None:
        connections.close_all()
        for end in ("-wal", "-shm"):
            Path(f"{name}{end}").unlink(missing_ok=True)
        shutil.copyfile(copy, name)
        copy.unlink()

    yield restore


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("again", "cleans"), [(lambda: call_command("reapply_erasures"), True), (erasing.before_serving, False)]
)
def test_a_restored_backup_erases_again_before_it_serves(
    backup: Callable[[], None], her: Customer, again: Callable[[], None], cleans: bool
) -> None:
    erasing.erase(erasing.find(EMAIL), by=None)
    assert not erasing.is_behind()
    backup()
    assert erasing.is_behind() and Customer.objects.filter(email=EMAIL).exists()
    again()
    assert not erasing.is_behind() and not Customer.objects.filter(email=EMAIL).exists()
    if not cleans:  # a server writes the file anew at night
        erasing.clean()
    assert _left(_database()) == []
    assert erasing.reapply() == 0


@pytest.mark.django_db(transaction=True)
def test_whoever_came_back_after_the_erasure_is_left_alone(her: Customer) -> None:
    erasing.erase(erasing.find(EMAIL), by=None)
    back = Customer.objects.create(email=EMAIL, created_at=timezone.now() + dt.timedelta(minutes=1))
    Erasure.objects.all().delete()
    assert erasing.reapply() == 1
    back.refresh_from_db()
    assert back.email == EMAIL


@pytest.mark.django_db
def test_the_file_names_nobody_and_a_line_cut_off_spoils_no_other(her: Customer, settings: Any) -> None:
    erasing.begin(erasing.find(EMAIL))
    path = hashed_file.path(erasing.LEDGER)
    assert _left(path.read_bytes()) == [] and path.stat().st_mode & 0o077 == 0
    with path.open("ab") as file:
        file.write(b"2026-01-01T00:00:00Z abc")
    code = erasing.begin(erasing.find(EMAIL))
    assert code in erasing.missing() and len(erasing.missing()) == 2


@pytest.mark.django_db
def test_what_cannot_be_noted_is_not_erased(her: Customer, settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "file"
    settings.KEYS_DIR.write_text("no folder")
    with pytest.raises(CommandError):
        call_command("erase_person", EMAIL, "--yes")
    her.refresh_from_db()
    assert her.email == EMAIL


# --- the desk -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_administrator_finds_exports_and_erases(
    login: Callable[..., Client], administrator: User, her: Customer, other: Response
) -> None:
    desk, page = login(administrator), reverse("desk:person")
    found = desk.post(page, {"who": EMAIL})
    assert found.status_code == 200 and found.context["customers"] == 1
    told = json.loads(desk.post(page, {"who": EMAIL, "act": "export"}).content)
    assert told["rows"]["surveys.Customer"][0]["email"] == EMAIL
    assert told["rows"]["feedback.Comment"][0]["text"].startswith("тайное-слово")
    assert any(place["key"] == other.comment.pk for place in told["named_in"] if place["table"] == "feedback.Comment")
    assert "token_hash" not in json.dumps(told) and "vector" not in json.dumps(told)
    desk.post(page, {"who": EMAIL, "act": "erase"})
    assert not Job.objects.filter(kind=erasing_job.KIND).exists()  # nobody ticked that they are sure
    assert desk.post(page, {"who": EMAIL, "act": "erase", "sure": "yes"}).status_code == 302
    job = Job.objects.get(kind=erasing_job.KIND)
    jobs.work([job.pk])
    job.refresh_from_db()
    assert job.finished_at and job.params == {} and job.result["counts"]["surveys.Customer"] == 1
    assert not Customer.objects.filter(email=EMAIL).exists() and erasing.find(EMAIL).keys == set()
    assert _left(str(list(Job.objects.values())).encode()) == []
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"person.found", "person.exported", "person.erased"} <= verbs
    assert _left(str(list(AuditEntry.objects.values())).encode()) == []


@pytest.mark.django_db
def test_a_request_leads_there_and_is_closed_by_it(
    login: Callable[..., Client], administrator: User, her: Customer
) -> None:
    request = her.erasure_requests.get()
    desk = login(administrator)
    page = desk.get(reverse("admin:surveys_erasurerequest_change", args=[request.pk])).content.decode()
    address = f"{reverse('desk:person')}?customer={her.pk}"
    assert address in page
    assert desk.get(address).context["customers"] == 1
    desk.post(reverse("desk:person"), {"customer": her.pk, "act": "erase", "sure": "yes"})
    jobs.work([Job.objects.get(kind=erasing_job.KIND).pk])
    request.refresh_from_db()
    assert request.closed_at


@pytest.mark.django_db
def test_others_do_not_get_there(login: Callable[..., Client], manager: User, her: Customer) -> None:
    assert login(manager).post(reverse("desk:person"), {"who": EMAIL}).status_code == 403


@pytest.mark.django_db
def test_an_export_tells_every_kind_of_value(her: Customer, capsys: Any) -> None:
    Customer.objects.update(timezone="Asia/Tomsk")
    call_command("export_person", EMAIL)
    assert json.loads(capsys.readouterr().out)["rows"]["surveys.Customer"][0]["timezone"] == "Asia/Tomsk"


@pytest.mark.django_db
def test_an_import_that_names_her_is_waited_for(her: Customer) -> None:
    name = jobfiles.new_name("rows")
    (jobfiles.folder() / name).write_text(json.dumps([EMAIL]))
    Job.objects.create(kind="import", params={"table": name})
    with pytest.raises(CommandError):
        call_command("erase_person", EMAIL, "--yes")
    assert Customer.objects.filter(email=EMAIL).exists()


@pytest.mark.django_db
def test_an_unknown_person_is_nobody(organisation: Any) -> None:
    for command in ("export_person", "erase_person"):
        with pytest.raises((CommandError, erasing.NobodyKnown)):
            call_command(command, "")
    with pytest.raises(CommandError):
        call_command("export_person", "nobody@post.example")
