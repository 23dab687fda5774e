"""The filter of contacts and invitations that keeps those of one segment: it comes with a link, and goes."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ground.admin import scope_for
from surveys import segments
from surveys.models import Invitation


class OfSegment(SimpleListFilter):
    """Like "plan=gold". What was promised to stay anonymous is in no segment, and what does not tell its customer to
    this reader tells nothing of the customer here, either. By another attribute nothing is found."""

    title = _("segment of customers")
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = request.GET.get(self.parameter_name, "")
        segment, value = segments.read(chosen)
        return [(chosen, f"{segment} {value}" if segment else _("no such segment"))] if chosen else []

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if segments.read(chosen)[0] is None:
            return rows.none()
        found = rows.filter(segments.having(chosen))
        if rows.model is Invitation:
            found = found.filter(survey__is_anonymous=False)
        return found if scope_for(request).covers_all() else found.filter(is_hidden=False)
