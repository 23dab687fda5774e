"""The filter of the list of interactions that keeps those after which the customer came back."""

import datetime as dt
from typing import Any, NamedTuple

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ground.admin import scope_for
from ground.models import Organisation
from surveys import returning
from surveys.models import Interaction
from surveys.returning import COMPLAINED, DONE, FOLLOWED, OVER, QUESTION, REPEAT


class Choice(NamedTuple):
    """What is kept, by what counts as coming back; one that is not offered comes with an address, and goes."""

    days: int
    same_reason: bool
    kept: str
    label: Any
    is_offered: bool = True


OFFERED = {
    "7": Choice(7, True, FOLLOWED, _("within 7 days, with the same reason")),
    "7-any": Choice(7, False, FOLLOWED, _("within 7 days, with any reason")),
    "7-over": Choice(7, False, OVER, _("or not: 7 days are over")),
    "30": Choice(30, True, FOLLOWED, _("within 30 days, with the same reason")),
    "30-any": Choice(30, False, FOLLOWED, _("within 30 days, with any reason")),
    "30-over": Choice(30, False, OVER, _("or not: 30 days are over")),
}
BY_ADDRESS = {
    REPEAT: _("is a repeat itself"),
    QUESTION: _("or not, and is no repeat itself"),
    DONE: _("not: it was done at the first contact"),
}
CHOICES = {
    **OFFERED,
    **{
        f"{key}-{kept}": Choice(
            days=one.days, same_reason=one.same_reason, kept=kept, label=format_lazy("{}: {}", one.label, label),
            is_offered=False,
        )
        for key, one in OFFERED.items()
        for kept, label in BY_ADDRESS.items()
        if one.kept == FOLLOWED
    },
    "30-complaint": Choice(30, False, COMPLAINED, _("with another complaint within 30 days"), is_offered=False),
}  # fmt: skip


class CameBack(SimpleListFilter):
    """Only contacts whose days are over, as the indicator counts them; a repeat is one at once."""

    title = _("the customer came back")
    parameter_name = "came_back"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = request.GET.get(self.parameter_name)
        return [(key, one.label) for key, one in CHOICES.items() if one.is_offered or key == chosen]

    def queryset(self, request: HttpRequest, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        chosen = CHOICES.get(str(self.value()))
        if chosen is None:
            return rows
        zone = Organisation.current().timezone
        today = timezone.now().astimezone(zone).date()
        before = dt.datetime.combine(today - dt.timedelta(days=chosen.days), dt.time(), zone)
        if chosen.kept == OVER:
            return returning.ended(rows, before)
        is_of_teams = not scope_for(request).covers_all()
        variant: dict[str, Any] = {
            "same_reason": chosen.same_reason,
            "within_team": is_of_teams,
        }
        if chosen.kept == REPEAT:
            return returning.repeats(rows, chosen.days, **variant)
        if chosen.kept == COMPLAINED:
            return returning.followed(rows, chosen.days, **variant, before=before, of_complaints=True)
        kept = {FOLLOWED: returning.followed, QUESTION: returning.questions, DONE: returning.done_at_once}
        return kept[chosen.kept](rows, chosen.days, **variant, before=before)
