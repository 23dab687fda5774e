"""Stop being asked, and change one's mind: GET shows, POST does. And where mail services post their reports."""

from typing import Any

from anymail.exceptions import AnymailError
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ImproperlyConfigured, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from ground import public
from ground.models import Organisation
from ground.text import is_storable
from surveys import addresses, bounces, consents, gateways, links, reports, suppression
from surveys.gateways import Reported
from surveys.models import Gateway, Invitation, Suppression

METHODS = "GET, HEAD, POST, OPTIONS"
ONE_CLICK = "List-Unsubscribe"
SCOPES = {"survey": False, "all": True}
# What a verified report that makes no sense ends in.
SENSELESS = (AnymailError, AssertionError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


@public.public
def unsubscribe(request: HttpRequest, raw: str) -> HttpResponse:
    """`/u/<token>`; mail programs post `List-Unsubscribe=One-Click` here without asking anybody (RFC 8058).

    A POST that says neither this nor a choice of the page comes from a machine that tries addresses: it is refused.
    """
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=200 if request.method == "OPTIONS" else 405, headers={"Allow": METHODS})
    invitation = addresses.read(raw, purpose=links.UNSUBSCRIBE).invitation
    if invitation is None:
        return public.unknown_link(request, "surveys/unknown.html")
    if request.method != "POST":
        return _page(request, invitation)
    try:
        data = _posted(request)
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return public.message(request, "400.html", status=400)
    language = _language(request, invitation)
    if "undo" in data:
        suppression.resubscribe(invitation, said=consents.on_page(language=language, again=True))
        return _page(request, invitation, is_back=True)
    everything = SCOPES.get(str(data.get("scope")))
    if everything is not None:
        said = consents.on_page(language=language, everything=everything)
    elif ONE_CLICK in data:
        everything, said = True, consents.Said(source=consents.ONE_CLICK)
    else:
        return _page(request, invitation, status=400)
    suppression.unsubscribe(invitation, everything=everything, said=said)
    return _page(request, invitation)


def _posted(request: HttpRequest) -> QueryDict:
    """The form, also where a mail program forgot to say that it is one."""
    body = request.body  # read before the form is parsed, or it is gone
    return request.POST or QueryDict(body[:200], encoding="latin-1")


def _language(request: HttpRequest, invitation: Invitation) -> str:
    return public.wanted_language(request, invitation.version.languages(), preferred=invitation.language)


def _page(request: HttpRequest, invitation: Invitation, *, is_back: bool = False, status: int = 200) -> HttpResponse:
    """The question, or what holds already: nothing at all, or this survey alone."""
    organisation = Organisation.current()
    language = _language(request, invitation)
    entries = suppression.standing(invitation)
    own = [entry for entry in entries if entry.reason == Suppression.Reason.UNSUBSCRIBED]
    context: dict[str, Any] = {
        "languages": public.other_languages(invitation.version.languages(), language),
        "action": links.unsubscribe_path(invitation),
        "answer_path": links.answer_path(invitation),
        "own_data_path": "" if invitation.survey.is_anonymous else links.own_data_path(invitation),
        "wording": consents,
        "is_all": any(entry.survey_id is None for entry in entries),
        # Only the customer's own word can be taken back here, and only where nothing else stands in the way.
        "may_undo": bool(own) and len(own) == len(entries),
    }
    template = "unsubscribed" if entries else "resubscribed" if is_back else "unsubscribe"
    return public.page(f"surveys/{template}.html", context, language=language, organisation=organisation, status=status)


@csrf_exempt
@login_not_required
def take_reports(request: HttpRequest, service: str) -> HttpResponse:
    """`/webhooks/mail/<service>/`: 403 without the secret of the settings, 400 for a wrong signature or body."""
    if service not in reports.SERVICES or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Http404
    try:
        view = import_string(reports.SERVICES[service]).as_view()
        reply = view(request)
    except (ImportError, ImproperlyConfigured):  # its package or its key is missing: nobody reports from there
        raise Http404 from None
    except SuspiciousOperation:  # no secret or a wrong one, a wrong signature
        reply = HttpResponse(status=403)
    except SENSELESS:
        reply = HttpResponse(status=400)
    return public.seal(reply)


@csrf_exempt
@login_not_required
def take_gateway_report(request: HttpRequest, key: str) -> HttpResponse:
    """`/webhooks/gateway/<key>/`: 403 without the secret, 404 for a message that we do not know (yet), else 200."""
    gateway = Gateway.objects.filter(callback_key=key).first() if is_storable(key) else None
    if gateway is None:
        raise Http404
    if request.method != "POST":
        return public.seal(HttpResponse(status=405, headers={"Allow": "POST"}))
    try:
        body = request.body
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        signature = request.headers.get("X-Signature", "") or request.headers.get("X-Hub-Signature-256", "")
        given = request.GET.get("s", "") or bearer
        if not gateways.is_genuine(gateway, given=given, signature=signature, body=body):
            return public.seal(HttpResponse(status=403))
        report = gateways.read_report(gateway, body, request.POST.dict())
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return public.seal(HttpResponse(status=400))
    return public.seal(HttpResponse(status=_apply(gateway, report)))


def _apply(gateway: Gateway, report: Reported) -> int:
    message = gateways.message_of(gateway, report.number)
    if message is None:
        return 404  # a report may be faster than the reply that tells us the number: it comes again
    if report.outcome == gateways.DELIVERED:
        bounces.delivered(message)
    elif report.outcome == gateways.FAILED:
        bounces.refused(message, why=f"the gateway reported: {report.status}")
    return 200
