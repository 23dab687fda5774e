"""The filter “counted as” of a list: it leaves the rows that a number of the indicators counts.

What those are is known by the rooms that count: they register it here.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ground.access import Scope, scope_for


class Number(NamedTuple):
    """What the filter calls it, and what it leaves of the rows.

    One of a family, like the same number for each of many targets, is only listed while it is chosen.
    """

    label: Any
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]
    is_of_family: bool = False


Read = Callable[[str, Scope], Number | None]

_numbers: dict[type[Model], dict[str, Number]] = defaultdict(dict)
_readers: dict[type[Model], list[Read]] = defaultdict(list)


def register(model: type[Model], numbers: Mapping[str, Number]) -> None:
    """Make numbers known to the list of their rows."""
    _numbers[model].update(numbers)


def register_reader(model: type[Model], read: Read) -> None:
    """Make numbers known that are too many to list: their names say what they count, and for whom the reader asks."""
    _readers[model].append(read)


def _found(model: type[Model], name: str, request: HttpRequest) -> Number | None:
    known = _numbers[model].get(name)
    told = (read(name, scope_for(request)) for read in _readers[model] if name)
    return known or next((number for number in told if number), None)


class CountedAs(admin.SimpleListFilter):
    title = _("counted as")
    parameter_name = "counted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen, known = request.GET.get(self.parameter_name, ""), _numbers[model_admin.model]
        found = [(name, one.label) for name, one in known.items() if not one.is_of_family or name == chosen]
        own = _found(model_admin.model, chosen, request) if chosen not in known else None
        return [*found, (chosen, own.label)] if own else found

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        number = _found(rows.model, self.value() or "", request)
        return number.rows(rows) if number else rows
