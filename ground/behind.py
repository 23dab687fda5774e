"""The filter “counted as” of a list: it leaves the rows that a number of the indicators counts.

What those are is known by the rooms that count: they register it here.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class Number(NamedTuple):
    """What the filter calls it, and what it leaves of the rows."""

    label: Any
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]


_numbers: dict[type[Model], Mapping[str, Number]] = {}


def register(model: type[Model], numbers: Mapping[str, Number]) -> None:
    """Make numbers known to the list of their rows."""
    _numbers[model] = numbers


class CountedAs(admin.SimpleListFilter):
    title = _("counted as")
    parameter_name = "counted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, number.label) for name, number in _numbers.get(model_admin.model, {}).items()]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        number = _numbers.get(rows.model, {}).get(self.value() or "")
        return number.rows(rows) if number else rows
