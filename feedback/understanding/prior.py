"""The topics that ship with the product know more words than their cues: those that its labelled comments use of them,
and those that mean about the same.

Cues and words are weighed together while the topic is as it came; a cue that speaks against it keeps it away. Once a
manager has added cues, one that fires always names its topic, and words only add. A topic that he has made his own is
read by its cues alone.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from feedback.understanding import artefact, evidence, student
from feedback.understanding.learned import START, log_odds, probability
from feedback.understanding.ngrams import Piece
from feedback.understanding.student import Spoken
from feedback.understanding.topics import FIRES, WEAK, Cued
from feedback.understanding.verdicts import CHECK, RULE_SOURCE, VERSION, TopicRule, TopicVerdict
from feedback.understanding.words import Token

NAME = student.TOPICS
SOURCE = f"fused@{VERSION}+{NAME}-"
HIGHEST = 3.0
LEAST = log_odds(CHECK)
Topics = tuple[tuple[TopicVerdict, ...], tuple[tuple[str, float], ...]]


class Leaning(NamedTuple):
    """What the words of a text say of each topic that ships: log-odds, and the sum of cues that would say as much."""

    logits: list[float]
    hints: list[float]


@lru_cache(maxsize=1)
def weights() -> dict[str, Any] | None:
    """How cues and words are weighed, and the topics; None when words were never learnt."""
    return artefact.read_manifest(NAME)


@lru_cache(maxsize=1)
def source() -> str:
    """The name under which these labels are kept."""
    manifest = weights() or {}
    return SOURCE + str(manifest.get("sha256"))[:8]


def shipped(rules: Sequence[TopicRule]) -> dict[str, bool]:
    """The topics that are as they came, and of each whether its cues decide, since a manager has added some."""
    return {rule.code: rule.has_own_cues for rule in rules if rule.is_shipped}


def leans(total: float) -> tuple[float, float, float]:
    """The sum of a topic's cues as what is weighed: itself, whether it fires, and whether it half does."""
    return max(-1.0, min(HIGHEST, total)), float(total >= FIRES), float(total >= WEAK)


def by_words(spoken: Sequence[Spoken]) -> list[Leaning]:
    """The leanings of many texts at once; empty ones where words were never learnt."""
    manifest = weights()
    if manifest is None or not spoken or not len(spoken[0].about):
        return [Leaning([], [])] * len(spoken)
    import numpy as np

    _sum, _firing, _half, own, sense, level = manifest["lean"]
    v, b = START["topic"]
    about = np.array([each.about for each in spoken], np.float64)
    sensed = np.array([each.sensed for each in spoken], np.float64)
    logits = own * about + sense * sensed + level
    return [Leaning(*each) for each in zip(logits.tolist(), ((logits - b) / v).tolist(), strict=True)]


def weighed(
    cued: Cued, as_shipped: Mapping[str, bool], leaning: Leaning, spoken: Spoken, seen: Sequence[Piece],
    found: Sequence[Token],
) -> Topics:  # fmt: skip
    """The topics of a text, surest first, and how near others came, as the sum of cues that would say as much;
    `as_shipped` are the topics that are as they came, with whether their cues decide."""
    manifest = weights()
    if manifest is None or not as_shipped or not leaning.logits:
        return cued.verdicts, cued.hints
    by_sum, by_firing, by_half, *_words = manifest["lean"]
    v, b = START["topic"]
    decided = any(as_shipped.get(code, True) for code in cued.sums)
    told = {verdict.code: verdict for verdict in cued.verdicts if as_shipped.get(verdict.code, True)} if decided else {}
    near = dict(zip(manifest["outputs"], leaning.hints, strict=True))
    named: list[str] = []
    for at, (code, logit) in enumerate(zip(manifest["outputs"], leaning.logits, strict=True)):
        total, fires = cued.sums.get(code), 0.0
        if not total and logit < LEAST and code in as_shipped:
            continue  # so it is of most topics
        if code not in as_shipped or (total and total < 0):
            del near[code]
            continue
        if total:
            own, fires, half = leans(total)
            logit += by_sum * own + by_firing * fires + by_half * half
        if logit < LEAST and not (fires and as_shipped[code]):
            near[code] = (logit - b) / v
            continue
        del near[code]
        spans = cued.spans.get(code) or evidence.of_student(spoken.shares_about[:, at], seen, found, f"topic:{code}")
        if spans:
            named.append(code)
            sure = max(round(probability(logit), 3), CHECK)
            told[code] = TopicVerdict(code, sure, spans, RULE_SOURCE if fires else source())
    hints = dict(cued.hints) | near
    for code in named:
        hints.pop(code, None)
    return tuple(sorted(told.values(), key=lambda verdict: -verdict.confidence)), tuple(hints.items())


def shift(threshold: float) -> float:
    """What is added to a logit so that this probability becomes the least that is shown."""
    return log_odds(CHECK) - log_odds(threshold)
