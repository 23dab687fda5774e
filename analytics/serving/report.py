"""Service times of a period by channel and team: first responses, solving, and what is still open (M14, M16 to M18)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from analytics import stored
from analytics.contact_counts import (
    HORIZON,
    NO_REPLY,
    NO_TIMES,
    SOLVED_LATE,
    SOLVED_MET,
    UNANSWERED,
    UNANSWERED_WORKING,
)
from analytics.metrics import Metric, measure
from analytics.models import ContactDay, DurationDay
from analytics.periods import Period, local_day
from analytics.quantiles import ZERO_BUCKET
from analytics.reports import BEFORE, NOW, Filters
from analytics.scores import Share, share
from analytics.serving.backlog import NOTHING_LEFT, Backlog, backlogs
from analytics.serving.parts import ALL, KIND, WALL, WORKING, Part, counted_by, parts_of
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import MOST_WAITING, Waiter, contacts_over, contacts_over_both, waiting
from analytics.unsolved import unsolved_of_both

RESPONSE, RESOLUTION, FIRST, HANDLE = "response", "resolution", "resolution_first", "handle"
REQUESTER_WAIT = "requester_wait"
# What of the contacts is told here.
FACTS = (
    "contacts", "met", "late", NO_REPLY, NO_TIMES, "solved", "reopened", "finished", "transferred", SOLVED_MET,
    SOLVED_LATE,
)  # fmt: skip
# Which histogram tells a time by which clock; how long work took, and what the customer waited, is told by none.
SPANS = {
    (WORKING, RESPONSE): "response_working", (WORKING, RESOLUTION): "resolution_working",
    (WALL, RESPONSE): "response", (WALL, RESOLUTION): "resolution",
}  # fmt: skip
# Which tells how long those lasted that ended without a response.
ENDED = {WORKING: UNANSWERED_WORKING, WALL: UNANSWERED}


@dataclass(frozen=True, kw_only=True)
class Row:
    """The contacts of one part. `within` is None without a level; `pending` still have time, and are in no share.

    `in_time` are solved within the level, None where none says how soon; `due` are open and still have time.
    `transferred` went from one agent or team to another at least once.
    """

    part: Part
    contacts: int
    response: Spread
    within: Metric | None
    pending: int
    resolution: Spread
    handle: Spread
    requester_wait: Spread
    solved: Metric
    in_time: Metric | None
    due: int
    reopened: Metric
    transferred: Metric
    backlog: Backlog
    first_solved: Spread


@dataclass(frozen=True, kw_only=True)
class Times:
    """What the page shows: all contacts, then by channel and by team, those with most contacts first.

    `histograms` are those of the first response by channel; `waiters` are all who still wait for one,
    unless it `is_cut`: then the oldest of them. `facts` are those of all contacts.
    """

    total: Row
    channels: tuple[Row, ...]
    teams: tuple[Row, ...]
    histograms: Mapping[str, Mapping[int, int]]
    waiters: tuple[Waiter, ...]
    facts: Mapping[str, int]
    is_cut: bool


def skewed(filters: Filters) -> int:
    """How many of the period were responded to as they began or before, by the clocks of their source (M14)."""
    rows = contacts_over(DurationDay, filters).filter(span=SPANS[WALL, RESPONSE])
    return sum(hist[ZERO_BUCKET] for hist in stored.histograms(rows).values())


class _Told:
    """Everything counted, by part."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, Part], Counter[str]] = defaultdict(Counter)
        self.mature: dict[tuple[str, Part], Counter[str]] = defaultdict(Counter)
        self.spans: dict[tuple[Part, str], Counter[int]] = defaultdict(Counter)
        self.overdue: Counter[tuple[str, Part]] = Counter()
        self.pending: Counter[Part] = Counter()
        self.waits: dict[Part, Counter[float]] = defaultdict(Counter)
        self.unsolved: Counter[tuple[str, Part, bool]] = Counter()

    def kept(self, when: str, part: Part) -> Share:
        met, late = self.facts[when, part]["met"], self.facts[when, part]["late"] + self.overdue[when, part]
        return share(met, met + late)

    def solved_in_time(self, when: str, part: Part) -> Share:
        met, late = self.facts[when, part][SOLVED_MET], self.facts[when, part][SOLVED_LATE]
        return share(met, met + late + self.unsolved[when, part, True])


