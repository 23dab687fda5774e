"""The filter of invitations that keeps those to customers of one segment: it comes with a link, and goes."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from surveys.models import Invitation, Segment


class OfSegment(SimpleListFilter):
    """Like "plan=gold"; what was promised to stay anonymous is in no segment."""

    title = _("segment of customers")
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = request.GET.get(self.parameter_name, "")
        segment, value = _read(chosen)
        return [(chosen, f"{segment} {value}")] if segment else []

    def queryset(self, request: HttpRequest, rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
        segment, value = _read(self.value() or "")
        if segment is None:
            return rows
        of_customer = Cast(KeyTextTransform(segment.attribute, "customer__attributes"), CharField())
        return rows.filter(Q(Exact(of_customer, Value(value))), survey__is_anonymous=False)


def _read(text: str) -> tuple[Segment | None, str]:
    attribute, _equals, value = text.partition("=")
    return (Segment.objects.filter(attribute=attribute).first() if value else None), value
