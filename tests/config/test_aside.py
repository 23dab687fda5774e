"""A row that raises stands in the way of no other: it is passed over for a while, and the System page tells of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from analytics import rollups, tasks
from analytics.models import ScoreDay
from config import lights
from feedback import intake, matching, settlement
from feedback.models import Response
from ground import aside
from ground.models import Change, reporting_day
from surveys import schedule
from surveys.models import Interaction, Invitation, RuleSchedule, SendingRule, Survey
from tests.analytics.rows import answer
from tests.factories import make_customer
from tests.feedback.test_evidence import open_link

pytestmark = pytest.mark.django_db
SECRET = "what a customer wrote"


def breaking(act: Callable[..., Any], hits: Callable[..., bool]) -> Callable[..., Any]:
    """The act, which raises for some."""

    def instead(*given: Any, **named: Any) -> Any:
        if hits(*given, **named):
            raise ValueError(SECRET)
        return act(*given, **named)

    return instead


def in_minutes(minutes: float) -> Any:
    return time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=False)


def test_a_touch_that_cannot_be_settled(make_invitation: Any, monkeypatch: Any, caplog: Any) -> None:
    first, second = make_invitation(), make_invitation()
    for invitation in (first, second):
        open_link(invitation, 4, minutes_ago=11)
    monkeypatch.setattr(settlement, "judge", breaking(settlement.judge, lambda one, *_, **__: one.pk == first.pk))
    assert lights.set_aside().level == lights.OK
    assert settlement.settle(settlement.due(limit=9)) == 1
    assert Response.objects.get().invitation == second
    assert settlement.due(limit=9) == []  # not every second
    light = lights.set_aside()
    assert light.level == lights.ATTENTION and light.says and light.todo
    assert "ValueError" in caplog.text and str(first.pk) in caplog.text and SECRET not in caplog.text
    with in_minutes(6):
        assert settlement.due(limit=9) == [first.pk]


def test_an_answer_that_cannot_be_matched(make_invitation: Any, monkeypatch: Any) -> None:
    first, second = (make_invitation(is_matched=False) for _number in range(2))
    monkeypatch.setattr(intake, "follow", breaking(intake.follow, lambda one: one.pk == first.pk))
    assert matching.due(limit=9) == [first.pk, second.pk]
    assert matching.match(matching.due(limit=9)) == 1 and matching.due(limit=9) == []
    assert Invitation.objects.get(is_matched=False) == first  # nothing of it was done by halves
    with in_minutes(6):
        assert matching.due(limit=9) == [first.pk]


def test_a_customer_or_a_rule_that_cannot_be_looked_at(nps_survey: Survey, monkeypatch: Any) -> None:
    Survey.objects.filter(pk=nps_survey.pk).update(kind=Survey.Kind.RELATIONAL, rest_after_silence_days=0, gap_days=0)
    ill, rule = (SendingRule.objects.create(name=name, survey=nps_survey, cadence_days=1) for name in ("ill", "well"))
    customers = [make_customer() for _number in range(4)]
    now = timezone.now()
    schedule.advance(schedule.due(now=now), now=now)
    later = now + dt.timedelta(days=1)
    refuses = breaking(schedule._ask, lambda _rule, customer, *_, **__: customer.pk == customers[0].pk)
    monkeypatch.setattr(schedule, "_ask", refuses)
    monkeypatch.setattr(schedule, "whose_turn", breaking(schedule.whose_turn, lambda one, _progress: one == ill))
    assert schedule.advance(schedule.due(now=later), now=later) == 4
    asked = Interaction.objects.filter(source="schedule")
    assert set(asked.values_list("customer", flat=True)) == {customer.pk for customer in customers[1:]}
    assert RuleSchedule.objects.get(rule=rule).upto > now
    assert schedule.due(now=later) == [] and aside.lately() == 2


def test_a_day_that_cannot_be_counted(survey: Survey, monkeypatch: Any) -> None:
    now = timezone.now()
    bad, good = now - dt.timedelta(days=5), now - dt.timedelta(days=2)
    while rollups.roll_up():
        pass
    for moment in (bad, good):
        answer(survey, 4, at=moment)
    day = reporting_day(bad)
    before = rollups.as_of()
    with monkeypatch.context() as patched:
        patched.setattr(rollups, "_counted", breaking(rollups._counted, lambda _scope, each: each == day))
        with pytest.raises(ValueError, match=SECRET):
            rollups.roll_up()
        with in_minutes(1):
            tasks.roll_up()
            assert list(ScoreDay.objects.values_list("day", flat=True)) == [reporting_day(good)]
            assert Change.objects.filter(day=day).exists() and rollups.has_work()
            assert not rollups.has_work(passing_over=True)
            assert rollups.as_of() == before  # what is shown does not call itself whole
    with in_minutes(9):
        tasks.roll_up()
        assert ScoreDay.objects.count() == 2 and not rollups.has_work()


def test_a_database_that_does_not_answer_is_no_rows_fault() -> None:
    def refuse() -> None:
        raise OperationalError

    with pytest.raises(OperationalError):
        aside.tried("settlement", 1, refuse)
    assert aside.resting("settlement") == []
