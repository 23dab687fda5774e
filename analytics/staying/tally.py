"""What is counted of customers one after the other, in numbers that add up: a bunch of them never needs the others."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.churn import Life, lives
from analytics.quantiles import bucket
from analytics.scores import SCALES

DAY_SECONDS = 86_400
MONTHS = 12
# Detractors and promoters are compared over so many days up to the last one, by what they had said in a year before.
LOOK_BACK, SAID_WITHIN = 90, 365
CONTRACT, SILENCE = "contract", "silence"
ACTIVE, LOST, BACK = "active", "lost", "back"
GROUPS = ("detractors", "passives", "promoters")


@dataclass(frozen=True, kw_only=True)
class Known:
    """One customer: the days of the contacts in order, the contract's first and last day, the last score before.

    `entered` is the day on which somebody with a contract was first told of.
    """

    days: Sequence[dt.date]
    since: dt.date | None = None
    until: dt.date | None = None
    entered: dt.date | None = None
    score: int | None = None

    @property
    def has_contract(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def came(self) -> dt.date | None:
        """When somebody with a contract became a customer, where that is known."""
        return self.since or next(iter(self.days), None)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The last day that is told of, and after how many days silence means leaving."""

    last: dt.date
    window: int

    def months(self) -> list[tuple[dt.date, dt.date]]:
        """First and last day of the last twelve months that are over, the oldest first."""
        ends, first = [], (self.last + dt.timedelta(days=1)).replace(day=1)
        for _month in range(MONTHS):
            end = first - dt.timedelta(days=1)
            first = end.replace(day=1)
            ends.append((first, end))
        return ends[::-1]


def gaps(customers: Iterable[Known]) -> Counter[int]:
    """Days between contacts of the same customer, by how often."""
    found: Counter[int] = Counter()
    for one in customers:
        found.update((after - before).days for before, after in zip(one.days, one.days[1:], strict=False))
    return found


def tally(customers: Iterable[Known], frame: Frame) -> dict[str, Counter[Any]]:
    """Counts of these customers: by month, by the month they came in, by how long they stayed, by what they answered.

    Keys are texts with spaces between their parts, as JSON keeps them.
    """
    found: dict[str, Counter[Any]] = {name: Counter() for name in ("months", "cohorts", "over", "open", "said")}
    months = frame.months()
    for one in customers:
        how, spans = _spans(one, frame)
        if spans:
            found["months"].update(_by_month(how, spans, months))
            found["said"].update(_said(one, spans, frame))
            if one.came:
                found["cohorts"].update(_by_cohort(spans, months))
                _stayed(found, spans, frame)
    return found


def _spans(one: Known, frame: Frame) -> tuple[str, list[Life]]:
    """The spans of days on which somebody is a customer: of a contract, else those without a long silence.

    `end` is the first day on which somebody is none any more; a contract without an end has none in sight. One without
    a beginning held at least since the customer came, or was told of.
    """
    if one.has_contract:
        start = one.came or one.entered
        # Some say the calendar's last day where others say none, and it has no next one.
        end = one.until + dt.timedelta(days=1) if one.until and one.until < dt.date.max else dt.date.max
        return CONTRACT, [Life(start, end)] if start and start < end and start <= frame.last else []
    return SILENCE, lives(one.days, window=frame.window)


def _by_month(how: str, spans: Sequence[Life], months: Sequence[tuple[dt.date, dt.date]]) -> Iterable[str]:
    # A contract's last day is one under contract: what ends with a month is lost in it, else in none.
    beyond = dt.timedelta(days=how == CONTRACT)
    for first, last in months:
        for number, span in enumerate(spans):
            if span.start <= first < span.end:
                yield f"{first} {how} {ACTIVE}"
                if span.end <= last + beyond:
                    yield f"{first} {how} {LOST}"
            if number and first <= span.start <= last:
                yield f"{first} {how} {BACK}"


def _by_cohort(spans: Sequence[Life], months: Sequence[tuple[dt.date, dt.date]]) -> Iterable[str]:
    """The month of joining, and each later one on whose last day somebody is a customer; its own one is number 0."""
    joined = next((at for at, (first, last) in enumerate(months) if first <= spans[0].start <= last), None)
    if joined is None:
        return
    for number, (_first, last) in enumerate(months[joined:]):
        if not number or any(span.start <= last < span.end for span in spans):
            yield f"{months[joined][0]} {number}"


def _stayed(found: Mapping[str, Counter[Any]], spans: Sequence[Life], frame: Frame) -> None:
    """From the first day to the first leaving, or that it has not come yet."""
    first = spans[0]
    is_over = first.end <= frame.last
    days = ((first.end if is_over else frame.last) - first.start).days
    key = bucket(max(days, 1) * DAY_SECONDS)
    found["over" if is_over else "open"][str(key)] += 1


def _said(one: Known, spans: Sequence[Life], frame: Frame) -> Iterable[str]:
    start = frame.last - dt.timedelta(days=LOOK_BACK)
    span = next((span for span in spans if span.start <= start < span.end), None)
    if one.score is None or span is None:
        return
    scale = SCALES["nps"]
    group = GROUPS[2] if one.score in scale.top else GROUPS[0] if one.score in scale.bottom else GROUPS[1]
    yield f"{group} {ACTIVE}"
    if span.end <= frame.last:
        yield f"{group} {LOST}"
