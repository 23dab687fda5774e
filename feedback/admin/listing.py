"""Lists to read: newest first, grouped by day, paged by the row that stands at the edge."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.admin.rows import Row
from feedback.filters import Filters
from ground.admin import scope_for

PAGE = 50
MANY = 10_000


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the keys of the rows that the newer and the older page begin at (None at the ends)."""

    rows: list[Any]
    newer: int | None
    older: int | None


def page_of(found: QuerySet[Any], params: Any, *, moment: str, visible: Q) -> Page:
    """The page after or before the row that the address names; the first page when it names none.

    No offset: what arrives meanwhile moves nothing, and a deep page costs as much as the first.
    """
    # Another team's row must not tell its moment by the edge of a page.
    within = found.model._default_manager.filter(visible)
    after, before = _edge(within, params.get("after")), _edge(within, params.get("before"))
    if after:
        taken = list(found.filter(_beyond(after, moment, "gt")).order_by(moment, "pk")[: PAGE + 1])
        rows = taken[:PAGE][::-1]
        return Page(rows, newer=rows[0].pk if len(taken) > PAGE else None, older=rows[-1].pk if rows else after.pk)
    rest = found.filter(_beyond(before, moment, "lt")) if before else found
    taken = list(rest.order_by(f"-{moment}", "-pk")[: PAGE + 1])
    rows = taken[:PAGE]
    newer = (rows[0].pk if rows else before.pk) if before else None
    return Page(rows, newer=newer, older=rows[-1].pk if len(taken) > PAGE else None)


def _edge(within: QuerySet[Any], key: str | None) -> Any:
    usable = key and key.isascii() and key.isdigit() and len(key) < 19
    return within.filter(pk=key).first() if usable else None


def _beyond(edge: Any, moment: str, side: str) -> Q:
    at = getattr(edge, moment)
    # The first condition says nothing more, but it is what SQLite can search its index by.
    return Q(**{f"{moment}__{side}e": at}) & (Q(**{f"{moment}__{side}": at}) | Q(**{f"pk__{side}": edge.pk}))


def context(
    request: HttpRequest,
    found: QuerySet[Any],
    *,
    chosen: Filters,
    moment: str,
    to_row: Callable[..., Row],
    counted: Callable[[int], str],
    to_count: QuerySet[Any] | None = None,
) -> dict[str, Any]:
    """What the list's template needs; `to_count` are the same rows, asked for in another way."""
    now, page = timezone.now(), page_of(found, request.GET, moment=moment, visible=scope_for(request).rows())
    total = (found if to_count is None else to_count).order_by()[: MANY + 1].count()
    shown = [to_row(row, now=now) for row in page.rows]
    return {
        "days": [(day, list(rows)) for day, rows in groupby(shown, key=lambda row: day_name(row.at, now=now))],
        "filters": chosen,
        "count": counted(total) if total <= MANY else _("more than %s") % counted(MANY),
        "newest": chosen.address() if page.newer else "",
        "newer": chosen.address(after=str(page.newer)) if page.newer else "",
        "older": chosen.address(before=str(page.older)) if page.older else "",
    }


def day_name(moment: dt.datetime, *, now: dt.datetime) -> str:
    """The reader's day of a moment: today and yesterday by name, the year only when it is another."""
    day, today = timezone.localtime(moment).date(), timezone.localtime(now).date()
    written = date_format(day, "j E" if day.year == today.year else "j E Y")
    named = {today: _("Today, %s"), today - dt.timedelta(days=1): _("Yesterday, %s")}
    return named[day] % written if day in named else written
