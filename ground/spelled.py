"""Looking for words however they are written: SQLite takes capitals for small letters in ASCII alone."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Q


def has_all(words: Iterable[str], lookups: Sequence[str]) -> Q:
    """Whether each of the words is found by one of the lookups."""
    condition = Q()
    for word in words:
        told = Q()
        for lookup in lookups:
            for written in _spellings(word):
                told |= Q(**{lookup: written})
        condition &= told
    return condition


def _spellings(word: str) -> set[str]:
    if word.isascii() or connection.vendor != "sqlite":
        return {word}
    return {word, word.lower(), word.upper(), word.capitalize(), word.title()}
