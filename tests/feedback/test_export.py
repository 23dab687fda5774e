"""What an export writes, for whom, and how it goes on when its worker dies."""

import csv
import datetime as dt
import errno
import io
import os
import tempfile
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from feedback import columns, export
from feedback.export import Order
from feedback.models import Comment, CommentTag, ReadMark, Tag
from ground import jobfiles, jobs
from ground.models import AuditEntry, Job, Membership, Role, Team, User
from ground.tasks import forget_old, run_jobs
from surveys.models import Agent, Customer, Survey
from tests.config.reading import label, make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db
SAID = "Долго ждал. Мой телефон +7 900 123-45-67, перезвоните."


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> Any:
    settings.DATA_DIR = tmp_path
    return tmp_path / "exports"


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of three rows, and a turn for each."""
    for name, rows in (("AT_ONCE", 0), ("BUNCH", 2), ("STEP", 3), ("LOOKED_UP", 4)):
        monkeypatch.setattr(export, name, rows)
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)


@pytest.fixture
def answer(survey: Survey, team: Team, agent: Agent, customer: Customer) -> Comment:
    """A comment of which everything is known."""
    at = dt.datetime(2026, 5, 12, 11, 30, 5, tzinfo=dt.UTC)
    response = make_response(
        survey, score=2, text=SAID, team=team, agent=agent, customer=customer, channel="phone", at=at,
        reason="доставка", wants_contact=True,
    )  # fmt: skip
    comment = label(response.comment, topic=make_topic())
    Comment.objects.filter(pk=comment.pk).update(language="ru", done_at=at, reason="доставка")
    CommentTag.objects.create(comment=comment, tag=Tag.objects.create(name="срочно"))
    return comment


def order(what: str = "comments", form: str = "csv", **more: Any) -> Order:
    usual = {"params": {}, "with_personal": False, "language": "ru", "zone": "Europe/Moscow"}
    return Order(what=what, form=form, **usual | more)


def read(content: bytes, *, delimiter: str = ";") -> list[dict[str, str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=delimiter, strict=True))


def lines(wanted: Order, *, author: User) -> list[dict[str, str]]:
    file = export.at_once(wanted, author=author)
    assert file is not None
    with file:
        return read(file.read(), delimiter=";" if wanted.language == "ru" else ",")


def work(job: Job) -> Job:
    """What a worker does of it in one turn."""
    Job.objects.filter(pk=job.pk).update(leased_until=None)
    run_jobs([job.pk])
    job.refresh_from_db()
    return job


def work_off(job: Job) -> Job:
    for _turn in range(20):
        if work(job).finished_at:
            return job
    raise AssertionError("not finished")


def content(job: Job) -> bytes:
    path = jobfiles.path_of(job)
    assert path is not None
    return path.read_bytes()


def workbook_texts(job: Job) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content(job))).active
    return [row[10].value for row in sheet.iter_rows(min_row=2)]


def at_last_step(author: User) -> Job:
    """The job of a workbook whose rows are all gathered."""
    job = export.start(order(form="xlsx"), author=author)
    while job.cursor is None or job.done < job.total:
        work(job)
    assert not job.finished_at
    return job


def raising(error: Exception) -> Any:
    def fail(*_args: Any) -> None:
        raise error

    return fail


def texts(job: Job) -> list[str]:
    return [line["text"] for line in read(content(job), delimiter=",")]


def test_a_line_says_all_that_is_known_of_a_comment(manager: User, answer: Comment) -> None:
    [line] = lines(order(language="en"), author=manager)
    page = f"http://127.0.0.1:8000/admin/feedback/comment/{answer.pk}/change/"
    assert line | {"link": page} == {
        "date and time": "2026-05-12 14:30", "date and time (ISO 8601)": "2026-05-12T14:30:05+03:00", "score": "2",
        "scale": "CSAT: satisfaction, 1 to 5", "band": "low", "class": "negative", "tone": "negative",
        "constructive": "no", "topics": "Delays", "tags": "срочно",
        "text": "Долго ждал. Мой телефон [phone hidden], перезвоните.",
        "asks to be contacted": "yes", "language": "ru", "customer": "Ольга Т.", "agent": "Д. Климов",
        "team": "Первая линия", "channel": "phone", "reason": "доставка", "source": "survey answer", "origin": "site",
        "survey": "CSAT", "evidence": "confirmed", "counted": "yes", "state": "done", "checked by": "", "link": page,
    }  # fmt: skip
    assert line["link"].endswith(f"/admin/feedback/comment/{answer.pk}/change/")


def test_a_line_says_all_that_is_known_of_a_response(manager: User, answer: Comment) -> None:
    [line] = lines(order("responses", language="en"), author=manager)
    with translation.override("en"):
        assert list(line) == [str(columns.TITLES[key][0]) for key in columns.RESPONSES]
    known = {"score": "2", "evidence": "confirmed", "counted": "yes", "class": "negative", "customer": "Ольга Т."}
    assert known.items() <= line.items()
    assert "[phone hidden]" in line["text"]


def test_rows_come_as_the_list_has_them(manager: User, team: Team, other_team: Team) -> None:
    now = timezone.now()
    for days, tone in ((2, "negative"), (0, "negative"), (1, "positive"), (1, "negative")):
        label(make_comment(team=team, text=f"{tone} {days}", said_at=now - dt.timedelta(days=days)), tone=tone)
    label(make_comment(team=other_team, text="чужой"))
    found = lines(order(params={"tone": "negative"}, language="en"), author=manager)
    assert [line["text"] for line in found] == ["negative 0", "negative 1", "negative 2"]


def test_personal_data_only_for_those_who_manage_the_team(
    manager: User, viewer: User, answer: Comment, other_team: Team
) -> None:
    make_comment(team=other_team, text=SAID)
    Membership.objects.create(user=manager, team=other_team, role=Role.VIEWER)
    wanted = order(with_personal=True, language="en")
    shown = {line["team"]: "900 123-45-67" in line["text"] for line in lines(wanted, author=manager)}
    assert shown == {"Первая линия": True, "Возвраты": False}
    assert "900" not in lines(wanted, author=viewer)[0]["text"]


def test_agents_get_their_own_rows_without_the_customer(team: Team, agent: Agent, answer: Comment) -> None:
    person = User.objects.create_user("klimov@example.org")
    Membership.objects.create(user=person, team=team, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=person)
    make_comment(team=team, text="чужая работа")
    for what in ("comments", "responses"):
        [line] = lines(order(what, with_personal=True, language="en"), author=person)
        assert (line["agent"], line["customer"]) == ("Д. Климов", "")
        assert "900" not in line["text"]


def test_each_export_is_noted_without_what_was_looked_for(manager: User, answer: Comment) -> None:
    lines(order(params={"q": "Ольга", "team": str(answer.team_id)}, with_personal=True), author=manager)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor) == ("comments.exported", manager)
    assert entry.detail == {"count": 0, "form": "csv", "filters": ["q", "team"], "with_personal": True}


def test_the_number_of_queries_does_not_grow(manager: User, answer: Comment) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            lines(order(), author=manager)
        return len(made)

    before = queries()
    for number in range(60):
        label(make_comment(team=answer.team, text=f"{number}"), topic=make_topic())
    assert queries() == before


@pytest.mark.usefixtures("short_steps")
class TestJob:
    @pytest.fixture
    def rows(self, team: Team) -> list[str]:
        now = timezone.now()
        for number in range(8):
            label(make_comment(team=team, text=f"Строка {number}", said_at=now - dt.timedelta(minutes=number)))
        return [f"Строка {number}" for number in range(8)]

    def test_many_rows_are_written_step_by_step(self, manager: User, rows: list[str], folder: Any) -> None:
        assert export.at_once(order(), author=manager) is None
        job = export.start(order(language="en"), author=manager)
        assert [(work(job).done, job.total) for _turn in range(3)] == [(0, 8), (3, 8), (6, 8)]
        assert jobfiles.path_of(job) is None
        work(job)
        assert texts(job) == rows
        assert (folder / job.file).stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        [entry] = AuditEntry.objects.all()
        assert (entry.detail["count"], entry.subject) == (8, f"ground.job:{job.pk}")

    def test_a_workbook_goes_on_in_another_worker(self, manager: User, rows: list[str], folder: Any) -> None:
        job = work_off(export.start(order(form="xlsx"), author=manager))
        assert workbook_texts(job) == rows
        assert [path.name for path in folder.iterdir()] == [job.file]

    def test_a_workbook_begins_its_last_step_anew_after_a_crash(
        self, manager: User, rows: list[str], folder: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(jobfiles.folder()))
        job = at_last_step(manager)
        with monkeypatch.context() as patch:
            patch.setattr(export.Xlsx, "finish", raising(RuntimeError()))
            assert work(job).error == "RuntimeError"
        left = {path.name for path in folder.iterdir()}
        assert left == {job.params[name] for name in ("file", "ids", "rows")}
        (folder / job.params["file"]).write_bytes(b"PK half a workbook" * 1000)
        assert workbook_texts(work(job)) == rows
        assert AuditEntry.objects.count() == 1

    def test_a_workbook_keeps_its_job_while_it_is_written(
        self, manager: User, rows: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobfiles, "RENEW_SECONDS", 0)
        renewed, renew = [], jobs.renew
        monkeypatch.setattr(jobs, "renew", lambda job: renewed.append(job.pk) or renew(job))
        job = at_last_step(manager)
        renewed.clear()
        work(job)
        assert len(renewed) > len(rows)  # while it is packed, too

    def test_a_workbook_cancelled_in_its_last_step_is_not_finished(
        self, manager: User, rows: list[str], folder: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobfiles, "RENEW_SECONDS", 0)
        monkeypatch.setattr(tempfile, "tempdir", str(jobfiles.folder()))
        job = at_last_step(manager)
        begin = export.Xlsx.begin
        monkeypatch.setattr(export.Xlsx, "begin", lambda self, columns: jobs.cancel(job) and begin(self, columns))
        assert work(job).finished_at is None
        assert list(folder.iterdir()) == []
        assert not AuditEntry.objects.exists()

    def test_a_disk_that_fills_up_under_a_workbook_is_told(
        self, manager: User, rows: list[str], folder: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(jobfiles.folder()))
        job = at_last_step(manager)
        with monkeypatch.context() as patch:
            patch.setattr(jobfiles.Held, "write", raising(OSError(errno.ENOSPC, "no space")))
            assert work(job).error == export.NO_ROOM
        assert list(folder.iterdir()) == []
        jobs.retry(job)
        assert workbook_texts(work_off(job)) == rows

    def test_what_a_dead_worker_wrote_after_its_last_cursor_is_written_again(
        self, manager: User, rows: list[str], folder: Any
    ) -> None:
        job = export.start(order(language="en"), author=manager)
        work(job)
        work(job)
        with (folder / job.params["file"]).open("ab") as file:
            file.write(b"half a li")
        assert texts(work_off(job)) == rows

    @pytest.mark.parametrize("lost", ["file", "ids"])
    def test_a_lost_file_is_begun_anew(self, manager: User, rows: list[str], folder: Any, lost: str) -> None:
        job = export.start(order(language="en"), author=manager)
        work(job)
        work(job)
        (folder / job.params[lost]).unlink()
        assert texts(work_off(job)) == rows
        assert job.done == job.total == 8

    def test_reading_meanwhile_takes_no_row_away(self, manager: User, rows: list[str]) -> None:
        job = export.start(order(params={"state": "unread"}, language="en"), author=manager)
        work(job)
        ReadMark.objects.bulk_create(ReadMark(user=manager, comment=row) for row in Comment.objects.all())
        assert texts(work_off(job)) == rows

    def test_another_role_begins_the_file_anew(self, manager: User, rows: list[str], other_team: Team) -> None:
        Membership.objects.create(user=manager, team=other_team, role=Role.MANAGER)
        make_comment(team=other_team, text="чужой", said_at=timezone.now() + dt.timedelta(minutes=1))
        job = export.start(order(language="en"), author=manager)
        work(job)
        work(job)
        Membership.objects.filter(user=manager, team=other_team).delete()
        assert texts(work_off(job)) == rows

    def test_a_worker_that_lost_the_job_writes_nothing(self, manager: User, rows: list[str], folder: Any) -> None:
        job = export.start(order(language="en"), author=manager)
        work(job)
        late = Job.objects.get(pk=job.pk)
        late.lease = "taken over"
        work(job)
        before = (folder / job.params["file"]).read_bytes()
        jobs.kind_of(late).step(late)
        assert (folder / job.params["file"]).read_bytes() == before

    def test_a_cancelled_job_leaves_no_file(self, manager: User, rows: list[str], folder: Any) -> None:
        job = export.start(order(), author=manager)
        work(job)
        work(job)
        held = Job.objects.get(pk=job.pk)
        assert jobs.cancel(job)
        assert list(folder.iterdir()) == []
        jobs.kind_of(held).step(held)  # the worker that was about to go on
        assert list(folder.iterdir()) == []
        assert not AuditEntry.objects.exists()

    def test_a_full_disk_is_told_and_can_be_tried_again(
        self, manager: User, rows: list[str], folder: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = export.start(order(language="en"), author=manager)
        work(job)
        with monkeypatch.context() as patch:
            patch.setattr(export.os, "fsync", raising(OSError(errno.ENOSPC, "no space")))
            assert work(job).error == export.NO_ROOM
        assert job.quarantined_at
        assert list(folder.iterdir()) == []
        jobs.retry(job)
        assert texts(work_off(job)) == rows

    def test_more_rows_than_a_workbook_holds_are_refused(
        self, manager: User, rows: list[str], monkeypatch: pytest.MonkeyPatch, folder: Any
    ) -> None:
        monkeypatch.setattr(export.Xlsx, "most_rows", 8)
        job = work(export.start(order(form="xlsx"), author=manager))
        assert (bool(job.quarantined_at), job.error) == (True, export.TOO_MANY)
        assert list(folder.iterdir()) == []

    def test_the_file_is_forgotten_after_a_week(self, manager: User, rows: list[str], folder: Any) -> None:
        job = work_off(export.start(order(), author=manager))
        forget_old()
        assert content(job)
        Job.objects.update(file_until=timezone.now() - dt.timedelta(seconds=1))
        job.refresh_from_db()
        assert jobfiles.path_of(job) is None
        forget_old()
        job.refresh_from_db()
        assert (job.file, job.file_until) == ("", None)
        assert not (folder / job.params["file"]).exists()

    def test_half_written_files_of_dead_jobs_are_forgotten_too(self, folder: Any) -> None:
        for name, days in (("old", 8), ("young", 6)):
            path = jobfiles.folder() / name
            path.touch()
            os.utime(path, (timezone.now().timestamp() - days * 86_400,) * 2)
        forget_old()
        assert [path.name for path in folder.iterdir()] == ["young"]

    def test_the_same_order_twice_is_one_job_and_four_are_too_many(self, manager: User, outsider: User) -> None:
        first = export.start(order(), author=manager)
        assert export.start(order(), author=manager) == first
        export.start(order(form="xlsx"), author=manager)
        export.start(order("responses"), author=manager)
        with pytest.raises(export.TooManyWaiting):
            export.start(order(params={"tone": "negative"}), author=manager)
        assert export.start(order(), author=outsider) != first
