"""Which topics cost points of the score, and which to mend first (M30, M31).

Association, not proof: "among people who mention it, the other topics held fixed". Only commenters are in it, so their
score is to be shown beside that of all answers.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.distributions import critical_z
from analytics.intervals import CONFIDENCE
from analytics.linear import inverse

Verdict = Literal["fix_first", "fix_next", "strength", "watch", "few_data"]
Row = tuple[float, ...]

FEWEST_ANSWERS = 60
ANSWERS_PER_TOPIC = 10
FEWEST_MENTIONS = 10
SAME_TOPIC = 0.95
WORTH_FIXING = 2.0


@dataclass(frozen=True, kw_only=True)
class Driver:
    """What one topic does to the score: points (coefficient times share of mentions) with 95 % limits by HC3."""

    coefficient: float
    se: float
    share: float
    points: float
    lo: float
    hi: float


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """A waterfall from `intercept`, the score of those who mention nothing, by the topics' points to `total`."""

    intercept: float
    topics: tuple[Driver, ...]
    total: float


def drivers(
    flags: Sequence[Sequence[float]], scores: Sequence[float], *, counts: Sequence[int] | None = None
) -> Drivers | None:
    """Least squares of each answer's score (-100, 0, 100 of NPS; 0, 100 of CSAT) on the topics it mentions.

    With `counts`, each row stands for so many answers. None when topics coincide or there are not more answers than
    topics. Limits are those of HC3 (MacKinnon and White
    1985), which does not need equal spread.
    """
    if len(flags) != len(scores):
        raise ValueError("each answer needs its score")
    rows: list[Row] = [(1.0, *map(float, row)) for row in flags]
    # Answers that mention the same are one row with a weight: there are far fewer of those.
    counts = [1] * len(rows) if counts is None else counts
    weights: Counter[Row] = Counter()
    for row, count in zip(rows, counts, strict=True):
        weights[row] += count
    size, n = len(rows[0]) if rows else 0, weights.total()
    bread = inverse(_squares(weights, size)) if size and n > size else None
    if bread is None:
        return None
    sums: dict[Row, float] = defaultdict(float)
    for row, score, count in zip(rows, scores, counts, strict=True):
        sums[row] += score * count
    right = [math.fsum(row[k] * total for row, total in sums.items()) for k in range(size)]
    coefficients = [_dot(line, right) for line in bread]
    errors = _standard_errors(rows, scores, counts, bread=bread, coefficients=coefficients)
    shares = [math.fsum(row[k] * weight for row, weight in weights.items()) / n for k in range(size)]
    found = [_driver(b, se, of) for b, se, of in zip(coefficients, errors, shares, strict=True)]
    return Drivers(intercept=coefficients[0], topics=tuple(found[1:]), total=math.fsum(sums.values()) / n)


def is_rough(*, answers: int, topics: int) -> bool:
    """Whether there are too few answers for `drivers`, so that `leave_out_impact` is shown, called rough."""
    return answers < FEWEST_ANSWERS or answers < ANSWERS_PER_TOPIC * topics


def leave_out_impact(
    mentions: Sequence[float], scores: Sequence[float], *, counts: Sequence[int] | None = None
) -> float | None:
    """Score of all less the score without the answers that mention the topic, in points; None if all mention it."""
    told = list(zip(mentions, scores, counts or [1] * len(scores), strict=True))
    n, left = sum(count for _flag, _score, count in told), sum(count for flag, _score, count in told if not flag)
    if not left:
        return None
    total = math.fsum(score * count for _flag, score, count in told)
    return total / n - math.fsum(score * count for flag, score, count in told if not flag) / left


def coinciding(flags: Sequence[Sequence[float]], *, counts: Sequence[int] | None = None) -> list[list[int]]:
    """Groups of topics that nearly always come together (|r| > 0.95), to be joined into one before `drivers`.

    Columns by number; a topic that coincides with none is a group of its own.
    """
    columns, weights = list(zip(*flags, strict=True)), counts or [1] * len(flags)
    group = list(range(len(columns)))
    for right in range(len(columns)):
        for left in range(right):
            if abs(_correlation(columns[left], columns[right], weights)) > SAME_TOPIC:
                old, new = group[right], group[left]
                group = [new if of == old else of for of in group]
    joined: dict[Hashable, list[int]] = {}
    for column, of in enumerate(group):
        joined.setdefault(of, []).append(column)
    return list(joined.values())


def verdict(*, points: float, lo: float, hi: float, mentions: int) -> Verdict:
    """Where a topic stands: what certainly costs two points or more is fixed first."""
    if mentions < FEWEST_MENTIONS:
        return "few_data"
    if hi < 0:
        return "fix_first" if points <= -WORTH_FIXING else "fix_next"
    return "strength" if lo > 0 else "watch"


def _driver(coefficient: float, se: float, share: float) -> Driver:
    half = critical_z(CONFIDENCE) * se
    ends = (coefficient - half) * share, (coefficient + half) * share
    return Driver(coefficient=coefficient, se=se, share=share, points=coefficient * share, lo=min(ends), hi=max(ends))


def _standard_errors(
    rows: Sequence[Row], scores: Sequence[float], counts: Sequence[int], *, bread: list[list[float]],
    coefficients: list[float],
) -> list[float]:  # fmt: skip
    """HC3: residuals over 1 - leverage between two slices of bread."""
    squares: dict[Row, float] = defaultdict(float)
    free = {row: 1 - _dot(row, [_dot(line, row) for line in bread]) for row in set(rows)}
    for row, score, count in zip(rows, scores, counts, strict=True):
        # An answer that alone decides a coefficient has no residual of its own.
        squares[row] += count * ((score - _dot(coefficients, row)) / free[row]) ** 2 if free[row] > 1e-9 else 0.0
    filling = _squares(squares, len(bread))
    return [math.sqrt(max(0.0, _dot(line, [_dot(inner, line) for inner in filling]))) for line in bread]


def _squares(weights: Mapping[Row, float], size: int) -> list[list[float]]:
    """Sum of w x x' over rows; most flags are 0, so only what is not is looked at."""
    found = [[0.0] * size for _ in range(size)]
    for row, weight in weights.items():
        own = [k for k in range(size) if row[k]]
        for left in own:
            for right in own:
                found[left][right] += weight * row[left] * row[right]
    return found


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))


def _correlation(left: Sequence[float], right: Sequence[float], weights: Sequence[int]) -> float:
    told = list(zip(left, right, weights, strict=True))
    n = sum(weights)
    mean_left, mean_right = math.fsum(a * w for a, _b, w in told) / n, math.fsum(b * w for _a, b, w in told) / n
    both = math.fsum(w * (a - mean_left) * (b - mean_right) for a, b, w in told)
    spread = math.fsum(w * (a - mean_left) ** 2 for a, _b, w in told) * math.fsum(
        w * (b - mean_right) ** 2 for _a, b, w in told
    )
    return both / math.sqrt(spread) if spread > 0 else 0.0
