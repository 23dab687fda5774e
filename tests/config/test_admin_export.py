"""The Export button: a file at once, or a job whose file only its author fetches."""

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from feedback import export
from ground import jobfiles, jobs
from ground.models import AuditEntry, Job, Membership, Role, Team, User
from surveys.models import Survey
from tests.config.reading import label, make_comment, make_response

pytestmark = pytest.mark.django_db
COMMENTS = "admin:feedback_comment_export"
RESPONSES = "admin:feedback_response_export"
Login = Callable[[User], Client]


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def rows(team: Team, other_team: Team) -> None:
    label(make_comment(team=team, text="Звоните +7 900 123-45-67"))
    label(make_comment(team=team, text="Спасибо"), tone="positive")
    label(make_comment(team=other_team, text="Чужое"))


@pytest.fixture
def finished(rows: None, manager: User, login: Login, monkeypatch: pytest.MonkeyPatch) -> Job:
    """An export of the manager's that went through a worker."""
    monkeypatch.setattr(export, "AT_ONCE", 1)
    login(manager).post(reverse(COMMENTS), {"format": "csv"})
    return jobs.finish_now(Job.objects.get())


def sent(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def texts(content: bytes) -> list[str]:
    return [row[10] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")][1:]


def test_the_file_holds_what_the_list_shows(rows: None, login: Login, manager: User) -> None:
    response = login(manager).post(reverse(COMMENTS) + "?tone=negative&unknown=1", {"format": "csv"})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith('attachment; filename="otklik-comments-20')
    assert f"filename*=UTF-8''{quote('Комментарии')}%20" in response["Content-Disposition"]
    [text] = texts(sent(response))
    assert "123" not in text
    assert AuditEntry.objects.get().detail["filters"] == ["tone"]


def test_a_workbook_opens(survey: Survey, team: Team, login: Login, manager: User) -> None:
    make_response(survey, score=5, text="=1+1", team=team)
    content = sent(login(manager).post(reverse(RESPONSES), {"format": "xlsx"}))
    [_titles, row] = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()
    assert row[2].value == 5
    assert [(cell.value, cell.data_type) for cell in row if cell.value == "=1+1"] == [("=1+1", "s")]


def test_the_form_stands_in_both_lists(rows: None, login: Login, manager: User, viewer: User) -> None:
    for name in ("comment", "response"):
        page = login(manager).get(reverse(f"admin:feedback_{name}_changelist") + "?team=none&score=2").content.decode()
        assert f'action="{reverse(f"admin:feedback_{name}_export")}?score=2"' in page
        assert 'name="personal"' in page
        page = login(viewer).get(reverse(f"admin:feedback_{name}_changelist")).content.decode()
        assert 'name="format"' in page
        assert 'name="personal"' not in page


def test_personal_data_is_for_managers(rows: None, login: Login, manager: User, viewer: User) -> None:
    asked = {"format": "csv", "personal": "1"}
    content = sent(login(manager).post(reverse(COMMENTS), asked))
    assert any("+7 900 123-45-67" in text for text in texts(content))
    assert AuditEntry.objects.get().detail["with_personal"]
    assert login(viewer).post(reverse(COMMENTS), asked).status_code == 403


def test_what_no_page_sends_is_refused(rows: None, login: Login, manager: User, agent: Any) -> None:
    desk = login(manager)
    assert desk.get(reverse(COMMENTS)).status_code == 405
    for form in ("", "pdf", "../csv"):
        assert desk.post(reverse(COMMENTS), {"format": form}).status_code == 400
    Membership.objects.filter(user=manager).delete()
    assert desk.post(reverse(COMMENTS), {"format": "csv"}).status_code == 302  # to the log-in
    assert not AuditEntry.objects.exists()


def test_many_rows_become_a_job(finished: Job, login: Login, manager: User) -> None:
    page = login(manager).get(reverse("desk:jobs")).content.decode()
    assert reverse("desk:job_file", args=[finished.pk]) in page
    response = login(manager).get(reverse("desk:job_file", args=[finished.pk]))
    assert response["Content-Disposition"].startswith("attachment;")
    assert "no-store" in response["Cache-Control"]
    assert len(texts(sent(response))) == 2
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "actor", "subject"))
    about = f"ground.job:{finished.pk}"
    assert verbs == [("comments.exported", manager.pk, about), ("file.downloaded", manager.pk, about)]


def test_the_file_is_its_authors_and_the_administrators(
    finished: Job, login: Login, outsider: User, administrator: User, client: Client
) -> None:
    address = reverse("desk:job_file", args=[finished.pk])
    assert login(outsider).get(address).status_code == 404
    assert login(outsider).get(reverse("desk:job_file", args=[finished.pk + 1])).status_code == 404
    assert sent(login(administrator).get(address))
    client.logout()
    assert client.get(address)["Location"].startswith(reverse("admin:login"))


def test_another_role_ends_the_right_to_the_file(finished: Job, login: Login, manager: User) -> None:
    Membership.objects.filter(user=manager).update(role=Role.VIEWER)
    response = login(manager).get(reverse("desk:job_file", args=[finished.pk]), follow=True)
    assert response.redirect_chain == [(reverse("desk:jobs"), 302)]
    assert not AuditEntry.objects.filter(verb="file.downloaded").exists()


def test_a_file_that_is_gone_says_so(finished: Job, login: Login, manager: User) -> None:
    jobfiles.drop(finished.file)
    response = login(manager).get(reverse("desk:job_file", args=[finished.pk]), follow=True)
    assert response.redirect_chain == [(reverse("desk:jobs"), 302)]


def test_the_fourth_waiting_export_is_told_to_wait(
    rows: None, login: Login, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 0)
    desk = login(manager)
    for state in ("unread", "open", ""):
        assert desk.post(reverse(COMMENTS) + f"?state={state}", {"format": "csv"})["Location"] == reverse("desk:jobs")
    back = reverse("admin:feedback_comment_changelist") + "?tone=negative"
    assert desk.post(reverse(COMMENTS) + "?tone=negative", {"format": "csv"})["Location"] == back
    assert Job.objects.count() == 3


def test_a_full_disk_is_told(rows: None, login: Login, manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(export.Csv, "begin", full)
    response = login(manager).post(reverse(COMMENTS), {"format": "csv"})
    assert response["Location"].startswith(reverse("admin:feedback_comment_changelist"))
