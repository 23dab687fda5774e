"""Customers who come back, and questions that are done at the first contact, from the counts by day (M23, M24)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, Q

from analytics import cuts, stored
from analytics.comparisons import ShareChange, share_change
from analytics.metrics import Metric, measure
from analytics.models import ReturnDay
from analytics.periods import Period, local_day
from analytics.reports import BEFORE, NOW, Filters, Segment, Week, metric, week_of, within
from analytics.return_counts import DAYS, SOLVED, Variant, followed, repeats
from analytics.scores import Share, share
from analytics.unanswered import contacts
from surveys import resolved

COLUMNS = ("team", "channel", "reason")
# What is counted of the contacts; an issue is a judged contact that is no repeat itself.
CONTACTS, JUDGED, FOLLOWED, REPEATS, ISSUES, RESOLVED = (
    "contacts", "judged", "followed", "repeats", "issues", "resolved"
)  # fmt: skip
# The rates by their names in the register: which count, over which.
RATES = {
    "repeat_contacts": (FOLLOWED, JUDGED),
    "repeat_load": (REPEATS, CONTACTS),
    "first_contact_resolution": (RESOLVED, ISSUES),
}
Tally = Counter[str]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One team, channel or reason: how many of its contacts came back, and how many questions were done at once."""

    key: Any
    followed: Metric
    resolved: Metric


@dataclass(frozen=True, kw_only=True)
class Returns:
    """Who came back; `not_judged` of `contacts` are open or too young to tell, some of them since `open_from`.

    `asked` is what customers say to whether it was resolved, `gap` what was found less what they say.
    """

    contacts: int
    not_judged: int
    open_from: dt.date | None
    rates: Mapping[str, Metric]
    asked: Metric
    gap: ShareChange | None
    weeks: tuple[Week, ...]
    lines: Mapping[str, tuple[Line, ...]]


def variant_of(filters: Filters, *, days: int = DAYS[0], same_reason: bool = True) -> Variant:
    """What counts as coming back for this reader: who sees some teams only is told of returns within a team."""
    return Variant(days, same_reason, within_team=not filters.scope.covers_all())


def returns(filters: Filters, *, as_of: dt.datetime, days: int = DAYS[0], same_reason: bool = True) -> Returns:
    """Contacts by the day on which the first of them began, and what came after."""
    variant, today = variant_of(filters, days=days, same_reason=same_reason), local_day(as_of, filters.zone)
    tallies = _tallies(filters, variant, today=today)
    whole = tallies[None][None]
    rates = {key: _rates(tallies[None], key, filters, as_of=as_of)[None] for key in RATES}
    asked = metric(filters, resolved.RESOLVED, as_of=as_of)
    return Returns(
        contacts=whole[NOW][CONTACTS],
        not_judged=whole[NOW][CONTACTS] - whole[NOW][JUDGED],
        open_from=_open_from(filters, days, today=today),
        rates=rates,
        asked=asked,
        gap=_gap(rates["first_contact_resolution"], asked),
        weeks=_weeks(filters, variant, today=today),
        lines={
            column: _lines(tallies[column], filters, as_of=as_of)
            for column in COLUMNS
            if not getattr(filters, column, None)
        },
    )


