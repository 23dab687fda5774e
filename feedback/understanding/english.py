"""TextBlob as a second opinion on English tone."""

import re
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from feedback.understanding.artefact import keep_to_one_core
from feedback.understanding.verdicts import SecondOpinion, Verdict
from feedback.understanding.words import LONGEST_TEXT

LEAST_POLARITY = 0.1
AGREED, OPPOSED = 0.04, -0.15
POLES = ("positive", "negative")
# What TextBlob finds across spaces: smileys and a mark of irony. In a text without any, each word stands for itself.
ACROSS = re.compile(r"[<>♥:=;*°_8]|[xX]\s*(?:-\s*)?D|o\s*\.\s*O|\(\s*!")
CACHED_PIECES = 60_000
UNKNOWN = ("qqq",)  # stands for all words that do no more than to part others


@lru_cache(maxsize=1)
def source() -> str:
    """The name under which its labels are kept, like textblob@0.20."""
    return "textblob@" + ".".join(version("textblob").split(".")[:2])


@lru_cache(maxsize=1)
def lexicon() -> Any:
    """TextBlob's."""
    keep_to_one_core()  # nltk, which TextBlob brings along, imports numpy
    from textblob.en import sentiment

    return sentiment


@lru_cache(maxsize=CACHED_PIECES)
def parted(piece: str) -> tuple[str, ...]:
    """What TextBlob makes of a text without spaces, for which it takes longer than for all else together."""
    sentiment = lexicon()
    told = tuple(" ".join(sentiment.tokenizer(piece)).lower().split())
    is_known = any(word in sentiment or word in sentiment.negations for word in told)
    return UNKNOWN if told and not is_known and all(len(word) > 2 and word.isalpha() for word in told) else told


def words_of(text: str) -> str | list[str]:
    """The words as TextBlob parts them, of several that say nothing to it one; the text itself where it has to be seen
    as a whole."""
    if ACROSS.search(text):
        return text
    told: list[str] = []
    for own in map(parted, text.split()):
        if own is not UNKNOWN or told[-1:] != [*UNKNOWN]:
            told += own
    return told


def second_opinion(text: str) -> SecondOpinion:
    """TextBlob's tone of an English text from its pattern lexicon, which needs no corpus."""
    polarity, subjectivity = lexicon()(words_of(text[:LONGEST_TEXT]))
    polarity, subjectivity = max(-1.0, min(1.0, float(polarity))), float(subjectivity)
    value = "positive" if polarity >= LEAST_POLARITY else "negative" if polarity <= -LEAST_POLARITY else "neutral"
    sure = 0.4 + 0.4 * abs(polarity) if value != "neutral" else 0.4
    return SecondOpinion(
        value, round(sure, 3), source=source(), polarity=round(polarity, 3), subjectivity=round(subjectivity, 3)
    )


def confirmed(tone: Verdict, opinion: SecondOpinion) -> Verdict:
    """The tone, a little surer when the second opinion shares its pole and less sure when it holds the other."""
    if tone.value not in POLES or opinion.value not in POLES:
        return tone
    change = AGREED if tone.value == opinion.value else OPPOSED
    return Verdict(tone.value, round(min(tone.confidence + change, 0.95), 3), tone.spans, tone.source)
