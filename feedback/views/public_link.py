"""Pages behind links that name no customer: a QR code at a desk, a link that a help desk's template builds.

GET writes nothing until there is an invitation, and there is none before the first answer: a program that opens every
link of a mail leaves no trace. A link that anybody could guess also tells nothing of what is stored.
"""

from dataclasses import replace
from urllib.parse import quote, urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from feedback import bursts, evidence, forms, nonces, page
from feedback.bursts import Through
from feedback.forms import Typed
from feedback.nonces import Nonce
from feedback.views import anonymous
from feedback.views.answer import again, is_edit, kept, take
from feedback.views.shown import form, show
from feedback.views.visit import Visit, ended, untaken, with_form
from ground import public
from ground.models import Organisation
from ground.unavailable import is_unavailable, note_unavailable
from surveys import first_use, public_links, widgets
from surveys.models import Full, Invitation, Link, SurveyVersion
from surveys.public_links import Place
from surveys.widgets import Visitor

# What the address of a widget's frame says of its visitor.
WIDGET = ("w", "v", "c", "t", "s")


@with_form
def answer(request: HttpRequest, data: QueryDict, raw: str, kind: str) -> HttpResponse:
    """`/q/<key>` and `/t/<key>/<number>[/<score>][?t=<time>&s=<signature>]`."""
    try:
        return _answer(request, data, raw, kind)
    except Exception as error:
        if request.method != "POST" or not is_unavailable(error):
            raise
        note_unavailable(error)
        return kept(request, data)


def _answer(request: HttpRequest, data: QueryDict, raw: str, kind: str) -> HttpResponse:
    signed = {"time": request.GET.get("t", ""), "signature": request.GET.get("s", "")}
    place = public_links.read(raw, kind=kind, **signed)
    if place is None:
        return public.unknown_link(request, "feedback/unknown_link.html", untaken(request))
    if kind == Link.Kind.WIDGET:
        place = widgets.place_of(place, visitor_of(request, place.link))
    asked = _asked_before(place, data)
    version = _wording(place, data, asked)
    if version is None:
        return ended(request)
    visit = _visit(request, place, version)
    if place.link.survey.is_closed() and not _is_late_edit(visit, place, data):
        return ended(request, visit.language)
    if place.link.survey.is_anonymous:
        return anonymous.respond(visit, data, link=place.link)
    with translation.override(public.page_language(visit.language)):
        try:
            return _post(visit, place, data) if request.method == "POST" else _show(visit, place, asked)
        except Full:
            return ended(request, visit.language)


def _asked_before(place: Place, data: QueryDict) -> Invitation | None:
    """The invitation of the number that the link or the page tells, where there is one already."""
    key = data.get("key", "")[:100]
    number = place.number or (nonces.hash_key(key)[:32] if key else "")
    return first_use.find(place, number) if number and not place.customer else None


def _wording(place: Place, data: QueryDict, asked: Invitation | None) -> SurveyVersion | None:
    """What the page asks that this comes from: a score means what it meant there, whatever was published since.

    A number that was asked about before keeps its wording; a page that is opened now has the newest.
    """
    newest = place.link.survey.published
    if newest and asked:
        return asked.version
    nonce = nonces.read(data.get("nonce", "")[:100], nonces.of_link(place.link, place.number))
    if newest is None or newest.published_at is None or nonce is None or newest.published_at <= nonce.issued_at:
        return newest
    older = place.link.survey.versions.filter(published_at__lte=nonce.issued_at)
    return older.order_by("-number").first() or newest


def _visit(request: HttpRequest, place: Place, version: SurveyVersion) -> Visit:
    offered, question = version.languages(), version.score_question()
    language = public.wanted_language(request, offered)
    return Visit(
        request=request,
        invitation=first_use.drafted(place, version, language=language),
        question=question,
        link_score=page.preselected(question, place.score),
        is_trap=False,
        organisation=Organisation.current(),
        offered=offered,
        language=language,
        action=_action(request, place),
        subject=nonces.of_link(place.link, place.number),
        is_attested=place.is_signed,
        is_at_place=place.link.kind != Link.Kind.TEMPLATE,
        is_framed=place.link.kind == Link.Kind.WIDGET,
    )