def times(filters: Filters, *, clock: str, as_of: dt.datetime) -> Times:
    """Service times by one clock, in `WORKING` time or on the `WALL`; contacts belong to the day they began on."""
    levels = filters.levels
    told = _Told()
    _count_facts(told, filters, today=local_day(as_of, filters.zone))
    _count_spans(told, filters, clock)
    every = [weeks_of(filters), filters.before or filters.period]
    waiters = waiting(filters, every, levels=levels, as_of=as_of, by_working_time=clock == WORKING)
    _count_waiters(told, filters, waiters, clock)
    for (when, team, channel, is_late), n in unsolved_of_both(filters, as_of=as_of).items():
        for part in parts_of(team, channel):
            told.unsolved[when, part, is_late] += n
    left = backlogs(filters, clock=clock, as_of=as_of)
    parts = sorted({part for when, part in told.facts if when == NOW}, key=lambda part: _place(told, part))
    rows = _rows([ALL, *(part for part in parts if part.by)], told, left, filters, as_of=as_of)
    return Times(
        total=rows[ALL],
        channels=tuple(row for part, row in rows.items() if part.by == "channel"),
        teams=tuple(row for part, row in rows.items() if part.by == "team"),
        histograms={
            part.key: hist for (part, span), hist in told.spans.items() if part.by == "channel" and span == RESPONSE
        },
        waiters=tuple(waiters),
        facts=told.facts[NOW, ALL],
        is_cut=len(waiters) >= MOST_WAITING,
    )


def weeks_of(filters: Filters) -> Period:
    """The days that the weeks of a trend cover."""
    return Period(filters.period.weeks()[0].start, filters.period.end)


def _place(told: _Told, part: Part) -> tuple[str, int, str]:
    return part.by, -told.facts[NOW, part]["contacts"], str(part.key)


def _count_facts(told: _Told, filters: Filters, *, today: dt.date) -> None:
    for column in ("channel", "team"):
        rows = contacts_over_both(ContactDay, filters, column).filter(fact__in=FACTS)
        rows = rows.annotate(is_mature=Q(day__lt=today - HORIZON))
        rows = rows.values_list("when", column, "fact", "is_mature").annotate(rows=stored.Total("count")).order_by()
        for when, key, fact, is_mature, count in rows:
            for part in counted_by(column, key):
                told.facts[when, part][fact] += count
                if is_mature:
                    told.mature[when, part][fact] += count


def _count_spans(told: _Told, filters: Filters, clock: str) -> None:
    names = {SPANS[clock, kind]: kind for kind in (RESPONSE, RESOLUTION)} | {
        name: name for name in (HANDLE, FIRST, REQUESTER_WAIT)
    }
    names[ENDED[clock]] = UNANSWERED
    for column in ("channel", "team"):
        rows = contacts_over(DurationDay, filters, column).filter(span__in=list(names))
        for (key, span), hist in stored.histograms(rows, column, "span").items():
            for part in counted_by(column, key):
                told.spans[part, names[span]].update(hist)


def _count_waiters(told: _Told, filters: Filters, waiters: Iterable[Waiter], clock: str) -> None:
    for waiter in waiters:
        is_now = filters.period.start <= waiter.day <= filters.period.end
        if not is_now and not (filters.before and filters.before.start <= waiter.day <= filters.before.end):
            continue
        for part in parts_of(waiter.team, waiter.channel):
            told.overdue[NOW if is_now else BEFORE, part] += bool(waiter.is_overdue)
            if is_now:
                told.pending[part] += waiter.is_overdue is False
                told.waits[part][(waiter.working if clock == WORKING else waiter.wall) or 0.0] += 1


def _rows(
    parts: list[Part], told: _Told, left: Mapping[Part, Backlog], filters: Filters, *, as_of: dt.datetime
) -> dict[Part, Row]:  # fmt: skip
    def compared(of: Callable[[str, Part], Share]) -> dict[Part, Metric]:
        before = {part: of(BEFORE, part) for part in parts} if filters.before else None
        now = {part: of(NOW, part) for part in parts}
        return measure(now, before=before, as_of=as_of, family=KIND, partition=KIND)

    def solved(when: str, part: Part) -> Share:
        return share(told.mature[when, part]["solved"], told.mature[when, part]["contacts"])

    def among(fact: str, whole: str) -> dict[Part, Metric]:
        return compared(lambda when, part: share(told.facts[when, part][fact], told.facts[when, part][whole]))

    within_level = compared(told.kept) if filters.levels else {}
    in_time = compared(told.solved_in_time) if filters.levels.promise_solving else {}
    of_solved = compared(solved)
    of_reopened, of_transferred = among("reopened", "finished"), among("transferred", "contacts")
    return {
        part: Row(
            part=part,
            contacts=told.facts[NOW, part]["contacts"],
            response=spread(told.spans[part, RESPONSE], at_least(told.spans[part, UNANSWERED], told.waits[part])),
            within=within_level.get(part),
            pending=told.pending[part],
            resolution=spread(told.spans[part, RESOLUTION], left[part].ages_of_period if part in left else None),
            handle=spread(told.spans[part, HANDLE]),
            requester_wait=spread(told.spans[part, REQUESTER_WAIT]),
            solved=of_solved[part],
            in_time=in_time.get(part),
            due=told.unsolved[NOW, part, False],
            reopened=of_reopened[part],
            transferred=of_transferred[part],
            backlog=left.get(part, NOTHING_LEFT),
            first_solved=spread(told.spans[part, FIRST]),
        )
        for part in parts
    }
