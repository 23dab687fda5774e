"""Topics that come up more than in the twelve weeks before, whatever the number of comments did (M32)."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from analytics.distributions import negative_binomial_tail
from feedback.themes.chance import benjamini_hochberg

Topic = TypeVar("Topic", bound=Hashable)

WEEKS = 12
FALSE_DISCOVERY_RATE = 0.10
FEWEST_MENTIONS = 5
SMALLEST_RATIO = 1.5
# A topic rarer than this says nothing about how uneven weeks are.
FEWEST_FOR_SPREAD = 8


@dataclass(frozen=True, kw_only=True)
class Emerging:
    """A topic's mentions of a week against what was to be expected: `ratio` times as many, by chance with `p`."""

    mentions: int
    expected: float
    variance: float
    ratio: float
    p: float


def overdispersion(mentions: Sequence[int], comments: Sequence[int]) -> float:
    """Intraclass correlation of a topic within weeks, 0 or more: how much more uneven they are than chance alone."""
    k, n, weeks = sum(mentions), sum(comments), len(comments)
    if weeks < 2 or not 0 < k < n or n <= weeks:
        return 0.0
    p = k / n
    pairs = zip(mentions, comments, strict=True)
    chi2 = sum((found - p * of) ** 2 / (of * p * (1 - p)) for found, of in pairs if of)
    return max(0.0, (chi2 / (weeks - 1) - 1) / (n / weeks - 1))


def shared_overdispersion(own: float, others: Iterable[tuple[int, float]]) -> float:
    """Half a topic's own overdispersion, half the mean of all topics with enough (mentions, overdispersion)."""
    known = [rho for mentions, rho in others if mentions >= FEWEST_FOR_SPREAD]
    return (own + sum(known) / len(known)) / 2 if known else own


def emerging(
    mentions: int, comments: int, *, before: Sequence[int], comments_before: Sequence[int], rho: float = 0.0
) -> Emerging:
    """This week's mentions among its comments against the weeks before: a negative binomial, overdispersed by `rho`.

    Compares shares of comments, so that twice as many comments are no news. ValueError without comments before.
    """
    n, weeks = sum(comments_before), len(comments_before)
    if n <= 0 or not 0 <= mentions <= comments:
        raise ValueError("needs comments before, and not more mentions than comments")
    p = (sum(before) + 0.5) / (n + 1)
    expected = p * comments
    of_week = expected * (1 - p) * (1 + (comments - 1) * rho)
    of_base = comments**2 * p * (1 - p) * (1 + (n / weeks - 1) * rho) / n
    variance = of_week + of_base
    return Emerging(
        mentions=mentions,
        expected=expected,
        variance=variance,
        ratio=mentions / expected if expected else 0.0,
        p=negative_binomial_tail(mentions, mean=expected, variance=variance),
    )


def alerts(found: Mapping[Topic, Emerging]) -> list[Topic]:
    """Topics worth an alert among all of one week: q = 0.10 in their family, five mentions, half as many again."""
    adjusted = benjamini_hochberg([topic.p for topic in found.values()])
    return [
        key
        for (key, topic), p in zip(found.items(), adjusted, strict=True)
        if p <= FALSE_DISCOVERY_RATE and topic.mentions >= FEWEST_MENTIONS and topic.ratio >= SMALLEST_RATIO
    ]
