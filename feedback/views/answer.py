"""The answer page of an invitation: GET shows and leaves a touch, POST answers."""

import datetime as dt
from dataclasses import replace

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from feedback import evidence, forms, intake, nonces, page, settlement
from feedback.evidence import Judged, Posted
from feedback.forms import Typed
from feedback.intake import Given, Recorded, Said
from feedback.models import Comment, Response
from feedback.nonces import Nonce
from feedback.views import anonymous, shown
from feedback.views.visit import Visit, untaken, with_form
from ground import limits, public
from ground.limits import Limit
from ground.models import Organisation
from ground.unavailable import RETRY_AFTER, is_unavailable, note_unavailable
from surveys import addresses, links
from surveys.models import Full, Invitation

# Besides the first answer, which counts itself by being there.
POSTS = Limit("answer", 19, 600)


@with_form
def answer(request: HttpRequest, data: QueryDict, raw: str) -> HttpResponse:
    """`/r/<token>[/<score>|/t]`."""
    try:
        visit = _open(request, raw)
        if visit and visit.invitation.survey.is_anonymous:
            return anonymous.respond(visit, data)
    except Exception as error:
        if request.method != "POST" or not is_unavailable(error):
            raise
        note_unavailable(error)
        return kept(request, data)
    if visit is None:
        return public.unknown_link(request, "feedback/unknown.html", untaken(request))
    with translation.override(public.page_language(visit.language)):
        return _post(visit, data) if request.method == "POST" else shown.show(visit)


def _open(request: HttpRequest, raw: str) -> Visit | None:
    address = addresses.read(raw)
    invitation = address.invitation
    if invitation is None:
        return None
    question = invitation.version.score_question()
    offered = invitation.version.languages()
    return Visit(
        request=request,
        invitation=invitation,
        question=question,
        link_score=page.preselected(question, address.score),
        is_trap=address.is_trap,
        organisation=Organisation.current(),
        offered=offered,
        language=public.wanted_language(request, offered, preferred=invitation.language),
        action=links.answer_path(invitation),
        subject=nonces.of_invitation(invitation),
        unsubscribe_path=links.unsubscribe_path(invitation),
    )


