"""Control limits of a share whose days scatter more than chance, and how often charts alarm falsely (M35).

The run lengths are those of independent values with known mean and spread; real series alarm two to three times as
often, which is why a page that tells of false alarms quotes the measured rates.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from analytics.linear import solve

_NORMAL = NormalDist()
# Mean range of two normal values in standard deviations.
D2 = 1.128
SIGMAS = 3.0
NODES = 60


@dataclass(frozen=True, kw_only=True)
class ControlLimits:
    """Centre of a share and a lower and upper limit per bucket, 0..1; `spread` is 1 where only chance is at work."""

    centre: float
    spread: float
    lo: tuple[float, ...]
    hi: tuple[float, ...]


def laney_limits(hits: Sequence[int], answers: Sequence[int]) -> ControlLimits | None:
    """Laney's p' chart: limits of the p chart, widened by the scatter between neighbours; None without answers."""
    pairs = [(x, n) for x, n in zip(hits, answers, strict=True) if n]
    total = sum(n for _, n in pairs)
    if not total:
        return None
    centre = sum(x for x, _ in pairs) / total
    sigmas = [math.sqrt(centre * (1 - centre) / n) for _, n in pairs]
    z = [(x / n - centre) / sigma if sigma else 0.0 for (x, n), sigma in zip(pairs, sigmas, strict=True)]
    moves = [abs(after - before) for before, after in zip(z, z[1:], strict=False)]
    spread = math.fsum(moves) / len(moves) / D2 if moves else 1.0
    reach = [SIGMAS * sigma * spread for sigma in sigmas]
    return ControlLimits(
        centre=centre,
        spread=spread,
        lo=tuple(max(0.0, centre - width) for width in reach),
        hi=tuple(min(1.0, centre + width) for width in reach),
    )


def cusum_run_length(*, slack: float, decision: float, shift: float = 0.0) -> float:
    """Mean number of buckets until a two-sided CUSUM alarms, when the mean is `shift` standard deviations off."""
    rates = (1 / _one_sided(slack, decision, side * shift) for side in (1, -1))
    return 1 / sum(rates)


def ewma_run_length(*, weight: float, limit: float, shift: float = 0.0) -> float:
    """Mean number of buckets until a two-sided EWMA alarms; `limit` in its own standard deviations in the long run."""
    half = limit * math.sqrt(weight / (2 - weight))

    def density(start: float, end: float) -> float:
        return _NORMAL.pdf((end - (1 - weight) * start) / weight - shift) / weight

    nodes, lengths, widths = _solved(density, -half, half)
    return 1 + math.fsum(w * density(0.0, x) * of for x, of, w in zip(nodes, lengths, widths, strict=True))


def _one_sided(slack: float, decision: float, shift: float) -> float:
    # Page 1954: the sum starts at 0, where everything below gathers.
    def density(start: float, end: float) -> float:
        return _NORMAL.pdf(end - start + slack - shift)

    nodes, weights = _gauss(0.0, decision)
    points = [0.0, *nodes]
    matrix = []
    for row, start in enumerate(points):
        line = [
            _NORMAL.cdf(slack - shift - start),
            *(w * density(start, x) for x, w in zip(nodes, weights, strict=True)),
        ]
        matrix.append([float(row == column) - value for column, value in enumerate(line)])
    lengths = solve(matrix, [1.0] * len(points))
    if lengths is None:
        raise ValueError("these limits are never reached")
    return lengths[0]


def _solved(
    density: Callable[[float, float], float], low: float, high: float
) -> tuple[list[float], list[float], list[float]]:
    """Run lengths at the nodes of L(z) = 1 + the integral of L(x) density(z, x), by Nystrom's method."""
    nodes, weights = _gauss(low, high)
    matrix = [
        [float(row == column) - weights[column] * density(nodes[row], nodes[column]) for column in range(len(nodes))]
        for row in range(len(nodes))
    ]
    lengths = solve(matrix, [1.0] * len(nodes))
    if lengths is None:
        raise ValueError("these limits are never reached")
    return nodes, lengths, weights


def _gauss(low: float, high: float) -> tuple[list[float], list[float]]:
    """Nodes and weights of Gauss and Legendre between two limits."""
    nodes, weights = [], []
    for i in range(NODES):
        x = math.cos(math.pi * (i + 0.75) / (NODES + 0.5))
        for _ in range(20):
            before, value = 1.0, x
            for k in range(2, NODES + 1):
                before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
            slope = NODES * (x * value - before) / (x * x - 1)
            x -= value / slope
        nodes.append((high + low) / 2 + (high - low) / 2 * x)
        weights.append((high - low) / ((1 - x * x) * slope * slope))
    return nodes, weights
