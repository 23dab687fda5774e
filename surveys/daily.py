"""A rule's daily maximum: each mail that is planned takes a place of its day, and a full day sends it to another.

A day is one of the customer's clock. Lock order: the customer, then the rule's day.
"""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, Q

from surveys import eligibility
from surveys.eligibility import Facts, Verdict
from surveys.models import RuleDay, SendingRule


def decide(facts: Facts, rule: SendingRule | None, *, held: dt.datetime | None = None) -> Verdict:
    """The verdict on these facts, with a place taken on the day that the mail goes out.

    `held` is when an invitation that is decided again was to go out: its place of that day is its own.
    """
    own = held.astimezone(facts.window.zone).date() if held else None
    while True:
        if own is not None and own in facts.full_days:
            facts = dataclasses.replace(facts, full_days=facts.full_days - {own})
        verdict = eligibility.decide(facts)
        if verdict.due_at is None or rule is None or rule.daily_maximum is None:
            return verdict
        day = verdict.due_at.astimezone(facts.window.zone).date()
        if day == own or take(rule, day):
            return verdict
        facts = dataclasses.replace(facts, full_days=facts.full_days | {day})


def in_turn(rules: Iterable[SendingRule]) -> None:
    """Let those who plan many mails of these rules do it one after the other: each takes places of several days, and
    in different orders they would wait for each other."""
    limited = {rule.pk for rule in rules if rule.daily_maximum is not None}
    if limited:
        list(SendingRule.objects.select_for_update(no_key=True).filter(pk__in=limited).order_by("pk").values_list("pk"))


def take(rule: SendingRule, day: dt.date) -> bool:
    """Take a place of the day; False when somebody else took the last one."""
    RuleDay.objects.bulk_create([RuleDay(rule=rule, day=day)], ignore_conflicts=True)
    room = RuleDay.objects.filter(rule=rule, day=day, planned__lt=rule.daily_maximum)
    return bool(room.update(planned=F("planned") + 1))


def give_back(rule: SendingRule, day: dt.date) -> None:
    """A mail that was planned for this day will not go out."""
    RuleDay.objects.filter(rule=rule, day=day, planned__gt=0).update(planned=F("planned") - 1)


def full_days(rules: Iterable[SendingRule], *, since: dt.date) -> dict[int, set[dt.date]]:
    """The days from then on that have no place left, by the rule's key."""
    limited = {rule.pk: rule.daily_maximum for rule in rules if rule.daily_maximum is not None}
    found: dict[int, set[dt.date]] = defaultdict(set)
    if limited:
        full = Q(*(Q(rule=pk, planned__gte=maximum) for pk, maximum in limited.items()), _connector=Q.OR)
        for pk, day in RuleDay.objects.filter(full, day__gte=since).values_list("rule_id", "day"):
            found[pk].add(day)
    return found
