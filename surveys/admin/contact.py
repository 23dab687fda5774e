"""How to reach a customer: hidden on every page, shown to managers who ask for it, once and noted."""

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ground import personal, showing
from ground.admin import ScopedAdmin, page_link, scope_for
from ground.models import Role
from ground.scoped import key_at
from surveys.models import Customer

UNTOLD = _("known to others")
# What programs call an attribute that leads to a person, whatever is in it.
CONTACT_NAMES = re.compile(r"mail|phone|mobile|\btel\b|whats|viber|telegram|skype|почт|телефон|моб|адрес|address", re.I)


class ContactAdmin(ScopedAdmin):
    """Pages with something that leads to a customer. `contact_fields` can be changed only while they are shown."""

    contact_fields: tuple[str, ...] = ()
    change_form_outer_before_template = "admin/surveys/contact.html"

    def oversees(self, request: HttpRequest, row: Any, *, least: str) -> bool:
        """Whether the role is held over the row; that it is an agent's own work is not enough."""
        return scope_for(request).allows(key_at(row, self.team_path) if self.team_path else None, least=least)

    def may_see_contact(self, request: HttpRequest, row: Any) -> bool:
        """Whether the reader may ask for it."""
        return self.oversees(request, row, least=Role.MANAGER)

    def has_contact(self, row: Any) -> bool:
        """Whether there is anything to show."""
        return any(getattr(row, name) for name in self.contact_fields)

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_contact"
        view = self.admin_site.admin_view(require_POST(self.show_contact))
        return [path("<int:pk>/contact/", view, name=name), *super().get_urls()]

    def show_contact(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        if not self.may_see_contact(request, row):
            raise PermissionDenied
        showing.ask(request, row, verb="contact.shown")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", pk)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None and not hasattr(request, "is_bare"):
            allowed = self.may_see_contact(request, row)
            typed = any(name in request.POST for name in self.contact_fields) and showing.was_granted(request, row)
            request.is_bare = allowed and (typed or showing.granted(request, row))  # type: ignore[attr-defined]
            request.may_ask = allowed and self.has_contact(row)  # type: ignore[attr-defined]
            request.oversees = self.oversees(request, row, least=Role.VIEWER)  # type: ignore[attr-defined]
        if row is not None:
            row.is_bare, row.is_overseen = request.is_bare, request.oversees  # type: ignore[attr-defined]
        return row

    def shows(self, request: HttpRequest) -> bool:
        """Whether this page shows it."""
        return getattr(request, "is_bare", False)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context |= {"is_bare": self.shows(request), "may_ask": getattr(request, "may_ask", False)}
        return super().render_change_form(request, context, *args, **kwargs)


def address_of(row: Any, name: str = "address") -> str:
    """An address as the page may show it."""
    address = getattr(row, name)
    if getattr(row, "is_bare", False):
        return address or "—"
    return (personal.short_address(address) if "@" in address else personal.short_phone(address)) or "—"


def customer_name(row: Any, customer: Customer) -> str:
    """Who it is, as far as the row tells its reader: a team's claim about somebody tells nothing that others stored."""
    return str(UNTOLD if row.is_hidden else customer)


def customer_link(row: Any, customer: Customer) -> str:
    """The same, leading to the customer's page."""
    return customer_name(row, customer) if row.is_hidden else page_link(customer, customer)


def as_shown(row: Any, values: dict[Any, Any] | list[Any]) -> dict[Any, Any] | list[Any]:
    """What a program told of the row, as the page may show it."""
    return values if getattr(row, "is_bare", False) else _hidden(values, short=getattr(row, "is_overseen", False))


def hides(values: dict[Any, Any] | list[Any]) -> bool:
    """Whether anything in it leads to a person."""
    told = {name: str(value) for name, value in values.items()} if isinstance(values, dict) else [*map(str, values)]
    return _hidden(values, short=True) != told


def _hidden(values: dict[Any, Any] | list[Any], *, short: bool) -> dict[Any, Any] | list[Any]:
    if isinstance(values, list):
        return [personal.blotted(str(value), short=short) for value in values]
    return {
        name: "…" if value and CONTACT_NAMES.search(str(name)) else personal.blotted(str(value), short=short)
        for name, value in values.items()
    }
