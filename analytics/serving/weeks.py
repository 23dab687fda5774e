"""Week by week: the share within the service level, how long nine in ten took, and what was solved in time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics import stored
from analytics.contact_counts import SOLVED_LATE, SOLVED_MET
from analytics.display import FULL_FROM, DisplayState, display_state
from analytics.models import ContactDay, DurationDay
from analytics.periods import Period
from analytics.reports import Filters, Week, week_of, within
from analytics.scores import share
from analytics.serving.parts import WORKING, Part, parts_of
from analytics.serving.report import ENDED, RESPONSE, SPANS, weeks_of
from analytics.serving.spans import at_least, spread
from analytics.unanswered import Waiter, contacts
from analytics.unsolved import unsolved


@dataclass(frozen=True, kw_only=True)
class SlowWeek:
    """Seconds within which nine in ten of a week's contacts got a response; None below thirty, or with many waiting."""

    period: Period
    value: float | None
    lo: float | None
    hi: float | None
    n: int

    @property
    def start(self) -> dt.date:
        return self.period.start

    @property
    def state(self) -> DisplayState:
        return "hidden" if self.n < FULL_FROM else display_state(self.n)


@dataclass(frozen=True, kw_only=True)
class Weeks:
    within: tuple[Week, ...]
    nine: tuple[SlowWeek, ...]


def weekly(filters: Filters, *, clock: str, waiters: Iterable[Waiter], has_levels: bool) -> dict[Part, Weeks]:
    """The weeks of all contacts and of each channel; who waits beyond the level is in the week of beginning."""
    every = filters.period.weeks()
    kept = _kept(filters, waiters) if has_levels else {}
    slow, ended = _slow(filters, SPANS[clock, RESPONSE], ENDED[clock])
    waits = _waits(filters, waiters, clock)
    return {
        part: Weeks(
            within=_within(kept.get(part, {}), every),
            nine=_nine(slow.get(part, {}), ended.get(part, {}), waits.get(part, {}), every),
        )
        for part in kept.keys() | slow.keys()
    }


def _within(counts: Mapping[int, Counter[str]], every: list[Period]) -> tuple[Week, ...]:
    told = [counts.get(at, Counter[str]()) for at in range(len(every))]
    return tuple(week_of(week, share(of["met"], of["met"] + of["late"])) for week, of in zip(every, told, strict=True))


def solved_weekly(filters: Filters, *, as_of: dt.datetime) -> tuple[Week, ...]:
    """The share of all contacts solved within the level; () where none says how soon.

    What is open beyond it is in the week of its beginning; what still has time is in no share.
    """
    if not filters.levels.promise_solving:
        return ()
    days, every = weeks_of(filters), filters.period.weeks()
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    rows = contacts(ContactDay, filters).filter(within(days), fact__in=(SOLVED_MET, SOLVED_LATE))
    told = rows.values_list(stored.WeekOf(days.start), "fact").annotate(rows=stored.Total("count"))
    for week, fact, count in told.order_by():
        counts[week][fact] += count
    for (day, _team, _channel, is_late), n in unsolved(filters, days, as_of=as_of).items():
        counts[(day - days.start).days // 7][SOLVED_LATE] += n if is_late else 0
    shares = (share(counts[at][SOLVED_MET], counts[at].total()) for at in range(len(every)))
    return tuple(week_of(week, of) for week, of in zip(every, shares, strict=True))


def _nine(
    hists: Mapping[int, Counter[int]],
    ended: Mapping[int, Counter[int]],
    waits: Mapping[int, Counter[float]],
    every: list[Period],
) -> tuple[SlowWeek, ...]:
    told = [spread(hists.get(at, {}), at_least(ended.get(at, {}), waits.get(at))) for at in range(len(every))]
    return tuple(
        SlowWeek(period=week, value=of.nine.value, lo=of.nine.lo, hi=of.nine.hi, n=of.n)
        for week, of in zip(every, told, strict=True)
    )


def _kept(filters: Filters, waiters: Iterable[Waiter]) -> dict[Part, dict[int, Counter[str]]]:
    days = weeks_of(filters)
    rows = contacts(ContactDay, filters, "channel").filter(within(days), fact__in=("met", "late"))
    sums = rows.values_list(stored.WeekOf(days.start), "channel", "fact").annotate(rows=stored.Total("count"))
    overdue = [
        ((waiter.day - days.start).days // 7, waiter.channel, "late", 1)
        for waiter in waiters
        if waiter.is_overdue and days.start <= waiter.day <= days.end
    ]
    found: dict[Part, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for week, channel, fact, count in [*sums.order_by(), *overdue]:
        for part in parts_of(None, channel)[:2]:
            found[part][week][fact] += count
    return found


def _waits(filters: Filters, waiters: Iterable[Waiter], clock: str) -> dict[Part, dict[int, Counter[float]]]:
    days = weeks_of(filters)
    found: dict[Part, dict[int, Counter[float]]] = defaultdict(lambda: defaultdict(Counter))
    for waiter in waiters:
        if days.start <= waiter.day <= days.end:
            for part in parts_of(None, waiter.channel)[:2]:
                waited = waiter.working if clock == WORKING else waiter.wall
                found[part][(waiter.day - days.start).days // 7][waited or 0.0] += 1
    return found


def _slow(filters: Filters, *spans: str) -> list[dict[Part, dict[int, Counter[int]]]]:
    days = weeks_of(filters)
    rows = contacts(DurationDay, filters, "channel").filter(within(days), span__in=spans)
    rows = rows.annotate(week=stored.WeekOf(days.start))
    found: dict[str, dict[Part, dict[int, Counter[int]]]] = {
        span: defaultdict(lambda: defaultdict(Counter)) for span in spans
    }
    for (week, channel, span), hist in stored.histograms(rows, "week", "channel", "span").items():
        for part in parts_of(None, channel)[:2]:
            found[span][part][week].update(hist)
    return [found[span] for span in spans]
