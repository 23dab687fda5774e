"""Is a change real: two shares, two NPS, two means, and many comparisons at once.

The first argument is the present, the second the past or the rest; a segment is never compared with a total that
contains it. All functions return None when either side has no answers.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from analytics.complaints import Rate, rate_change
from analytics.display import FULL_FROM
from analytics.distributions import critical_t, critical_z, normal_p_value, student_t_p_value
from analytics.intervals import CONFIDENCE, adjusted_nps, newcombe_interval
from analytics.scores import SCALES, MeanScore, Nps, Share
from feedback.themes.chance import benjamini_hochberg

Score = Share | Nps | MeanScore | Rate
Direction = Literal["up", "down", "same"]
Key = TypeVar("Key", bound=Hashable)

FALSE_DISCOVERY_RATE = 0.05
SMALLEST_SHARE_CHANGE = 0.02
SMALLEST_NPS_CHANGE = 5.0
# Below this a count of effective answers is none.
SMALLEST_COUNT = 1e-9
# A mean has to move by a fiftieth of its scale: two points of index100, the counterpart of two percentage points.
MEAN_CHANGE_STEPS = 50


@dataclass(frozen=True, kw_only=True)
class Change:
    """Difference present - past in the score's unit, 95 % limits, raw p-value, and what counts as large enough.

    `p`, `lo` and `hi` are None where the test is undefined.
    """

    diff: float
    lo: float | None
    hi: float | None
    p: float | None
    n_now: int
    n_before: int
    min_effect: float


@dataclass(frozen=True, kw_only=True)
class ShareChange(Change):
    """Difference of two shares, -1..1: Newcombe limits; `method` names the test behind `p`."""

    method: Literal["N-1 z", "fisher", "degenerate"]


@dataclass(frozen=True, kw_only=True)
class NpsChange(Change):
    """Raw difference of two NPS in points; z, se and limits are those of the adjusted difference."""

    z: float
    se: float


@dataclass(frozen=True, kw_only=True)
class MeanChange(Change):
    """Difference of two means in scale points, Welch's t; t and df are None where the test is undefined."""

    t: float | None
    df: float | None


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Arrow of one comparison (None: no arrow may be drawn) and its Benjamini-Hochberg adjusted p-value."""

    direction: Direction | None
    p_adj: float | None


def change(now: Score, before: Score) -> Change | None:
    """Change of a score by the test of its kind; ValueError for two kinds or two scales."""
    if isinstance(now, Nps) and isinstance(before, Nps):
        return nps_change(now, before)
    if isinstance(now, MeanScore) and isinstance(before, MeanScore):
        return mean_change(now, before)
    if isinstance(now, Share) and isinstance(before, Share):
        return share_change(now, before)
    if isinstance(now, Rate) and isinstance(before, Rate):
        return _difference_of_rates(now, before)
    raise ValueError("only scores of one kind can be compared")


def share_change(now: Share, before: Share) -> ShareChange | None:
    """Newcombe limits and N-1 chi-square p-value of now - before; Fisher's exact test below one expected answer."""
    if now.scale != before.scale:
        raise ValueError("shares of two scales cannot be compared")
    x1, n1, x2, n2 = now.num, now.den, before.num, before.den
    if not n1 or not n2:
        return None
    part1, part2 = _part(now), _part(before)
    if part1 == part2 == 1:
        lo, hi = newcombe_interval(x1=x1, n1=n1, x2=x2, n2=n2)
        p, method = _share_test(x1=x1, n1=n1, x2=x2, n2=n2)
    else:
        # Answers of one customer are alike: both sides count as their effective numbers of answers.
        parts = {"x1": x1 * part1, "n1": n1 * part1, "x2": x2 * part2, "n2": n2 * part2}
        lo, hi = newcombe_interval(**parts)
        p, method = _share_test(**parts)
    return ShareChange(
        # One division of whole numbers is correctly rounded, so exactly 2 points are not taken for less.
        diff=(x1 * n2 - x2 * n1) / (n1 * n2),
        lo=lo,
        hi=hi,
        p=p,
        n_now=n1,
        n_before=n2,
        min_effect=SMALLEST_SHARE_CHANGE,
        method=method,
    )


def _part(score: Share | Nps) -> float:
    """How much of each answer counts where customers answered several times."""
    return score.n_eff / score.n if score.n_eff is not None else 1


def _difference_of_rates(now: Rate, before: Rate) -> Change | None:
    """Difference of two rates with the exact p of their ratio, which alone has limits; one of any size is a change."""
    if now.value is None or before.value is None:
        return None
    found = rate_change(
        now=now.complaints, exposure=now.contacts, before=before.complaints, exposure_before=before.contacts
    )
    return Change(
        diff=now.value - before.value, lo=None, hi=None, p=found.p if found else 1.0, n_now=now.n, n_before=before.n,
        min_effect=0.0,
    )  # fmt: skip


