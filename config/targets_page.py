"""Chats of Telegram and Slack on the page of notifications: one's own, and the organisation's for administrators."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ground import audit, limits, notice_mail, outbound, targets
from ground.access import Scope, requires
from ground.limits import Limit
from ground.models import NoticeTarget, Role, User

TESTS = Limit("test-chat", 5, 3600)
Kind = NoticeTarget.Kind
CHAT = RegexValidator(r"^(-?\d{1,20}|@\w{4,32})\Z", gettext_lazy("A chat is a number, like −1001234567890, or @name."))
TOKEN = RegexValidator(r"^\d{4,15}:[\w-]{20,80}\Z", gettext_lazy("A token looks like 123456:ABC-DEF… Ask @BotFather."))


class TargetForm(forms.Form):
    """One chat. A secret that is stored is never shown; left empty, it stays."""

    address = forms.CharField(label=gettext_lazy("chat"), max_length=40, validators=[CHAT], required=False)
    secret = forms.CharField(label=gettext_lazy("token of the bot"), max_length=500, required=False)
    quiet_from = forms.TimeField(label=gettext_lazy("quiet from"), required=False)
    quiet_until = forms.TimeField(label=gettext_lazy("quiet until"), required=False)

    def __init__(self, given: Any, *, kind: str, known: NoticeTarget | None, is_shared: bool) -> None:
        super().__init__(given)
        self.kind, self.known, self.is_shared = kind, known, is_shared

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        typed = given.get("secret", "")
        given["secret"] = typed or (self.known.secret if self.known else "")
        if self.kind == Kind.TELEGRAM:
            self._check_telegram(given, typed)
        else:
            self._check_webhook(given["secret"])
        if (given.get("quiet_from") is None) != (given.get("quiet_until") is None):
            raise ValidationError(_("Quiet time needs both ends, or neither."))
        return given

    def _check_telegram(self, given: dict[str, Any], typed: str) -> None:
        if not given.get("address"):
            raise ValidationError(_("Name the chat."))
        if self.is_shared and not given["secret"]:
            raise ValidationError(_("The token of the bot is needed."))
        if typed:
            TOKEN(typed)
        if not self.is_shared:
            given["secret"] = ""

    def _check_webhook(self, url: str) -> None:
        try:
            outbound.check(url)
        except outbound.Refused as error:
            raise ValidationError(str(error)) from error


def shown(user: User, scope: Scope) -> list[dict[str, Any]]:
    """The chats of the page: the person's, and for administrators the organisation's."""
    owners = [(None, True)] if scope.covers_all(least=Role.ADMINISTRATOR) else []
    known = {(None if one.user_id is None else user.pk, one.kind): one
             for owner in (None, user) for one in targets.of(owner)}  # fmt: skip
    has_bot = bool(targets.bot_token())
    return [
        {
            "kind": kind,
            "label": label,
            "is_shared": is_shared,
            "is_telegram": kind == Kind.TELEGRAM,
            "target": (target := known.get((owner, kind))),
            "leads_to": targets.shown(target) if target else "",
            "can_begin": is_shared or has_bot or kind != Kind.TELEGRAM,
            "field": f"{'shared' if is_shared else 'own'}-{kind}",
        }
        for owner, is_shared in [*owners, (user.pk, False)]
        for kind, label in Kind.choices
    ]


@require_POST
@requires(Role.AGENT)
def act(request: HttpRequest, whose: str, kind: str) -> HttpResponse:
    """Store a chat, send a test there, or forget it."""
    user, scope = cast(User, request.user), request.scope  # type: ignore[attr-defined]
    if kind not in Kind.values or whose not in ("own", "shared"):
        raise Http404
    if whose == "shared" and not scope.covers_all(least=Role.ADMINISTRATOR):
        raise PermissionDenied
    owner = None if whose == "shared" else user
    known = targets.of(owner).filter(kind=kind).first()
    if "remove" in request.POST:
        targets.of(owner).filter(kind=kind).delete()
        messages.success(request, _("Nothing is told there any more."))
    elif "test" in request.POST:
        _test(request, known, user)
    else:
        _keep(request, owner, kind, known)
    if owner is None and "test" not in request.POST:
        audit.note("notice_target.changed", by=user, kind=kind)
    return redirect(reverse("desk:notifications") + "#chats")


def _keep(request: HttpRequest, owner: User | None, kind: str, known: NoticeTarget | None) -> None:
    form = TargetForm(request.POST, kind=kind, known=known, is_shared=owner is None)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return
    targets.keep(owner, kind, **form.cleaned_data)
    messages.success(request, _("Kept. Send a test to see whether it arrives."))


def _test(request: HttpRequest, known: NoticeTarget | None, user: User) -> None:
    if known is None:
        return
    if not limits.hit(TESTS, str(user.pk)):
        messages.error(request, _("Five tests an hour are enough. Try again later."))
        return
    with notice_mail.speaking_to(user):
        targets.post(known, subject=_("A test"), text=_("Notifications of Otklik come to this chat."))
    messages.success(request, _("A test is on its way; this page tells how it went."))


urlpatterns = [path("notifications/<str:whose>/<str:kind>/", act, name="notification_target")]
