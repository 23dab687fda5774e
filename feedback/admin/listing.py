"""Lists to read: newest first, grouped by day, paged by the row that stands at the edge."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, OrderBy, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.admin.rows import Row
from feedback.choices import OWN
from feedback.filters import Filters
from feedback.seeking import FEW, Way
from ground import remembered
from ground.admin import scope_for
from ground.models import Team
from ground.text import is_key

PAGE = 50
MANY = FEW  # a search knows so much of its hits
REMEMBERED_SECONDS = 300


@dataclass(frozen=True)
class Sought:
    """What a list looks for, and the rows that it loads by their keys with all that a page tells of them."""

    way: Way
    shown: QuerySet[Any]
    moment: str

    @cached_property
    def horizon(self) -> "Horizon | None":
        """The horizon seen from the top of the list, remembered for a while; the page and the count ask for it."""
        within = self.way.within.order_by(f"-{self.moment}", "-pk")
        question = f"horizon {within.query} {self.way.window}"
        return remembered.while_costly(question, lambda: _last(self, within), seconds=REMEMBERED_SECONDS)

    @cached_property
    def counted(self) -> list[int]:
        """The keys from the top of the list on, as many as are counted; the first page stands among them."""
        found, _horizon = looked_through(self, None, "lt")
        return list(found.values_list("pk", flat=True)[: MANY + 1])


@dataclass(frozen=True)
class Horizon:
    """The row beyond which nothing was looked at."""

    pk: int
    at: dt.datetime


@dataclass(frozen=True)
class Page:
    """Rows of one page, the keys of the rows that the newer and the older page begin at (None at the ends), and where
    looking ended before the page was full."""

    rows: list[Any]
    newer: int | None
    older: int | None
    horizon: Horizon | None
    is_last: bool


def page_of(sought: Sought, params: Any, *, visible: Q) -> Page:
    """The page after or before the row that the address names; the first page when it names none.

    No offset: what arrives meanwhile moves nothing, and a deep page costs as much as the first.
    """
    # Another team's row must not tell its moment by the edge of a page.
    own = sought.shown.model._default_manager.filter(visible)
    after, before = _edge(own, params.get("after")), _edge(own, params.get("before"))
    side = "gt" if after else "lt"
    found, horizon = looked_through(sought, after or before, side)
    is_counted = not (after or before) and "counted" in vars(sought)  # then the rows need not be found once more
    keys = (sought.counted if is_counted else list(found.values_list("pk", flat=True)[: PAGE + 1]))[: PAGE + 1]
    is_last = len(keys) <= PAGE
    further = horizon.pk if horizon and is_last else None
    more = keys[PAGE - 1] if not is_last else further
    if after:
        keys = keys[:PAGE][::-1]
        newer, older = more, keys[-1] if keys else after.pk
    else:
        keys = keys[:PAGE]
        newer, older = (keys[0] if keys else before.pk) if before else None, more
    return Page(_rows(sought, keys), newer=newer, older=older, horizon=horizon if is_last else None, is_last=is_last)


def _edge(within: QuerySet[Any], key: str | None) -> Any:
    return within.filter(pk=key).first() if key and is_key(key) else None


def looked_through(sought: Sought, edge: Any, side: str) -> tuple[QuerySet[Any], Horizon | None]:
    """What fits beyond the edge, in reading order from there, and the horizon that was set to the look."""
    moment, found = sought.moment, sought.way.found
    order = (f"-{moment}", "-pk") if side == "lt" else (moment, "pk")
    found = found.order_by(*(_unwalked(order) if sought.way.is_sorted else order))
    if edge:
        found = found.filter(_beyond(edge, moment, side))
    horizon = _horizon(sought, edge, side, order) if sought.way.within is not None else None
    return (found.filter(_up_to(horizon, moment, side)) if horizon else found), horizon


def _unwalked(order: tuple[str, str]) -> tuple[OrderBy, str]:
    """The same order in words that no index has."""
    moment, key = order
    same = ExpressionWrapper(F(moment.lstrip("-")) + dt.timedelta(0), output_field=DateTimeField())
    return OrderBy(same, descending=moment.startswith("-")), key


def _horizon(sought: Sought, edge: Any, side: str, order: tuple[str, str]) -> Horizon | None:
    """The last row that is looked at."""
    if not edge:
        return sought.horizon
    return _last(sought, sought.way.within.order_by(*order).filter(_beyond(edge, sought.moment, side)))


def _last(sought: Sought, within: QuerySet[Any]) -> Horizon | None:
    """The row at the end of the window. Rows of several teams stand in an index team by team: each gets its part."""
    way, number = sought.way, sought.way.window
    if way.teams:
        number = max(1, number // len(way.teams))
        ends = within.filter(team=OuterRef("pk")).values("pk")[number - 1 : number]
        last_of_each = Team.objects.filter(pk__in=way.teams).annotate(last=Subquery(ends)).exclude(last=None)
        within, number = within.filter(pk__in=list(last_of_each.values_list("last", flat=True))), 1
    last = within.values_list("pk", sought.moment)[number - 1 : number].first()
    return Horizon(*last) if last else None


def _beyond(edge: Any, moment: str, side: str) -> Q:
    at = getattr(edge, moment)
    # The first condition says nothing more, but it is what SQLite can search its index by.
    return Q(**{f"{moment}__{side}e": at}) & (Q(**{f"{moment}__{side}": at}) | Q(**{f"pk__{side}": edge.pk}))


def _up_to(horizon: Horizon, moment: str, side: str) -> Q:
    near = "gt" if side == "lt" else "lt"
    later = Q(**{f"{moment}__{near}": horizon.at}) | Q(**{f"pk__{near}e": horizon.pk})
    return Q(**{f"{moment}__{near}e": horizon.at}) & later


def _rows(sought: Sought, keys: list[int]) -> list[Any]:
    """Keys are sought in the index alone, and only what is shown is loaded."""
    rows = sought.shown.in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


@dataclass(frozen=True)
class Count:
    """How many rows fit; with `is_least`, as far as was looked through."""

    number: int
    is_least: bool


def count(request: HttpRequest, sought: Sought, chosen: Filters) -> Count:
    """The count of the whole list, whichever page of it is shown."""
    question = f"count {request.user.pk} {scope_for(request)} {request.path} {chosen.address()}"
    return remembered.while_costly(question, lambda: _counted(sought))


def _counted(sought: Sought) -> Count:
    if sought.way.least > MANY:
        return Count(sought.way.least, is_least=False)
    number = len(sought.counted)
    return Count(number, is_least=sought.way.within is not None and sought.horizon is not None and number <= MANY)


def context(
    request: HttpRequest,
    sought: Sought,
    *,
    chosen: Filters,
    to_rows: Callable[..., list[Row]],
    counted: Callable[[int], str],
) -> dict[str, Any]:
    """What the list's template needs."""
    now, total = timezone.now(), count(request, sought, chosen)
    page = page_of(sought, request.GET, visible=scope_for(request).rows(own=OWN))
    if page.is_last and not (request.GET.get("before") or request.GET.get("after")):  # a count may be a minute old
        total = Count(len(page.rows), is_least=page.horizon is not None)
    shown = to_rows(page.rows, now=now)
    _let_go(page.rows)
    return {
        "days": [(day_name(day, now=now), list(rows)) for day, rows in groupby(shown, key=lambda row: row.at.date())],
        "at": request.path,
        "filters": chosen,
        "count": said(total, counted),
        "newest": chosen.address() if page.newer else "",
        "newer": chosen.address(after=str(page.newer)) if page.newer else "",
        "older": chosen.address(before=str(page.older)) if page.older else "",
        "horizon": page.horizon,
    }


def _let_go(loaded: list[Any]) -> None:
    """Parts rows from what was loaded with them.

    They point at each other and would wait for the collector, which then stops a page in every six for 40 ms.
    """
    for row in loaded:
        for one in (*getattr(row, "_prefetched_objects_cache", {}).get("comments", ()), row):
            one._state.fields_cache.clear()
            getattr(one, "_prefetched_objects_cache", {}).clear()


def said(total: Count, counted: Callable[[int], str]) -> str:
    """The count in words, honest about where counting ended."""
    if total.number > MANY:
        return _("more than %s") % counted(MANY)
    return _("at least %s") % counted(total.number) if total.is_least and total.number else counted(total.number)


def day_name(day: dt.date, *, now: dt.datetime) -> str:
    """A day on the reader's clock: today and yesterday by name, the year only when it is another."""
    today = timezone.localtime(now).date()
    written = date_format(day, "j E" if day.year == today.year else "j E Y")
    named = {today: _("Today, %s"), today - dt.timedelta(days=1): _("Yesterday, %s")}
    return named[day] % written if day in named else written
