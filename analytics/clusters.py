"""Limits of scores where customers answered several times: their answers are alike and count for fewer (M8).

From counts of pairs by day (`repeat_pairs`), exact for the scope, its teams and its channels. Whoever sees several
teams, but not all, has a customer of two of them counted once in each. What is narrowed to anything else, or goes by
the days on which contacts ended, borrows how many answers one independent answer costs in the whole scope.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from analytics import repeat_pairs, stored
from analytics.filters import BEFORE, NOW, Filters, within
from analytics.models import RepeatDay
from analytics.periods import Period
from analytics.repeated_answers import Effective, Pairs, effective, widened
from analytics.scores import Nps, Share
from feedback.models import Response

Score = Share | Nps
Hist = Mapping[int, int]
CONFIRMED = str(Response.Evidence.CONFIRMED)
NONE = Pairs()


class Row(NamedTuple):
    evidence: str
    scale: str
    day: Any
    pairs: str
    key: Any


# The period's name, the scale, the evidence and the segment.
Place = tuple[Any, str, str, Any]


@dataclass
class Packed:
    """Pairs of one place as they are stored, each with its limit; added up once somebody asks for them."""

    rows: list[tuple[str, int]] = field(default_factory=list)

    @cached_property
    def sums(self) -> Pairs:
        return repeat_pairs.summed(stored.up_to(self.rows))


@dataclass(frozen=True)
class Clusters:
    """Pairs by place, or what an answer of a scale costs in a period."""

    pairs: Mapping[Place, Packed] = field(default_factory=dict)
    costs: Mapping[tuple[Any, str], float] = field(default_factory=dict)
    evidence: str = repeat_pairs.EVERY

    def widen(
        self, score: Score, hist: Hist, scale: str, *, when: Any, key: Any = None, evidence: str | None = None
    ) -> Score:
        """The score of this histogram with limits by its effective number of answers."""
        if cost := self.costs.get((when, scale)):
            n = score.n
            return widened(score, Effective(customers=None, n_eff=n / cost)) if n else score
        pairs = self.sums(when, scale, key=key, evidence=evidence)
        return widened(score, effective(repeat_pairs.values_of(hist, scale), pairs)) if pairs.later else score

    def sums(self, when: Any, scale: str, *, key: Any = None, evidence: str | None = None) -> Pairs:
        found = self.pairs.get((when, scale, self.evidence if evidence is None else evidence, key))
        return found.sums if found else NONE


NOBODY = Clusters()


def of_periods(filters: Filters, *columns: str, weeks: Sequence[Period] = (), scale: str = "") -> Clusters:
    """Of both periods, named `NOW` and `BEFORE`, and of weeks by their numbers; by "team" or "channel" with one."""
    if filters.slice or filters.dated:
        return borrowed(filters, weeks=len(weeks))
    slots = [*filters.periods, *weeks]
    rows = _rows(filters, slots, columns, scale)
    found = _sums(rows, {NOW: filters.period}) | _sums(rows, dict(enumerate(weeks)))
    if filters.before:
        found |= _sums(rows, {BEFORE: filters.before})
    return Clusters(pairs=found, evidence=filters.evidence)


def of_slots(filters: Filters, slots: Sequence[Period], *columns: str, scale: str) -> Clusters:
    """Of periods that follow each other, each named by its first day."""
    if filters.slice or filters.dated:
        costs = borrowed(filters).costs
        every = {(slot.start, scale): cost for slot in slots if (cost := costs.get((NOW, scale)))}
        return Clusters(costs=every)
    rows = _rows(filters, slots, columns, scale)
    return Clusters(pairs=_sums(rows, {slot.start: slot for slot in slots}), evidence=filters.evidence)


def borrowed(filters: Filters, *, weeks: int = 0) -> Clusters:
    """How many answers one independent answer costs in the whole scope, where that is more than one."""
    whole = replace(filters, slice=None, dated="") if filters.slice or filters.dated else filters
    clusters = of_periods(whole)
    if not clusters.pairs:
        return NOBODY
    rows = whole.of_both_periods(whole.scored()).values_list("when", "scale", "score")
    hists: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for when, scale, score, count in rows.annotate(rows=stored.Total("count")).order_by():
        hists[when, scale][score] = count
    costs: dict[tuple[Any, str], float] = {}
    for (when, scale), hist in hists.items():
        pairs = clusters.sums(when, scale)
        found = effective(repeat_pairs.values_of(hist, scale), pairs) if pairs.later else None
        if found and found.n_eff:
            costs[when, scale] = sum(hist.values()) / found.n_eff
    of_weeks = {(week, scale): cost for (when, scale), cost in costs.items() if when == NOW for week in range(weeks)}
    return Clusters(costs=costs | of_weeks)


def _rows(filters: Filters, slots: Sequence[Period], columns: Sequence[str], scale: str) -> list[Row]:
    days = Period(min(slot.start for slot in slots), max(slot.end for slot in slots))
    place = ("pairs", tuple(columns), scale)
    known, rows_known = filters.read.get(place, (days, None))
    if rows_known is not None and known.start <= days.start and days.end <= known.end:
        return rows_known  # `_sums` takes of them what lies in the slots
    among = repeat_pairs.among(filters.needed(*columns))
    rows = RepeatDay.objects.filter(filters.rows(), within(days), among=among)
    if filters.evidence:
        rows = rows.filter(evidence=CONFIRMED)
    elif columns:  # of segments only those of all answers are told
        rows = rows.filter(evidence=repeat_pairs.EVERY)
    rows = rows.filter(scale=scale) if scale else rows
    told = rows.order_by().values_list("evidence", "scale", stored.Plain("day"), "pairs", *columns)
    found = [
        Row(evidence, scale, stored.day_of(day), pairs, *(key or [None])) for evidence, scale, day, pairs, *key in told
    ]
    filters.read[place] = days, found
    return found


def _sums(rows: Sequence[Row], slots: Mapping[Any, Period]) -> dict[Place, Packed]:
    """The pairs of which both answers lie in a slot; slots do not overlap."""
    ordered = sorted(slots.items(), key=lambda item: item[1].start)
    starts = [slot.start for _name, slot in ordered]
    found: dict[Place, Packed] = defaultdict(Packed)
    for row in rows:
        at = bisect_right(starts, row.day) - 1
        if at >= 0 and row.day <= ordered[at][1].end:
            limit = repeat_pairs.limit((row.day - starts[at]).days)
            found[ordered[at][0], row.scale, row.evidence, row.key].rows.append((row.pairs, limit))
    return dict(found)
