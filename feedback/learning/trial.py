"""Is a new model better? Told on comments that it was not trained on, beside what is read now, per language."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from feedback.learning import fitting
from feedback.learning.fitting import Example
from feedback.understanding.learned import START, Learned, probability
from feedback.understanding.verdicts import CHECK

FOLDS = 5
# Comments of a language: with fewer nothing is proved, so nothing is promoted there.
FEWEST = 30
# How much worse than the active model, in F1, a new one may look by chance.
SLACK = 0.01
GOOD, FEW, WORSE = "good", "few", "worse"


@dataclass(frozen=True)
class Case:
    """An example with its language, the words it is to be told apart by, and whether the active model knew it."""

    example: Example
    language: str
    text: str
    is_old: bool


def said(scheme: str, told: Mapping[str, float]) -> set[str]:
    """What these probabilities come to."""
    if scheme == "tone":
        return {max(told, key=lambda name: told[name])} if told else set()
    least = CHECK if scheme == "topic" else 0.5
    return {name for name, share in told.items() if share >= least}


def fold_of(text: str) -> int:
    """Texts of the same letters share a fold, or one would tell of the other."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())
    return crc32(letters.encode()) % FOLDS


def compared(
    cases: Sequence[Case], scheme: str, names: Sequence[str], *, between: Callable[[], None] = lambda: None
) -> dict[str, dict[str, Any]]:
    """By language: n, and for what is read without learning, with the active model and with the new one, how much was
    said, was right and was to be said.

    The active model is measured as the new one is, by folds, but trained on what it knew: on comments that it has
    learned by heart it would look better than it reads.
    """
    found: dict[str, dict[str, Any]] = {}
    has_old = any(case.is_old for case in cases)
    for fold in range(FOLDS):
        test = [case for case in cases if fold_of(case.text) == fold]
        train = [case for case in cases if fold_of(case.text) != fold]
        after = model_of([case.example for case in train], scheme, names, between)
        old = [case.example for case in train if case.is_old]
        before = model_of(old, scheme, [name for name in names if any(name in each.truth for each in old)], between)
        for case in test:
            own = found.setdefault(case.language, {"n": 0, "rules": [0, 0, 0], "before": [0, 0, 0], "after": [0, 0, 0]})
            own["n"] += 1
            plain = untaught(scheme, case.example)
            count(own["rules"], scheme, plain, case.example)
            count(own["before"], scheme, plain | taught(before, case.example) if has_old else plain, case.example)
            count(own["after"], scheme, plain | taught(after, case.example), case.example)
    for own in found.values():
        own["verdict"] = verdict(own)
    return found


def model_of(
    examples: Sequence[Example], scheme: str, names: Sequence[str], between: Callable[[], None]
) -> tuple[Sequence[str], Learned]:
    """A model of these names as it would be stored."""
    arrays, manifest = fitting.heads(examples, scheme, names, between=between)
    return names, Learned(arrays, manifest, version="")


def untaught(scheme: str, example: Example) -> dict[str, float]:
    v, b = START[scheme]
    return {name: probability(v * example.read.get(name, 0.0) + b) for name in example.truth}


def taught(model: tuple[Sequence[str], Learned], example: Example) -> dict[str, float]:
    names, heads = model
    logits = heads.of_features(example.phi, example.read)
    return {name: probability(logits[name]) for name in names if name in example.truth}


def count(tally: list[int], scheme: str, told: Mapping[str, float], example: Example) -> None:
    """Add what was right, what was said and what was to be said."""
    named, wanted = said(scheme, told), {name for name, is_so in example.truth.items() if is_so}
    tally[0] += len(named & wanted)
    tally[1] += len(named)
    tally[2] += len(wanted)


def f1(tally: Sequence[int]) -> float:
    right, told, wanted = tally
    return 2 * right / (told + wanted) if told + wanted else 0.0


def verdict(figures: Mapping[str, Any]) -> str:
    """Whether a language may have the new model: not worse than what was read without it, nor than the active one."""
    if figures["n"] < FEWEST:
        return FEW
    after = f1(figures["after"])
    return GOOD if after >= f1(figures["rules"]) and after >= f1(figures["before"]) - SLACK else WORSE
