"""Personal data on the page of a comment or a response: hidden, and shown once to a manager who asks for it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from feedback.admin import walk
from feedback.filters import OWN
from feedback.models import Comment, Response
from ground import personal, showing
from ground.access import Scope, get_visible
from ground.admin import scope_for
from ground.models import Role
from surveys.models import Customer


@dataclass(frozen=True)
class Private:
    """What one reader gets to see: whether the text is shown bare, and where to ask for more ("" when one may not).

    `contact` is how to reach the customer, cut short; agents get none.
    """

    is_bare: bool = False
    ask_text: str = ""
    contact: str = ""
    ask_contact: str = ""


def private(
    request: HttpRequest, row: Comment | Response, comment: Comment | None, *, may_ask: Callable[[Customer], bool]
) -> Private:
    """The personal data of this row for its reader; `may_ask` tells whether a customer's contact may be asked for."""
    scope, customer = scope_for(request), row.customer
    is_bare = comment is not None and showing.granted(request, comment)
    hides = comment is not None and not is_bare and bool(personal.find(comment.text))
    contact = _contact(customer) if customer and scope.allows(row.team_id, least=Role.VIEWER) else ""
    asks = customer is not None and bool(contact) and may_ask(customer)
    return Private(
        is_bare=is_bare,
        ask_text=_address(comment) if comment and hides and _leads(scope, comment) else "",
        contact=contact,
        ask_contact=reverse("admin:surveys_customer_contact", args=[customer.pk]) if customer and asks else "",
    )


def addresses(site: AdminSite) -> list[URLPattern]:
    """Where a manager asks for a text."""
    return [path("<int:pk>/text/", site.admin_view(require_POST(_show)), name="feedback_comment_text")]


def _show(request: HttpRequest, pk: int) -> HttpResponse:
    scope = scope_for(request)
    comment = get_visible(Comment.objects.all(), scope, pk=pk, own=OWN)
    if not _leads(scope, comment):
        raise PermissionDenied
    showing.ask(request, comment, verb="text.shown")
    return redirect(walk.page_address(pk, request.POST.get(walk.PARAMETER, "")))


def _leads(scope: Scope, comment: Comment) -> bool:
    return scope.allows(comment.team_id, least=Role.MANAGER)


def _address(comment: Comment) -> str:
    return reverse("admin:feedback_comment_text", args=[comment.pk])


def _contact(customer: Customer) -> str:
    parts = (personal.short_address(customer.email), personal.short_phone(customer.phone))
    return ", ".join(part for part in parts if part)
