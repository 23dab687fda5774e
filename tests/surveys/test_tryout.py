"""The trial of a rule: what it would have asked in 90 days, against what the same rule really decides."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ground import jobs
from ground.models import Job, User
from surveys import deciding, interactions, tryout
from surveys.models import Customer, Decision, Interaction, Invitation, SendingRule, Survey
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
HOURS = dt.timedelta(hours=1)


def tell(count: int, *, people: int = 12, **fields: Any) -> None:
    """Closed interactions of a few customers, told at their own moments, decided as they came."""
    start = (timezone.now() - dt.timedelta(days=60)).replace(microsecond=0)
    for number in range(count):
        at = start + number * 11 * HOURS
        report = interactions.Report(
            source="crm", external_id=f"T-{number}", updated_at=at,
            fields={"channel": "phone", "closed_at": at} | fields,
            customer={"external_id": str(number % people), "email": f"c{number % people}@example.org"},
        )  # fmt: skip
        deciding.receive(report, now=at)


def tried(rule: SendingRule, author: User) -> dict[str, Any]:
    job = jobs.finish_now(tryout.start(rule, author=author))
    assert job.finished_at, job.error
    assert job.done == job.total
    return job.result


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sample_percent": 40},
        {"delay_minutes": 600, "delay_in_working_hours": True},
        {"daily_maximum": 1},
        {"repeat": "interaction"},
        {"conditions": [{"field": "reason", "op": "equals", "value": "delivery"}]},
    ],
)
def test_it_comes_to_what_was_really_decided(rule: SendingRule, administrator: User, fields: dict[str, Any]) -> None:
    SendingRule.objects.update(**fields)
    tell(60)
    result = tried(SendingRule.objects.get(), administrator)["typed"]
    really = Counter(
        decision.reason for decision in Decision.objects.filter(outcome="refuse").exclude(reason="no_rule")
    )
    assert result["reasons"] == really
    assert result["counts"].get("sent", 0) == Invitation.objects.count()
    assert sum(result["days"].values()) == Invitation.objects.count()


def test_a_changed_rule_stands_beside_the_stored_one(rule: SendingRule, administrator: User) -> None:
    tell(40)
    rule.conditions = [{"field": "channel", "op": "equals", "value": "chat"}]
    before = (Interaction.objects.count(), Decision.objects.count(), Invitation.objects.count())
    result = tried(rule, administrator)
    assert result["typed"]["counts"]["looked_at"] == 40
    assert "sent" not in result["typed"]["counts"]
    assert result["stored"]["counts"]["sent"] == Invitation.objects.count()
    assert before == (Interaction.objects.count(), Decision.objects.count(), Invitation.objects.count())


def test_a_stronger_rule_goes_first_and_examples_are_kept(
    rule: SendingRule, nps_survey: Survey, administrator: User
) -> None:
    tell(8)
    SendingRule.objects.create(name="Strong", survey=nps_survey, priority=9)
    result = tried(SendingRule.objects.get(pk=rule.pk), administrator)["typed"]
    assert result["reasons"] == {"other_rule": 8}
    assert len(result["examples"]["other_rule"]) == 5


def test_it_goes_on_after_a_worker_died(
    rule: SendingRule, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(30)
    whole = tried(rule, administrator)["typed"]
    monkeypatch.setattr(tryout, "CHUNK", 7)
    job = tryout.start(rule, author=administrator)
    for _turn in range(3):
        Job.objects.filter(pk=job.pk).update(leased_until=None, lease="")
        claimed = jobs.rowqueue.claim(jobs.waiting(), ids=[job.pk])
        jobs._step(claimed)
    Job.objects.filter(pk=job.pk).update(leased_until=None, lease="")
    assert jobs.finish_now(job).result["typed"] == whole


def test_a_rule_that_is_not_stored_yet(survey: Survey, administrator: User) -> None:
    tell(6, people=6)
    result = tried(SendingRule(name="New", survey=survey, quota=7, quota_period="month"), administrator)
    assert result["typed"]["counts"]["sent"] == 6
    assert "stored" not in result


def test_a_full_quota_stops_it(survey: Survey, administrator: User) -> None:
    tell(40, people=40)
    Survey.objects.update(gap_days=0)
    rule = SendingRule(name="New", survey=survey, quota=1, quota_period="month")
    assert tried(rule, administrator)["typed"]["reasons"]["quota_full"] > 5


def test_a_rule_at_regular_intervals(nps_survey: Survey, administrator: User) -> None:
    Survey.objects.filter(pk=nps_survey.pk).update(kind=Survey.Kind.RELATIONAL)
    for number in range(20):
        make_customer(attributes={"segment": "b2b" if number < 15 else "b2c"})
    segment = [{"field": "customer:segment", "op": "equals", "value": "b2b"}]
    rule = SendingRule(name="NPS", survey_id=nps_survey.pk, cadence_days=90, conditions=segment)
    result = jobs.finish_now(tryout.start(rule, author=administrator)).result["typed"]
    assert result["counts"]["sent"] == result["counts"]["people"] == 15
    assert Customer.objects.count() == result["counts"]["looked_at"] == 20


def test_the_number_of_queries_does_not_grow(rule: SendingRule, administrator: User) -> None:
    counts = []
    for more in (10, 60):
        tell(more, people=more)
        with CaptureQueriesContext(connection) as asked:
            tried(rule, administrator)
        counts.append(len(asked))
    assert counts[0] == counts[1]
