"""Holding back by hand: pauses on the customer's page, skips on the contact's, and the policy for everybody."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ground.models import AuditEntry, Membership, Organisation, User
from surveys import deciding, pausing, sending
from surveys.models import AskingPolicy, Decision, Invitation, Pause, RuleDay, SendingRule, Skip
from tests.factories import make_customer, make_interaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(login, administrator) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


@pytest.fixture
def contact(rule, customer, team, agent) -> Any:
    interaction = make_interaction(customer=customer, team=team, agent=agent)
    deciding.consider(interaction)
    return interaction


@pytest.fixture
def clerk(agent, team) -> User:
    """The agent's log-in."""
    user = User.objects.create_user("agent@example.org", "correct horse battery")
    Membership.objects.create(user=user, team=team, role="agent")
    agent.user = user
    agent.save()
    return user


def pause(client: Client, customer: Any, **data: Any) -> Any:
    return client.post(reverse("admin:surveys_customer_pause", args=[customer.pk]), data, follow=True)


def skip(client: Client, interaction: Any, reason: str = "Договорились иначе") -> Any:
    return client.post(
        reverse("admin:surveys_interaction_skip", args=[interaction.pk]), {"reason": reason}, follow=True
    )


def test_a_pause_by_hand_refuses_until_it_ends(desk, contact, smtp) -> None:
    page = pause(desk, contact.customer).content.decode()
    assert "Not asked: <b>paused by hand</b>" in " ".join(page.split())
    sending.send([Invitation.objects.get().pk])
    assert smtp.mails == []
    assert Invitation.objects.get().error == "pause_manual"
    assert deciding.consider(make_interaction(customer=contact.customer)).reason == "pause_manual"
    pause(desk, contact.customer, end="1")
    assert not pausing.is_paused(contact.customer)
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == ["ask.paused", "ask.resumed"]


def test_a_pause_lasts_until_the_end_of_its_day(desk, contact) -> None:
    today = timezone.localdate()
    pause(desk, contact.customer, until=(today + dt.timedelta(days=2)).isoformat())
    until = Pause.objects.get().until
    assert dt.timedelta(days=2) - dt.timedelta(hours=24) < until - timezone.now() <= dt.timedelta(days=3, hours=14)
    refused = pause(desk, make_customer(), until=(today - dt.timedelta(days=3)).isoformat())
    assert "This day is over." in refused.content.decode()
    assert Pause.objects.count() == 1


@pytest.mark.parametrize("who", ["viewer", "outsider"])
def test_who_does_not_manage_a_team_of_theirs_pauses_nobody(request, login, contact, who) -> None:
    reply = pause(login(request.getfixturevalue(who)), contact.customer)
    assert reply.status_code in (403, 404)
    assert not Pause.objects.exists()


def test_a_teams_manager_pauses_its_customers(login, manager, contact) -> None:
    assert pause(login(manager), contact.customer).status_code == 200
    assert pausing.is_paused(contact.customer)


def test_pauses_are_listed_and_ended_there(desk, contact) -> None:
    kept = pausing.pause(contact.customer, reason="case", source="7")
    pausing.pause(make_customer(), reason="manual", until=timezone.now() - dt.timedelta(days=1))
    listed = reverse("admin:surveys_pause_changelist")
    page = desk.get(listed).content.decode()
    assert "an open case" in page
    assert page.count('name="_selected_action"') == 1
    desk.post(listed, {"action": "end_chosen", "_selected_action": [kept.pk]})
    assert not pausing.is_paused(contact.customer)


def test_the_same_source_prolongs_its_pause(customer) -> None:
    soon, later = (timezone.now() + dt.timedelta(days=days) for days in (1, 9))
    pausing.pause(customer, reason="soft_bounce", until=later, source="mail")
    pausing.pause(customer, reason="soft_bounce", until=soon, source="mail")
    assert Pause.objects.get().until == later
    pausing.pause(customer, reason="case", source="mail")
    assert pausing.end(customer, reason="soft_bounce", source="mail") == 1
    assert pausing.is_paused(customer)


def test_a_skip_holds_the_planned_mail_back_with_its_reason(desk, contact, smtp) -> None:
    page = skip(desk, contact).content.decode()
    assert "1 planned mail was held back." in page
    assert "Договорились иначе" in page
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.error) == ("refused", "skipped")
    assert list(Decision.objects.order_by("pk").values_list("outcome", "reason")) == [
        ("send", ""), ("refuse", "skipped"),
    ]  # fmt: skip
    sending.send([invitation.pk])
    assert smtp.mails == []
    assert AuditEntry.objects.get().verb == "ask.skipped"


