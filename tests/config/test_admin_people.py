"""Log-in by e-mail, the language switch, people and their roles, API keys, quarantine."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from config import queues
from feedback.models import Comment
from ground import erasing_job, privacy
from ground.access import EVERYTHING
from ground.models import ApiKey, AuditEntry, Job, Membership, Organisation, Outgoing, Team, User
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]


def test_log_in_takes_the_e_mail_in_any_case(client: Client, manager: User) -> None:
    page = client.get(reverse("admin:login"), headers={"accept-language": "en"})
    assert "E-mail" in page.content.decode()
    client.post(reverse("admin:login"), {"username": "Manager@Example.org", "password": "correct horse battery"})
    assert client.session["_auth_user_id"] == str(manager.pk)


def test_the_front_door_leads_to_the_indicators_or_the_comments(login: Login, manager: User) -> None:
    try:
        expected = reverse("analytics:dashboard")
    except NoReverseMatch:
        expected = reverse("admin:feedback_comment_changelist")
    assert login(manager).get("/admin/")["Location"] == expected


@pytest.mark.parametrize("path", ["/admin/feedback/", "/admin/ground/"])
def test_there_is_no_list_of_an_applications_tables(login: Login, manager: User, path: str) -> None:
    assert login(manager).get(path).status_code == 302


def test_the_language_switch_keeps_the_choice_and_the_page(login: Login, manager: User) -> None:
    client, page = login(manager), reverse("admin:feedback_comment_changelist")
    switched = client.post(
        reverse("desk:language"), {"language": "en"}, headers={"referer": f"http://testserver{page}"}
    )
    assert switched["Location"].endswith(page)
    assert 'lang="en"' in client.get(page).content.decode()
    client.post(reverse("desk:language"), {"language": "ru"})
    assert 'lang="ru"' in client.get(page).content.decode()


def test_the_language_switch_leads_nowhere_else(login: Login, manager: User) -> None:
    client = login(manager)
    away = client.post(reverse("desk:language"), {"language": "en", "next": "https://evil.example/"})
    assert away["Location"] == reverse("desk:home")
    assert client.post(reverse("desk:language"), {"language": "xx"}).status_code == 400
    assert client.get(reverse("desk:language")).status_code == 405


def person_form(user: User, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data = {"email": user.email, "name": "Имя", "is_active": "on", "language": "", "timezone": ""} | fields
    data |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": user.memberships.count()}
    for number, row in enumerate(rows):
        data |= {f"memberships-{number}-{name}": value for name, value in ({"user": user.pk} | row).items()}
    return {name: value for name, value in data.items() if value is not None}


def test_an_administrator_gives_roles(login: Login, administrator: User, team: Team) -> None:
    person = User.objects.create_user("new@example.org")
    address = reverse("admin:ground_user_change", args=[person.pk])
    login(administrator).post(address, person_form(person, {"team": team.pk, "role": "agent"}))
    assert list(person.memberships.values_list("team", "role")) == [(team.pk, "agent")]


@pytest.mark.parametrize("whole", [True, False])
def test_one_role_in_each_team(login: Login, administrator: User, team: Team, whole: bool) -> None:
    person = User.objects.create_user("new@example.org")
    address, named = reverse("admin:ground_user_change", args=[person.pk]), "" if whole else team.pk
    rows = [{"team": named, "role": "viewer"}, {"team": named, "role": "manager"}]
    assert login(administrator).post(address, person_form(person, *rows)).status_code == 200
    assert not person.memberships.exists()


@pytest.mark.parametrize("change", [{"role": "manager"}, {"DELETE": "on"}, {}])
def test_somebody_stays_administrator(login: Login, administrator: User, change: dict[str, str]) -> None:
    own = administrator.memberships.get()
    row = {"id": own.pk, "team": "", "role": "administrator"} | change
    fields = {} if change else {"is_active": None}
    address = reverse("admin:ground_user_change", args=[administrator.pk])
    assert login(administrator).post(address, person_form(administrator, row, **fields)).status_code == 200
    administrator.refresh_from_db()
    assert administrator.is_active
    assert Membership.objects.get(pk=own.pk).role == "administrator"


def test_an_administrator_makes_a_person_who_can_log_in(login: Login, administrator: User, client: Client) -> None:
    data = {"email": "Neu@example.org", "name": "Neu", "usable_password": "true",
            "password1": "correct horse battery", "password2": "correct horse battery", "language": "",
            "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "memberships-0-role": "viewer"}  # fmt: skip
    login(administrator).post(reverse("admin:ground_user_add"), data)
    client.logout()
    assert client.login(username="neu@example.org", password="correct horse battery")


def test_an_api_key_is_shown_once_and_works(login: Login, administrator: User) -> None:
    client = login(administrator)
    made = client.post(
        reverse("admin:ground_apikey_add"), {"name": "CRM", "team": "", "allowances": ["report"]}, follow=True
    )
    [secret] = re.findall(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", made.content.decode())
    assert ApiKey.objects.get_from_key(secret).name == "CRM"
    again = client.get(reverse("admin:ground_apikey_changelist")).content.decode()
    assert secret not in again
    assert secret.partition(".")[0] in again


def test_a_revoked_key_stays_revoked(login: Login, administrator: User) -> None:
    key, _secret = ApiKey.objects.create_key(name="old", revoked=True)
    login(administrator).post(reverse("admin:ground_apikey_change", args=[key.pk]), {"name": "old"})
    assert ApiKey.objects.get(pk=key.pk).revoked


@pytest.mark.parametrize(("colour", "kept"), [("#ABCDEF", "#abcdef"), ("red", "#1d6b5a"), ("#12345g", "#1d6b5a")])
def test_the_brand_colour_is_six_digits(
    login: Login, administrator: User, organisation: Organisation, colour: str, kept: str
) -> None:
    data = {"name": "Маяк", "legal_name": "", "postal_address": "", "colour": colour, "timezone": "Europe/Moscow",
            "language": "ru"}  # fmt: skip
    login(administrator).post(reverse("admin:ground_organisation_change", args=[organisation.pk]), data)
    organisation.refresh_from_db()
    assert organisation.colour == kept


def test_quarantined_rows_are_listed_and_tried_again(login: Login, administrator: User) -> None:
    stuck, kept = (make_comment(quarantined_at=timezone.now(), attempts=3, error="boom") for _number in range(2))
    client, address = login(administrator), reverse("desk:quarantine")
    assert "boom" in client.get(address).content.decode()
    client.post(address, {"row": [f"feedback.comment:{stuck.pk}", "feedback.comment:x", "ground.user:1"]})
    waiting = Comment.objects.get(pk=stuck.pk)
    assert (waiting.quarantined_at, waiting.attempts, waiting.error) == (None, 0, "")
    assert Comment.objects.get(pk=kept.pk).quarantined_at


def test_mails_to_colleagues_that_nobody_takes_are_dropped(login: Login, administrator: User) -> None:
    """A mistyped address would keep the light red for ever."""
    state = {"quarantined_at": timezone.now(), "error": "recipient refused: 550"}
    mail, other = (
        Outgoing.objects.create(user=administrator, address="no@example.org", subject="s", text="t", **state)
        for _number in range(2)
    )
    stuck, client, address = make_comment(attempts=3, **state), login(administrator), reverse("desk:quarantine")
    assert 'name="drop"' in client.get(address).content.decode()
    client.post(address, {"drop": "1", "row": [f"ground.outgoing:{mail.pk}", f"feedback.comment:{stuck.pk}"]})
    assert list(Outgoing.objects.all()) == [other] and Comment.objects.get(pk=stuck.pk).quarantined_at
    entry = AuditEntry.objects.get(verb="mail.dropped")
    assert (entry.actor, entry.detail) == (administrator, {"count": 1})


def test_a_job_that_gave_up_says_why_in_the_readers_language(login: Login, administrator: User) -> None:
    Job.objects.create(kind=erasing_job.KIND, quarantined_at=timezone.now(), error=privacy.BUSY)
    User.objects.update(language="ru")
    page = login(administrator).get(reverse("desk:quarantine")).content.decode()
    assert privacy.BUSY not in page and "в файле которых назван этот человек" in page


def test_what_waits_is_told_before_the_organisation_is_set_up(administrator: User) -> None:
    make_comment(quarantined_at=timezone.now(), attempts=3, error="boom")
    Organisation.objects.all().delete()
    waiting = queues.to_settle(EVERYTHING, by_administrator=True)
    assert (waiting.counts["desk:quarantine"], waiting.halted_at) == (1, None)


def test_quarantine_is_for_administrators(login: Login, manager: User) -> None:
    assert login(manager).get(reverse("desk:quarantine")).status_code == 403
