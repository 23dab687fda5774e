"""Words that set some comments apart from others, to explain a topic or an alert, never to raise one (M33)."""

import math
from collections.abc import Mapping
from typing import NamedTuple

PRIOR_TOTAL = 500.0
FEWEST_USES = 5
TELLING_FROM = 3.0


class WordOdds(NamedTuple):
    """Log-odds ratio of a word (natural logarithm) and its z; both are positive for words of the first comments."""

    delta: float
    z: float


def prior(corpus: Mapping[str, int], *, total: float = PRIOR_TOTAL) -> dict[str, float]:
    """Pseudo-counts of the whole corpus's words, scaled to `total` in all (100 to 1000)."""
    uses = sum(corpus.values())
    return {word: total * count / uses for word, count in corpus.items() if count}


def log_odds(first: Mapping[str, int], second: Mapping[str, int], alpha: Mapping[str, float]) -> dict[str, WordOdds]:
    """Log-odds of every word of the prior with an informative Dirichlet prior (Monroe, Colaresi, Quinn 2008).

    Natural logarithms: with log10 and this variance z would be 2.3 times too small.
    """
    n1, n2, total = sum(first.values()), sum(second.values()), math.fsum(alpha.values())
    found = {}
    for word, extra in alpha.items():
        y1, y2 = first.get(word, 0) + extra, second.get(word, 0) + extra
        rest1, rest2 = n1 + total - y1, n2 + total - y2
        if min(y1, y2, rest1, rest2) > 0:
            delta = math.log(y1 / rest1) - math.log(y2 / rest2)
            found[word] = WordOdds(delta, delta / math.sqrt(1 / y1 + 1 / y2))
    return found


def telling(odds: Mapping[str, WordOdds], first: Mapping[str, int]) -> list[str]:
    """Words used at least five times that set the first comments apart, |z| >= 3, the most telling first."""
    kept = [word for word, found in odds.items() if found.z >= TELLING_FROM and first.get(word, 0) >= FEWEST_USES]
    return sorted(kept, key=lambda word: (-odds[word].z, word))