def fisher_exact(*, x1: int, n1: int, x2: int, n2: int) -> float:
    """Two-sided p-value of Fisher's exact test for x1/n1 against x2/n2: all tables not likelier than this one."""
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2):
        raise ValueError("a share needs 0 <= x <= n")
    hits = x1 + x2
    first, last = max(0, hits - n2), min(hits, n1)
    mode = min(last, max(first, (n1 + 1) * (hits + 1) // (n1 + n2 + 2)))
    weights = {mode: 1.0}
    for k in range(mode, last):
        weights[k + 1] = weights[k] * (hits - k) * (n1 - k) / ((k + 1) * (n2 - hits + k + 1))
    for k in range(mode, first, -1):
        weights[k - 1] = weights[k] * k * (n2 - hits + k) / ((hits - k + 1) * (n1 - k + 1))
    # Equally likely tables differ in the last digits of their weights.
    limit = weights[x1] * (1 + 1e-7)
    return min(1.0, math.fsum(w for w in weights.values() if w <= limit) / math.fsum(weights.values()))


def nps_change(now: Nps, before: Nps) -> NpsChange | None:
    """z-test on the adjusted Wald variances of both samples; the limits may miss the raw difference at tiny n."""
    if not now.n or not before.n:
        return None
    first, second = (
        adjusted_nps(promoters=side.promoters * part, passives=side.passives * part, detractors=side.detractors * part)
        for side in (now, before)
        for part in [_part(side)]
    )
    se = math.sqrt(first.variance + second.variance)
    shift = first.centre - second.centre
    half = critical_z(CONFIDENCE) * se
    return NpsChange(
        diff=100 * (now.num * before.den - before.num * now.den) / (now.den * before.den),
        lo=100 * (shift - half),
        hi=100 * (shift + half),
        p=normal_p_value(shift / se),
        n_now=now.n,
        n_before=before.n,
        min_effect=SMALLEST_NPS_CHANGE,
        z=shift / se,
        se=100 * se,
    )


def mean_change(now: MeanScore, before: MeanScore) -> MeanChange | None:
    """Welch's t-test of two means on one scale; undefined with one answer on a side or no spread on both."""
    if now.scale != before.scale:
        raise ValueError("means of two scales cannot be compared")
    if not now.n or not before.n:
        return None
    diff = (now.num * before.den - before.num * now.den) / (now.den * before.den)
    t = df = lo = hi = p = None
    if now.sd is not None and before.sd is not None and now.sd + before.sd > 0:
        v1, v2 = now.sd**2 / now.n, before.sd**2 / before.n
        se = math.sqrt(v1 + v2)
        t, df = diff / se, (v1 + v2) ** 2 / (v1**2 / (now.n - 1) + v2**2 / (before.n - 1))
        half = critical_t(df, CONFIDENCE) * se
        lo, hi, p = diff - half, diff + half, student_t_p_value(t, df)
    boxes = SCALES[now.scale]
    return MeanChange(
        diff=diff,
        lo=lo,
        hi=hi,
        p=p,
        n_now=now.n,
        n_before=before.n,
        min_effect=(boxes.high - boxes.low) / MEAN_CHANGE_STEPS,
        t=t,
        df=df,
    )


def flag_changes(changes: Mapping[Key, Change | None]) -> dict[Key, Flag]:
    """Arrows for all comparisons of one metric in one widget, which form one Benjamini-Hochberg family.

    An arrow needs 30 answers on both sides, adjusted p <= 0.05 and a change of at least `min_effect`.
    """
    p_values = {key: found.p for key, found in changes.items() if found is not None and found.p is not None}
    adjusted = dict(zip(p_values, benjamini_hochberg(list(p_values.values())), strict=True))
    return {
        key: Flag(direction=_direction(found, p_adj=adjusted.get(key)), p_adj=adjusted.get(key))
        for key, found in changes.items()
    }


def _direction(found: Change | None, *, p_adj: float | None) -> Direction | None:
    if found is None or p_adj is None or min(found.n_now, found.n_before) < FULL_FROM:
        return None
    if p_adj > FALSE_DISCOVERY_RATE or abs(found.diff) < found.min_effect:
        return "same"
    return "up" if found.diff > 0 else "down"


def _share_test(
    *, x1: float, n1: float, x2: float, n2: float
) -> tuple[float, Literal["N-1 z", "fisher", "degenerate"]]:
    n, hits = n1 + n2, x1 + x2
    if min(hits, n - hits) <= SMALLEST_COUNT:
        return 1.0, "degenerate"
    if min(n1, n2) * min(hits, n - hits) < n:
        return fisher_exact(x1=round(x1), n1=round(n1), x2=round(x2), n2=round(n2)), "fisher"
    pooled = hits / n
    diff = (x1 * n2 - x2 * n1) / (n1 * n2)
    z = diff / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2)) * math.sqrt((n - 1) / n)
    return normal_p_value(z), "N-1 z"
