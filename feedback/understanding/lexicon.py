"""The word lists in `feedback/lexicon/`, read once."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "lexicon"


def rows(name: str) -> Iterator[tuple[str, ...]]:
    """The tab-separated fields of each line of a list; empty lines and lines starting with # are passed over."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield tuple(line.split("\t"))


@lru_cache(maxsize=16)
def weights(name: str) -> tuple[tuple[str, float], ...]:
    """Pairs of phrase and weight from `<name>.tsv`."""
    return tuple((phrase, float(weight)) for phrase, weight in rows(f"{name}.tsv"))


@lru_cache(maxsize=16)
def table(name: str) -> dict[str, Any]:
    """The object in `<name>.json`."""
    return dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def stopwords() -> frozenset[str]:
    """Words of both languages that are in every text and tell nothing of what it is about."""
    return frozenset(word for told in table("stopwords").values() for word in told.split())
