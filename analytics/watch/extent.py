"""How much a deviation is, which team or channel it comes from, and which topics rose since it began (M36)."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, Sum

from analytics.comparisons import nps_change, share_change
from analytics.display import SHOWN_FROM
from analytics.distributions import critical_z
from analytics.intervals import CONFIDENCE
from analytics.models import CommentDay, TopicDay
from analytics.periods import DAY, Period
from analytics.reports import within
from analytics.scores import Nps, nps, share
from analytics.trends import risen
from analytics.watch import counted
from analytics.watch.judging import Deviation, Judgement, summed, value
from analytics.watch.subjects import METRICS, Kind, Parts, Subject, added, size

BEFORE = 56
# A team or channel that makes at least so much of the change is named.
DRIVES_FROM = 0.5
SHOWN_BUCKETS = {"day": 91, "week": 26}


def period_of(found: Deviation, *, is_weekly: bool) -> Period:
    """What it tells of: from the day it probably began, or the odd days alone."""
    if found.kind == "shift":
        return Period(found.began_on, found.last_day)
    return Period(found.first_day - (6 * DAY if is_weekly else 0 * DAY), found.last_day)


def extent(judgement: Judgement, found: Deviation, days: counted.Days) -> dict[str, Any]:
    """The numbers of a deviation, ready to be stored: "now" against "before", "diff" with its limits, and n.

    Counts are held against what was expected of the same days; "diff" of counts and times is a ratio minus one.
    """
    kind = METRICS[judgement.subject.metric].kind
    period = period_of(found, is_weekly=judgement.is_weekly)
    before = Period(period.start - BEFORE * DAY, period.start - DAY)
    told = {"from": period.start.isoformat(), "to": period.end.isoformat()}
    if kind == "count":
        told |= _of_counts(judgement, period)
    else:
        now, past = summed(days, period), summed(days, before)
        if now and past:
            told |= _of_scores(kind, now, past) | {"n": size(kind, now), "n_before": size(kind, past)}
    return told | {
        "driver": driver(judgement.subject, period, before),
        "risen": _risen(judgement.subject, period, before),
    }


def _of_counts(judgement: Judgement, period: Period) -> dict[str, Any]:
    series = judgement.series
    known = [
        bucket
        for bucket in judgement.buckets
        if bucket.own and bucket.parts and period.start <= bucket.period.end <= period.end
    ]
    if not known or series is None:
        return {}
    now = sum(bucket.parts[0] for bucket in known if bucket.parts)
    usual = math.fsum(series.told(bucket.own.level) for bucket in known if bucket.own)
    spread = math.fsum(bucket.own.sd for bucket in known if bucket.own) / len(known)
    if not usual:
        return {"now": now, "before": 0, "n": now}
    reach = critical_z(CONFIDENCE) * spread * math.sqrt(max(now, 1))
    ratios = [count / usual - 1 for count in (now, max(0.0, now - reach), now + reach)]
    return {"now": now, "before": usual, "n": now} | dict(zip(("diff", "lo", "hi"), ratios, strict=True))


def _of_scores(kind: Kind, now: Parts, past: Parts) -> dict[str, Any]:
    if kind == "time":
        return _of_times(now, past)
    change: Any
    if kind == "points":
        one, other = _nps(now), _nps(past)
        change = nps_change(one, other)
    else:
        one, other = (share(int(parts[0]), int(parts[1])) for parts in (now, past))  # type: ignore[assignment]
        change = share_change(one, other)  # type: ignore[arg-type]
    told = {"now": one.value, "now_lo": one.lo, "now_hi": one.hi, "before": other.value}
    return told | ({"diff": change.diff, "lo": change.lo, "hi": change.hi} if change else {})


def _nps(parts: Parts) -> Nps:
    up, flat, down = (int(part) for part in parts)
    return nps(promoters=up, passives=flat, detractors=down)


def _of_times(now: Parts, past: Parts) -> dict[str, Any]:
    means = [parts[1] / parts[0] for parts in (now, past)]
    errors = [
        max(0.0, parts[2] / parts[0] - mean * mean) / parts[0] for parts, mean in zip((now, past), means, strict=True)
    ]
    diff, reach = means[0] - means[1], critical_z(CONFIDENCE) * math.sqrt(sum(errors))
    ratios = [math.expm1(diff), math.expm1(diff - reach), math.expm1(diff + reach)]
    return {"now": math.exp(means[0]), "before": math.exp(means[1])} | dict(
        zip(("diff", "lo", "hi"), ratios, strict=True)
    )


# --- where it comes from -----------------------------------------------------------------------------------------


def driver(subject: Subject, period: Period, before: Period) -> dict[str, Any]:
    """The team or channel that makes most of the change, with its part of it; empty when none does."""
    sums: dict[tuple[str, Any], dict[bool, Parts]] = defaultdict(dict)
    for row, day, parts in counted.rows_of(subject, Period(before.start, period.end)):
        is_now = day >= period.start
        for key in (("all", None), ("team", row.team), ("channel", row.channel)):
            known = sums[key].get(is_now)
            sums[key][is_now] = parts if known is None else added(known, parts)
    columns = [name for name in ("team", "channel") if not getattr(subject, name)]
    return _largest(METRICS[subject.metric].kind, sums, columns, days=period.days / before.days)


def _largest(
    kind: Kind, sums: Mapping[tuple[str, Any], Mapping[bool, Parts]], columns: Sequence[str], *, days: float
) -> dict[str, Any]:
    whole = sums.get(("all", None), {})
    if len(whole) < 2 or min(size(kind, parts) for parts in whole.values()) < SHOWN_FROM:
        return {}
    total = _moved(kind, whole, whole, days=days)
    found = []
    for column in columns:
        own = {key: both for (name, key), both in sums.items() if name == column and len(both) == 2}
        told = {key: both for key, both in own.items() if min(size(kind, of) for of in both.values()) >= SHOWN_FROM}
        if len(own) > 1 and total:
            found += [(_moved(kind, both, whole, days=days) / total, column, key) for key, both in told.items() if key]
    part, column, key = max(found, key=lambda one: one[0], default=(0.0, "", None))
    return {column: key, "part": min(part, 1.0)} if part >= DRIVES_FROM else {}


def _moved(kind: Kind, both: Mapping[bool, Parts], whole: Mapping[bool, Parts], *, days: float) -> float:
    """How far a part moved the whole."""
    now, past = both[True], both[False]
    if kind == "count":
        return now[0] - past[0] * days
    return size(kind, now) / size(kind, whole[True]) * (value(kind, now) - value(kind, past))


def _risen(subject: Subject, period: Period, before: Period) -> list[dict[str, Any]]:
    """The topics whose share of comments surely rose since."""
    if subject.topic:
        return []
    chosen = {"team": subject.team, "channel": subject.channel}
    where = Q(**{name: key for name, key in chosen.items() if key})
    shares = []
    for days in (before, period):
        rows = TopicDay.objects.filter(where, within(days)).values_list("topic").annotate(rows=Sum("count")).order_by()
        total = CommentDay.objects.filter(where, within(days)).aggregate(rows=Sum("count"))["rows"] or 0
        shares.append({topic: share(count, total) for topic, count in rows})
    past = {topic: shares[0].get(topic, share(0, _total(shares[0]))) for topic in shares[1]}
    return [
        {"topic": topic, "now": shares[1][topic].value, "before": past[topic].value} for topic in risen(past, shares[1])
    ]


def _total(shares: Mapping[Any, Any]) -> int:
    return next((one.den for one in shares.values()), 0)


# --- the chart ---------------------------------------------------------------------------------------------------


def points(judgement: Judgement) -> list[list[Any]]:
    """The last buckets as [first day, value, expected, lower and upper limit]; None where nothing may be shown."""
    kind, series = METRICS[judgement.subject.metric].kind, judgement.series
    if series is None:
        return []
    found = []
    for bucket in judgement.buckets[-SHOWN_BUCKETS[judgement.by] :]:
        own = bucket.own
        told: list[Any] = [None] * 4
        if own is not None and bucket.parts:
            is_shown = kind == "count" or size(kind, bucket.parts) >= SHOWN_FROM
            limits = [series.told(own.level + side * 2 * own.sd) for side in (-1, 1)]
            if kind == "share":
                limits = [min(1.0, max(0.0, limit)) for limit in limits]
            told = [series.told(own.value) if is_shown else None, series.told(own.level), *limits]
        found.append([bucket.period.start.isoformat(), *[None if one is None else round(one, 4) for one in told]])
    return found
