"""Rows of a JSON file: a list of objects, or one object a line; what is nested gets a title with dots."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

# A table's first title may well begin with a bracket.
BEGINS = re.compile(r"\{|\[\s*[{\]]")
GAP = re.compile(r"\s*")
# Enough for any title that may be kept; a list or an object within it is a cell of JSON.
DEEPEST = 4


class NoRows(ValueError):
    """The row of this number, the first being 1, is no object."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def rows(text: TextIO, *, most_titles: int) -> Iterator[list[str]]:
    """The titles of all objects in the order in which they come up, then each object's cells. Raises NoRows."""
    titles: dict[str, None] = {}
    for row in _objects(text):
        titles.update(dict.fromkeys(row))
        if len(titles) > most_titles:
            break
    yield list(titles)
    for row in _objects(text):
        yield [row.get(title, "") for title in titles]


def _objects(text: TextIO) -> Iterator[dict[str, str]]:
    text.seek(0)
    is_list = text.read(4096).lstrip().startswith("[")
    text.seek(0)
    number = 0
    try:
        for number, found in enumerate(_listed(text.read()) if is_list else _by_line(text), 1):
            if found is not None and not isinstance(found, dict):
                raise NoRows(number)
            yield dict(_cells(found or {}))
    except (json.JSONDecodeError, RecursionError):
        raise NoRows(number + 1) from None


def _by_line(text: TextIO) -> Iterator[Any]:
    """An empty line is an empty row: the others keep their numbers."""
    for line in text:
        yield _read(line) if line.strip() else None


def _listed(text: str) -> Iterator[Any]:
    """One after the other: all objects of a large list at once would be many times its text."""
    decoder, at = json.JSONDecoder(), _behind_gap(text, 0) + 1
    at = _behind_gap(text, at)
    while text[at : at + 1] != "]":
        try:
            found, at = decoder.raw_decode(text, at)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        yield found
        at = _behind_gap(text, at)
        if text[at : at + 1] == ",":
            at = _behind_gap(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("no end", "", at)
    if text[at + 1 :].strip():
        raise json.JSONDecodeError("more than a list", "", at)


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:  # a number of thousands of digits is one, too
        raise json.JSONDecodeError(str(error), "", 0) from None


def _behind_gap(text: str, at: int) -> int:
    found = GAP.match(text, at)
    return found.end() if found else at


def _cells(found: dict[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        title = f"{before}{name}"
        if isinstance(value, dict) and depth < DEEPEST and name != "attributes":
            yield from _cells(value, f"{title}.", depth + 1)
        else:
            yield title, _cell(value)


def _cell(value: Any) -> str:
    """As people write it into a table: lists between commas, moments of events and attributes between semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, dict) and all(isinstance(one, str | int | float) for one in value.values()):
        return "; ".join(f"{name}={one}" for name, one in value.items())
    if isinstance(value, list) and all(isinstance(one, dict) and {"kind", "at"} <= set(one) for one in value):
        return "; ".join(f"{one['kind']} {one['at']}" for one in value)
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ",".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)
