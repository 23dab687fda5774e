"""Phrases with what people mean by them, written down from knowledge of the trades: words that no labelled row has."""

from pathlib import Path

from feedback.understanding.labelled import LANGUAGES, Labelled

HERE = Path(__file__).parent
NEUTRAL = "neutral"


def toned() -> list[Labelled]:
    """What people say of meals, goods, films, programs, journeys and firms, with its tone."""
    return [_phrase(text, language, polarity=told) for text, language, told in _lines("tones")]


def of_topics() -> list[Labelled]:
    """Parts of sentences with the topics that people speak of with them, or with none."""
    return [_phrase(text, language, topics=told) for text, language, told in _lines("topics")]


def _phrase(text: str, language: str, *, polarity: str = NEUTRAL, topics: str = "") -> Labelled:
    about = frozenset(topics.split())
    return Labelled(text, language, polarity, is_constructive=False, is_mixed=False, topics=about, channel="")


def _lines(name: str) -> list[tuple[str, str, str]]:
    found = []
    for language in LANGUAGES:
        for line in (HERE / f"{name}_{language}.tsv").read_text(encoding="utf-8").splitlines():
            text, _tab, told = line.partition("\t")
            found.append((text, language, told))
    return found
