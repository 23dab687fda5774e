"""Quotas, daily maxima, pauses and windows as they are stored: through the door and again at the moment of sending."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from surveys import deciding, facts, rechecking
from surveys.facts import Case
from surveys.models import AskingPolicy, Customer, Invitation, RuleDay, SendingRule
from tests.factories import make_customer, make_interaction, make_invitation

pytestmark = pytest.mark.django_db
TUESDAY = dt.datetime(2026, 5, 12, 9, tzinfo=dt.UTC)  # noon in Moscow


@pytest.fixture(autouse=True)
def tuesday_noon():
    with time_machine.travel(TUESDAY, tick=False):
        yield


def office_hours(**fields) -> None:
    AskingPolicy.objects.update(
        days=[0, 1, 2, 3, 4], send_from=dt.time(9), send_until=dt.time(18), skips_holidays=True, **fields
    )


def again(invitation: Invitation):
    invitation = Invitation.objects.select_related("survey", "interaction", "rule", "customer").get(pk=invitation.pk)
    return rechecking.look_again([invitation], now=timezone.now())[0]


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_a_quota_counts_the_answers_of_its_period(rule, period) -> None:
    SendingRule.objects.update(quota=2, quota_period=period)
    before = {"day": 1, "week": 2, "month": 12}[period]  # on the organisation's clock
    for days in (0, before):
        make_invitation(rule.survey, rule=rule, answered_at=timezone.now() - dt.timedelta(days=days))
    assert deciding.consider(make_interaction()).outcome == "send"
    make_invitation(rule.survey, rule=rule, answered_at=timezone.now())
    assert deciding.consider(make_interaction()).reason == "quota_full"


def test_a_full_day_moves_the_next_mail_to_another(rule) -> None:
    office_hours()
    SendingRule.objects.update(daily_maximum=2)
    decisions = [deciding.consider(make_interaction()) for _number in range(5)]
    assert [decision.outcome for decision in decisions] == ["send", "send", "postpone", "postpone", "postpone"]
    assert [decision.reason for decision in decisions] == ["", "", *["daily_maximum"] * 3]
    days = [Invitation.objects.get(interaction=one.interaction).due_at.date().day for one in decisions]
    assert days == [12, 12, 13, 13, 14]
    assert list(RuleDay.objects.order_by("day").values_list("day__day", "planned")) == [(12, 2), (13, 2), (14, 1)]


def test_a_mail_that_leaves_on_its_day_needs_no_second_place(rule) -> None:
    SendingRule.objects.update(daily_maximum=1)
    deciding.consider(make_interaction())
    invitation = Invitation.objects.get()
    assert again(invitation).postponed == ""
    assert RuleDay.objects.get().planned == 1


def test_a_mail_that_leaves_a_day_late_finds_another_place(rule) -> None:
    SendingRule.objects.update(daily_maximum=1)
    deciding.consider(make_interaction())
    invitation = Invitation.objects.get()
    with time_machine.travel(TUESDAY + dt.timedelta(days=1), tick=False):
        deciding.consider(make_interaction())
        assert again(invitation).postponed == "daily_maximum"
    assert list(RuleDay.objects.order_by("day").values_list("planned", flat=True)) == [1, 1, 1]


def test_mail_waits_for_the_customers_morning(rule) -> None:
    office_hours()
    deciding.consider(make_interaction(customer=make_customer(timezone="America/New_York")))  # 5 o'clock there
    invitation = Invitation.objects.get()
    assert invitation.state == "postponed"
    assert invitation.due_at == dt.datetime(2026, 5, 12, 13, tzinfo=dt.UTC)
    decision = invitation.interaction.decisions.get()
    assert (decision.outcome, decision.reason, decision.due_at) == ("postpone", "window", invitation.due_at)
    assert {"check": "window", "passed": None} in decision.trace


def test_what_could_not_leave_in_time_waits_for_the_next_hours(rule) -> None:
    office_hours()
    deciding.consider(make_interaction())
    invitation = Invitation.objects.get()
    with time_machine.travel(TUESDAY + dt.timedelta(hours=9), tick=False):
        verdict = again(invitation)
    assert (verdict.postponed, verdict.due_at) == ("window", dt.datetime(2026, 5, 13, 6, tzinfo=dt.UTC))
    assert list(invitation.interaction.decisions.values_list("outcome", "reason")) == [
        ("send", ""), ("postpone", "window"),
    ]  # fmt: skip


def test_mails_are_spread_over_the_hours_that_are_left(rule) -> None:
    office_hours()
    SendingRule.objects.update(spreads=True)
    for _number in range(40):
        deciding.consider(make_interaction())
    hours = [(at - TUESDAY).total_seconds() / 3600 for at in Invitation.objects.values_list("due_at", flat=True)]
    assert min(hours) >= 0
    assert max(hours) < 6
    assert {int(hour) for hour in hours} == set(range(6))
    assert set(Invitation.objects.values_list("state", flat=True)) == {"planned"}
    spread = Invitation.objects.order_by("due_at").last()
    with time_machine.travel(spread.due_at, tick=False):
        assert again(spread).due_at == spread.due_at


def test_at_most_so_many_in_so_many_days(rule, nps_survey) -> None:
    AskingPolicy.objects.update(rolling_maximum=2, rolling_days=90)
    customer = make_customer()
    for days in (80, 40):
        at = timezone.now() - dt.timedelta(days=days)
        make_invitation(nps_survey, customer=customer, due_at=at, sent_at=at)
    assert deciding.consider(make_interaction(customer=customer)).reason == "rolling_maximum"
    Invitation.objects.filter(due_at__lt=timezone.now() - dt.timedelta(days=70)).update(state="cancelled")
    assert deciding.consider(make_interaction(customer=customer)).outcome == "send"


def test_many_at_once_cost_as_many_statements_as_one(rule, django_assert_num_queries) -> None:
    def case() -> Case:
        interaction = make_interaction()
        customer = Customer.objects.get(pk=interaction.customer_id)
        return Case(interaction, customer, rule.survey, 1, timezone.now(), rule=rule)

    for cases in ([case()], [case() for _number in range(20)]):
        with django_assert_num_queries(7):
            facts.gather_many(cases)
