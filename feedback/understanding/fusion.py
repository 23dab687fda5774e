"""What counts in the end: rules, student and, where it was asked, the sentence embedding weighed together per language.

The weights were fitted on comments that the models had not been trained on, so the probabilities are calibrated.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from feedback.understanding import artefact
from feedback.understanding.constructive import DENIED, SETTLED
from feedback.understanding.verdicts import Reading

if TYPE_CHECKING:
    import numpy as np

# What combinations of parts are called where they were measured, by the share that goes through the embedding too.
COMBINED = {
    0.0: "rules+student",
    0.1: "rules+student+embedding@10",
    0.3: "rules+student+embedding",
    1.0: "rules+student+embedding@100",
}
NAME = "fusion"
TONES = ("negative", "neutral", "positive")
ASKS = 0.45  # a request that is missed counts a fifth more than one that is not there


class Judgement(NamedTuple):
    """Probabilities: of the three tones, of mixed feelings, and of the class that lists show being right; and how
    likely something is asked for, on a scale where that is believed from a half on."""

    tones: tuple[float, ...]
    mixed: float
    asks: float
    sure: float


def of_rules(reading: Reading) -> list[float]:
    """What the rules and the second opinion say, as numbers."""
    tone, opinion = reading.tone, reading.second_opinion
    sure = [tone.confidence if tone.value == name else 0.0 for name in TONES]
    asks = reading.constructive.confidence * (1 if reading.constructive.value == "yes" else -1)
    said = [asks, float(asks > 0), float(asks <= -DENIED), opinion.polarity if opinion else 0.0]
    return [*sure, *said, reading.polarity, abs(reading.polarity), float(tone.value == "mixed")]


def is_settled(reading: Reading) -> bool:
    """Whether the rules are certain that nothing is asked for."""
    return reading.constructive.value == "no" and reading.constructive.confidence >= SETTLED


def features(
    readings: Sequence[Reading], said: Sequence["np.ndarray"], outputs: Sequence[str]
) -> dict[str, "np.ndarray"]:  # fmt: skip
    """A row per comment for each scheme: the logits of each model, then the rules' numbers."""
    import numpy as np

    rules = np.array([of_rules(reading) for reading in readings])
    mixed = [logits[:, [outputs.index("mixed")]] for logits in said]
    return {"joint": np.hstack([*said, rules]), "mixed": np.hstack([*mixed, rules[:, -2:]])}


def softmax(scores: "np.ndarray") -> "np.ndarray":
    """Probabilities over the last axis."""
    import numpy as np

    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def weigh(rows: "np.ndarray", weights: Sequence[Sequence[float]]) -> "np.ndarray":
    """Probabilities of the classes; of a class's weights the last is its intercept."""
    import numpy as np

    columns = np.array(weights).T
    return softmax(rows @ columns[:-1] + columns[-1])


def judge(
    readings: Sequence[Reading], said: Sequence["np.ndarray"], outputs: Sequence[str], weights: Any
) -> list[Judgement]:
    """The probabilities for comments of one language from their readings by rules and the logits of each model."""
    if not readings:
        return []
    import numpy as np

    told = features(readings, said, outputs)
    plain, asking = np.split(weigh(told["joint"], weights["joint"]), 2, axis=1)
    tones, asks = plain + asking, asking.sum(axis=1)
    settled = np.array([is_settled(reading) for reading in readings])
    plain, asks = np.where(settled[:, None], tones, plain), np.where(settled, np.minimum(asks, 1 - SETTLED), asks)
    shown = plain[np.arange(len(plain)), tones.argmax(axis=1)]
    mixed = weigh(told["mixed"], weights["mixed"])[:, 1]
    believed = asks * (1 - ASKS) / (asks * (1 - ASKS) + (1 - asks) * ASKS)
    columns = (mixed, believed, np.where(asks >= ASKS, asks, shown))
    return [
        Judgement(tuple(three), *rest)
        for three, *rest in zip(tones.round(4).tolist(), *(each.round(4).tolist() for each in columns), strict=True)
    ]


def asked(believed: float) -> float:
    """How likely something is asked for, of how much that is believed: the odds less what a missed request counts."""
    return believed * ASKS / (believed * ASKS + (1 - believed) * (1 - ASKS))


def step(weights: Any, deep: float) -> str:
    """The share nearest to `deep` of which it is known how sure a comment is that belongs to it."""
    return str(min(weights["unsure"], key=lambda share: abs(float(share) - deep)))


@lru_cache(maxsize=1)
def weights() -> dict[str, Any] | None:
    """The fused weights, or None when there are none."""
    return artefact.read_manifest(NAME)
