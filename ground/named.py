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
    def _patterns(self) -> list[re.Pattern[str]]:
        return [pattern for word in self.words for pattern in _patterns(word)]

    @cached_property
    def hints(self) -> list[tuple[str, ...]]:
        """For each word, pieces that stand in every text that names it, in the ways in which a database keeps them."""
        return [hint for word in self.words if _patterns(word) for hint in _hints(word)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the person is named."""
        return sorted(found.span() for pattern in self._patterns for found in pattern.finditer(text))

    def covered(self, value: Any) -> Any:
        """The text, or the texts in a JSON value, with each letter that names the person covered.

        As long as before: whatever points into the text still does.
        """
        if isinstance(value, dict):
            return {self.covered(name): self.covered(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.covered(inner) for inner in value]
        if not isinstance(value, str):
            return value
        for pattern in self._patterns:
            value = pattern.sub(lambda found: COVER * len(found.group()), value)
        return value


def _patterns(word: Word) -> list[re.Pattern[str]]:
    """The word as it may be written; none for one that says too little."""
    if word.kind == EMAIL:
        return [re.compile(rf"(?<![\w.+-]){re.escape(word.text)}(?![\w-])", re.IGNORECASE)]
    if word.kind == PHONE:
        digits = _local(word.text)
        if len(digits) < SHORTEST_PHONE:
            return []
        return [re.compile(rf"(?<!\d)(?:\+?\d{{1,3}}{APART})?{APART.join(map(re.escape, digits))}(?!\d)")]
    if word.kind == ID:
        is_long = len(word.text) >= SHORTEST_ID
        return [re.compile(rf"(?<!\w){re.escape(word.text)}(?!\w)", re.IGNORECASE)] if is_long else []
    parts = word.text.split()
    if len(parts) < SHORTEST_NAME:
        return []
    return [
        re.compile(rf"(?<!\w){BETWEEN.join(map(re.escape, order))}(?!\w)", re.IGNORECASE)
        for order in ([parts] if len(parts) > SHORTEST_NAME else [parts, parts[::-1]])
    ]


def _local(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())[-LOCAL_DIGITS:]


def _hints(word: Word) -> list[tuple[str, ...]]:
    if word.kind == PHONE:
        digits = _local(word.text)
        return [(digits[:3], digits[-2:])]
    text = max(word.text.split(), key=len) if word.kind == NAME else word.text
    shapes = {text, text.lower(), text.upper(), text.title(), text.capitalize()}
    return [(shape,) for shape in sorted(shapes | {json.dumps(shape)[1:-1] for shape in shapes})]