def test_a_skip_before_the_end_refuses_when_it_comes(desk, rule, team) -> None:
    interaction = make_interaction(team=team, closed=False)
    skip(desk, interaction)
    interaction.closings, interaction.closed_at = 1, timezone.now()
    interaction.save()
    assert deciding.consider(interaction).reason == "skipped"


def test_a_skip_needs_a_reason_and_comes_in_time(desk, contact) -> None:
    assert "Say why" in skip(desk, contact, reason="  ").content.decode()
    assert not Skip.objects.exists()
    Invitation.objects.update(state="sent", sent_at=timezone.now())
    assert "too late" in skip(desk, contact).content.decode()
    assert not Skip.objects.exists()


# In the first hours of a day a contact of the evening before is due in the past and takes a place of today.
@pytest.mark.parametrize("hour", [0, 1, 12, 23])
def test_a_skip_gives_its_place_of_the_day_back(desk, rule, team, hour) -> None:
    midnight = timezone.localtime(timezone=Organisation.current().timezone).replace(hour=0, minute=15)
    with time_machine.travel(midnight + dt.timedelta(days=1, hours=hour), tick=False):
        _a_skip_gives_its_place_back(desk, team)


def _a_skip_gives_its_place_back(desk, team) -> None:
    SendingRule.objects.update(daily_maximum=1)
    interaction = make_interaction(team=team)
    deciding.consider(interaction)
    assert RuleDay.objects.get().planned == 1
    skip(desk, interaction)
    assert RuleDay.objects.get().planned == 0


def test_an_agent_skips_the_own_contact_and_it_is_counted(login, clerk, contact, agent, team) -> None:
    page = login(clerk).get(reverse("admin:surveys_interaction_change", args=[contact.pk])).content.decode()
    assert 'name="reason"' in page
    skip(login(clerk), contact)
    assert Skip.objects.get().agent == agent
    foreign = make_interaction(team=team)
    assert skip(login(clerk), foreign).status_code == 404


def test_a_viewer_skips_nothing(login, viewer, contact) -> None:
    assert skip(login(viewer), contact).status_code == 403
    page = login(viewer).get(reverse("admin:surveys_interaction_change", args=[contact.pk])).content.decode()
    assert 'name="reason"' not in page
    assert not Skip.objects.exists()


def policy(**fields: Any) -> dict[str, Any]:
    return {"rolling_maximum": 3, "rolling_days": 90, "days": [0, 1, 2], "send_from": "09:00", "send_until": "18:00",
            "skips_holidays": "on", "mails_a_minute": "", "domain_mails_a_minute": 20} | fields  # fmt: skip


def test_the_policy_is_one_page_with_the_checks_in_their_order(desk) -> None:
    AskingPolicy.objects.all().delete()
    page = desk.get(reverse("admin:surveys_askingpolicy_changelist"), follow=True).content.decode()
    words = ["May this address", "finished and fit", "Not asked about this closing", "rested long enough",
             "distance to other surveys", "too often of late", "not paused", "more answers needed",
             "Drawn for the sample", "room on that day", "leave at that hour", "Early enough"]  # fmt: skip
    places = [page.index(word) for word in words]
    assert places == sorted(places)
    row = AskingPolicy.objects.get()
    change = reverse("admin:surveys_askingpolicy_change", args=[row.pk])
    desk.post(change, policy())
    row.refresh_from_db()
    assert (row.rolling_maximum, row.days, row.send_until, row.domain_mails_a_minute) == (3, [0, 1, 2], dt.time(18), 20)


@pytest.mark.parametrize("fields", [
    {"rolling_maximum": 0}, {"days": []}, {"send_until": "08:00"}, {"mails_a_minute": 0}, {"send_from": "25:00"},
])  # fmt: skip
def test_a_policy_that_asks_nobody_is_refused(desk, fields) -> None:
    row = AskingPolicy.objects.get()
    reply = desk.post(reverse("admin:surveys_askingpolicy_change", args=[row.pk]), policy(**fields))
    assert reply.status_code == 200
    row.refresh_from_db()
    assert row.rolling_maximum == 1000


def test_the_policy_is_for_managers_of_all(login, manager, organisation) -> None:
    assert login(manager).get(reverse("admin:surveys_askingpolicy_changelist")).status_code == 403
