"""Enough answers: how many a rule has had in its running day, week or month of the organisation's clock."""

import datetime as dt
from collections.abc import Iterable

from surveys.models import Invitation, SendingRule

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
