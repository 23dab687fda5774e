"""The customers with what they last said: the list's columns, the page's newest moments, and the whole timeline."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from feedback import customers
from feedback.admin import timeline
from feedback.admin.rows import badge
from feedback.customers import Lately
from ground.access import Scope
from ground.admin import moment, scope_for
from surveys.admin.customers import CustomerAdmin
from surveys.models import Customer

# A page of the timeline, and how far back pages go.
PER_PAGE, MOST_PAGES = 50, 20


class Unhappy(admin.SimpleListFilter):
    """Who gave a low score lately."""

    title = gettext_lazy("mood")
    parameter_name = "mood"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unhappy", gettext_lazy("unhappy lately"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        return queryset.filter(pk__in=customers.unhappy(scope_for(request))) if self.value() == "unhappy" else queryset


admin.site.unregister(Customer)


@admin.register(Customer)
class CustomerPage(CustomerAdmin):
    """The page of a customer as the room below has it, with everything that was asked and said."""

    change_form_outer_before_template = "admin/feedback/customer/above.html"
    list_display = ["name_or_id", "external_id", "last_score", "last_contact", "contacts_lately", "no_consent"]
    list_filter = [Unhappy, *CustomerAdmin.list_filter]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.timeline)
        return [path("<int:pk>/timeline/", view, name="surveys_customer_timeline"), *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What is known of the page's customers, read together."""
        found = super().get_changelist_instance(request)
        known = customers.lately([row.pk for row in found.result_list], scope=scope_for(request))
        for row in found.result_list:
            row.lately = known[row.pk]
        return found

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        customer = kwargs.get("obj")
        if customer is not None:
            context |= _about(customer, scope_for(request))
            found = timeline.of_customer(customer, scope=scope_for(request))
            context |= {"moments": found[: timeline.MOST], "has_more": len(found) > timeline.MOST}
        return super().render_change_form(request, context, *args, **kwargs)

    def timeline(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything that this customer came with, was asked and said, fifty to a page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        customer = self.get_queryset(request).filter(pk=pk).first()
        if customer is None:
            raise Http404
        given = request.GET.get("page", "")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 1
        number = min(max(number, 1), MOST_PAGES)
        scope = scope_for(request)
        # One more than the page tells whether there is another.
        found = timeline.of_customer(customer, scope=scope, most=number * PER_PAGE)
        shown = Paginator(found, PER_PAGE).get_page(number)
        context = self.admin_site.each_context(request) | _about(customer, scope) | {
            "title": str(customer),
            "opts": self.opts,
            "original": customer,
            "moments": shown.object_list,
            "newer": shown.previous_page_number() if shown.has_previous() else None,
            "older": shown.next_page_number() if shown.has_next() and number < MOST_PAGES else None,
            "is_cut": shown.has_next() and number == MOST_PAGES,
        }  # fmt: skip
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/feedback/customer/timeline.html", context)

    @display(description=gettext_lazy("last score"))
    def last_score(self, customer: Customer) -> str:
        last = _lately(customer).last
        return in_words(last) if last else "—"

    @display(description=gettext_lazy("last contact"))
    def last_contact(self, customer: Customer) -> str:
        return moment(_lately(customer).came)

    @display(description=gettext_lazy("contacts, 90 days"))
    def contacts_lately(self, customer: Customer) -> int:
        return _lately(customer).contacts


def in_words(response: Any) -> str:
    """ "2 of 5, CSAT after a contact"."""
    shown = badge(score=response.score, scale=response.scale)
    return f"{shown.value} {shown.scale}, {response.survey}"


def _lately(customer: Customer) -> Lately:
    return customer.lately  # type: ignore[attr-defined]


def _about(customer: Customer, scope: Scope) -> dict[str, Any]:
    """The facts on top of a customer's pages."""
    found = customers.lately([customer.pk], scope=scope)[customer.pk]
    return {
        "lately": found,
        "came": moment(found.came),
        "scores": [
            {"row": row, "badge": badge(score=row.score, scale=row.scale)}
            for row in customers.last_scores(customer, scope=scope)
        ],
        "contacts_told": ngettext("%d contact", "%d contacts", found.of_all) % found.of_all,
        "lately_told": _("%d in 90 days") % found.contacts,
    }
