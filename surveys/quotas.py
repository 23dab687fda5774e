"""Enough answers: how many a rule or a survey has had in its day, week or month of the organisation's clock."""

import datetime as dt
from collections.abc import Iterable

from surveys.models import Invitation, SendingRule, Survey

Period = SendingRule.QuotaPeriod


def begins(period: str, *, now: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """When the period began that holds this moment: at midnight, on Monday, on the first."""
    today = now.astimezone(zone).date()
    first = {
        Period.DAY: today,
        Period.WEEK: today - dt.timedelta(days=today.weekday()),
        Period.MONTH: today.replace(day=1),
    }[Period(period or Period.MONTH)]
    return dt.datetime.combine(first, dt.time(), zone)


def answers(rules: Iterable[SendingRule], *, now: dt.datetime, zone: dt.tzinfo) -> dict[int, int]:
    """How many counted answers the invitations of each rule with a quota have had in its period, by the rule's key."""
    return {
        rule.pk: Invitation.objects.filter(
            rule=rule, answered_at__gte=begins(rule.quota_period, now=now, zone=zone)
        ).count()
        for rule in rules
        if rule.quota is not None
    }


def answers_of_surveys(surveys: Iterable[Survey], *, now: dt.datetime, zone: dt.tzinfo) -> dict[int, int]:
    """The same for surveys with a quota of their own, through whatever rule or link the answers came."""
    return {
        survey.pk: Invitation.objects.filter(
            survey=survey, answered_at__gte=begins(survey.quota_period, now=now, zone=zone)
        ).count()
        for survey in surveys
        if survey.quota is not None
    }
