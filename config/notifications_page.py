"""Each person's own page of notifications: what to be told of, how soon, and at which hours."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from config import targets_page
from ground import limits, notice_mail, notices
from ground.access import Scope, requires
from ground.limits import Limit
from ground.models import NoticeChoice, Outgoing, Role, User
from ground.notices import Line, Pace, Section

TESTS = Limit("test-notification", 5, 3600)
HOURS = ("quiet_from", "quiet_until", "daily_at")


class HoursForm(forms.Form):
    """Quiet time, the hour of the daily mail, and one choice for each kind of notice."""

    quiet_from = forms.TimeField(label=_("quiet from"), required=False)
    quiet_until = forms.TimeField(label=_("quiet until"), required=False)
    daily_at = forms.TimeField(label=_("daily summary at"))

    def __init__(self, given: Any, *, user: User, scope: Scope, wanted: dict[str, str]) -> None:
        hours = {name: getattr(user, name) for name in HOURS}
        super().__init__(given, initial=hours | wanted)
        for field in self.fields.values():
            field.widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        for kind in notices.kinds_for(scope):
            self.fields[kind.name] = forms.ChoiceField(label=kind.title, choices=paces_of(kind))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "quiet_from" in self.errors or "quiet_until" in self.errors:
            return given
        begins, until = given.get("quiet_from"), given.get("quiet_until")
        if (begins is None) != (until is None):
            raise ValidationError(_("Quiet time needs both ends, or neither."))
        if begins is not None and begins == until:
            raise ValidationError(_("Quiet time begins and ends at the same minute. Leave both empty for none."))
        return given


def paces_of(kind: notices.Kind) -> list[tuple[str, Any]]:
    return [(pace, Pace(pace).label) for pace in kind.paces]


@requires(Role.AGENT)
def choices(request: HttpRequest) -> HttpResponse:
    """Show what the person chose and when the next mail would come; POST keeps other choices."""
    user: User = request.user  # type: ignore[assignment]
    scope: Scope = request.scope  # type: ignore[attr-defined]
    wanted = notices.paces_of(user, scope)
    form = HoursForm(request.POST if request.method == "POST" else None, user=user, scope=scope, wanted=wanted)
    if request.method == "POST" and form.is_valid():
        keep(user, scope, form.cleaned_data)
        messages.success(request, _("Your choices are kept."))
        return redirect("desk:notifications")
    previewed = next((one for one in notices.kinds_for(scope) if one.name == request.GET.get("preview")), None)
    context = admin.site.each_context(request) | {
        "title": _("Notifications"),
        "form": form,
        "kinds": [_shown(user, kind, form, wanted[kind.name]) for kind in notices.kinds_for(scope)],
        "preview": previewed and previewed.preview and (previewed.name, previewed.preview(user, scope)),
        "zone": notices.zone_of(user),
        "waiting": notices.waiting(user).count(),
        "next": notices.waiting(user).order_by("due_at").values_list("due_at", flat=True).first(),
        "last": Outgoing.objects.filter(user=user, target=None).order_by("-pk").first(),
        "chats": targets_page.shown(user, scope),
    }
    return TemplateResponse(request, "admin/notifications.html", context, status=400 if form.errors else 200)


def _shown(user: User, kind: notices.Kind, form: HoursForm, pace: str) -> dict[str, Any]:
    return {
        "name": kind.name,
        "title": kind.title,
        "explains": kind.explains,
        "chosen": form[kind.name].value(),
        "paces": paces_of(kind),
        "has_preview": kind.preview is not None,
        "next": _next(user, kind, pace),
    }


def _next(user: User, kind: notices.Kind, pace: str) -> dt.datetime | None:
    """When the person would hear of something that happened this minute."""
    if pace == Pace.NEVER:
        return None
    now = timezone.now()
    return notices.due_at(user, pace, now=kind.ripe(now) if kind.ripe else now, zone=notices.zone_of(user))


@transaction.atomic
def keep(user: User, scope: Scope, given: dict[str, Any]) -> None:
    """Store the choices that differ from what the person's role has anyway, and bring what waits in line with them."""
    User.objects.filter(pk=user.pk).update(**{name: given[name] for name in HOURS})
    NoticeChoice.objects.filter(user=user).delete()
    NoticeChoice.objects.bulk_create(
        NoticeChoice(user=user, kind=kind.name, pace=given[kind.name])
        for kind in notices.kinds_for(scope)
        if given[kind.name] != kind.default(scope)
    )
    user.refresh_from_db()
    notices.reschedule(user, scope)


@require_POST
@requires(Role.AGENT)
def send_test(request: HttpRequest) -> HttpResponse:
    """Put a mail of the usual look to this person into the queue."""
    user: User = request.user  # type: ignore[assignment]
    if limits.hit(TESTS, str(user.pk)):
        notice_mail.post(user, test_letter(user))
        messages.success(request, _("A test mail to %s is on its way.") % user.email)
    else:
        messages.error(request, _("Five test mails an hour are enough. Try again later."))
    return redirect("desk:notifications")


def test_letter(user: User) -> notice_mail.Letter:
    """The mail that a test sends: of the usual look, about nothing."""
    with notice_mail.speaking_to(user):
        line = Line(
            about=str(user),
            text=str(_("Notifications look like this and come to this address.")),
            at=timezone.now(),
            path=reverse("desk:notifications"),
        )
        return notice_mail.compose([Section(count=str(_("A test mail")), lines=(line,))])


urlpatterns = [
    path("notifications/", choices, name="notifications"),
    path("notifications/test/", send_test, name="notifications_test"),
]
