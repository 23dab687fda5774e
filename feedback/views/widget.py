"""The window on a web site: its script, the page in its frame, and the word that it was shown."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page

from feedback.views import public_link
from ground import brand, public
from surveys import first_use, public_links, widgets
from surveys.models import Link

View = Callable[..., HttpResponse]


def framed(view: View) -> View:
    """A page that the link's own sites may frame, whatever became of it."""

    @wraps(view)
    def allowed(request: HttpRequest, key: str) -> HttpResponse:
        response = view(request, key)
        link = Link.objects.filter(public_key=key, kind=Link.Kind.WIDGET).first()
        sites = " ".join(widgets.placement(link).origins) if link else ""
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", f"frame-ancestors 'self' {sites}".strip()
        )
        return response

    return xframe_options_exempt(allowed)


def _link(key: str) -> Link:
    links = Link.objects.select_related("survey").filter(is_active=True)
    return get_object_or_404(links, public_key=key, kind=Link.Kind.WIDGET)


@login_not_required
@gzip_page
def script(request: HttpRequest, key: str) -> HttpResponse:
    """`/w/<key>.js`: five minutes in a browser's cache, for what the desk changes shall soon be so."""
    text = widgets.script(_link(key))
    tag = widgets.tag(text)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@framed
@public.public
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """`/w/<key>`: the survey's page. Asked by the script, it opens only for whom it may be shown to."""
    if request.method == "GET" and "w" in request.GET:
        link = Link.objects.select_related("survey").filter(public_key=key, is_active=True).first()
        if link is None or not _may_show(request, link):
            return _nothing()
    return public_link.answer(request, key, kind=Link.Kind.WIDGET)


def _may_show(request: HttpRequest, link: Link) -> bool:
    if link.survey.published is None or link.survey.is_closed():
        return False
    return widgets.may_show(link, public_link.visitor_of(request, link))


def _nothing() -> HttpResponse:
    """A page whose one script tells the window to stay shut."""
    word = brand.Inline('parent.postMessage({otklik:"no"},"*")')
    response = HttpResponse(f"<!doctype html><title>-</title><script>{word}</script>")
    response.headers["Content-Security-Policy"] = public.policy(scripts=[word.source])
    return response


@public.public
def shown(request: HttpRequest, key: str) -> HttpResponse:
    """`POST /w/<key>/shown`: the window stands open before the visitor. A known customer counts as asked."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    link = _link(key)
    version, visitor = link.survey.published, public_link.visitor_of(request, link)
    if version is None or link.survey.is_closed():
        return HttpResponse(status=204)
    with transaction.atomic():
        widgets.note_shown(link, visitor)
        place = public_links.read(key, kind=Link.Kind.WIDGET)
        if place and visitor.customer:
            language = public.wanted_language(request, version.languages())
            place = widgets.place_of(place, visitor)
            first_use.visit(place, place.number, version, language=language)
    return HttpResponse(status=204)
