"""Stop being asked, and change one's mind: GET shows, POST does."""

from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from ground import public
from ground.models import Organisation
from surveys import addresses, links, suppression
from surveys.models import Invitation

METHODS = "GET, HEAD, POST, OPTIONS"


@public.public
def unsubscribe(request: HttpRequest, raw: str) -> HttpResponse:
    """`/u/<token>`; mail programs post `List-Unsubscribe=One-Click` here without asking anybody (RFC 8058)."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=200 if request.method == "OPTIONS" else 405, headers={"Allow": METHODS})
    invitation = addresses.read(raw, purpose=links.UNSUBSCRIBE).invitation
    if invitation is None:
        return public.unknown_link(request, "surveys/unknown.html")
    if request.method != "POST":
        return _page(request, invitation, "unsubscribe.html")
    try:
        data = request.POST
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return public.message(request, "400.html", status=400)
    if "undo" in data:
        suppression.resubscribe(invitation)
        return _page(request, invitation, "resubscribed.html")
    suppression.unsubscribe(invitation, everything=data.get("scope") != "survey")
    return _page(request, invitation, "unsubscribed.html")


def _page(request: HttpRequest, invitation: Invitation, template: str) -> HttpResponse:
    organisation = Organisation.current()
    offered = invitation.version.languages()
    language = public.wanted_language(request, offered, preferred=invitation.language)
    context: dict[str, Any] = {
        "languages": public.other_languages(offered, language),
        "action": links.unsubscribe_path(invitation),
        "answer_path": links.answer_path(invitation),
    }
    return public.page(f"surveys/{template}", context, language=language, organisation=organisation)
