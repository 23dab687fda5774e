"""What a series' days come to: by the day or the week, its alarms, its deviations, its trend. Pure: days in, words out.

A bucket of fewer answers than may be shown is part of baselines, but never judged by itself.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from analytics.comparisons import Direction
from analytics.display import SHOWN_FROM
from analytics.monitoring import DAILY_FROM, MERGED_WITHIN, PROFILES, WEEKLY_PROFILES, alarms, incidents, judged
from analytics.periods import DAY, WEEK, Period
from analytics.series import Expected, Series
from analytics.trends import trend_arrows
from analytics.watch.subjects import METRICS, Kind, Parts, Subject, added, series, size

# An alarm needs the scatter of 56 days, each of them a baseline of 63, and 56 days of sums: 26 weeks, as whole ones.
HISTORY = 26 * WEEK
YEAR = 52 * WEEK
RECENT_DAYS = 56
# A weekly sum that began again needs two or three weeks to alarm of the same once more.
MERGED_WEEKS = 3
QUARTER_WEEKS, YEAR_MONTHS, MONTH_DAYS = 13, 13, 28

Days = Mapping[dt.date, Parts]
IsOff = Callable[[dt.date], bool]


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """Alarms of one direction close to each other: the days that alarmed, and the day on which it probably began."""

    direction: Direction
    kind: str
    began_on: dt.date
    days: tuple[dt.date, ...]

    @property
    def first_day(self) -> dt.date:
        return self.days[0]

    @property
    def last_day(self) -> dt.date:
        return self.days[-1]


@dataclass(frozen=True)
class Bucket:
    """A day or a week: its sums, None when left out or empty, and how it lies beside its baseline."""

    period: Period
    parts: Parts | None
    own: Expected | None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A series as it was judged: `by` is "day", "week", "young" or "few"; `per_day` is the median of the last weeks."""

    subject: Subject
    by: str
    per_day: float
    buckets: tuple[Bucket, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    series: Series | None = None

    @property
    def is_weekly(self) -> bool:
        return self.by == "week"


def judge(subject: Subject, days: Days, *, until: dt.date, since: dt.date, profile: str, is_off: IsOff) -> Judgement:
    """Judge the days from `since` to `until`; what the metric's lag holds back is left for later."""
    metric = METRICS[subject.metric]
    until -= metric.lag * DAY
    begins = max(since, min(days, default=until))
    recent = [day for back in range(RECENT_DAYS) if (day := until - back * DAY) >= begins and not is_off(day)]
    per_day = median([size(metric.kind, days[day]) if day in days else 0 for day in recent]) if recent else 0.0
    enough = _enough(metric.kind, [days[day] for day in recent if day in days], among=len(recent))
    if not enough:
        return Judgement(subject=subject, by="few", per_day=per_day)
    is_daily = per_day >= DAILY_FROM and enough == "day"
    cut = _days if is_daily else _weeks
    periods, sums = cut(subject, days, Period(begins, until), is_off)
    whole, season = series(metric.kind, sums), 7 if is_daily else 1
    found = judged(whole, season=season)
    if not any(found):
        return Judgement(subject=subject, by="young", per_day=per_day)
    buckets = tuple(Bucket(*one) for one in zip(periods, sums, found, strict=True))
    scores = [_score(metric.kind, bucket) for bucket in buckets]
    profiles, within = (PROFILES, MERGED_WITHIN) if is_daily else (WEEKLY_PROFILES, MERGED_WEEKS)
    return Judgement(
        subject=subject,
        by="day" if is_daily else "week",
        per_day=per_day,
        buckets=buckets,
        deviations=_deviations(scores, periods, profile=profiles[profile], within=within),
        series=whole,
    )


def _enough(kind: Kind, parts: Sequence[Parts], *, among: int) -> str:
    """Whether a "day" has enough to be judged, or only a "week": five of something, and of a share a hit and a miss.

    A share near 0 or 1 of few is skewed: one mention where none is usual would lie many deviations away.
    """
    total = sum(size(kind, one) for one in parts)
    hits = sum(one[0] for one in parts)
    rarest = min(hits, total - hits) if kind == "share" else total
    for name, length in (("day", 1), ("week", 7)):
        if among and total * length >= SHOWN_FROM * among and rarest * length >= among:
            return name
    return ""


def arrows(found: Mapping[Subject, Days], *, until: dt.date) -> dict[Subject, tuple[str, str]]:
    """The trend of each series over the last quarter and year (M34): "up", "down", "same", or "" when not known.

    The metrics of one team or channel are one family of comparisons.
    """
    families: dict[tuple[int | None, str], list[Subject]] = {}
    for subject in found:
        families.setdefault((subject.team, subject.channel), []).append(subject)
    known: dict[Subject, tuple[str, str]] = {}
    for own in families.values():
        quarter = trend_arrows({one: _points(one, found[one], until, QUARTER_WEEKS, 7) for one in own})
        year = trend_arrows({one: _points(one, found[one], until, YEAR_MONTHS, MONTH_DAYS) for one in own})
        known |= {one: (quarter[one] or "", year[one] or "") for one in own}
    return known


def value(kind: Kind, parts: Parts) -> float:
    """A bucket's number: a share 0..1, NPS points, rows, or the mean logarithm of seconds."""
    if kind == "share":
        return parts[0] / parts[1]
    if kind == "points":
        return 100 * (parts[0] - parts[2]) / sum(parts)
    return parts[0] if kind == "count" else parts[1] / parts[0]


def summed(days: Days, period: Period) -> Parts | None:
    """The sums of a period; None without any."""
    total: Parts | None = None
    for parts in (days[day] for back in range(period.days) if (day := period.start + back * DAY) in days):
        total = parts if total is None else added(total, parts)
    return total


def _points(subject: Subject, days: Days, until: dt.date, count: int, length: int) -> list[tuple[float, int]]:
    """(value, n) of so many buckets that end with a day, from the first of them that has any."""
    kind = METRICS[subject.metric].kind
    until -= METRICS[subject.metric].lag * DAY
    ends = [until - back * length * DAY for back in reversed(range(count))]
    sums = [summed(days, Period(end - (length - 1) * DAY, end)) for end in ends]
    while sums and sums[0] is None:
        sums.pop(0)
    return [(value(kind, parts), size(kind, parts)) if parts and size(kind, parts) else (0.0, 0) for parts in sums]


def _score(kind: Kind, bucket: Bucket) -> float | None:
    if bucket.own is None or bucket.parts is None:
        return None
    is_judged = kind == "count" or size(kind, bucket.parts) >= SHOWN_FROM
    return bucket.own.z if is_judged else None


def _days(subject: Subject, days: Days, period: Period, is_off: IsOff) -> tuple[list[Period], list[Parts | None]]:
    """Each day; one without a contact has none, one without an answer says nothing."""
    kind = METRICS[subject.metric].kind
    empty: Parts | None = (0,) if kind == "count" else None
    known = [period.start + place * DAY for place in range(period.days)]
    return [Period(day, day) for day in known], [None if is_off(day) else days.get(day, empty) for day in known]


def _weeks(subject: Subject, days: Days, period: Period, is_off: IsOff) -> tuple[list[Period], list[Parts | None]]:
    """Each whole ISO week of the days that are not left out; a number of contacts needs all seven."""
    is_count = METRICS[subject.metric].kind == "count"
    monday = period.start + (-period.start.weekday() % 7) * DAY
    count = max(0, ((period.end - monday).days + 1) // 7)
    weeks = [Period(monday + place * WEEK, monday + place * WEEK + 6 * DAY) for place in range(count)]
    sums: list[Parts | None] = []
    for week in weeks:
        off = [day for place in range(7) if is_off(day := week.start + place * DAY)]
        kept = {day: parts for day, parts in days.items() if week.start <= day <= week.end and day not in off}
        total = summed(kept, week)
        sums.append(None if is_count and off else (total or ((0,) if is_count else None)))
    return weeks, sums


def _deviations(
    scores: Sequence[float | None], periods: Sequence[Period], *, profile: object, within: int
) -> tuple[Deviation, ...]:
    sounded = alarms(scores, profile=profile)  # type: ignore[arg-type]
    return tuple(
        Deviation(
            direction=one.direction,
            kind=one.kind,
            began_on=periods[one.began].start,
            days=tuple(
                periods[alarm.at].end
                for alarm in sounded
                if alarm.direction == one.direction and one.first <= alarm.at <= one.last
            ),
        )
        for one in incidents(sounded, within=within)
    )
