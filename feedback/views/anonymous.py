"""The page of an anonymous survey: one post is the one answer, and nobody can come back to it."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from feedback import anonymous, answered, bursts, evidence, forms, nonces, page
from feedback.anonymous import Given
from feedback.bursts import Through
from feedback.contents import Contents
from feedback.evidence import Posted
from feedback.forms import Typed
from feedback.models import Response
from feedback.nonces import Nonce
from feedback.views.visit import Visit, ended
from ground import public
from surveys.models import Full, Invitation, Link


def respond(visit: Visit, data: QueryDict, *, link: Link | None = None) -> HttpResponse:
    """GET shows the form and leaves nothing behind; POST takes the answer, once for each invitation."""
    with translation.override(public.page_language(visit.language)):
        if link is None and visit.invitation.answer_state != Invitation.AnswerState.NONE:
            return _already(visit)
        if not visit.invitation.is_open():
            return ended(visit.request, visit.language)
        if visit.request.method != "POST":
            return _form(visit, Typed(score=visit.link_score), opened_with=visit.link_score)
        return _post(visit, data, link)


def _form(visit: Visit, typed: Typed, *, opened_with: int | None, status: int = 200) -> HttpResponse:
    """Without the script, whose first word would be the one answer."""
    version, nonce = visit.invitation.version, visit.nonce(opened_with)
    context = page.form(
        version, typed, question=visit.question, language=visit.language, nonce=nonce, with_contact=False
    )
    is_as_opened = not (typed.errors or typed.missing) and typed.score == visit.link_score
    picked = answered.short(visit.question, visit.link_score, visit.language) if is_as_opened else ""
    return visit.page("answer.html", context | {"picked": picked}, status=status)


def _already(visit: Visit) -> HttpResponse:
    return visit.page("already.html", {})


def _post(visit: Visit, data: QueryDict, link: Link | None) -> HttpResponse:
    typed = forms.read(data, visit.invitation.version)
    nonce = nonces.read(typed.nonce, visit.subject)
    opened_with = nonce.score if nonce else None
    if typed.switches_language:
        typed.errors.clear()
        typed.missing.clear()
        return _form(visit, typed, opened_with=opened_with)
    if typed.only:
        return HttpResponse(status=204)  # no page of ours sends a part alone
    if nonce is None:
        typed.errors["page"] = _("This page was open for too long. Please press the button once more.")
    elif typed.is_empty and not typed.errors:
        typed.errors["page"] = _("Choose a score or write a few words.")
    if nonce is None or typed.errors or typed.missing:
        return _form(visit, typed, opened_with=opened_with, status=400)
    try:
        response = _record(visit, typed, nonce, link)
    except Full:
        return ended(visit.request, visit.language)
    return _thanks(visit, response) if response else _already(visit)


@transaction.atomic
def _record(visit: Visit, typed: Typed, nonce: Nonce, link: Link | None) -> Response | None:
    now, posted = timezone.now(), _posted(visit.request, typed, nonce)
    if link is not None and not bursts.is_first_of_page(nonces.hash_key(nonce.raw), at=now):
        return None
    judged = evidence.judge_post([], posted, at=now)
    evidence_given, held_for = judged.evidence, judged.held_for
    if link is not None and (flag := bursts.flag_by_day(_through(link, posted), at=now)):
        evidence_given, held_for = Response.Evidence.HELD, flag
    given = Given(
        score=typed.score,
        text=typed.text,
        answers=typed.answers,
        texts=typed.texts,
        evidence=evidence_given,
        held_for=held_for,
    )
    if link is None:
        return anonymous.record(visit.invitation, given, at=now)
    return anonymous.record_through(link, visit.invitation.version, given, at=now)


def _posted(request: HttpRequest, typed: Typed, nonce: Nonce) -> Posted:
    """Judged by and forgotten."""
    visitor = evidence.visitor_of(request)
    return Posted(
        prefix_hash=visitor.prefix_hash,
        agent_hash=visitor.agent_hash,
        page_served_at=nonce.issued_at,
        is_decoyed=bool(typed.decoy),
    )


def _through(link: Link, posted: Posted) -> Through:
    return Through(link=link, prefix_hash=posted.prefix_hash, agent_hash=posted.agent_hash, is_numbered=False)


def _thanks(visit: Visit, response: Response) -> HttpResponse:
    """The score said back, to the page that has just given it."""
    version, language = visit.invitation.version, visit.language
    said = page.receipt(response, Contents(), version=version, language=language)
    sites = visit.invitation.survey.link_sites
    context = page.thanks(version, score=response.score, language=language, sites=sites)
    return visit.page("thanks.html", context | {"said": said})
