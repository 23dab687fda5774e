"""The project's own labelled comments and sentences, and which of them nothing may ever be trained or tuned on."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
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


@lru_cache(maxsize=1)
def pairs() -> dict[str, str]:
    """Of plain rows of which one praises what another blames, the first one of each pair, by the key of both."""
    found: dict[str, str] = {}
    first: dict[str, str] = {}
    for row in _rows("plain_en.csv"):
        if row["pair"]:
            found[key(row["text"])] = first.setdefault(row["pair"], row["text"])
    return found


def stands_for(text: str) -> str:
    """The text by whose words a split is decided: what is near to each other stays together."""
    return pairs().get(key(text), text)


def is_frozen(text: str) -> bool:
    """Whether a comment belongs to the benchmark: told from words alone, its own or those of the first of its pair, so
    no other edit of the file can move it."""
    return int.from_bytes(hashlib.sha256(key(stands_for(text)).encode()).digest()[:4]) % 100 < FROZEN_PERCENT


def every() -> Iterator[Labelled]:
    """All labelled comments, both languages."""
    for language in LANGUAGES:
        yield from (_labelled(row, language) for row in _rows(f"comments_{language}.csv"))


def sentences() -> Iterator[Labelled]:
    """Labelled sentences of other kinds (posts, reviews, wishes in forums), without topics or channel."""
    for language in LANGUAGES:
        yield from (_labelled(row, language) for row in _rows(f"sentences_{language}.csv"))


def plain() -> Iterator[Labelled]:
    """Labelled rows as most people write them: comments, and English sentences about meals, goods, films, programs."""
    for language in LANGUAGES:
        yield from (_labelled(row, language) for row in _rows(f"plain_{language}.csv"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _labelled(row: dict[str, str], language: str) -> Labelled:
    return Labelled(
        text=row["text"],
        language=language,
        polarity=row["polarity"],
        is_constructive=row["constructive"] == "1",
        is_mixed=row["mixed"] == "1",
        topics=frozenset(row.get("topics", "").split()),
        channel=row.get("channel", ""),
    )


def for_teaching() -> list[Labelled]:
    """The sentences and plain rows that may be trained on, beside the comments."""
    return [row for row in (*sentences(), *plain()) if not is_frozen(row.text)]


def for_training() -> list[Labelled]:
    """What may be trained and tuned on: the one door through which training gets labelled rows."""
    return [row for row in every() if not is_frozen(row.text)]


def frozen() -> list[Labelled]:
    """The benchmark."""
    return [row for row in every() if is_frozen(row.text)]
