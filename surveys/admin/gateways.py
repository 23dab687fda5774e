"""Gateways: which HTTP service carries text messages, messengers and hand-overs, tried out on the same page."""

import base64
import re
import secrets
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ground import audit, outbound
from ground.admin import ScopedAdmin
from ground.models import Role, User
from ground.outbound import NotSent, Reply, Unknown
from ground.text import clean_line
from surveys import gateways, phones
from surveys.admin import troubles
from surveys.gateway_presets import PRESETS
from surveys.models import Gateway

MOST_SHOWN = 300
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PAIRS = {
    "headers": _("One to a line, name = value. The secret stands there as {secret}, {login}, {password} or {basic}."),
    "body": _(
        "One to a line, name = value. Known are {phone}, {digits}, {text}, {link}, {id}, {callback}, {language}, "
        "{survey}, {customer}. Dots in a name lead into JSON: message.text."
    ),
    "statuses": _("One to a line: the provider's word = delivered or failed. Others change nothing."),
}


def in_lines(pairs: dict[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in pairs.items())


def parse_lines(typed: str) -> dict[str, str]:
    """`name = value` lines as a mapping; raises ValidationError for a line of another shape."""
    pairs = {}
    for line in typed.splitlines():
        name, sign, value = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not sign or not name:
            raise ValidationError(_("“%s”: write a name, = and a value.") % line.strip())
        pairs[name] = value
    return pairs


class PairsField(forms.CharField):
    """A mapping, typed as lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}), required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return in_lines(value) if isinstance(value, dict) else value

    def clean(self, value: Any) -> Any:
        return parse_lines(super().clean(value) or "")


class GatewayForm(forms.ModelForm):
    url = forms.CharField(
        label=_("address"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Where each message is posted to."),
    )
    headers = PairsField(label=_("headers"), help_text=PAIRS["headers"])
    body = PairsField(label=_("fields of the request"), help_text=PAIRS["body"])
    statuses = PairsField(label=_("what its statuses mean"), help_text=PAIRS["statuses"])
    secret = forms.CharField(
        label=_("secret"),
        required=False,
        strip=True,
        max_length=300,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Gateway
        fields = [
            "kind", "name", "is_active", "url", "encoding", "secret", "headers", "body", "id_path", "status_path",
            "report_id_path", "statuses",
        ]  # fmt: skip
        widgets = {
            "kind": UnfoldAdminRadioSelectWidget,
            "encoding": UnfoldAdminRadioSelectWidget,
        }
        help_texts = {
            "kind": _("The hand-over has a body of its own: see the documentation. The others are described below."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        preset = self.initial.pop("preset", None)
        kept = _("Never shown. Empty: the one that is stored stays.") if self.instance.secret else ""
        self.fields["secret"].help_text = (
            kept or (preset and PRESETS[preset].secret_help) or _("Never shown once it is stored.")
        )
        self.initial["secret"] = ""

    def clean_url(self) -> str:
        """Refused here already; asked again before each call, since names may lead elsewhere tomorrow."""
        url = self.cleaned_data["url"]
        try:
            outbound.check(url)
        except outbound.Refused as error:
            raise ValidationError(str(error)) from error
        return url

    def clean_secret(self) -> str:
        """A stored secret goes to the host that it was typed for, and to no other."""
        typed = self.cleaned_data["secret"]
        host = urlsplit(self.cleaned_data.get("url", "")).netloc.lower()
        if not typed and self.instance.secret and host != urlsplit(self.initial.get("url", "")).netloc.lower():
            raise ValidationError(_("The address leads to another host: type the secret again."))
        return typed or self.instance.secret

    def clean_headers(self) -> dict[str, str]:
        """One that HTTP cannot carry would keep every message back."""
        for name in self.cleaned_data["headers"]:
            if not HEADER.fullmatch(name):
                raise ValidationError(_("“%s” cannot be the name of a header.") % name)
        return self.cleaned_data["headers"]

    def clean_statuses(self) -> dict[str, str]:
        for word, meaning in self.cleaned_data["statuses"].items():
            if meaning not in (gateways.DELIVERED, gateways.FAILED):
                raise ValidationError(_("“%s”: it means delivered or failed.") % word)
        return self.cleaned_data["statuses"]


@admin.register(Gateway)
class GatewayAdmin(ScopedAdmin):
    least_view = least_change = Role.MANAGER
    may_add = may_delete = True
    form = GatewayForm
    lead = _("Services that carry text messages and messenger messages, and the CRM when it sends the links itself.")
    first_step = _("Add one and try it out; then a sending rule may name it among its ways.")
    list_display = ["name", "kind_shown", "url", "is_active"]
    list_filter = ["kind", "is_active"]
    change_form_outer_before_template = "admin/surveys/gateway.html"
    fieldsets = [
        (None, {"fields": ["kind", "name", "is_active"]}),
        (_("The request"), {"fields": ["url", "encoding", "secret", "headers", "body", "id_path"]}),
        (_("Its reports"), {"fields": ["report_id_path", "status_path", "statuses"], "classes": ["of-reports"]}),
    ]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(partial(try_out, page=self)))
        return [path("<int:pk>/try/", view, name="surveys_gateway_try"), *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        preset = request.GET.get("preset", "")
        known = PRESETS[preset].initial() | {"preset": preset} if preset in PRESETS else {}
        return super().get_changeform_initial_data(request) | known

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        gateway = context.get("original")
        if gateway is None:
            context["presets"] = PRESETS
        else:
            context["callback"] = "" if gateway.kind == Gateway.Kind.WEBHOOK else gateways.callback(gateway)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Gateway, form: Any, change: bool) -> None:
        if not change:
            obj.callback_key, obj.callback_secret = gateways.new_key(), secrets.token_urlsafe(24)
        if obj.kind == Gateway.Kind.WEBHOOK and not obj.secret:
            obj.secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
            note = _("The secret that the CRM verifies with, shown this once: %(secret)s")
            messages.warning(request, note % {"secret": obj.secret})
        super().save_model(request, obj, form, change)
        if change and "secret" in form.changed_data:
            audit.note("gateway.secret_changed", by=cast(User, request.user), subject=obj)

    def response_add(self, request: HttpRequest, obj: Gateway, post_url_continue: str | None = None) -> HttpResponse:
        """To its page, where it can be tried out."""
        return redirect("admin:surveys_gateway_change", obj.pk)

    @display(description=_("kind"), ordering="kind")
    def kind_shown(self, gateway: Gateway) -> str:
        return gateway.get_kind_display()


def try_out(request: HttpRequest, pk: int, *, page: GatewayAdmin) -> HttpResponse:
    """Send one test message to the number that was typed, and say what the gateway answered."""
    gateway = page.get_queryset(request).filter(pk=pk).first()
    if gateway is None or not page.has_change_permission(request, gateway):
        raise Http404
    number = phones.e164(request.POST.get("phone", "")[:40])
    if not number:
        messages.warning(request, _("This is not a telephone number."))
        return redirect("admin:surveys_gateway_change", pk)
    audit.note("gateway.tried", by=cast(User, request.user), subject=gateway)
    reply = Reply(status=0)
    try:
        body, headers = gateways.request(gateway, gateways.example(number))
        reply = outbound.call(gateway.url, body=body, headers=headers)
        told = gateways.judged(gateway, reply)
        messages.success(request, _("The gateway took it. Its number: %(number)s") % {"number": told or "—"})
    except NotSent as error:
        messages.error(request, _("Not sent: %(reason)s") % {"reason": troubles.read(str(error))})
        if reply.body:
            messages.info(request, _("What the gateway replied: %(reply)s") % {"reply": _said(reply, gateway)})
    except Unknown as error:
        messages.error(request, _("Nobody knows whether it left: %(reason)s") % {"reason": troubles.read(str(error))})
    return redirect("admin:surveys_gateway_change", pk)


def _said(reply: Reply, gateway: Gateway) -> str:
    """The beginning of a reply; a provider that repeats the secret does not show it."""
    said = clean_line(reply.body[:MOST_SHOWN].decode(errors="replace"))
    encoded = base64.b64encode(gateway.secret.encode()).decode()
    for part in sorted({encoded, gateway.secret, *gateway.secret.split(":")} - {""}, key=len, reverse=True):
        said = said.replace(part, "…")
    return said
