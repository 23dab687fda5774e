"""What sets a rule off: closings, other events of the API, once or each time, and the delay in working hours."""

import datetime as dt

import pytest
from django.utils import timezone

from ground.models import Calendar
from surveys import deciding
from surveys.models import Decision, Invitation, SendingRule

pytestmark = pytest.mark.django_db


def order(**fields) -> dict:
    now = timezone.now()
    known = {"source": "shop", "external_id": "O-1", "updated_at": now.isoformat(), "channel": "web",
             "customer": {"external_id": "c1", "email": "olga@example.org"}}  # fmt: skip
    return known | fields


def event(kind: str, *, minutes: int = 5) -> dict:
    return {"kind": kind, "at": (timezone.now() - dt.timedelta(minutes=minutes)).isoformat()}


def post(api, body: dict):
    return api.post("/api/v1/interactions/", body, format="json")


@pytest.fixture
def delivered(rule) -> SendingRule:
    SendingRule.objects.update(event="delivered")
    return SendingRule.objects.get()


def test_an_event_of_the_api_asks_once_however_often_it_is_told(api, delivered) -> None:
    told = event("delivered")
    for minute in range(3):
        reply = post(api, order(events=[told], updated_at=(timezone.now() + dt.timedelta(seconds=minute)).isoformat()))
        assert reply.status_code == 202, reply.data
    decision = Decision.objects.get()
    assert (decision.event, decision.rule) == ("delivered", delivered)
    assert Invitation.objects.get().due_at >= dt.datetime.fromisoformat(told["at"])


def test_an_event_that_no_rule_waits_for_is_only_kept(api, rule) -> None:
    assert post(api, order(events=[event("packed")])).data["decision"] is None
    assert not Decision.objects.exists()


def test_an_event_with_a_name_of_its_own(api, rule) -> None:
    SendingRule.objects.update(event="other", event_name="installed")
    assert post(api, order(events=[event("packed"), event("installed")])).data["decision"]["outcome"] != "refuse"
    assert Decision.objects.get().event == "installed"


@pytest.mark.parametrize("kind", ["closed", "resolved", "Bad name"])
def test_what_has_a_field_of_its_own_is_said_there(api, rule, kind: str) -> None:
    assert post(api, order(events=[event(kind)])).status_code == 400


def test_the_occasions_of_regular_surveys_are_nobodys_to_report(api, rule) -> None:
    assert post(api, order(source="schedule")).status_code == 400


def test_two_events_of_one_interaction_are_decided_each(rule, nps_survey, make_interaction) -> None:
    SendingRule.objects.create(name="Resolved", survey=nps_survey, event="resolved", delay_minutes=0)
    interaction = make_interaction(resolved_at=timezone.now() - dt.timedelta(hours=2), is_resolved=True)
    for kind in ("closed", "resolved", "resolved"):
        deciding.consider(interaction, event=kind)
    first, second = Decision.objects.all()
    assert (first.event, first.outcome != "refuse", first.ordinal) == ("closed", True, 1)
    assert (second.event, second.reason, second.ordinal) == ("resolved", "gap", 2)


def test_an_unresolved_interaction_does_not_count_as_resolved(rule, make_interaction) -> None:
    SendingRule.objects.update(event="resolved")
    assert deciding.consider(make_interaction(is_resolved=False), event="resolved") is None
    assert deciding.consider(make_interaction(is_resolved=True), event="resolved").rule == rule


@pytest.mark.parametrize(("repeat", "reason"), [("interaction", "already_asked"), ("closing", "")])
def test_once_for_an_interaction_or_for_each_closing(rule, survey, make_interaction, repeat: str, reason: str) -> None:
    SendingRule.objects.update(repeat=repeat)
    type(survey).objects.update(rest_after_silence_days=0, gap_days=0)
    interaction = make_interaction()
    deciding.consider(interaction)
    interaction.closings = 2
    interaction.save(update_fields=["closings"])
    refused = deciding.consider(interaction)
    assert (refused.reason if refused.outcome == "refuse" else "") == reason


def test_the_delay_counts_the_teams_working_hours(rule, team, make_interaction) -> None:
    Calendar.objects.create(name="Days", timezone="UTC", holidays="", is_default=True)
    SendingRule.objects.update(delay_minutes=120, delay_in_working_hours=True)
    friday = dt.datetime(2026, 11, 27, 17, tzinfo=dt.UTC)
    decision = deciding.consider(make_interaction(team=team, closed_at=friday), now=friday)
    assert decision.due_at == dt.datetime(2026, 11, 30, 10, tzinfo=dt.UTC)


def test_the_rules_languages_come_before_the_organisations(rule, make_interaction) -> None:
    SendingRule.objects.update(languages=["kk", "en"])
    interaction = make_interaction()
    type(interaction.customer).objects.update(language="de")
    deciding.consider(interaction)
    assert Invitation.objects.get().language == "en"
