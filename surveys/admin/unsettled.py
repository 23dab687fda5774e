"""The page of mails that a person has to settle: uncertain ones and failed ones, to send again or to leave."""

import datetime as dt
from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ground.access import Scope, requires
from ground.models import Role, User
from ground.text import is_key
from surveys import unsettled
from surveys.admin import troubles
from surveys.admin.contact import customer_name
from surveys.models import Invitation

SHOWN = 100
ADDRESS = "admin:surveys_invitation_unsettled"


@dataclass(frozen=True)
class Mail:
    """One row of the page; `key` names the invitation and its last try as they are shown."""

    key: str
    invitation: Invitation
    who: str
    trouble: troubles.Trouble
    age: str
    may_go_again: bool


@requires(Role.MANAGER)
def page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Uncertain mails, or failed ones at `?state=failed`; POST settles the chosen ones."""
    if request.method == "POST":
        return act(request, site=site)
    scope = request.scope  # type: ignore[attr-defined]
    is_failed = request.GET.get("state") == "failed"
    found = unsettled.failed(scope) if is_failed else unsettled.uncertain(scope)
    before = request.GET.get("before", "")
    rows = found.filter(pk__lt=before) if is_key(before) else found
    shown = mails(rows, scope)
    context = {
        "title": _("Uncertain mails"),
        "mails": shown[:SHOWN],
        "is_failed": is_failed,
        "counts": {"uncertain": unsettled.uncertain(scope).count(), "failed": unsettled.failed(scope).count()},
        "older": shown[SHOWN - 1].invitation.pk if len(shown) > SHOWN else None,
        "is_continued": is_key(before),
    }
    return TemplateResponse(request, "admin/surveys/unsettled.html", site.each_context(request) | context)


def mails(found: QuerySet[Invitation], scope: Scope) -> list[Mail]:
    """The newest of them as rows, one more than a page shows."""
    rows = unsettled.with_last_try(found).select_related("customer", "interaction", "survey", "team").order_by("-pk")
    rows = rows[: SHOWN + 1]
    for row in rows:  # nobody has answered these
        row.is_hidden = row.interaction.is_claim and not scope.covers_all()  # type: ignore[attr-defined]
    return [
        Mail(
            key=f"{row.pk}-{row.last_try}",  # type: ignore[attr-defined]
            invitation=row,
            who=customer_name(row, row.customer),
            trouble=troubles.read(row.error),
            age=_age(row.sent_at or row.due_at),
            may_go_again=row.expires_at > timezone.now() and not row.survey.is_closed(),
        )
        for row in rows
    ]


def _age(moment: dt.datetime) -> str:
    """How long ago; "" for less than a minute."""
    return timesince(moment, depth=1) if timezone.now() - moment >= dt.timedelta(minutes=1) else ""


def act(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    scope, by = request.scope, cast(User, request.user)  # type: ignore[attr-defined]
    back = reverse(ADDRESS) + ("?state=failed" if request.GET.get("state") == "failed" else "")
    verb, seen = chosen(request.POST)
    if not verb or not seen:
        messages.warning(request, _("Nothing was chosen: tick the mails first."))
        return redirect(back)
    doubtful = unsettled.uncertain(scope).filter(pk__in=seen)
    if verb == "again" and "sure" not in request.POST and (rows := mails(doubtful, scope)):
        context = {"title": _("Send again?"), "mails": rows, "seen": seen, "back": back}
        return TemplateResponse(request, "admin/surveys/send_again.html", site.each_context(request) | context)
    settled = (unsettled.send_again if verb == "again" else unsettled.leave)(seen, scope=scope, by=by)
    report(request, verb, settled)
    return redirect(back)


def chosen(posted: QueryDict) -> tuple[str, dict[int, int]]:
    """The act and what it is meant for: a row's own button wins over the ticked rows."""
    verb = next((name for name in ("again", "leave") if name in posted), "")
    keys = posted.getlist("row") if posted.get(verb) == "chosen" else posted.getlist(verb)
    pairs = [key.partition("-") for key in keys[: SHOWN + 1]]
    return verb, {int(pk): int(last) for pk, _dash, last in pairs if is_key(pk) and is_key(last)}


def report(request: HttpRequest, verb: str, settled: unsettled.Settled) -> None:
    """Tell what was done, and what somebody else had done before."""
    if verb == "again":
        told = ngettext("%d mail goes out again.", "%d mails go out again.", settled.count)
    else:
        told = ngettext("%d mail stays as it is.", "%d mails stay as they are.", settled.count)
    if settled.count:
        messages.success(request, told % settled.count)
    if settled.missed:
        told = ngettext("%d mail was left alone:", "%d mails were left alone:", settled.missed) % settled.missed
        who = ", ".join(settled.others)
        why = _("%(who)s dealt with it meanwhile.") % {"who": who} if who else _("its state has changed meanwhile.")
        messages.warning(request, f"{told} {why}")
