"""What is out of the ordinary: alarms of a series, the incidents they make, and when it began (M35, M36).

Each bucket is held against the same weekday of eight weeks, which end a week before it so that a shift does not hide
itself. Two CUSUMs add up small deviations that last, a limit on one day catches what does not last.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from analytics.comparisons import Direction
from analytics.series import Expected, Series

Kind = Literal["shift", "spike"]

DAYS_OF_WEEK = 7
SEASONS = 8
PAST = 56
FEWEST_PAST = 28
CLIPPED = 4.0
SLACK = 0.5
# Fewer answers a day than this are looked at by the week.
DAILY_FROM = 5
MERGED_WITHIN = 7
MAD_TO_SD = 1.4826
OUTLYING = 2.5


@dataclass(frozen=True)
class Profile:
    """How easily it alarms: `decision` of the CUSUMs, and `limit` of a single bucket, in standard deviations."""

    decision: float
    limit: float


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {"quiet": Profile(8, 5), "standard": Profile(6, 4.5), "sensitive": Profile(4.77, 4)}
)
WEEKLY = Profile(4, 4.5)
# The usual one is of M35; the other two lie from it as the daily ones do.
WEEKLY_PROFILES: Mapping[str, Profile] = MappingProxyType(
    {"quiet": Profile(5.3, 5), "standard": WEEKLY, "sensitive": Profile(3.2, 4)}
)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A bucket that alarmed, and the one in which its deviation began, both by index."""

    at: int
    kind: Kind
    direction: Direction
    began: int


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Alarms of one direction close to each other, told of once; `kind` and `began` are the first alarm's."""

    first: int
    last: int
    direction: Direction
    alarms: int
    kind: Kind
    began: int


def is_daily(answers: Sequence[int]) -> bool:
    """Whether a series is looked at by the day rather than by the week: half of its days have five answers."""
    return bool(answers) and _median(answers) >= DAILY_FROM


def judged(series: Series, *, season: int = DAYS_OF_WEEK) -> list[Expected | None]:
    """Each bucket beside its baseline; its sd is widened by how far such z usually scatter.

    None in the first nine seasons and without data. `season` is 7 for days and 1 for weeks.
    """
    raw: list[float | None] = [None] * len(series)
    found: list[Expected | None] = [None] * len(series)
    for at in range((SEASONS + 1) * season, len(series)):
        window = range(at - (SEASONS + 1) * season, at - season)
        own = series.expected(at, same=_same(at - season, window, season), window=window)
        if own is not None:
            raw[at] = own.z
            found[at] = replace(own, sd=own.sd * _scale(series, raw, at=at, window=window, season=season))
    return found


def anomaly_scores(series: Series, *, season: int = DAYS_OF_WEEK) -> list[float | None]:
    """z of each bucket over how far such z usually scatter; None where `judged` has none."""
    return [own.z if own else None for own in judged(series, season=season)]


def alarms(scores: Sequence[float | None], *, profile: Profile = PROFILES["standard"]) -> list[Alarm]:
    """Alarms of a series of scaled z; both sums start again after each. Buckets without data are passed over."""
    found = []
    up = down = 0.0
    rises = falls = 0
    for at, score in enumerate(scores):
        if score is None:
            continue
        # An alarm says its deviation began in the bucket after the one in which its sum was last zero.
        rises, falls = (at if up == 0 else rises), (at if down == 0 else falls)
        clipped = max(-CLIPPED, min(CLIPPED, score))
        up, down = max(0.0, up + clipped - SLACK), max(0.0, down - clipped - SLACK)
        is_spike = abs(score) > profile.limit
        if is_spike or max(up, down) > profile.decision:
            direction: Direction = "up" if (score > 0 if is_spike else up > down) else "down"
            began = rises if direction == "up" else falls
            found.append(Alarm(at=at, kind="spike" if is_spike else "shift", direction=direction, began=began))
            up = down = 0.0
    return found


def incidents(found: Sequence[Alarm], *, within: int = MERGED_WITHIN) -> list[Incident]:
    """Alarms in order of time, those of one direction that follow each other within `within` buckets made one."""
    merged: list[Incident] = []
    current: dict[Direction, int] = {}
    for alarm in found:
        index = current.get(alarm.direction)
        if index is not None and alarm.at - merged[index].last <= within:
            known = merged[index]
            merged[index] = Incident(
                first=known.first,
                last=alarm.at,
                direction=known.direction,
                alarms=known.alarms + 1,
                kind=known.kind,
                began=known.began,
            )
            continue
        current[alarm.direction] = len(merged)
        merged.append(
            Incident(
                first=alarm.at,
                last=alarm.at,
                direction=alarm.direction,
                alarms=1,
                kind=alarm.kind,
                began=alarm.began,
            )
        )
    return merged


def _scale(series: Series, raw: Sequence[float | None], *, at: int, window: range, season: int) -> float:
    """Real series scatter more than their formula says (Laney 2002); what outliers add to that is clipped."""
    past = [z for z in raw[max(0, at - season - PAST) : at - season] if z is not None]
    if len(past) >= FEWEST_PAST:
        return max(1.0, _clipped_sd(past))
    within = [series.expected(day, same=_same(day, window, season), window=window) for day in window]
    known = [own.z for own in within if own is not None]
    # Each of the eight is part of the mean that it is held against.
    return max(1.0, _clipped_sd(known) * math.sqrt(SEASONS / (SEASONS - 1)))


def _same(at: int, window: range, season: int) -> range:
    return range(window.start + (at - window.start) % season, window.stop, season)


def _clipped_sd(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    centre = _median(values)
    reach = OUTLYING * MAD_TO_SD * _median([abs(value - centre) for value in values])
    clipped = [min(centre + reach, max(centre - reach, value)) for value in values]
    mean = math.fsum(clipped) / len(clipped)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in clipped) / (len(clipped) - 1))


def _median(values: Sequence[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
