"""What counts in the end: rules, student and, where it was asked, the sentence embedding weighed together per language.

The weights were fitted on comments that the models had not been trained on, so the probabilities are calibrated.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from feedback.understanding import artefact
from feedback.understanding.constructive import DENIED
from feedback.understanding.verdicts import Reading

if TYPE_CHECKING:
    import numpy as np

NAME = "fusion"
TONES = ("negative", "neutral", "positive")
SCHEMES = ("tone", "mixed", "constructive")


class Judgement(NamedTuple):
    """Probabilities: of the three tones, of mixed feelings, and of a request."""

    tones: tuple[float, ...]
    mixed: float
    asks: float

    @property
    def sureness(self) -> float:
        """How likely the tone and whether something is asked for are both right."""
        return max(self.tones) * max(self.asks, 1 - self.asks)


def of_rules(reading: Reading) -> dict[str, list[float]]:
    """What the rules and the second opinion say, as numbers for each scheme."""
    tone, opinion = reading.tone, reading.second_opinion
    sure = [tone.confidence if tone.value == name else 0.0 for name in TONES]
    mixed = float(tone.value == "mixed")
    asks = reading.constructive.confidence * (1 if reading.constructive.value == "yes" else -1)
    return {
        "tone": [*sure, mixed, reading.polarity, asks, opinion.polarity if opinion else 0.0],
        "mixed": [mixed, abs(reading.polarity)],
        "constructive": [asks, float(asks > 0), float(asks <= -DENIED)],
    }


def features(
    readings: Sequence[Reading], said: Sequence["np.ndarray"], outputs: Sequence[str]
) -> dict[str, "np.ndarray"]:  # fmt: skip
    """A row per comment for each scheme: the logits of each model, then the rules' numbers."""
    import numpy as np

    rules = [of_rules(reading) for reading in readings]
    places = {"tone": [outputs.index(name) for name in TONES]}
    places |= {name: [outputs.index(name)] for name in ("mixed", "constructive")}
    return {
        scheme: np.hstack([*(logits[:, places[scheme]] for logits in said), [row[scheme] for row in rules]])
        for scheme in SCHEMES
    }


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
    told = features(readings, said, outputs)
    tones = weigh(told["tone"], weights["tone"]).round(4).tolist()
    mixed = weigh(told["mixed"], weights["mixed"])[:, 1].round(4).tolist()
    asks = weigh(told["constructive"], weights["constructive"])[:, 1].round(4).tolist()
    return [Judgement(tuple(three), both, wish) for three, both, wish in zip(tones, mixed, asks, strict=True)]


@lru_cache(maxsize=1)
def weights() -> dict[str, Any] | None:
    """The fused weights, or None when there are none."""
    return artefact.read_manifest(NAME)