def visitor_of(request: HttpRequest, link: Link) -> Visitor:
    """Who looks at a widget, by the frame's address."""
    said = request.GET
    return widgets.visitor_of(
        link, customer=said.get("c", ""), time=said.get("t", ""), signature=said.get("s", ""), number=said.get("v", "")
    )


def _action(request: HttpRequest, place: Place) -> str:
    """Where the page's form posts to: the link itself, so that no page shows the token of an invitation."""
    if place.link.kind == Link.Kind.QR:
        return public_links.path(place.link)
    if place.link.kind == Link.Kind.WIDGET:
        said = {name: request.GET[name] for name in WIDGET if name in request.GET}
        return widgets.path(place.link) + (f"?{urlencode(said)}" if said else "")
    path = public_links.template_path(place.link, quote(place.number, safe=""))
    return path + (f"?t={request.GET['t']}&s={request.GET['s']}" if place.is_signed else "")


def _show(visit: Visit, place: Place, asked: Invitation | None) -> HttpResponse:
    if place.link.kind == Link.Kind.TEMPLATE and place.is_signed and asked:
        return show(replace(visit, invitation=asked))
    return form(visit, Typed(score=visit.link_score), opened_with=visit.link_score, script=True)


def _post(visit: Visit, place: Place, data: QueryDict) -> HttpResponse:
    typed = forms.read(data, visit.invitation.version)
    nonce = nonces.read(typed.nonce, visit.subject)
    opened_with = nonce.score if nonce else None
    if typed.switches_language:
        typed.errors.clear()
        typed.missing.clear()
        return again(visit, typed, opened_with=opened_with, status=200)
    if nonce is None:
        typed.errors["page"] = _("This page was open for too long. Please press the button once more.")
    elif typed.is_empty and not typed.errors:
        typed.errors["page"] = _("Choose a score or write a few words.")
    if nonce is None or typed.errors:
        return again(visit, typed, opened_with=opened_with, status=400)
    return _take(visit, place, typed, nonce)


def _is_late_edit(visit: Visit, place: Place, data: QueryDict) -> bool:
    """Whether the author of an answer, which may itself have been the last one wanted, goes on with it."""
    if visit.request.method != "POST" or place.link.survey.is_anonymous:
        return False
    typed = forms.read(data, visit.invitation.version)
    nonce = nonces.read(typed.nonce, visit.subject)
    known = first_use.find(place, place.number or _own_number(place, typed, nonce)) if nonce else None
    return known is not None and is_edit(replace(visit, invitation=known), typed)


@transaction.atomic
def _take(visit: Visit, place: Place, typed: Typed, nonce: Nonce) -> HttpResponse:
    """The first use makes the invitation; what the page sends later finds it by the ticket or by the page's key."""
    number = place.number or _own_number(place, typed, nonce)
    find = first_use.visit if place.customer else first_use.invite
    invitation = find(place, number, visit.invitation.version, language=visit.language)
    before = bursts.flag_of(invitation)
    reply = take(replace(visit, invitation=invitation), typed, nonce)
    bursts.watch(invitation, _through(visit, place), before=before)
    return reply


def _through(visit: Visit, place: Place) -> Through:
    visitor = evidence.visitor_of(visit.request)
    return Through(
        link=place.link,
        prefix_hash=visitor.prefix_hash,
        agent_hash=visitor.agent_hash,
        is_numbered=place.is_signed and bool(place.number),
    )


def _own_number(place: Place, typed: Typed, nonce: Nonce) -> str:
    """The number of a QR code's answer: that of the page which gave it first, so that one page view is one answer."""
    first = nonces.hash_key(typed.key)[:32] if typed.key else ""
    return first if first and first_use.find(place, first) else nonces.hash_key(nonce.raw)[:32]
