"""The import pages, as a manager walks through them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ground import jobfiles, jobs
from ground.models import AuditEntry, Job, Membership, Role, User
from surveys.models import Decision, Interaction

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/surveys/interaction/import/"
FILE = """№;Канал;Почта;Закрыто;Команда
1;телефон;a@example.org;20.11.2026 11:59;{team}
2;голубь;b@example.org;20.11.2026;{team}
"""


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(client: Client, content: str = "", **fields: str):
    file = SimpleUploadedFile("contacts.csv", content.encode())
    return client.post(ADDRESS, {"kind": "interactions", "source": "desk", "file": file} | fields)


def test_from_the_file_to_the_report(manager, team) -> None:
    client = logged_in(manager)
    assert client.get(ADDRESS).status_code == 200
    to_columns = send(client, FILE.format(team=team.code))
    assert to_columns.status_code == 302
    page = client.get(to_columns.url)
    text = page.content.decode()
    assert page.status_code == 200
    assert re.search(r"<option selected>Почта</option>", text)
    assert "голубь" in text
    chosen = {f"column-{field.name}": field.column for field in page.context["fields"]}
    assert client.post(to_columns.url, chosen | {"look": "1"}).status_code == 200
    assert not Job.objects.exists()
    begun = client.post(to_columns.url, chosen | {"run": "1"})
    assert begun.url == reverse("desk:jobs")
    job = jobs.finish_now(Job.objects.get())
    assert job.result["counts"]["created"] == 1
    assert Interaction.objects.get().external_id == "1"
    listed = client.get(begun.url).content.decode()
    assert reverse("desk:job_file", args=[job.pk]) in listed and "(CSV)" in listed
    report = client.get(reverse("desk:job_file", args=[job.pk]))
    assert "голубь" in b"".join(report.streaming_content).decode("utf-8-sig")
    assert AuditEntry.objects.filter(verb="import.begun", actor=manager).exists()


def test_a_column_that_is_needed_is_asked_for(manager, team) -> None:
    client = logged_in(manager)
    address = send(client, FILE.format(team=team.code)).url
    page = client.post(address, {"column-channel": "Канал", "run": "1"})
    assert page.status_code == 200
    assert page.context["lacking"]
    assert not Job.objects.exists()


def test_a_manager_is_told_that_customers_are_asked_and_may_say_no(manager, team, rule) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    client = logged_in(manager)
    address = send(client, FILE.format(team=team.code)).url
    page = client.get(address)
    chosen = {f"column-{field.name}": field.column for field in page.context["fields"]} | {"is_history": "1"}
    assert "may get a survey at once" in page.content.decode()
    assert 'name="is_history" value="1" checked' in client.post(address, chosen | {"look": "1"}).content.decode()
    client.post(address, chosen | {"run": "1"})
    jobs.finish_now(Job.objects.get())
    assert Decision.objects.get().reason == "skipped"
    contact = reverse("admin:surveys_interaction_change", args=[Interaction.objects.get().pk])
    assert "imported as history" in client.get(contact).content.decode()


def test_a_team_that_a_mistyped_code_would_make_is_named(manager, administrator, team) -> None:
    User.objects.update(language="en")
    client = logged_in(administrator)
    page = client.get(send(client, FILE.format(team=team.code)).url).content.decode()
    assert "will be made" not in page
    page = client.get(send(client, FILE.format(team="suport")).url).content.decode()
    assert "A team of this code is not known yet and will be made: suport." in page


def test_the_same_fault_is_told_once_with_its_lines(manager, team) -> None:
    rows = "".join(f"{number};голубь;a@example.org;20.11.2026;{team.code}\n" for number in range(3))
    page = logged_in(manager).get(send(logged_in(manager), FILE.split("\n")[0] + "\n" + rows).url)
    (fault,) = page.context["faults"]
    assert (fault["column"], fault["lines"], fault["count"]) == ("Канал", "2, 3, 4", 3)
    shown = [field.name for field in page.context["fields"] if field.is_shown]
    assert shown == ["external_id", "channel", "customer_email", "team_code", "closed_at"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a/b\\c.csv", "\x01\x02.csv", "я" * 300 + ".csv", ".", "<script>x</script>.csv", "a\r\nb.csv"],
)
def test_names_of_files_harm_nothing(manager, team, name) -> None:
    client = logged_in(manager)
    file = SimpleUploadedFile("a.csv", FILE.format(team=team.code).encode())
    file._name = name  # as a program may send it; forms of browsers clean it
    reply = client.post(ADDRESS, {"kind": "interactions", "source": "desk", "file": file})
    if reply.status_code == 302:
        page = client.get(reply.url)
        assert page.status_code == 200
        assert b"<script>x" not in page.content
    else:
        assert reply.status_code == 400
    assert {path.suffix for path in jobfiles.folder().iterdir()} <= {".rows"}


@pytest.mark.parametrize("fields", [{"kind": "nothing"}, {"source": " "}, {"file": ""}, {"kind": "suppressions"}])
def test_what_is_missing_is_said(manager, fields) -> None:
    reply = send(logged_in(manager), "a;b\n1;2", **fields)
    assert reply.status_code == 400
    assert 'role="alert"' in reply.content.decode()


def test_a_ticket_is_worth_nothing_to_another(manager, administrator, team) -> None:
    address = send(logged_in(manager), FILE.format(team=team.code)).url
    assert logged_in(administrator).get(address).status_code == 404
    assert logged_in(manager).get(f"{ADDRESS}forged/").status_code == 404


def test_viewers_and_agents_import_nothing(viewer, team) -> None:
    agent = User.objects.create_user("own@example.org")
    Membership.objects.create(user=agent, team=team, role=Role.AGENT)
    for person in (viewer, agent):
        assert logged_in(person).get(ADDRESS).status_code == 403
        assert send(logged_in(person), "a\n1").status_code == 403


def test_a_file_that_is_gone_is_said(manager, team, settings, tmp_path) -> None:
    client = logged_in(manager)
    address = send(client, FILE.format(team=team.code)).url
    settings.DATA_DIR = tmp_path / "other"
    reply = client.get(address, follow=True)
    assert reply.redirect_chain[-1][0] == ADDRESS


def test_the_source_is_called_as_people_call_it(manager, team) -> None:
    client = logged_in(manager)
    address = send(client, FILE.format(team=team.code), source="Наш колл-центр").url
    page = client.get(address)
    assert [fault["column"] for fault in page.context["faults"]] == ["Канал"]
    client.post(address, {f"column-{field.name}": field.column for field in page.context["fields"]} | {"run": "1"})
    assert jobs.finish_now(Job.objects.get()).result["counts"]["created"] == 1
    assert Interaction.objects.get().source == "Наш-колл-центр"