def kept(request: HttpRequest, data: QueryDict) -> HttpResponse:
    """503 without any word from the database: what was typed stays in a plain form that posts to the same place."""
    typed = forms.read(data, None)
    organisation = Organisation(name="")
    further = [(name, value) for name in data if name.startswith(("a-", "t-")) for value in data.getlist(name)]
    context = {
        "typed": typed,
        "score": data.get("score", "")[:2],
        "action": request.get_full_path(),
        "further_texts": [pair for pair in further if pair[0].startswith("t-")],
        "further": [pair for pair in further if pair[0].startswith("a-")],
    }
    language = public.own_language(request, organisation)
    response = public.page("feedback/kept.html", context, language=language, organisation=organisation, status=503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def reopen(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The stored answer with the right to change it, for a customer who proved to be the invitation's own.

    The page that was given that right before loses it.
    """
    visit, response = _open(request, links.token(invitation, links.ANSWER)), Response.objects.get(invitation=invitation)
    assert visit is not None  # its token has just been made
    with translation.override(public.page_language(visit.language)):
        if shown.is_locked(visit, response):
            return shown.locked(visit, Typed(), response, is_own=True)
        key = visit.nonce(response.score)
        Response.objects.filter(pk=response.pk).update(edit_key_hash=nonces.hash_key(key))
        return shown.thanks(visit, response, key=key)


# --- taking ------------------------------------------------------------------------------------------------------


def _post(visit: Visit, data: QueryDict) -> HttpResponse:
    typed = forms.read(data, visit.invitation.version)
    nonce = nonces.read(typed.nonce, visit.subject)
    opened_with = nonce.score if nonce else None
    if typed.switches_language:
        typed.errors.clear()
        typed.missing.clear()
        return again(visit, typed, opened_with=opened_with, status=200)
    if nonce is None:
        typed.errors["page"] = _("This page was open for too long. Please press the button once more.")
        return again(visit, typed, opened_with=opened_with, status=400)
    try:
        return take(visit, typed, nonce)
    except Full:
        visit.invitation.survey.refresh_from_db(fields=["is_full"])
        return shown.ended(visit, typed) or shown.form(visit, typed, opened_with=opened_with)
    except Exception as error:
        if not is_unavailable(error):
            raise
        note_unavailable(error)
    typed.errors["page"] = _("We are overloaded for a moment. All you entered is still here: press the button again.")
    return _busy(visit, typed, opened_with=opened_with, status=503, seconds=RETRY_AFTER)


def _busy(visit: Visit, typed: Typed, *, opened_with: int | None, status: int, seconds: str) -> HttpResponse:
    try:
        response = again(visit, typed, opened_with=opened_with, status=status)
    except Exception as error:
        if not is_unavailable(error):
            raise
        return kept(visit.request, visit.request.POST)
    response.headers["Retry-After"] = seconds
    return response


def take(visit: Visit, typed: Typed, nonce: Nonce) -> HttpResponse:
    if typed.only == "message":
        return _take_message(visit, typed, nonce)
    if typed.only == "score":
        typed.errors = {name: wrong for name, wrong in typed.errors.items() if name == "score"}
    if typed.is_empty and not typed.errors:
        typed.errors["page"] = _("Choose a score or write a few words.")
    if typed.errors:
        return again(visit, typed, opened_with=nonce.score, status=400)
    if not visit.invitation.is_open() and not is_edit(visit, typed):
        return shown.ended(visit, typed) or shown.form(visit, typed, opened_with=nonce.score)
    recorded = _record(visit, typed, nonce)
    if recorded is None:
        return _too_often(visit, typed, nonce)
    if typed.only == "score":
        return HttpResponse(status=204)
    if typed.missing and recorded.is_own and recorded.outcome != "locked":
        key = _key(recorded.response, typed, nonce)
        return shown.form(visit, replace(typed, key=key), opened_with=nonce.score, status=400)
    return _outcome(visit, typed, recorded, nonce)


def is_edit(visit: Visit, typed: Typed) -> bool:
    """A closed question still lets its author correct what was given in time."""
    response = Response.objects.filter(invitation=visit.invitation).first()
    return (
        response is not None
        and not shown.is_locked(visit, response)
        and intake.is_proof(response, (typed.key, typed.nonce))
    )


def _record(visit: Visit, typed: Typed, nonce: Nonce) -> Recorded | None:
    """Judge and store in one transaction; None when this link posted too often."""
    now = timezone.now()
    is_score_alone = typed.only == "score"
    judged = _judge(visit, typed, nonce, now)
    given = Given(
        score=typed.score,
        text=None if is_score_alone else typed.text,
        wants_contact=None if is_score_alone else typed.wants_contact,
        evidence=judged.evidence,
        held_for=judged.held_for,
        at=now,
        language=visit.language,
        proofs=tuple(proof for proof in (nonce.raw, typed.key) if proof),
        is_deliberate=nonce.score is not None and typed.score != nonce.score,
        replace=typed.replace,
        posted=_posted(visit, typed, nonce),
        answers=None if is_score_alone else typed.answers,
        texts=None if is_score_alone else typed.texts,
    )
    with transaction.atomic():
        is_first = visit.invitation.answer_state == Invitation.AnswerState.NONE
        if not is_first and not limits.hit(POSTS, str(visit.invitation.pk), now=now):
            return None
        if visit.invitation.answer_state == Response.Evidence.CONFIRMED:
            settlement.reconsider(visit.invitation)
        return intake.record(visit.invitation, given)


def _posted(visit: Visit, typed: Typed, nonce: Nonce) -> Posted:
    visitor = evidence.visitor_of(visit.request)
    return Posted(
        prefix_hash=visitor.prefix_hash,
        agent_hash=visitor.agent_hash,
        page_served_at=nonce.issued_at,
        is_decoyed=bool(typed.decoy),
    )


def _judge(visit: Visit, typed: Typed, nonce: Nonce, now: dt.datetime) -> Judged:
    judged = evidence.judge_post(evidence.touches(visit.invitation), _posted(visit, typed, nonce), at=now)
    if visit.is_attested:
        return judged
    response = Response.objects.filter(invitation=visit.invitation).first()
    is_stranger = response is not None and not intake.is_proof(response, (typed.key, nonce.raw))
    return evidence.of_guessable(judged, is_matched=visit.invitation.is_matched, is_stranger=is_stranger)


def _outcome(visit: Visit, typed: Typed, recorded: Recorded, nonce: Nonce) -> HttpResponse:
    response = recorded.response
    if not visit.is_attested and not recorded.is_own:
        response.score = typed.score  # whoever guessed the address hears only what they said themselves
        return shown.thanks(visit, response)
    if recorded.outcome == "locked":
        return shown.locked(visit, Typed(text="" if recorded.is_own else typed.text), response, is_own=recorded.is_own)
    if recorded.outcome == "ask":
        scores = {"known": shown.short(visit, response.score), "given": shown.short(visit, typed.score)}
        context = scores | {"typed": typed, "answered_on": shown.day(visit, response.answered_at)}
        return visit.page("replace.html", context | {"nonce": nonce.raw})
    if recorded.is_own:
        return shown.thanks(visit, response, key=_key(response, typed, nonce), said=recorded.contents)
    if recorded.outcome != "kept" and typed.score is not None:
        response.score = typed.score
    return shown.thanks(visit, response)


def _key(response: Response, typed: Typed, nonce: Nonce) -> str:
    """What proves to be the author: what the page brought along, else the page itself."""
    return typed.key if intake.is_proof(response, (typed.key,)) else nonce.raw


def _too_often(visit: Visit, typed: Typed, nonce: Nonce) -> HttpResponse:
    typed.errors["page"] = _("This link was used too often in a short time. All you entered is still here: try later.")
    return _busy(visit, typed, opened_with=nonce.score, status=429, seconds=str(POSTS.seconds))


def _take_message(visit: Visit, typed: Typed, nonce: Nonce) -> HttpResponse:
    """Words written on a page that takes no score any more: one message, however often it is sent."""
    if not typed.text.strip():
        typed.errors["page"] = _("Write a few words.")
    if typed.errors:
        return again(visit, typed, opened_with=None, status=400)
    invitation = visit.invitation
    said = Said(
        source=Comment.Source.MESSAGE,
        text=typed.text,
        origin="survey page",
        external_key=nonces.hash_key(nonce.raw),
        team=invitation.team,
        agent=invitation.agent,
        customer=invitation.customer,
        interaction=invitation.interaction,
        survey=invitation.survey,
        channel=invitation.channel,
        reason=invitation.reason,
        is_counted=_judge(visit, typed, nonce, timezone.now()).counts,
    )
    with transaction.atomic():
        if limits.hit(POSTS, str(invitation.pk)):
            comment, _is_fresh = intake.add_comment(said)
            return visit.page("told.html", {"text": comment.text})
    return _too_often(visit, typed, nonce)


def again(visit: Visit, typed: Typed, *, opened_with: int | None, status: int) -> HttpResponse:
    """The page that was posted, with everything typed still in it."""
    response = (
        Response.objects.filter(invitation=visit.invitation).first() if typed.key and visit.invitation.pk else None
    )
    if response and intake.is_proof(response, (typed.key,)):
        return shown.thanks(visit, response, key=typed.key, edited=typed, status=status)
    if typed.only == "message":
        ended = shown.ended(visit, typed)
        if ended:
            return ended
    return shown.form(visit, typed, opened_with=opened_with, status=status)
