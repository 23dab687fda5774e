"""Files of rows from outside, one module for each kind; `surveys.importing` takes their rows in.

A kind has NAME, FIELDS, `check(values, given)` and `take(values, given)`, which returns what became of the row. Both
raise Wrong, or LeftOut for a row that is none of ours. `values` maps the names of fields to the texts of cells that are
not empty. `settle(given)`, if a kind has it, ends a step with what is done about its rows together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from ground.access import Scope
from ground.models import User
from surveys.imports.titles import plain

KINDS = {
    "interactions": "surveys.imports.interactions",
    "customers": "surveys.imports.customers",
    "suppressions": "surveys.imports.suppressions",
}


class Wrong(ValueError):
    """What is wrong with one row: (name of the field or "", sentence) pairs."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(faults)
        self.faults = faults


class LeftOut(Exception):
    """A row that is no contact of a customer: spam, deleted, merged into another one."""


@dataclass(frozen=True)
class Field:
    """One of our fields; a file's column is taken for it when its title is the label or one of the other names."""

    name: str
    label: Any
    also: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class Given:
    """What holds for every row: who imports, what was chosen for the file, the zone of times that name none.

    Without `asks` the rows are history that no rule asks about. `product` is what wrote the file, where that is known.
    """

    writer: Scope
    source: str
    zone: ZoneInfo
    asks: bool = True
    by: User | None = None
    product: Any = None
    known: dict[str, Any] = field(default_factory=dict)


def get(kind: str) -> ModuleType:
    """The module of a kind. Raises KeyError."""
    return import_module(KINDS[kind])


def guess(kind: ModuleType, header: list[str]) -> dict[str, str]:
    """Which of the file's columns each field is likely to be: {field: column}."""
    titles = {plain(title): title for title in reversed(header)}
    found: dict[str, str] = {}
    for each in kind.FIELDS:
        column = next((titles[name] for name in _names(each) if name in titles), None)
        if column and column not in found.values():
            found[each.name] = column
    return found


def _names(each: Field) -> list[str]:
    labels = []
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            labels.append(str(each.label))
    return [plain(name) for name in (each.name, *labels, *each.also)]


def told_errors(errors: Any, name_of: Callable[[str], str], prefix: str = "") -> list[tuple[str, str]]:
    """A serializer's errors as (field, sentence) pairs; `name_of` turns a path like customer.email into a field."""
    found: list[tuple[str, str]] = []
    for name, value in errors.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found += told_errors(value, name_of, f"{path}.")
        else:
            found.append((name_of(path), " ".join(str(part) for part in value)))
    return found
