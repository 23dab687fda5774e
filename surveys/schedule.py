"""Surveys at regular intervals: each customer has a moment of their own in the cadence, all of them spread over it.

Somebody's moment follows from their number alone, so nothing is kept for each customer. How far a rule has got is one
row; what is done twice finds its interaction and its decision there already.
"""

import datetime as dt
from dataclasses import dataclass
from math import gcd

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from ground import aside
from surveys import conditions, deciding, nobody
from surveys.choosing import Rules
from surveys.conditions import Subject
from surveys.events import SCHEDULED
from surveys.models import Customer, Interaction, RuleSchedule, SendingRule, Survey

EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
MINUTE, DAY_MINUTES = dt.timedelta(minutes=1), 24 * 60
# Steps of the golden section of a circle keep any number of points on it as far apart as can be (Sós, 1958).
GOLDEN, OF_RULE = (5**0.5 - 1) / 2, 40_503
# One look through the customers serves so many minutes; after an outage it may serve a day.
WINDOW_MINUTES, LONGEST_MINUTES = 15, DAY_MINUTES
BATCH = 50
WHAT = "rule"


@dataclass(frozen=True)
class Turn:
    """Somebody's moment, and the how-manieth cadence since the epoch it lies in."""

    at: dt.datetime
    cycle: int


def rules() -> QuerySet[SendingRule]:
    """The rules that ask at regular intervals at present."""
    return SendingRule.objects.filter(
        is_active=True, survey__kind=Survey.Kind.RELATIONAL, survey__is_archived=False, cadence_days__gt=0
    ).select_related("survey")


def due(*, now: dt.datetime | None = None) -> list[int]:
    """The rules that have customers to look through. A rule begins with the moments that come after it is set up.

    One that was switched off forgets how far it got, so that it does not catch up on all the time between.
    """
    now = now or timezone.now()
    resting = aside.resting_keys(WHAT)
    active = [rule.pk for rule in rules()]
    known = {row.rule_id: row for row in RuleSchedule.objects.all()}
    if set(known) - set(active):
        RuleSchedule.objects.exclude(rule__in=active).delete()
    if new := set(active) - set(known):
        start = minute_of(now)
        fresh = [RuleSchedule(rule_id=pk, upto=start, until=start) for pk in new]
        RuleSchedule.objects.bulk_create(fresh, ignore_conflicts=True)
    ripe = minute_of(now) - WINDOW_MINUTES * MINUTE
    able = [pk for pk in active if pk in known and pk not in resting]
    return sorted(pk for pk in able if known[pk].until > known[pk].upto or known[pk].upto <= ripe)


def advance(rule_ids: list[int], *, now: dt.datetime | None = None) -> int:
    """Ask the next few customers of each rule; returns how many were looked at. Safe to call twice at once."""
    now = now or timezone.now()
    some = rules().filter(pk__in=rule_ids)
    return sum(aside.tried(WHAT, rule.pk, _advance, rule, now=now) or 0 for rule in some)


def _advance(rule: SendingRule, *, now: dt.datetime) -> int:
    progress = RuleSchedule.objects.filter(rule=rule).first()
    if progress is None:
        return 0
    seen = (progress.upto, progress.until, progress.cursor)
    if progress.until <= progress.upto:
        progress.until = min(minute_of(now), progress.upto + LONGEST_MINUTES * MINUTE)
    people = list(whose_turn(rule, progress)[:BATCH])
    around = Rules(entries=(rule,))
    for customer in people:
        # Whoever cannot be asked has a turn again in the next cadence.
        key = f"{rule.pk}:{customer.pk}"
        aside.tried("interval", key, _take_turn, rule, customer, progress.upto, around=around, now=now)
    if len(people) < BATCH:
        progress.upto, progress.cursor = progress.until, 0
    else:
        progress.cursor = people[-1].pk
    # Another worker that was at the same customers has written the same, or has gone further.
    RuleSchedule.objects.filter(rule=rule, upto=seen[0], until=seen[1], cursor=seen[2]).update(
        upto=progress.upto, until=progress.until, cursor=progress.cursor
    )
    return len(people)


def _take_turn(rule: SendingRule, customer: Customer, upto: dt.datetime, *, around: Rules, now: dt.datetime) -> None:
    turn = turn_after(rule, customer.pk, upto)
    if conditions.fits(rule.conditions, Subject(customer=customer, at=turn.at, now=turn.at)):
        _ask(rule, customer, turn, around=around, now=now)


@transaction.atomic
def _ask(rule: SendingRule, customer: Customer, turn: Turn, *, around: Rules, now: dt.datetime) -> None:
    """An occasion to ask that no contact gave, through the door of all others."""
    occasion, _created = Interaction.objects.get_or_create(
        source=SCHEDULED,
        external_id=f"{rule.pk}:{customer.pk}:{turn.cycle}",
        defaults={"customer": customer, "channel": "", "updated_at": turn.at, "created_at": turn.at,
                  "closed_at": turn.at, "closings": 1},
    )  # fmt: skip
    deciding.consider(occasion, event=SCHEDULED, rules=around, now=now)


def turn_after(rule: SendingRule, customer_id: int, moment: dt.datetime) -> Turn:
    """The customer's first moment that is not before this one."""
    period, start = _period(rule), _minutes(moment)
    at = start + (_place(rule, customer_id) - start) % period
    return Turn(at=EPOCH + at * MINUTE, cycle=at // period)


def whose_turn(rule: SendingRule, progress: RuleSchedule) -> QuerySet[Customer]:
    """The customers whose moment lies between `upto` and `until`, after the `cursor`; not those of whom nothing is
    known, who answered through a link, each once."""
    period, start = _period(rule), _minutes(progress.upto)
    shift = (OF_RULE * (rule.pk or 0) - start) % period
    ahead = (F("pk") * _step(period) + shift) % period
    known = Customer.objects.exclude(**nobody.UNKNOWN)
    waiting = known.annotate(ahead=ahead).filter(ahead__lt=_minutes(progress.until) - start)
    return waiting.filter(pk__gt=progress.cursor).order_by("pk")


def _place(rule: SendingRule, customer_id: int) -> int:
    period = _period(rule)
    return (customer_id * _step(period) + OF_RULE * (rule.pk or 0)) % period


def _step(period: int) -> int:
    """Without a common divisor the steps reach every minute before they come back to the first."""
    step = round(period * GOLDEN)
    while gcd(step, period) > 1:
        step += 1
    return step


def _period(rule: SendingRule) -> int:
    return rule.cadence_days * DAY_MINUTES


def _minutes(moment: dt.datetime) -> int:
    return int((moment - EPOCH) / MINUTE)


def minute_of(moment: dt.datetime) -> dt.datetime:
    return EPOCH + _minutes(moment) * MINUTE
