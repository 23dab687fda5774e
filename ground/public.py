"""Pages for customers: no log-in, no cookie, no other host, and the same strict headers on whatever they answer."""

import ipaddress
import logging
from collections.abc import Callable, Container, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from ground import brand, limits, logo
from ground.limits import Limit
from ground.models import Organisation
from ground.unavailable import RETRY_AFTER, is_unavailable, note_unavailable

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
FALLBACK_LANGUAGE = "en"
UNKNOWN_LINKS = Limit("unknown-link", 60, 300)


def public(view: View) -> View:
    """A view for anybody with the link: the token in it is the only authority, so there is no CSRF cookie to check."""

    @wraps(view)
    def sealed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:
            if not is_unavailable(error):
                raise
            note_unavailable(error)
            response = unavailable(request)
        return seal(response)

    return csrf_exempt(login_not_required(gzip_page(sealed)))


def seal(response: HttpResponse) -> HttpResponse:
    """Headers of every public answer: nothing is cached, indexed, embedded or told to another site."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Content-Security-Policy", policy())
    return response


def policy(*, styles: Iterable[str] = (), scripts: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a page with these inline sources; nothing else may run or load."""
    script_sources = " ".join(scripts)
    parts = {
        "default-src": "'none'",
        "style-src": " ".join(styles) or "'none'",
        "script-src": script_sources or "'none'",
        "connect-src": "'self'" if script_sources else "'none'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in parts.items())


def page(
    template: str,
    context: dict[str, Any],
    *,
    language: str,
    organisation: Organisation,
    status: int = 200,
    with_script: bool = False,
    is_framed: bool = False,
    own_style: brand.Inline | None = None,
) -> HttpResponse:
    """A rendered public page in this language and in the organisation's colour; `own_style` is its further rules."""
    style = brand.style(organisation.colour)
    script = brand.script(answers=with_script, is_framed=is_framed) if with_script or is_framed else None
    shared = {
        "language": language,
        "direction": direction(language),
        "organisation": organisation,
        "initial": organisation.name[:1].upper(),
        "logo_path": logo.path(organisation),
        "style": style,
        "own_style": own_style,
        "script": script,
        "is_framed": is_framed,
    }
    with translation.override(page_language(language)):
        response = HttpResponse(render_to_string(template, shared | context), status=status)
    response.headers["Content-Language"] = language
    response.headers["Content-Security-Policy"] = policy(
        styles=[one.source for one in (style, own_style) if one], scripts=[script.source] if script else []
    )
    return response


def direction(language: str) -> str:
    """ "rtl" or "ltr"."""
    try:
        return "rtl" if translation.get_language_info(language)["bidi"] else "ltr"
    except KeyError:
        return "ltr"


def interface_language(language: str) -> str:
    """The language of our own words in a mail in `language`: that one when our mails speak it, else English."""
    return _spoken(language, dict(settings.LANGUAGES))


def page_language(language: str) -> str:
    """The language of our own words on a page in `language`: that one when our pages speak it, else English."""
    return _spoken(language, settings.PAGE_LANGUAGES)


def _spoken(language: str, spoken: Container[str]) -> str:
    base = language.split("-")[0]
    return base if base in spoken else FALLBACK_LANGUAGE


def wanted_language(request: HttpRequest, offered: list[str], *, preferred: str = "") -> str:
    """Which of the offered languages to show: the link's, then the customer's, then the browser's, else the first."""
    wishes = [request.GET.get("lang", ""), preferred]
    wishes += [part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "")[:200].split(",")]
    by_name = {language.lower(): language for language in offered}
    for wish in wishes:
        for name in (wish.lower(), wish.lower().split("-")[0]):
            if name in by_name:
                return by_name[name]
    return offered[0]


def own_languages(organisation: Organisation) -> list[str]:
    """The languages of pages that belong to no survey, the organisation's first."""
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=lambda code: code != organisation.language)


def own_language(request: HttpRequest, organisation: Organisation, *, preferred: str = "") -> str:
    """The language of a page that belongs to no survey.

    Whoever comes from a page in one of our further languages stays in it; a browser alone is offered the desk's two.
    """
    for wish in (request.GET.get("lang", ""), preferred):
        if (base := wish.lower().split("-")[0]) in settings.PAGE_LANGUAGES:
            return base
    return wanted_language(request, own_languages(organisation))


def other_languages(offered: list[str], language: str) -> list[dict[str, str]]:
    """The languages to switch to, each named in itself."""
    return [{"code": code, "name": _name_of(code)} for code in offered if code != language]


def _name_of(code: str) -> str:
    try:
        return str(translation.get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


def client_address(request: HttpRequest) -> str:
    """The address the request came from, as the outermost of the TRUSTED_PROXIES saw it."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES and hops:
        return hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    return str(request.META.get("REMOTE_ADDR", ""))


def client_prefix(request: HttpRequest) -> str:
    """A keyed hash of the /24 or /64 the request came from: equal for neighbours, worth nothing without the key."""
    text = client_address(request)
    try:
        address = ipaddress.ip_address(text)
        address = getattr(address, "ipv4_mapped", None) or address  # how a socket for both kinds names the older one
        text = str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))
    except ValueError:
        text = text[:64]  # a proxy's own name for a client; as good a subject as any
    return salted_hmac("ground.prefix", text, algorithm="sha256").hexdigest()[:32]


def message(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int, preferred: str = ""
) -> HttpResponse:
    """A page that belongs to no survey, in the reader's language, with links to the others."""
    organisation = Organisation.current()
    language = own_language(request, organisation, preferred=preferred)
    context = {"languages": other_languages(own_languages(organisation), language)} | (context or {})
    return page(template, context, language=language, organisation=organisation, status=status)


def unknown_link(request: HttpRequest, template: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """404 for a link that leads nowhere; 429 for an address that tries many. Links that lead somewhere never count.

    Whoever is over the limit is only looked up: a flood of bad links does not take the write lock from answers.
    """
    prefix = client_prefix(request)
    try:
        is_allowed = limits.counted(UNKNOWN_LINKS, prefix) < UNKNOWN_LINKS.count and limits.hit(UNKNOWN_LINKS, prefix)
    except DatabaseError as error:
        if not is_unavailable(error):
            raise
        note_unavailable(error)
        is_allowed = True
    response = message(request, template, context, status=404 if is_allowed else 429)
    if not is_allowed:
        response.headers["Retry-After"] = str(UNKNOWN_LINKS.seconds)
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 for a page without anything typed; asks the database nothing."""
    organisation = Organisation()
    language = own_language(request, organisation)
    response = page("unavailable.html", {"retry": True}, language=language, organisation=organisation, status=503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """handler404; programs hear it in the API's one error shape."""
    if request.path.startswith("/api/"):
        detail = {"code": "not_found", "detail": _("There is nothing at this address."), "attr": None}
        return seal(JsonResponse({"type": "client_error", "errors": [detail]}, status=404))
    return _plain(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """handler400; a body too large is told apart by Django with 413 before it comes here."""
    return _plain(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """handler500: asks the database nothing, whatever went wrong may be there."""
    return _plain(request, "500.html", status=500)


def _plain(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    organisation = Organisation()
    at_desk = request.path.startswith("/admin/")
    preferred = (translation.get_language() or "") if at_desk else ""
    language = own_language(request, organisation, preferred=preferred)
    context = {"at_desk": at_desk}
    return seal(page(template, context, language=language, organisation=organisation, status=status))
