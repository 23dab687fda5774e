"""The list of customers who are not asked at present."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from ground import audit
from ground.admin import ScopedAdmin, moment, page_link
from ground.models import Role, User
from surveys.models import Pause


class RunningFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("over", _("over")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield first | {"display": _("running")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pause]) -> QuerySet[Pause]:
        runs = Q(until=None) | Q(until__gt=timezone.now())
        return {"all": queryset, "over": queryset.exclude(runs)}.get(self.value() or "", queryset.filter(runs))


@admin.register(Pause)
class PauseAdmin(ScopedAdmin):
    """For managers of the whole organisation; teams see on a customer's page that there is a pause."""

    least_view = Role.MANAGER
    lead = _("These customers are not asked until their pause ends. A pause by hand begins on the customer's page.")
    first_step = _("Nobody is paused: an open case pauses its customer, and so can a manager on the customer's page.")
    list_display = ["customer_shown", "reason_shown", "since", "until_shown"]
    list_display_links = None
    list_filter = [RunningFilter, "reason"]
    list_select_related = ["customer"]
    search_fields = ["customer__name", "customer__external_id"]
    search_help_text = _("Name or external id")
    fields = readonly_fields = ["customer", "reason", "created_at", "until"]
    actions = ["end_chosen"]

    @admin.action(description=_("End these pauses"))
    def end_chosen(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        running = list(queryset.filter(Q(until=None) | Q(until__gt=timezone.now())).select_related("customer"))
        Pause.objects.filter(pk__in=[row.pk for row in running]).update(until=timezone.now())
        for row in running:
            audit.note("ask.resumed", by=cast(User, request.user), subject=row.customer)
        told = ngettext("%d pause was ended.", "%d pauses were ended.", len(running)) % len(running)
        messages.success(request, told)

    @display(description=_("customer"), ordering="customer")
    def customer_shown(self, row: Pause) -> str:
        return page_link(row.customer, row.customer)

    @display(description=_("reason"), ordering="reason")
    def reason_shown(self, row: Pause) -> str:
        return row.get_reason_display()

    @display(description=_("since"), ordering="created_at")
    def since(self, row: Pause) -> str:
        return moment(row.created_at)

    @display(description=_("until"), ordering="until")
    def until_shown(self, row: Pause) -> Any:
        return moment(row.until) if row.until else _("somebody ends it")
