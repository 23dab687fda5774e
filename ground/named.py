"""How somebody is named in texts: where an address, a number or a name stands, and the text without it. Pure."""

import json
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

EMAIL, PHONE, ID, NAME = "email", "phone", "id", "name"
# A number of fewer characters is in too many texts by chance, and one word is the name of too many people.
SHORTEST_ID, SHORTEST_PHONE, SHORTEST_NAME = 5, 7, 2
# A telephone number without its country's code.
LOCAL_DIGITS = 10
COVER = "•"
# What people put between the digits of a number, and between the parts of a name.
APART, BETWEEN = r"[\s().\-–]{0,3}", r"[\s,]+"


class Word(NamedTuple):
    """One thing that somebody is known by; e-mail addresses in small letters, telephone numbers as E.164."""

    kind: str
    text: str


class Names:
    """Everything that one person is known by, to be looked for in texts."""

    def __init__(self, words: Iterable[Word]) -> None:
        self.words = sorted({word for word in words if word.text})

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        parts = [part for word in self.words if (part := _pattern(word))]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    @cached_property
    def hints(self) -> list[tuple[str, ...]]:
        """For each word, pieces that stand in every text that names it, in the ways in which a database keeps them."""
        return [hint for word in self.words if _pattern(word) for hint in _hints(word)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the person is named."""
        return [found.span() for found in self._pattern.finditer(text)] if self._pattern else []

    def covered(self, value: Any) -> Any:
        """The text, or the texts in a JSON value, with each letter that names the person covered.

        As long as before: whatever points into the text still does.
        """
        if isinstance(value, dict):
            return {self.covered(name): self.covered(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.covered(inner) for inner in value]
        if not isinstance(value, str) or self._pattern is None:
            return value
        return self._pattern.sub(lambda found: COVER * len(found.group()), value)


def _pattern(word: Word) -> str:
    """The word as it may be written; empty for one that says too little."""
    if word.kind == EMAIL:
        return rf"(?<![\w.+-]){re.escape(word.text)}(?![\w-])"
    if word.kind == PHONE:
        if len(_local(word.text)) < SHORTEST_PHONE:
            return ""
        return rf"(?<!\d)(?:\+?\d{{1,3}}{APART})?{APART.join(_local(word.text))}(?!\d)"
    if word.kind == ID:
        return rf"(?<!\w){re.escape(word.text)}(?!\w)" if len(word.text) >= SHORTEST_ID else ""
    parts = [re.escape(part) for part in word.text.split()]
    if len(parts) < SHORTEST_NAME:
        return ""
    orders = [parts] if len(parts) > SHORTEST_NAME else [parts, parts[::-1]]
    return "|".join(rf"(?<!\w){BETWEEN.join(order)}(?!\w)" for order in orders)


def _local(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())[-LOCAL_DIGITS:]


def _hints(word: Word) -> list[tuple[str, ...]]:
    if word.kind == PHONE:
        digits = _local(word.text)
        return [(digits[:3], digits[-2:])]
    text = max(word.text.split(), key=len) if word.kind == NAME else word.text
    shapes = {text, text.lower(), text.upper(), text.title(), text.capitalize()}
    return [(shape,) for shape in sorted(shapes | {json.dumps(shape)[1:-1] for shape in shapes})]
