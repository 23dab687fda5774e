"""Complaints in customers' own words: how soon somebody contacted who wrote them, and which are still open (M25)."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from analytics.metrics import Metric, measure
from analytics.periods import Period
from analytics.quantiles import bucket
from analytics.reports import Filters
from analytics.scores import share
from analytics.serving.spans import Spread, spread
from feedback import complaining
from feedback.complaining import ANSWERED, CLOSE_THE_LOOP, CLOSED, OPEN
from feedback.models import Comment

# So many are looked at, the newest first; so many open ones are shown, the oldest first.
MOST, MOST_SHOWN = 20_000, 10
COLUMNS = ("said_at", "reaction__at", "done_at")


@dataclass(frozen=True, kw_only=True)
class Loop:
    """The complaints in texts of the period by state; `within` is the share of those contacted within 48 hours among
    these and those who were not. `took` is how long that took, those who wait included. `waiting` are open ones.
    """

    n: int
    states: Mapping[str, int]
    within: Metric
    took: Spread
    waiting: tuple[Comment, ...]
    is_cut: bool


def loop(filters: Filters, *, as_of: dt.datetime) -> Loop:
    """How far somebody has got with the complaints of the period."""
    are_complaints = complaining.are_complaints()
    now = _told(filters, filters.period, are_complaints)
    past = _told(filters, filters.before, are_complaints) if filters.before else None
    over, open_yet = _took(now, as_of=as_of)
    states = Counter(CLOSED if done else ANSWERED if reacted else OPEN for _said, reacted, done in now)
    waiting = (
        texts_of(filters, filters.period, are_complaints).filter(complaining.STATES[OPEN]).order_by("said_at", "pk")
    )
    return Loop(
        n=len(now),
        states={state: states[state] for state in (OPEN, ANSWERED, CLOSED)},
        within=_in_time(now, past, as_of=as_of),
        took=spread(over, open_yet),
        waiting=tuple(waiting.select_related("customer", "team", "response", "agent")[:MOST_SHOWN]),
        is_cut=len(now) >= MOST,
    )


def texts_of(filters: Filters, period: Period, are_complaints: Q) -> QuerySet[Comment]:
    """The complaints in texts of these days that the reader may see."""
    first, after = period.moments(filters.zone)
    days = Q(said_at__gte=first, said_at__lt=after)
    return Comment.objects.filter(filters.rows(), days, are_complaints)


def _told(filters: Filters, period: Period, are_complaints: Q) -> list[Any]:
    rows = texts_of(filters, period, are_complaints).order_by("-said_at", "-pk").values_list(*COLUMNS)
    return list(rows[:MOST])


def _first(reacted: dt.datetime | None, done: dt.datetime | None) -> dt.datetime | None:
    """Whoever closes a matter without a word about it has reacted by then."""
    return min((moment for moment in (reacted, done) if moment), default=None)


def _took(rows: list[Any], *, as_of: dt.datetime) -> tuple[Counter[int], Counter[float]]:
    over: Counter[int] = Counter()
    open_yet: Counter[float] = Counter()
    for said, reacted, done in rows:
        if first := _first(reacted, done):
            over[bucket(max((first - said).total_seconds(), 0.0))] += 1
        else:
            open_yet[(as_of - said).total_seconds()] += 1
    return over, open_yet


def _in_time(now: list[Any], past: list[Any] | None, *, as_of: dt.datetime) -> Metric:
    before = {0: _within(past, as_of=as_of)} if past is not None else None
    return measure({0: _within(now, as_of=as_of)}, before=before, as_of=as_of)[0]


def _within(rows: list[Any], *, as_of: dt.datetime) -> Any:
    outcomes = Counter(in_time(*row, as_of=as_of) for row in rows)
    return share(outcomes[True], outcomes[True] + outcomes[False])


def in_time(
    said: dt.datetime, reacted: dt.datetime | None, done: dt.datetime | None, *, as_of: dt.datetime
) -> bool | None:
    """Whether somebody contacted them within 48 hours; None while that may still be."""
    first = _first(reacted, done)
    if (first or as_of) - said > CLOSE_THE_LOOP:
        return False
    return True if first else None