def rates_by(filters: Filters, key: str, column: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One rate by "team", "channel" or "reason", those with most contacts first; with column "" as a whole."""
    today = local_day(as_of, filters.zone)
    tallies = _tallies(filters, variant_of(filters), today=today, columns=(column or None,))[column or None]
    return tuple(Segment(name, metric) for name, metric in _rates(tallies, key, filters, as_of=as_of).items())


def back_by(
    column: str, filters: Filters, rows: Q, *, as_of: dt.datetime, is_compared: bool = False
) -> dict[Any, Line]:
    """By "team" or "agent": the contacts of the period that came back, and the questions done at once, within 7 days.

    `rows` is the condition on the counts.
    """
    variant, today = variant_of(filters), local_day(as_of, filters.zone)
    counts = cuts.narrowest(ReturnDay, filters.needed(column)).filter(rows)
    days = filters.of_both_periods(counts) if is_compared else filters.of_this_period(counts)
    days = days.annotate(is_judged=_is_judged(variant, today=today))
    found: dict[str, dict[Any, Tally]] = {when: defaultdict(Counter) for when in (NOW, BEFORE)}
    for (when, key, is_judged), marks in stored.histograms(days, "when", column, "is_judged").items():
        _add(found[when][key], marks, variant=variant, is_judged=is_judged)

    def told(rate: str) -> dict[Any, Metric]:
        now, before = ({key: rate_of(rate, tally) for key, tally in found[when].items()} for when in (NOW, BEFORE))
        return measure(now, before=before, as_of=as_of, partition=len(now) > 1)

    followed, resolved = told("repeat_contacts"), told("first_contact_resolution")
    return {key: Line(key=key, followed=followed[key], resolved=resolved[key]) for key in found[NOW]}


def _tallies(
    filters: Filters, variant: Variant, *, today: dt.date, columns: Sequence[str | None] = (None, *COLUMNS)
) -> dict[Any, dict[Any, dict[str, Tally]]]:
    """Tallies by column, its value and the period; the whole stands under None, None."""
    found: dict[Any, dict[Any, dict[str, Tally]]] = {
        column: defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()}) for column in columns
    }
    for column, by_value in found.items():
        if column is None:
            by_value[None]  # stands there without rows, too
        told = [column] if column else []
        rows = filters.of_both_periods(contacts(ReturnDay, filters, *told))
        rows = rows.annotate(is_judged=_is_judged(variant, today=today))
        for (when, is_judged, *value), marks in stored.histograms(rows, "when", "is_judged", *told).items():
            _add(by_value[value[0] if value else None][when], marks, variant=variant, is_judged=is_judged)
    return found


def _is_judged(variant: Variant, *, today: dt.date) -> Q:
    """The days in which the customer may come back are over."""
    return Q(ended__lt=today - dt.timedelta(days=variant.days))


def tallied(marks: Mapping[int, int], variant: Variant, *, is_judged: bool | None) -> Tally:
    """What contacts with these marks come to."""
    tally: Tally = Counter()
    _add(tally, marks, variant=variant, is_judged=is_judged)
    return tally


def _add(tally: Tally, marks: Mapping[int, int], *, variant: Variant, is_judged: bool | None) -> None:
    repeat, follower = repeats(variant), followed(variant)
    alike: Counter[int] = Counter()
    for bits, count in marks.items():
        alike[bits & (repeat | follower | SOLVED)] += count
    for bits, count in alike.items():
        tally[CONTACTS] += count
        tally[REPEATS] += count * bool(bits & repeat)
        if is_judged:
            tally[JUDGED] += count
            tally[FOLLOWED] += count * bool(bits & follower)
            tally[ISSUES] += count * (not bits & repeat)
            tally[RESOLVED] += count * (bits == SOLVED)


def rate_of(key: str, tally: Tally) -> Share:
    """One of `RATES`."""
    part, whole = RATES[key]
    return share(tally[part], tally[whole])


def _rates(
    tallies: Mapping[Any, Mapping[str, Tally]], key: str, filters: Filters, *, as_of: dt.datetime
) -> dict[Any, Metric]:
    """One rate of several segments as one family of comparisons, those with most contacts first."""
    names = sorted(tallies, key=lambda name: (-tallies[name][NOW][CONTACTS], str(name)))
    names = [name for name in names if name is None or tallies[name][NOW][CONTACTS]]
    now = {name: rate_of(key, tallies[name][NOW]) for name in names}
    before = {name: rate_of(key, tallies[name][BEFORE]) for name in names} if filters.before else None
    return measure(now, before=before, as_of=as_of, partition=len(names) > 1)


def _lines(tallies: Mapping[Any, Mapping[str, Tally]], filters: Filters, *, as_of: dt.datetime) -> tuple[Line, ...]:
    """One alone says no more than the total."""
    back = _rates(tallies, "repeat_contacts", filters, as_of=as_of)
    done = _rates(tallies, "first_contact_resolution", filters, as_of=as_of)
    return tuple(Line(key=key, followed=back[key], resolved=done[key]) for key in back) if len(back) > 1 else ()


def _gap(found: Metric, asked: Metric) -> ShareChange | None:
    if found.num is None or found.den is None or asked.num is None or asked.den is None:
        return None
    return share_change(share(found.num, found.den), share(asked.num, asked.den))


def _open_from(filters: Filters, days: int, *, today: dt.date) -> dt.date | None:
    """The first day of the period of which no contact or not every one can be judged."""
    waiting = contacts(ReturnDay, filters).filter(within(filters.period))
    waiting = waiting.exclude(ended__lt=today - dt.timedelta(days=days), ended__isnull=False)
    return waiting.aggregate(day=Min("day"))["day"]


def _weeks(filters: Filters, variant: Variant, *, today: dt.date) -> tuple[Week, ...]:
    """The rate of what began in each week; of the newest, only what can be judged."""
    every = filters.period.weeks()
    rows = contacts(ReturnDay, filters).filter(
        within(Period(every[0].start, filters.period.end)), _is_judged(variant, today=today)
    )
    rows = rows.annotate(week=stored.WeekOf(every[0].start))
    tallies: dict[int, Tally] = defaultdict(Counter)
    for (week,), marks in stored.histograms(rows, "week").items():
        _add(tallies[week], marks, variant=variant, is_judged=True)
    return tuple(week_of(week, rate_of("repeat_contacts", tallies[at])) for at, week in enumerate(every))
