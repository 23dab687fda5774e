"""Complaints of a period from the counts by day, beside those that are open now."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from analytics import stored
from analytics.complaining import texts
from analytics.complaining.unsolved import Unsolved, how_many, unsolved
from analytics.complaints import REPEAT_DAYS, Rate, RateChange, complaint_rate, rate_change
from analytics.contact_counts import OF_COMPLAINTS, UNANSWERED_COMPLAINT
from analytics.metrics import Metric, measure
from analytics.models import ContactDay, DurationDay, ReturnDay
from analytics.periods import Period, local_day
from analytics.reports import BEFORE, NOW, Filters, Segment, Week, week_of, within
from analytics.return_counts import COMPLAINT, Variant, followed
from analytics.scores import Share, share
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import contacts, contacts_over, contacts_over_both

COLUMNS = ("team", "channel", "reason")
PARTS = COLUMNS[:2]
CONTACTS, COMPLAINTS, JUDGED, AGAIN, TEXTS = "contacts", "complaints", "judged", "again", "texts"
# What each rate of the register counts.
MARKED, IN_TEXTS, OF_BOTH = "complaint_rate", "complaints_in_texts", "complaints_of_both"
RATES: Mapping[str, tuple[str, ...]] = {MARKED: (COMPLAINTS,), IN_TEXTS: (TEXTS,), OF_BOTH: (COMPLAINTS, TEXTS)}
Tally = Counter[str]


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """What is told of complaints; they belong to the day on which they began.

    `rate` is of contacts marked as complaints, `in_texts` of texts that are one and about no such contact, `of_both` of
    the two together. `ratio` is the rate over that of the comparison period. `response` and `solving` go by the clock
    on the wall, with those that still wait. `within` is the share responded to within the service level, None without
    one. `again` is the share followed by another complaint of the customer within 30 days, `again_by` the same by each
    of `PARTS` and its value. `open` are open now, of whatever day; `unsolved` are the oldest of them, all but where
    they are too many to look at.
    """

    contacts: int
    complaints: int
    rate: Metric
    in_texts: Metric
    of_both: Metric
    ratio: RateChange | None
    within: Metric | None
    response: Spread
    solving: Spread
    again: Metric
    again_by: Mapping[str, Mapping[Any, Metric]]
    weeks: tuple[Week, ...]
    lines: Mapping[str, tuple[Segment, ...]]
    open: int
    unsolved: tuple[Unsolved, ...]

    @property
    def is_cut(self) -> bool:
        return self.open > len(self.unsolved)


def complaints(filters: Filters, *, as_of: dt.datetime) -> Complaints:
    """How many, how fast they are met, where they come from, and what waits."""
    levels = filters.levels
    waiting = unsolved(filters, levels=levels, as_of=as_of)
    tallies = _tallies(filters, today=local_day(as_of, filters.zone))
    _add_texts(tallies, filters, "")
    whole = tallies[None][None]
    response, solving = _spreads(filters, waiting, as_of=as_of)
    return Complaints(
        contacts=whole[NOW][CONTACTS],
        complaints=whole[NOW][COMPLAINTS],
        rate=_rates(tallies[None], filters, as_of=as_of)[None],
        in_texts=_rates(tallies[None], filters, as_of=as_of, kind=IN_TEXTS)[None],
        of_both=_rates(tallies[None], filters, as_of=as_of, kind=OF_BOTH)[None],
        ratio=_ratio(whole) if filters.before else None,
        within=_within(filters, waiting, as_of=as_of) if levels else None,
        response=response,
        solving=solving,
        again=_again(tallies[None], filters, as_of=as_of)[None],
        again_by={column: _again(tallies[column], filters, as_of=as_of) for column in PARTS},
        weeks=_weeks(filters),
        lines={
            column: _segments(tallies[column], filters, as_of=as_of)
            for column in COLUMNS
            if not getattr(filters, column, None)
        },
        open=how_many(filters, len(waiting)),
        unsolved=waiting,
    )


def rates_by(filters: Filters, column: str, *, as_of: dt.datetime, kind: str = MARKED) -> tuple[Segment, ...]:
    """A rate by "team", "channel" or "reason", those with most contacts first; with column "" as a whole."""
    tallies = _tallies(filters, today=local_day(as_of, filters.zone), columns=(column or None,))
    if TEXTS in RATES[kind]:
        _add_texts(tallies, filters, column)
    found = _rates(tallies[column or None], filters, as_of=as_of, kind=kind)
    return tuple(Segment(name, metric) for name, metric in found.items())


def _tallies(
    filters: Filters, *, today: dt.date, columns: Sequence[str | None] = (None, *COLUMNS)
) -> dict[Any, dict[Any, dict[str, Tally]]]:
    """Tallies by column, its value and the period; the whole stands under None, None."""
    again = bit_of_again(filters)
    found: dict[Any, dict[Any, dict[str, Tally]]] = {
        column: defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()}) for column in columns
    }
    for column, by_value in found.items():
        if column is None:
            by_value[None]  # stands there without rows, too
        told = [column] if column else []
        rows = filters.of_both_periods(contacts(ReturnDay, filters, *told))
        rows = rows.annotate(is_judged=Q(ended__lt=today - dt.timedelta(days=REPEAT_DAYS)))
        for (when, is_judged, *value), marks in stored.histograms(rows, "when", "is_judged", *told).items():
            told_of = tallied(marks, again=again if is_judged else None)
            by_value[value[0] if value else None][when].update(told_of)
    return found


def _add_texts(tallies: dict[Any, dict[Any, dict[str, Tally]]], filters: Filters, column: str) -> None:
    """By the column; "" for the whole."""
    for (when, *value), count in texts.by_period(filters, *([column] if column else [])).items():
        tallies[column or None][value[0] if value else None][when][TEXTS] += count


def tallied(marks: Mapping[int, int], *, again: int | None = None) -> Tally:
    """How many contacts have these marks, and how many of them are complaints; where it can be told of which of those
    the customer complained again, `again` is its mark.
    """
    of_complaints = {bits: count for bits, count in marks.items() if bits & COMPLAINT}
    n = sum(of_complaints.values())
    found: Tally = Counter({CONTACTS: sum(marks.values()), COMPLAINTS: n})
    if again is not None:
        found.update({JUDGED: n, AGAIN: sum(count for bits, count in of_complaints.items() if bits & again)})
    return found


def bit_of_again(filters: Filters) -> int:
    """The mark of a complaint that another of its customer followed."""
    return followed(Variant(REPEAT_DAYS, False, not filters.scope.covers_all(), of_complaints=True))


def again_by(filters: Filters, column: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """The share that was followed by another complaint by "team" or "channel"; with "" as a whole."""
    tallies = _tallies(filters, today=local_day(as_of, filters.zone), columns=(column or None,))
    found = _again(tallies[column or None], filters, as_of=as_of)
    return tuple(Segment(name, metric) for name, metric in found.items())


def _again(tallies: Mapping[Any, Mapping[str, Tally]], filters: Filters, *, as_of: dt.datetime) -> dict[Any, Metric]:
    """Those with most complaints first."""
    names = sorted(tallies, key=lambda name: (-tallies[name][NOW][JUDGED], str(name)))
    names = [name for name in names if len(tallies) == 1 or tallies[name][NOW][COMPLAINTS]]
    now, before = ({name: again_of(tallies[name][when]) for name in names} for when in (NOW, BEFORE))
    return measure(now, before=before if filters.before else None, as_of=as_of, partition=len(names) > 1)


def again_of(tally: Tally) -> Share:
    return share(tally[AGAIN], tally[JUDGED])


def _rates(
    tallies: Mapping[Any, Mapping[str, Tally]], filters: Filters, *, as_of: dt.datetime, kind: str = MARKED
) -> dict[Any, Metric]:
    """A rate of several segments as one family of comparisons, those with most contacts first."""
    names = sorted(tallies, key=lambda name: (-tallies[name][NOW][CONTACTS], str(name)))
    names = [name for name in names if len(tallies) == 1 or tallies[name][NOW][CONTACTS]]
    now = {name: rate_of(tallies[name][NOW], kind) for name in names}
    before = {name: rate_of(tallies[name][BEFORE], kind) for name in names} if filters.before else None
    return measure(now, before=before, as_of=as_of, partition=len(names) > 1)


def rate_of(tally: Tally, kind: str = MARKED) -> Rate:
    """Complaints per 1000 contacts."""
    return complaint_rate(sum(tally[counted] for counted in RATES[kind]), tally[CONTACTS])


def _ratio(whole: Mapping[str, Tally]) -> RateChange | None:
    now, before = whole[NOW], whole[BEFORE]
    if not now[CONTACTS] or not before[CONTACTS]:
        return None
    return rate_change(
        now=now[COMPLAINTS], exposure=now[CONTACTS], before=before[COMPLAINTS], exposure_before=before[CONTACTS]
    )


def _segments(
    tallies: Mapping[Any, Mapping[str, Tally]], filters: Filters, *, as_of: dt.datetime
) -> tuple[Segment, ...]:
    """One alone says no more than the total."""
    found = _rates(tallies, filters, as_of=as_of)
    return tuple(Segment(name, metric) for name, metric in found.items()) if len(found) > 1 else ()


def _within(filters: Filters, waiting: tuple[Unsolved, ...], *, as_of: dt.datetime) -> Metric:
    """The share responded to within the level; whoever waits longer than it allows counts as late at once."""
    rows = contacts_over_both(ContactDay, filters).filter(fact__in=OF_COMPLAINTS.values())
    facts: dict[str, Tally] = {NOW: Counter(), BEFORE: Counter()}
    for when, fact, count in rows.values_list("when", "fact").annotate(rows=Sum("count")).order_by():
        facts[when][fact] += count
    for one in waiting:
        if one.is_late:
            facts[NOW]["overdue"] += _began_in(filters.period, one, filters)
            facts[BEFORE]["overdue"] += bool(filters.before) and _began_in(filters.before, one, filters)
    met, late = OF_COMPLAINTS["met"], OF_COMPLAINTS["late"]
    kept = {when: share(told[met], told[met] + told[late] + told["overdue"]) for when, told in facts.items()}
    return measure({0: kept[NOW]}, before={0: kept[BEFORE]} if filters.before else None, as_of=as_of)[0]


def _began_in(period: Period | None, one: Unsolved, filters: Filters) -> bool:
    return bool(period) and period.start <= local_day(one.contact.created_at, filters.zone) <= period.end  # type: ignore[union-attr]


def _spreads(filters: Filters, waiting: tuple[Unsolved, ...], *, as_of: dt.datetime) -> tuple[Spread, Spread]:
    """How long the first response and the solution took, those that have not come included."""
    spans = OF_COMPLAINTS["response"], OF_COMPLAINTS["resolution"]
    rows = contacts_over(DurationDay, filters).filter(span__in=(*spans, UNANSWERED_COMPLAINT))
    hists = {span: hist for (span,), hist in stored.histograms(rows, "span").items()}
    young = [one for one in waiting if _began_in(filters.period, one, filters)]
    ages = [Counter((as_of - one.contact.created_at).total_seconds() for one in young if one.waits), Counter(
        (as_of - one.contact.created_at).total_seconds() for one in young
    )]  # fmt: skip
    ages[0] = at_least(hists.get(UNANSWERED_COMPLAINT, {}), ages[0])
    response, solving = (spread(hists.get(span, {}), open_yet) for span, open_yet in zip(spans, ages, strict=True))
    return response, solving


def _weeks(filters: Filters) -> tuple[Week, ...]:
    every = filters.period.weeks()
    rows = contacts(ReturnDay, filters).filter(within(Period(every[0].start, filters.period.end)))
    tallies: dict[int, Tally] = defaultdict(Counter)
    rows = rows.annotate(week=stored.WeekOf(every[0].start))
    for (week,), marks in stored.histograms(rows, "week").items():
        tallies[week] += tallied(marks)
    return tuple(week_of(week, rate_of(tallies[at])) for at, week in enumerate(every))
