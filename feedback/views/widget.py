"""The window on a web site: its script, the page in its frame, and the word that it was shown."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page

from feedback.views import public_link
from ground import brand, public
from surveys import first_use, widgets
from surveys.models import Link
from surveys.public_links import Place


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


@xframe_options_exempt
@public.public
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """`/w/<key>`: the survey's page. Asked by the script, it opens only for whom it may be shown to.

    The link's own sites may frame it, whatever became of it.
    """
    link = Link.objects.select_related("survey").filter(public_key=key, kind=Link.Kind.WIDGET).first()
    is_asked = request.method == "GET" and "w" in request.GET
    if is_asked and not (link and _may_show(request, link)):
        response = _nothing()
    else:
        response = public_link.answer(request, key, kind=Link.Kind.WIDGET)
    sites = " ".join(widgets.placement(link).origins) if link else ""
    policy = response.headers["Content-Security-Policy"]
    own = policy.replace("frame-ancestors 'none'", f"frame-ancestors 'self' {sites}".strip())
    response.headers["Content-Security-Policy"] = own
    return response


def _may_show(request: HttpRequest, link: Link) -> bool:
    if not link.is_active or link.survey.published is None or link.survey.is_closed():
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
        if visitor.customer:
            place = widgets.place_of(Place(link=link, number="", score=None, is_signed=True), visitor)
            language = public.wanted_language(request, version.languages())
            first_use.visit(place, place.number, version, language=language)
    return HttpResponse(status=204)
