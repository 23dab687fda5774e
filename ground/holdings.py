"""What each table keeps of people outside, as the rooms declare it, and who somebody is that is looked for.

A room's `privacy` module (`settings.PRIVACY_MODULES`) has HOLDINGS and PLAIN, the tables without anything of theirs.
It may have `widen`, which adds what the room's rows know of a Subject; `settle`, which is done before their rows are
emptied, in the same transaction; `cover`, for names that stand elsewhere than in columns, and `make_way`, which stops
what is in its way; `words_of` what somebody typed; `known`, all that people are known by; and `rebuild_indexes`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from ground.named import Names, Word

# Columns of a queue row and the like, which never name anybody.
MACHINERY = ("lease", "error", "request")
FREE = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


@dataclass
class Subject:
    """Somebody outside: the keys of the rows that stand for them, and all that they are called by."""

    keys: set[int] = field(default_factory=set)
    words: set[Word] = field(default_factory=set)

    @property
    def names(self) -> Names:
        return Names(self.words)

    @property
    def is_known(self) -> bool:
        return bool(self.keys or self.words)


@dataclass(frozen=True)
class Holding:
    """What one table keeps of people outside.

    `own` are paths from a row to the one that stands for somebody: theirs are emptied by `empty`, which has a value for
    each column, or a function that makes one for each row; or deleted, when it `goes`. `said` are columns of anybody's
    rows in which somebody may be named: there the names are covered, and `after` is told the keys of those rows.
    `plain` are columns that hold nothing of anybody outside, `secret` those that nobody is shown.
    """

    model: str
    own: tuple[str, ...] = ()
    empty: Mapping[str, Any] = field(default_factory=dict)
    goes: bool = False
    said: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    after: Callable[[list[int]], None] | None = None

    @property
    def table(self) -> type[models.Model]:
        return apps.get_model(self.model)

    def rows_of(self, subject: Subject) -> QuerySet[Any]:
        """Their own rows."""
        rows = self.table._default_manager.order_by()
        # One look for each path: the database has an index for each, and none for all of them together.
        keys = {
            key
            for path in self.own
            for key in rows.filter(**{f"{path}__in": subject.keys}).values_list("pk", flat=True)
        }
        return rows.filter(pk__in=keys)


@cache
def rooms() -> list[ModuleType]:
    """The privacy modules, rows that point at others before those that they point at."""
    return [import_module(name) for name in settings.PRIVACY_MODULES]


def every() -> Iterator[Holding]:
    for room in rooms():
        yield from room.HOLDINGS


def told(name: str, *given: Any) -> list[Any]:
    """What each room that has a function of this name says."""
    return [getattr(room, name)(*given) for room in rooms() if hasattr(room, name)]


def undeclared() -> list[str]:
    """Columns that may hold something of people outside, and that no room has declared."""
    declared = {holding.model.lower(): holding for holding in every()}
    plain = {label.lower() for room in rooms() for label in room.PLAIN}
    found = []
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        holding = declared.get(label)
        if label in plain or (holding and holding.goes):
            continue
        known = {*MACHINERY, *holding.empty, *holding.said, *holding.plain} if holding else set()
        points = {column.name for column in model._meta.concrete_fields if column.name in known}
        found += [
            f"{model._meta.label}.{column.name}"
            for column in model._meta.concrete_fields
            if isinstance(column, FREE) and not column.choices and column.name not in points
        ]
    return found
