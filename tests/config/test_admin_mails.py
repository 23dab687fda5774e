"""Uncertain and failed mails: seen by managers of the team, sent again or left, by one of them only."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from ground.models import AuditEntry, Team, User
from surveys import sending
from surveys.admin import troubles
from surveys.channels import email as channel
from surveys.models import Customer, Decision, Interaction, Invitation, Message, Survey
from tests import factories

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
PAGE = "admin:surveys_invitation_unsettled"


@pytest.fixture
def desk(login: Login, manager: User) -> Client:
    User.objects.filter(pk=manager.pk).update(language="en")
    return login(manager)


@pytest.fixture
def doubtful(survey: Survey, team: Team) -> Callable[..., Invitation]:
    def make(state: str = "uncertain", error: str = "SMTPServerDisconnected", **fields: Any) -> Invitation:
        invitation = factories.make_invitation(survey, **({"team": team, "state": state, "error": error} | fields))
        Message.objects.create(invitation=invitation, address="o@example.org", state=state, error=error)
        return invitation

    return make


def key(invitation: Invitation) -> str:
    return f"{invitation.pk}-{invitation.messages.last().pk}"


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_uncertain_and_failed_mails_say_why_in_words(desk: Client, doubtful: Callable[..., Invitation]) -> None:
    doubtful(), doubtful("failed", "recipient refused: 550")
    uncertain = desk.get(reverse(PAGE)).content.decode()
    failed = desk.get(reverse(PAGE), {"state": "failed"}).content.decode()
    assert "The connection to the mail server broke off" in uncertain
    assert "The mail server refused the address (550). Correct the address" in failed
    assert "SMTPServerDisconnected" not in uncertain
    assert "0\xa0minutes" not in uncertain


def test_the_page_is_for_managers_and_shows_their_teams_alone(
    login: Login, desk: Client, viewer: User, outsider: User, doubtful: Callable[..., Invitation]
) -> None:
    mail = doubtful()
    assert str(mail.customer) in desk.get(reverse(PAGE)).content.decode()
    client = login(outsider)
    assert str(mail.customer) not in client.get(reverse(PAGE)).content.decode()
    client.post(reverse(PAGE), {"again": key(mail), "sure": "1"})
    client.post(reverse(PAGE), {"leave": key(mail)})
    mail.refresh_from_db()
    assert mail.state == "uncertain"
    assert login(viewer).get(reverse(PAGE)).status_code == 403


@pytest.mark.parametrize("page", ["message", "invitation", "decision"])
def test_lists_are_searched_by_the_customers_id(
    desk: Client, doubtful: Callable[..., Invitation], team: Team, page: str
) -> None:
    mails = [doubtful(), doubtful()]
    for number, mail in enumerate(mails):
        Customer.objects.filter(pk=mail.customer_id).update(external_id=f"C-{number}", name=f"Customer {number}")
        Interaction.objects.filter(pk=mail.interaction_id).update(team=team)
        Decision.objects.create(interaction_id=mail.interaction_id, closing=1, outcome="refuse", reason="gap")
    found = desk.get(reverse(f"admin:surveys_{page}_changelist"), {"q": "C-1"}).content.decode()
    assert "Customer 1" in found and "Customer 0" not in found


def test_sending_again_warns_first_then_goes_out_once_and_is_audited(
    desk: Client, doubtful: Callable[..., Invitation], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [doubtful(), doubtful()]
    chosen = {"again": "chosen", "row": [key(mail) for mail in mails]}
    warned = desk.post(reverse(PAGE), chosen).content.decode()
    assert "2 customers may get the mail twice" in warned
    assert not Invitation.objects.filter(state="planned").exists()
    assert "2 mails go out again." in said(desk.post(reverse(PAGE), chosen | {"sure": "1"}))
    handed: list[int] = []
    monkeypatch.setattr(channel, "send", lambda invitation, message: handed.append(invitation.pk))
    sending.send([mail.pk for mail in mails])
    assert handed == [mail.pk for mail in mails]
    assert Message.objects.filter(invitation=mails[0]).count() == 2
    entries = AuditEntry.objects.filter(verb="mail.sent_again", actor=manager)
    assert {entry.subject for entry in entries} == {f"surveys.invitation:{mail.pk}" for mail in mails}


def test_the_second_manager_is_told_who_was_first(
    login: Login, desk: Client, team: Team, administrator: User, doubtful: Callable[..., Invitation]
) -> None:
    mail = doubtful()
    seen = key(mail)
    desk.post(reverse(PAGE), {"leave": seen})
    User.objects.filter(pk=administrator.pk).update(language="en")
    second = login(administrator).post(reverse(PAGE), {"again": seen, "sure": "1"})
    assert "1 mail was left alone: Manager dealt with it meanwhile." in said(second)
    assert Invitation.objects.get(pk=mail.pk).state == "sent"
    assert AuditEntry.objects.count() == 1


def test_a_stale_page_does_not_send_a_third_mail(desk: Client, doubtful: Callable[..., Invitation]) -> None:
    mail = doubtful()
    stale = key(mail)
    Message.objects.create(invitation=mail, address="o@example.org", state="uncertain")
    desk.post(reverse(PAGE), {"again": stale, "sure": "1"})
    assert Invitation.objects.get(pk=mail.pk).state == "uncertain"


def test_left_mails_leave_the_list(desk: Client, doubtful: Callable[..., Invitation]) -> None:
    uncertain, failed = doubtful(), doubtful("failed", "recipient refused: 550")
    desk.post(reverse(PAGE), {"leave": "chosen", "row": [key(uncertain), key(failed)]})
    assert dict(Invitation.objects.values_list("pk", "state")) == {uncertain.pk: "sent", failed.pk: "cancelled"}
    page = desk.get(reverse(PAGE)).content.decode()
    assert "No mail is uncertain" in page
    told = desk.get(reverse("admin:surveys_invitation_change", args=[uncertain.pk])).content.decode()
    assert "nobody knows whether it left; taken as sent by hand" in told


def test_a_link_that_is_too_old_is_not_sent_again(desk: Client, doubtful: Callable[..., Invitation]) -> None:
    mail = doubtful(expires_at=timezone.now() - dt.timedelta(days=1))
    assert "too late to ask" in desk.get(reverse(PAGE)).content.decode()
    assert "left alone" in said(desk.post(reverse(PAGE), {"again": key(mail), "sure": "1"}))
    assert Invitation.objects.get(pk=mail.pk).state == "uncertain"


@pytest.mark.parametrize("row", ["", "x", "1", "1-x", "²-1", "9" * 30 + "-1", "-", "1-1-1"])
def test_nonsense_changes_nothing(desk: Client, doubtful: Callable[..., Invitation], row: str) -> None:
    doubtful()
    assert desk.post(reverse(PAGE), {"leave": "chosen", "row": row}).status_code == 302
    assert desk.post(reverse(PAGE), {"again": row, "sure": "1"}).status_code == 302
    assert desk.get(reverse(PAGE), {"before": row, "state": row}).status_code == 200
    assert Invitation.objects.get().state == "uncertain"


def test_older_mails_are_a_page_further(
    desk: Client, doubtful: Callable[..., Invitation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.admin.unsettled.SHOWN", 2)
    first, second, third = (doubtful() for _number in range(3))
    page = desk.get(reverse(PAGE)).content.decode()
    assert str(third.customer) in page and str(first.customer) not in page
    assert f"before={second.pk}" in page
    older = desk.get(reverse(PAGE), {"before": second.pk}).content.decode()
    assert str(first.customer) in older and str(third.customer) not in older


def test_the_number_of_queries_does_not_grow(
    desk: Client, doubtful: Callable[..., Invitation], django_assert_max_num_queries: Any
) -> None:
    for count in (3, 60):
        for _number in range(count):
            doubtful()
        with django_assert_max_num_queries(15):
            desk.get(reverse(PAGE))


@pytest.mark.parametrize("error", troubles.KINDS)
def test_every_trouble_has_words_and_codes_are_kept(error: str) -> None:
    assert str(troubles.read(f"{error}: 554")).endswith("(554)")
    assert str(troubles.read(f"{error}: o@example.org")) == str(troubles.KINDS[error][0])
    assert str(troubles.read("OSError")) == "OSError"


def test_a_row_that_killed_its_worker_is_told_in_russian() -> None:
    with translation.override("ru"):
        assert "worker" not in str(troubles.read("the worker died three times on this row"))
