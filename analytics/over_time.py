"""The numbers of a period slot by slot, by its days, weeks or months; with a column, of each of its values apart."""

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, IntegerField, QuerySet, Sum, Value

from analytics import clusters, funnel, stored
from analytics.comparisons import Score as AnyScore
from analytics.contact_counts import HORIZON
from analytics.display import SHOWN_FROM, segment_states
from analytics.hiding import hidden_cells
from analytics.metrics import Metric, measure
from analytics.models import AskedDay, CommentDay, ContactDay, DurationDay, TopicDay
from analytics.periods import Period, local_day
from analytics.reports import BEFORE, NOW, SURE_CLASSES, Filters, Score, Segment, score_of, within
from analytics.scores import mean_score, share
from analytics.serving.backlog import open_ages
from analytics.serving.parts import WORKING
from analytics.serving.report import ENDED, RESOLUTION, RESPONSE, SPANS
from analytics.serving.spans import Spread, at_least, spread
from analytics.still_open import is_preliminary
from analytics.unanswered import contacts as counts_of_contacts
from analytics.unanswered import waiting

STEPS = ("day", "week", "month")
# Counts by the column's value, None without one, and the first day of the slot.
Tallies = Mapping[Any, Mapping[dt.date, Counter[Any]]]


@dataclass(frozen=True)
class Point:
    """A number of one slot, whose first day is `start`; `key` is the column's value."""

    key: Any
    start: dt.date
    metric: Metric


