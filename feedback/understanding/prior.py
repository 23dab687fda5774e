"""The topics that ship with the product know more words than their cues: those that its labelled comments use of them,
and those that mean about the same.

Cues and words are weighed together while the topic is as it came; a cue that speaks against it keeps it away. Once a
manager has added cues, one that fires always names its topic, and words only add. A topic that he has made his own is
read by its cues alone.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

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


def weighed(
    cued: Cued, as_shipped: Mapping[str, bool], spoken: Spoken, seen: Sequence[Piece], found: Sequence[Token]
) -> Topics:
    """The topics of a text, surest first, and how near others came, as the sum of cues that would say as much;
    `as_shipped` are the topics that are as they came, with whether their cues decide."""
    manifest = weights()
    if manifest is None or not as_shipped or not len(spoken.about):
        return cued.verdicts, cued.hints
    by_sum, by_firing, by_half, by_words, by_sense, level = manifest["lean"]
    v, b = START["topic"]
    told = {verdict.code: verdict for verdict in cued.verdicts if as_shipped.get(verdict.code, True)}
    hints = dict(cued.hints)
    scores = zip(manifest["outputs"], spoken.about.tolist(), spoken.sensed.tolist(), strict=True)
    for at, (code, score, sensed) in enumerate(scores):
        logit, fires = by_words * score + by_sense * sensed + level, 0.0
        if total := cued.sums.get(code):
            own, fires, half = leans(total)
            logit += by_sum * own + by_firing * fires + by_half * half
        if code not in as_shipped or (total and total < 0):
            continue
        if logit < LEAST and not (fires and as_shipped[code]):
            hints[code] = (logit - b) / v
            continue
        spans = cued.spans.get(code) or evidence.of_student(spoken.shares_about[:, at], seen, found, f"topic:{code}")
        if spans:
            hints.pop(code, None)
            sure = max(round(probability(logit), 3), CHECK)
            told[code] = TopicVerdict(code, sure, spans, RULE_SOURCE if fires else source())
    return tuple(sorted(told.values(), key=lambda verdict: -verdict.confidence)), tuple(hints.items())


def shift(threshold: float) -> float:
    """What is added to a logit so that this probability becomes the least that is shown."""
    return log_odds(CHECK) - log_odds(threshold)
