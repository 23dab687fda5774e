"""The filter of the list of interactions that keeps those that are open, or were as a day ended."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from ground.models import Organisation
from surveys import returning
from surveys.models import Interaction


class OpenFilter(admin.SimpleListFilter):
    """By the reporting day, as the history of the backlog counts them."""

    title = pgettext_lazy("of interactions", "state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = [("yes", pgettext_lazy("of interactions", "open"))]
        chosen = request.GET.get(self.parameter_name, "")
        if day := _day(chosen):
            found.append((chosen, _("open as %(day)s ended") % {"day": formats.date_format(day)}))
        return found

    def queryset(self, request: HttpRequest, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        if day := _day(self.value() or ""):
            after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), Organisation.current().timezone)
            return returning.open_at(rows, after)
        return rows.filter(Interaction.open()) if self.value() else rows


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1 < day.year < dt.MAXYEAR else None
