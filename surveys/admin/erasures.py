"""Customers who asked to be erased: until when, and what was done about it."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground import audit
from ground.admin import ScopedAdmin, moment, page_link
from ground.models import Role, User
from surveys import own_data
from surveys.models import ErasureRequest


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("overdue")), ("closed", _("closed")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield first | {"display": _("to be done")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> QuerySet[ErasureRequest]:
        to_do = queryset.filter(closed_at=None)
        chosen = {
            "all": queryset,
            "closed": queryset.exclude(closed_at=None),
            "overdue": to_do.filter(due_at__lt=timezone.now()),
        }
        return chosen.get(self.value() or "", to_do)


class ClosingForm(forms.ModelForm):
    class Meta:
        model = ErasureRequest
        fields = ["outcome"]
        help_texts = {
            "outcome": _(
                "An erasure here closes the request by itself. Or write what was erased and where, without the name."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "outcome" in self.fields:
            self.fields["outcome"].required = True


@admin.register(ErasureRequest)
class ErasureAdmin(ScopedAdmin):
    """Administrators see to it; managers of the whole organisation look."""

    notes_itself = True
    least_view, least_change = Role.MANAGER, Role.ADMINISTRATOR
    form = ClosingForm
    lead = _("Customers ask on their own page. By law it is done within ten working days; overdue ones are red.")
    first_step = _("Nobody has asked. Customers find it behind “Your data” on every survey page.")
    list_display = ["customer_shown", "asked", "due", "closed", "outcome_shown"]
    list_filter = [StateFilter]
    list_select_related = ["customer"]
    search_fields = ["customer__name", "customer__external_id"]
    search_help_text = _("Name or external id")
    fields = ["customer_page", "erasing", "asked", "due", "closed", "outcome"]
    readonly_fields = ["customer_page", "erasing", "asked", "due", "closed"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was closed stays as it was written."""
        is_over = isinstance(obj, ErasureRequest) and obj.closed_at is not None
        return not is_over and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ErasureRequest, form: Any, change: bool) -> None:
        if own_data.close_erasure(obj, outcome=obj.outcome):
            audit.note("erasure.closed", by=cast(User, request.user), subject=obj)

    @display(description=_("customer"), ordering="customer__name")
    def customer_shown(self, row: ErasureRequest) -> str:
        return str(row.customer)

    @display(description=_("customer"))
    def customer_page(self, row: ErasureRequest) -> str:
        return page_link(row.customer, row.customer)

    @display(description=_("to be done"))
    def erasing(self, row: ErasureRequest) -> str:
        """Where it is done: a page of a higher room."""
        try:
            page = reverse("desk:person")
        except NoReverseMatch:
            return "—"
        told = _("Export or erase all of it")
        return format_html('<a class="underline" href="{}?customer={}">{}</a>', page, row.customer_id, told)

    @display(description=_("asked"), ordering="asked_at")
    def asked(self, row: ErasureRequest) -> str:
        return moment(row.asked_at)

    @display(description=_("due"), ordering="due_at")
    def due(self, row: ErasureRequest) -> Any:
        if row.closed_at is None and row.due_at < timezone.now():
            return format_html('<b class="overdue">{} · {}</b>', moment(row.due_at), _("overdue"))
        return moment(row.due_at)

    @display(description=_("closed"), ordering="closed_at")
    def closed(self, row: ErasureRequest) -> str:
        return moment(row.closed_at)

    @display(description=_("what was done"))
    def outcome_shown(self, row: ErasureRequest) -> Any:
        if row.is_withdrawn:
            return _("withdrawn by the customer")
        return _("erased here") if row.outcome == own_data.ERASED else row.outcome or "—"
