"""What reading a comment yields. All offsets are character positions in the text that was given."""

from dataclasses import dataclass
from typing import NamedTuple

VERSION = "rules-4"
RULE_SOURCE = f"rule@{VERSION}"
SURE = 0.8
CHECK = 0.38


class Span(NamedTuple):
    """`text[start:end]` is the evidence; kind is "tone+", "tone-", "constructive" or "topic:<code>"."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Verdict:
    """One statement about a comment: a value, how sure we are (0..1), the evidence and who says so."""

    value: str
    confidence: float
    spans: tuple[Span, ...] = ()
    source: str = RULE_SOURCE


@dataclass(frozen=True)
class TopicVerdict(Verdict):
    """A topic that the comment speaks about; the value is the topic's code."""

    @property
    def code(self) -> str:
        """The topic's code."""
        return self.value


@dataclass(frozen=True)
class SecondOpinion(Verdict):
    """Another reader's tone, with its polarity in [-1, 1] and subjectivity in [0, 1]."""

    polarity: float = 0.0
    subjectivity: float = 0.0


@dataclass(frozen=True)
class TopicRule:
    """One topic and its cues per language, in the grammar that `topics.compile_rules` describes; `is_shipped` when it
    still is what the product came with, so that more is known of it than its cues, `has_own_cues` when a manager has
    added some, which then decide where they fire."""

    code: str
    cues_ru: tuple[str, ...] = ()
    cues_en: tuple[str, ...] = ()
    is_shipped: bool = False
    has_own_cues: bool = False


@dataclass(frozen=True)
class Reading:
    """Everything that was read out of one comment.

    `tone` is positive, negative, neutral, mixed or "" (the language is not read); `polarity` is in [-1, 1];
    `constructive` is yes or no; `lemmas` is the text as lemmas (ru) and stems (en) for searching. `tones` are the
    probabilities of negative, neutral and positive, `sure` that of the one class that lists show; the rules alone give
    neither. `hints` are topics that something spoke for or against, but not enough, with the sums of their cues or what
    comes to the same.
    """

    language: Verdict
    tone: Verdict
    polarity: float
    constructive: Verdict
    topics: tuple[TopicVerdict, ...]
    second_opinion: SecondOpinion | None
    lemmas: str
    tones: tuple[float, ...] = ()
    sure: float | None = None
    hints: tuple[tuple[str, float], ...] = ()
