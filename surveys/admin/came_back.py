"""The filter of the list of interactions that keeps those after which the customer came back."""

import datetime as dt
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ground.admin import scope_for
from ground.models import Organisation
from surveys import returning
from surveys.models import Interaction

# Within how many days, with the same reason or any (True, False), or all that can be judged (None).
CHOICES = {
    "7": (7, True, _("within 7 days, with the same reason")),
    "7-any": (7, False, _("within 7 days, with any reason")),
    "7-over": (7, None, _("or not: 7 days are over")),
    "30": (30, True, _("within 30 days, with the same reason")),
    "30-any": (30, False, _("within 30 days, with any reason")),
    "30-over": (30, None, _("or not: 30 days are over")),
}


class CameBack(SimpleListFilter):
    """Only contacts whose days are over, as the indicator counts them."""

    title = _("the customer came back")
    parameter_name = "came_back"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (_days, _same, label) in CHOICES.items()]

    def queryset(self, request: HttpRequest, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        if self.value() not in CHOICES:
            return rows
        days, same_reason, _label = CHOICES[str(self.value())]
        zone = Organisation.current().timezone
        today = timezone.now().astimezone(zone).date()
        before = dt.datetime.combine(today - dt.timedelta(days=days), dt.time(), zone)
        if same_reason is None:
            return returning.ended(rows, before)
        within_team = not scope_for(request).covers_all()
        return returning.followed(rows, days, same_reason=same_reason, within_team=within_team, before=before)
