"""The page of service levels."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from analytics import formats, rollups
from analytics.models import ServiceLevel
from ground.models import Role
from ground.scoped import ScopedAdmin


@admin.register(ServiceLevel)
class ServiceLevelAdmin(ScopedAdmin):
    """A level that is changed counts all days anew: the share within it is told by what was in force."""

    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    lead = _("How soon a customer has to get a first response. The indicators show the share that got it in time.")
    first_step = _("A level says: within so many minutes, for one channel or for all, from a day on.")
    list_display = ["channel_shown", "priority", "is_for_complaints", "within", "since"]
    ordering = ["channel", "-since"]
    fieldsets = [
        (None, {"fields": [("minutes", "is_working_time"), "since"]}),
        (_("For which contacts"), {"fields": [("channel", "priority"), "is_for_complaints"]}),
    ]

    @display(description=_("channel"), ordering="channel")
    def channel_shown(self, level: ServiceLevel) -> Any:
        return level.get_channel_display() or _("all channels")

    @display(description=_("first response within"), ordering="minutes")
    def within(self, level: ServiceLevel) -> str:
        told = formats.duration(level.seconds)
        return told if level.is_working_time else gettext("%(time)s by the clock on the wall") % {"time": told}

    def save_model(self, request: HttpRequest, obj: ServiceLevel, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        rollups.mark_contacts()

    def delete_model(self, request: HttpRequest, obj: ServiceLevel) -> None:
        super().delete_model(request, obj)
        rollups.mark_contacts()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ServiceLevel]) -> None:
        super().delete_queryset(request, queryset)
        rollups.mark_contacts()
