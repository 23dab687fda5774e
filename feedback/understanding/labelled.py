"""The project's own labelled comments and sentences, and which of them nothing may ever be trained or tuned on."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "labelled"
LANGUAGES = ("en", "ru")
FROZEN_PERCENT = 30


@dataclass(frozen=True)
class Labelled:
    """A comment and how it was labelled by hand; `polarity` is negative, neutral or positive."""

    text: str
    language: str
    polarity: str
    is_constructive: bool
    is_mixed: bool
    topics: frozenset[str]
    channel: str


def key(text: str) -> str:
    """The letters and figures of a comment, which tell it from others."""
    return "".join(sign for sign in text.casefold() if sign.isalnum()) or text.strip()


def is_frozen(text: str) -> bool:
    """Whether a comment belongs to the benchmark: told from its words alone, so no edit of the file can move it."""
    return int.from_bytes(hashlib.sha256(key(text).encode()).digest()[:4]) % 100 < FROZEN_PERCENT


def every() -> Iterator[Labelled]:
    """All labelled comments, both languages."""
    for language in LANGUAGES:
        with open(FOLDER / f"comments_{language}.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield Labelled(
                    text=row["text"],
                    language=row["language"],
                    polarity=row["polarity"],
                    is_constructive=row["constructive"] == "1",
                    is_mixed=row["mixed"] == "1",
                    topics=frozenset(row["topics"].split()),
                    channel=row["channel"],
                )


def sentences() -> Iterator[Labelled]:
    """Labelled sentences of other kinds (posts, reviews, wishes in forums), without topics or channel."""
    for language in LANGUAGES:
        with open(FOLDER / f"sentences_{language}.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield Labelled(
                    text=row["text"],
                    language=language,
                    polarity=row["polarity"],
                    is_constructive=row["constructive"] == "1",
                    is_mixed=row["mixed"] == "1",
                    topics=frozenset(),
                    channel="",
                )


def for_teaching() -> list[Labelled]:
    """The sentences that may be trained on, beside the comments."""
    return [row for row in sentences() if not is_frozen(row.text)]


def for_training() -> list[Labelled]:
    """What may be trained and tuned on: the one door through which training gets labelled rows."""
    return [row for row in every() if not is_frozen(row.text)]


def frozen() -> list[Labelled]:
    """The benchmark."""
    return [row for row in every() if is_frozen(row.text)]
