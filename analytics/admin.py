"""The pages of service levels and of notes on the charts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from analytics import annotations, formats, rollups
from analytics import rows_behind as rows_behind
from analytics import served_rows as served_rows
from analytics.models import Annotation, ServiceLevel
from analytics.staying import customers as customers
from ground.models import Role
from ground.scoped import ScopedAdmin, ScopedFilter
from surveys.models import Segment


@admin.register(ServiceLevel)
class ServiceLevelAdmin(ScopedAdmin):
    """A level that is changed counts the days since it holds anew: the share within it is told by what was in force."""

    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    lead = _(
        "How soon a customer has to get a first response, and a solution. The indicators show the share that got it in "
        "time."
    )
    first_step = _("A level says: within so many minutes, for one channel or for all, from a day on.")
    list_display = ["channel_shown", "priority", "is_for_complaints", "within", "solved_within", "since"]
    ordering = ["channel", "-since"]
    fieldsets = [
        (None, {"fields": [("minutes", "solved_hours"), "is_working_time", "since"]}),
        (_("For which contacts"), {"fields": [("channel", "priority"), "is_for_complaints"]}),
    ]

    @display(description=_("channel"), ordering="channel")
    def channel_shown(self, level: ServiceLevel) -> Any:
        return level.get_channel_display() or _("all channels")

    @display(description=_("first response within"), ordering="minutes")
    def within(self, level: ServiceLevel) -> str:
        return _by_clock(level, level.seconds)

    @display(description=pgettext_lazy("of a service level", "solved within"), ordering="solved_hours")
    def solved_within(self, level: ServiceLevel) -> str:
        seconds = level.seconds_to_solve
        return "—" if seconds is None else _by_clock(level, seconds)

    def save_model(self, request: HttpRequest, obj: ServiceLevel, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        rollups.mark_contacts(min(obj.since, form.initial.get("since") or obj.since))

    def delete_model(self, request: HttpRequest, obj: ServiceLevel) -> None:
        super().delete_model(request, obj)
        rollups.mark_contacts(obj.since)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ServiceLevel]) -> None:
        since = min(queryset.values_list("since", flat=True))
        super().delete_queryset(request, queryset)
        rollups.mark_contacts(since)


def _by_clock(level: ServiceLevel, seconds: int) -> str:
    told = formats.duration(seconds)
    return told if level.is_working_time else gettext("%(time)s by the clock on the wall") % {"time": told}


@admin.register(Segment)
class SegmentAdmin(ScopedAdmin):
    """An attribute that comes or goes counts the contacts and answers of all days anew."""

    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    lead = _("By which attributes of customers the indicators can be narrowed. At most three, with few values each.")
    first_step = _("Name an attribute that the CRM tells of customers, for example tariff or region.")
    list_display = ["attribute", "name"]

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        rollups.mark_segments()

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        super().delete_model(request, obj)
        rollups.mark_segments()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        super().delete_queryset(request, queryset)
        rollups.mark_segments()


@admin.register(Annotation)
class AnnotationAdmin(ScopedAdmin):
    """Notes on the charts. `back` in the address leads to the page that the reader came from."""

    notes_itself = True
    team_path = "team"
    least_change = Role.MANAGER
    may_add = may_delete = True
    lead = _("What happened and when: a release, a campaign, an outage. Each trend shows it on its days.")
    first_step = _("Add what a number should be read with. Days of an outage raise no alarm.")
    list_display = ["days", "kind", "text", "team", "author"]
    list_filter = ["kind", ("team", ScopedFilter)]
    list_select_related = ["team", "author"]
    search_fields = ["text"]
    fields = [("start", "end"), "kind", "text", "team"]

    @display(description=_("days"), ordering="start")
    def days(self, row: Annotation) -> str:
        return formats.period(row.start, row.end)

    def save_model(self, request: HttpRequest, obj: Annotation, form: Any, change: bool) -> None:
        if not change:
            obj.author = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        annotations.note_change(obj, what="changed" if change else "added", by=request.user)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Annotation) -> None:
        annotations.note_change(obj, what="deleted", by=request.user)  # type: ignore[arg-type]
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Annotation]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def response_post_save_add(self, request: HttpRequest, obj: Annotation) -> HttpResponse:
        return _back(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Annotation) -> HttpResponse:
        return _back(request) or super().response_post_save_change(request, obj)


def _back(request: HttpRequest) -> HttpResponse | None:
    back = request.GET.get("back", "")
    is_inside = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back) if is_inside else None