def scores(filters: Filters, scale: str, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """One score by slot, and by "team" or "channel"."""
    rows = filters.scored(*columns_of(by)).filter(scale=scale)
    tallies = slotted(rows, filters.period, step, "score", by)
    alike = clusters.of_slots(filters, filters.period.cut(step), *columns_of(by), scale=scale)
    told = {
        (key, day): alike.widen(score_of(hist, scale), hist, scale, when=day, key=key)
        for key, by_slot in tallies.items()
        for day, hist in by_slot.items()
    }
    return _measured(told, as_of=as_of, preliminary=is_preliminary(filters, as_of=as_of))


def means(filters: Filters, scale: str, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """The mean of a score by slot, and by "team" or "channel"."""
    tallies = slotted(filters.scored(*columns_of(by)).filter(scale=scale), filters.period, step, "score", by)
    return points_of(tallies, lambda hist: mean_score(hist, scale), as_of=as_of)


def classes(filters: Filters, step: str, *, as_of: dt.datetime) -> list[Point]:
    """The share of each class among the comments of the slot whose class is sure."""
    whole = slotted(filters.said(), filters.period, step, "derived_class")
    found: list[Point] = []
    for name in SURE_CLASSES:
        found += [replace(point, key=name) for point in points_of(whole, _class_share(name), as_of=as_of)]
    return found


def _class_share(name: str) -> Callable[[Counter[Any]], Score]:
    return lambda counts: share(counts[name], sum(counts[each] for each in SURE_CLASSES))


def topics(filters: Filters, step: str, *, as_of: dt.datetime) -> list[Point]:
    """How many of the slot's comments are about a topic, by its key; hidden where fewer than five are.

    So is another slot where the mentions of all would tell a single one.
    """
    said, mentioned = (filters.counts(table).filter(filters.of_source()) for table in (CommentDay, TopicDay))
    every = slotted(said, filters.period, step, "derived_class").get(None, {})
    about = slotted(mentioned, filters.period, step, "derived_class", "topic")
    found = []
    for topic, by_slot in about.items():
        told = {day: (by_slot[day].total(), every[day].total()) for day in by_slot}
        if sum(mentions for mentions, _comments in told.values()) < SHOWN_FROM:
            continue
        metrics = measure({day: share(*numbers) for day, numbers in told.items()}, as_of=as_of)
        states = segment_states({day: mentions for day, (mentions, _comments) in told.items()})
        found += [
            Point(topic, day, metric if states[day] != "hidden" else hidden(metric)) for day, metric in metrics.items()
        ]
    return found


def rates(filters: Filters, key: str, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """A rate of the funnel by the slot of sending, and by "survey", "team" or "channel"."""
    columns = columns_of(by)
    rows = funnel.of_slice(filters, *columns) if filters.slice else filters.counts(AskedDay, *columns)
    if key in funnel.NEEDS_NAMES:
        rows = rows.filter(survey__is_anonymous=False)
    tallies = slotted(rows, filters.period, step, "fact", by)
    return points_of(tallies, lambda facts: _rate(key, facts), as_of=as_of)


def _rate(key: str, counts: Mapping[str, int]) -> Score:
    facts: Counter[str] = Counter()
    for fact, count in counts.items():
        funnel.add(facts, fact, count)
    return funnel.share_of(key, facts)


def solved(filters: Filters, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """The share of contacts that was solved in time, by the slot of their beginning; the young ones are in none.

    Slots that have such are preliminary.
    """
    mature = local_day(as_of, filters.zone) - HORIZON
    rows = counts_of_contacts(ContactDay, filters, *columns_of(by)).filter(day__lt=mature)
    tallies = slotted(rows, filters.period, step, "fact", by)
    found = points_of(tallies, lambda facts: share(facts["solved"], facts["contacts"]), as_of=as_of)
    young = {slot.start for slot in filters.period.cut(step) if slot.end >= mature}
    return [preliminary(point, point.start in young) for point in found]


def parts(filters: Filters, part: str, whole: str, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """Of how many of the contacts of which one fact is true another is, by the slot of their beginning."""
    rows = counts_of_contacts(ContactDay, filters, *columns_of(by)).filter(fact__in=(part, whole))
    tallies = slotted(rows, filters.period, step, "fact", by)
    return points_of(tallies, lambda facts: share(facts[part], facts[whole]), as_of=as_of)


def contacts(filters: Filters, step: str, *, by: str = "") -> dict[Any, dict[dt.date, int]]:
    """How many contacts began, by the column's value and slot."""
    rows = counts_of_contacts(ContactDay, filters, *columns_of(by)).filter(fact="contacts")
    tallies = slotted(rows, filters.period, step, "fact", by)
    return {key: {day: counts["contacts"] for day, counts in by_slot.items()} for key, by_slot in tallies.items()}


def durations(
    filters: Filters, kind: str, step: str, *, clock: str, by: str = "", as_of: dt.datetime
) -> list[tuple[Any, dt.date, Spread]]:
    """How long the first `RESPONSE` or the `RESOLUTION` took by the column's value and slot of beginning.

    Those that are not over yet last at least so long; of other spans only those that are told are there.
    """
    starts = [slot.start for slot in filters.period.cut(step)]
    hists = histograms(filters, SPANS.get((clock, kind), kind), starts, by)
    open_yet: dict[Any, dict[dt.date, Counter[float]]] = defaultdict(lambda: defaultdict(Counter))
    if kind == RESPONSE:
        for key, by_slot in histograms(filters, ENDED[clock], starts, by).items():
            open_yet[key] |= {day: at_least(hist) for day, hist in by_slot.items()}
        levels, is_working = filters.levels, clock == WORKING
        for waiter in waiting(filters, [filters.period], levels=levels, as_of=as_of, by_working_time=is_working):
            waited = waiter.working if is_working else waiter.wall
            open_yet[getattr(waiter, by) if by else None][slot_of(starts, waiter.day)][waited or 0.0] += 1
    elif kind == RESOLUTION:
        rows = counts_of_contacts(ContactDay, filters, "team", *columns_of(by)).filter(
            within(filters.period), fact="open"
        )
        told = rows.annotate(key=F(by) if by else Value(None, IntegerField())).values_list("key", "team", "day")
        counts = told.annotate(rows=Sum("count")).order_by()
        keyed = (((key, slot_of(starts, day)), team, day, count) for key, team, day, count in counts)
        for (key, day), ages in open_ages(keyed, filters.zone, clock=clock, as_of=as_of).items():
            open_yet[key][day] = ages
    return [
        (key, day, spread(hist, open_yet[key][day])) for key, by_slot in hists.items() for day, hist in by_slot.items()
    ]


def histograms(
    filters: Filters, span: str, starts: Sequence[dt.date], by: str
) -> dict[Any, dict[dt.date, Counter[int]]]:
    rows = counts_of_contacts(DurationDay, filters, *columns_of(by)).filter(within(filters.period), span=span)
    found = empty_slots(starts, by)
    for (*where, day), hist in stored.histograms(rows, *columns_of(by), "day").items():
        found[where[0] if where else None][slot_of(starts, day)].update(hist)
    return found


def slot_of(starts: Sequence[dt.date], day: dt.date) -> dt.date:
    return starts[bisect_right(starts, day) - 1]


def columns_of(by: str) -> tuple[str, ...]:
    return (by,) if by else ()


def slotted(rows: QuerySet[Any], period: Period, step: str, what: str, by: str = "") -> Tallies:
    """Counts by value, slot and what is counted; each slot of the period is there, and without a column the whole."""
    starts = [slot.start for slot in period.cut(step)]
    found = empty_slots(starts, by)
    told = rows.filter(within(period)).values_list(*columns_of(by), "day", what).annotate(rows=Sum("count")).order_by()
    for *where, day, value, count in told:
        found[where[0] if where else None][slot_of(starts, day)][value] += count
    return found


def empty_slots(starts: Sequence[dt.date], by: str) -> dict[Any, dict[dt.date, Counter[Any]]]:
    """Nothing yet for each slot of whatever is asked for; without a column the whole is there."""
    found: dict[Any, dict[dt.date, Counter[Any]]] = defaultdict(lambda: {day: Counter() for day in starts})
    if not by:
        found[None]
    return found


def empty_parts(column: str) -> dict[Any, dict[str, Counter[Any]]]:
    """Nothing yet in both periods of whatever is asked for; without a column the whole is there."""
    found: dict[Any, dict[str, Counter[Any]]] = defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()})
    if not column:
        found[None]
    return found


def segments_of(
    found: Mapping[Any, Mapping[str, Counter[Any]]], score: Callable[[Counter[Any]], AnyScore], filters: Filters,
    column: str, *, as_of: dt.datetime,
) -> tuple[Segment, ...]:  # fmt: skip
    """A share of both periods by the column's value, those with most rows first; with column "" as a whole."""
    keys = sorted(found, key=lambda key: (-found[key][NOW].total(), str(key)))
    keys = [key for key in keys if found[key][NOW].total() or not column]
    now, before = ({key: score(found[key][when]) for key in keys} for when in (NOW, BEFORE))
    metrics = measure(now, before=before if filters.before else None, as_of=as_of, partition=len(keys) > 1)
    return tuple(Segment(key, metrics[key]) for key in keys)


def points_of(tallies: Tallies, score: Callable[[Counter[Any]], AnyScore], *, as_of: dt.datetime) -> list[Point]:
    told = {(key, day): score(counts) for key, by_slot in tallies.items() for day, counts in by_slot.items()}
    return _measured(told, as_of=as_of)


def _measured(
    told: Mapping[tuple[Any, dt.date], AnyScore], *, as_of: dt.datetime, preliminary: bool = False
) -> list[Point]:
    metrics = measure(told, as_of=as_of, preliminary=preliminary)
    secret = hidden_cells({cell: found.n for cell, found in told.items()})
    return [
        Point(key, day, hidden(metric) if (key, day) in secret else metric) for (key, day), metric in metrics.items()
    ]


def kept_points(
    tallies: Tallies, pending: Collection[tuple[Any, dt.date]], *, met: str, late: str, as_of: dt.datetime
) -> list[Point]:
    """The share that kept a time, of what did or was late; cells in which some still have time are preliminary."""
    found = points_of(tallies, lambda facts: share(facts[met], facts[met] + facts[late]), as_of=as_of)
    return [preliminary(point, (point.key, point.start) in pending) for point in found]


def preliminary(point: Point, is_early: bool) -> Point:
    """The point, said to be preliminary where it is."""
    return replace(point, metric=replace(point.metric, preliminary=True)) if is_early else point


def hidden(metric: Metric) -> Metric:
    """The same number with nothing but its n."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("value", "num", "den", "lo", "hi", "prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag", "n_eff", "customers")
    )
    return replace(metric, state="hidden", **nothing)
