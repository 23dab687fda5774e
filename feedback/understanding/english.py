"""TextBlob as a second opinion on English tone."""

from functools import lru_cache
from importlib.metadata import version

from feedback.understanding.verdicts import SecondOpinion
from feedback.understanding.words import LONGEST_TEXT

LEAST_POLARITY = 0.1


@lru_cache(maxsize=1)
def source() -> str:
    """The name under which its labels are kept, like textblob@0.20."""
    return "textblob@" + ".".join(version("textblob").split(".")[:2])


def second_opinion(text: str) -> SecondOpinion:
    """TextBlob's tone of an English text from its pattern lexicon, which needs no corpus."""
    from textblob.en import sentiment

    polarity, subjectivity = sentiment(text[:LONGEST_TEXT])
    polarity, subjectivity = max(-1.0, min(1.0, float(polarity))), float(subjectivity)
    value = "positive" if polarity >= LEAST_POLARITY else "negative" if polarity <= -LEAST_POLARITY else "neutral"
    sure = 0.4 + 0.4 * abs(polarity) if value != "neutral" else 0.4
    return SecondOpinion(
        value, round(sure, 3), source=source(), polarity=round(polarity, 3), subjectivity=round(subjectivity, 3)
    )
