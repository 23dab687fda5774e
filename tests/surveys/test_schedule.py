"""Surveys at regular intervals: everybody of the segment once in a cadence, evenly, whatever dies or runs twice."""

import datetime as dt
from collections import Counter

import pytest

from surveys import deciding, schedule
from surveys.models import Customer, Decision, Interaction, Invitation, RuleSchedule, SendingRule, Survey
from tests.factories import make_customer

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOURS = dt.timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(nps_survey: Survey) -> SendingRule:
    Survey.objects.filter(pk=nps_survey.pk).update(kind=Survey.Kind.RELATIONAL, rest_after_silence_days=0, gap_days=0)
    return SendingRule.objects.create(name="NPS", survey=nps_survey, cadence_days=30)


def run(moment: dt.datetime) -> None:
    while rules := schedule.due(now=moment):
        schedule.advance(rules, now=moment)


def test_everybody_is_asked_once_in_a_cadence_and_no_day_is_crowded(rule: SendingRule) -> None:
    for _number in range(90):
        make_customer()
    for hours in range(0, 30 * 24 + 1, 6):
        run(START + hours * HOURS)
    counts = Counter(Invitation.objects.values_list("customer", flat=True))
    assert len(counts) == 90
    assert set(counts.values()) == {1}
    days = Counter(moment.date() for moment in Interaction.objects.values_list("closed_at", flat=True))
    assert max(days.values()) <= 5


def test_an_outage_is_caught_up_with_and_a_second_scheduler_adds_nothing(rule: SendingRule) -> None:
    for _number in range(120):
        make_customer()
    run(START)
    later = START + dt.timedelta(days=10)
    before = RuleSchedule.objects.get()
    schedule.advance([rule.pk], now=later)
    # A worker died before it noted how far it was: another one does the same customers again.
    RuleSchedule.objects.update(upto=before.upto, until=before.until, cursor=before.cursor)
    run(later)
    assert 36 <= Interaction.objects.count() <= 44
    assert Decision.objects.count() == Interaction.objects.count()
    assert not schedule.due(now=later)


def test_the_segment_alone_is_asked(rule: SendingRule) -> None:
    wanted = [make_customer(attributes={"segment": "b2b"}) for _number in range(3)]
    make_customer()
    SendingRule.objects.update(conditions=[{"field": "customer:segment", "op": "equals", "value": "B2B"}])
    run(START)
    run(START + dt.timedelta(days=31))
    assert {asked.customer for asked in Invitation.objects.all()} == set(wanted)


def test_why_somebody_was_not_asked_is_kept(rule: SendingRule) -> None:
    make_customer(no_consent=True)
    run(START)
    run(START + dt.timedelta(days=31))
    decision = Decision.objects.first()
    assert (decision.event, decision.reason, decision.survey) == ("schedule", "no_consent", rule.survey)


def test_a_rule_that_was_off_does_not_ask_for_the_time_between(rule: SendingRule) -> None:
    for _number in range(30):
        make_customer()
    run(START)
    SendingRule.objects.update(is_active=False)
    run(START + dt.timedelta(days=5))
    SendingRule.objects.update(is_active=True)
    run(START + dt.timedelta(days=25))
    run(START + dt.timedelta(days=25, minutes=20))
    assert Interaction.objects.count() <= 1


def test_the_database_reckons_as_the_program_does(rule: SendingRule) -> None:
    for _number in range(40):
        make_customer()
    start = START.replace(minute=17)
    progress = RuleSchedule(rule=rule, upto=start, until=start + dt.timedelta(days=1))
    found = set(schedule.whose_turn(rule, progress).values_list("pk", flat=True))
    expected = {
        customer.pk
        for customer in Customer.objects.all()
        if schedule.turn_after(rule, customer.pk, start).at < progress.until
    }
    assert found == expected != set()


def test_a_contact_is_not_an_occasion_for_it(rule: SendingRule, make_interaction) -> None:
    assert deciding.consider(make_interaction()).reason == "no_rule"


def test_nobody_of_whom_nothing_is_known_has_a_turn(rule: SendingRule) -> None:
    Customer.objects.bulk_create([Customer() for _number in range(20)])
    by_phone = make_customer(external_id=None, email="", phone="+79001234567")
    run(START)
    run(START + dt.timedelta(days=31))
    assert {decision.interaction.customer for decision in Decision.objects.all()} == {by_phone}
