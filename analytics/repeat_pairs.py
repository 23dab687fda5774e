"""What is counted of a day's answers whose customers answered before: pairs of an answer and an earlier one (M8).

The variance between customers needs sums per customer, and these do not add up over days. Sums over the pairs of one
customer's answers do: a pair belongs to the day of its later answer, and to every period that has both.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from analytics import resolved
from analytics.periods import local_day
from analytics.repeated_answers import Pairs
from analytics.scores import SCALES
from feedback.models import Response
from surveys.resolved import RESOLVED

# Answers further apart count as those of two customers.
LONGEST = dt.timedelta(days=366)
# So many days a distance is known to the day, then to the week.
BY_DAY, WEEK = 28, 7
YES = frozenset({1})
TOPS: Mapping[str, frozenset[int]] = {
    **{name: scale.top for name, scale in SCALES.items()}, "yes_no": YES, RESOLVED: YES,
}  # fmt: skip
# Both values of a pair, the smaller first. Their order is what keys mean: only ever add at the end.
VALUES = ((-1, -1), (-1, 0), (-1, 1), (0, 0), (0, 1), (1, 1))
PLACES = {values: at for at, values in enumerate(VALUES)}
# Of one distance: each of the values, and each with the answers right before one another.
KINDS = 2 * len(VALUES)
COLUMNS = ("customer", "answered_at", "pk", "survey", "team", "channel", "scale", "evidence", "score")
KEY = ("among", "survey", "team", "channel", "scale", "evidence", "pair")
AMONG = ("", "s", "t", "c", "st", "sc", "tc", "stc")
EVERY = ""
CONFIRMED = str(Response.Evidence.CONFIRMED)
# The places in AMONG of what two answers share, by whether survey, team and channel are the same.
SHARED = {
    alike: [
        at
        for at, among in enumerate(AMONG)
        if {*among} <= {name for name, same in zip("stc", alike, strict=True) if same}
    ]
    for alike in product((False, True), repeat=3)
}

Counts = Counter[tuple[Any, ...]]


class Given(NamedTuple):
    """One answer; `value` is 1 for satisfied, of the NPS also 0 and -1."""

    day: dt.date
    survey: int
    team: int | None
    channel: str
    evidence: str
    value: int


def value_of(score: int, scale: str) -> int:
    """What an answer adds to the score before it is divided."""
    down = scale == "nps" and score in SCALES[scale].bottom
    return (score in TOPS[scale]) - down


def counts_of(rows: QuerySet[Response], *, until: dt.datetime, zone: ZoneInfo) -> Counts:
    """Counts of the answers of one reporting day, which ends at `until`."""
    counted = _of_known(rows)
    near = _of_known(Response.objects.filter(
        customer__in=counted.values("customer"), answered_at__lt=until, answered_at__gte=until - LONGEST
    ))  # fmt: skip
    counts: Counts = Counter()
    for answers, columns in (
        (near.filter(score__isnull=False), COLUMNS), (resolved.said(near), resolved.as_score(COLUMNS)),
    ):  # fmt: skip
        lines: dict[tuple[int, str], list[Given]] = defaultdict(list)
        told = answers.order_by("answered_at", "pk").values_list(*columns)
        for customer, at, _pk, survey, team, channel, scale, evidence, score in told.iterator():
            if scale in TOPS:
                given = Given(local_day(at, zone), survey, team, channel, evidence, value_of(score, scale))
                lines[customer, scale].append(given)
        _count(counts, lines, day=local_day(until - dt.timedelta(microseconds=1), zone))
    return counts


def _of_known(rows: QuerySet[Response]) -> QuerySet[Response]:
    """The counted answers of customers whom one may tell apart."""
    counted = rows.filter(evidence__in=Response.COUNTED, is_excluded=False)
    return counted.filter(customer__isnull=False, survey__is_anonymous=False)


def _count(counts: Counts, lines: Mapping[tuple[int, str], list[Given]], *, day: dt.date) -> None:
    found: dict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    for (_customer, scale), line in lines.items():
        if len(line) == 1 or line[-1].day != day:
            continue
        if line[-2].day != day:
            _count_last(found, line, scale)
            continue
        sure = [given for given in line if given.evidence == CONFIRMED]
        for evidence, answers in ((EVERY, line), (CONFIRMED, sure)):
            for among in AMONG:
                parts: dict[tuple[Any, ...], list[Given]] = defaultdict(list)
                for given in answers:
                    parts[_place(given, among)].append(given)
                for place, part in parts.items():
                    if len(part) > 1:
                        found[among, *place, scale, evidence].update(_pairs(part, day))
    for place, pairs in found.items():
        counts.update({(*place, pair): number for pair, number in pairs.items()})


def _count_last(found: dict[tuple[Any, ...], Counter[int]], line: Sequence[Given], scale: str) -> None:
    """The same of a line whose last answer alone is of the day, as nearly all are, in a fraction of the time."""
    last = line[-1]
    for evidence in (EVERY, CONFIRMED) if last.evidence == CONFIRMED else (EVERY,):
        places = [found[among, *_place(last, among), scale, evidence] for among in AMONG]
        is_first = [1] * len(AMONG)
        for given in reversed(line[:-1]):
            if evidence and given.evidence != evidence:
                continue
            key = _key((last.day - given.day).days, given.value, last.value)
            alike = (given.survey == last.survey, given.team == last.team, given.channel == last.channel)
            for at in SHARED[alike]:
                places[at][key + is_first[at]] += 1
                is_first[at] = 0


def _place(given: Given, among: str) -> tuple[Any, ...]:
    return (
        given.survey if "s" in among else None,
        given.team if "t" in among else None,
        given.channel if "c" in among else "",
    )


def _pairs(line: Sequence[Given], day: dt.date) -> Counter[int]:
    """Of answers in order of time: the pairs whose later one is of this day.

    Counted by day and value, so that somebody who answers without end costs no more than the days there are.
    """
    found: Counter[int] = Counter()
    earlier: Counter[tuple[dt.date, int]] = Counter()
    last: Given | None = None
    for given in line:
        if given.day == day and last is not None:
            for (of, value), number in earlier.items():
                found[_key((day - of).days, value, given.value)] += number
            key = _key((day - last.day).days, last.value, given.value)
            found[key] -= 1
            found[key + 1] += 1
        earlier[given.day, given.value] += 1
        last = given
    return +found


def _key(distance: int, one: int, other: int) -> int:
    step = distance if distance < BY_DAY else BY_DAY + (distance - BY_DAY) // WEEK
    return KINDS * step + 2 * PLACES[min(one, other), max(one, other)]


def limit(days: int) -> int:
    """The first key that is too far for both answers to lie in a period that began so many days before the later one.

    Of distances that are known to the week alone, the middle of the week decides.
    """
    if days < BY_DAY:
        return KINDS * (days + 1)
    return KINDS * (BY_DAY + max(0, (days - BY_DAY - WEEK // 2) // WEEK + 1))


def summed(hist: Mapping[int, int]) -> Pairs:
    """The sums over pairs with these keys."""
    number = sums = products = later = 0
    for key, count in hist.items():
        one, other = VALUES[key % KINDS // 2]
        number += count
        sums += count * (one + other)
        products += count * one * other
        later += count * (key % 2)
    return Pairs(number=number, sums=sums, products=products, later=later)


def values_of(hist: Mapping[int, int], scale: str) -> dict[int, int]:
    """How many answers have each value."""
    values: Counter[int] = Counter()
    for score, count in hist.items():
        values[value_of(score, scale)] += count
    return dict(values)


def among(columns: Iterable[str]) -> str:
    """Which of survey, team and channel the answers of a pair share where these columns are told apart."""
    return "".join(name[0] for name in ("survey", "team", "channel") if name in columns)
