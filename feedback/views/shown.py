"""The pages of an invitation: its question, the answer said back, and what takes no score any more."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from feedback import answered, contents, evidence, intake, page, settlement
from feedback.contents import Contents
from feedback.forms import Typed
from feedback.models import Response
from feedback.views.visit import Visit
from ground import afterwards, skeletons
from surveys.models import Invitation


def show(visit: Visit) -> HttpResponse:
    is_confirmed = visit.invitation.answer_state == Response.Evidence.CONFIRMED
    # A page that takes no score is told none; but a program that answered shows itself by what it opens.
    score = visit.link_score if is_confirmed or visit.invitation.is_open() else None
    touch = evidence.touch_of(visit.request, visit.invitation, score=score, is_trap=visit.is_trap)
    if is_confirmed:
        evidence.note(touch)
        settlement.doubt(visit.invitation)
    typed = Typed(score=visit.link_score)
    response = ended(visit, Typed()) or form(visit, typed, opened_with=visit.link_score, script=True)
    if touch and not is_confirmed:
        # Whoever writes waits for the others who do, and a page tells nothing of the touch.
        afterwards.do(lambda: evidence.note(touch), after=response)
    return response


def ended(visit: Visit, typed: Typed) -> HttpResponse | None:
    """The page of a question that takes no score any more, with what was typed in its free box; None while it does."""
    invitation = visit.invitation
    if invitation.is_open():
        # The invitation knows that it was answered, so that an unanswered one costs no look at the responses.
        if invitation.answer_state not in Response.COUNTED:
            return None
        response = Response.objects.filter(invitation=invitation).first()
        return locked(visit, typed, response, is_own=False) if response and is_locked(visit, response) else None
    is_closed = invitation.survey.is_closed() or invitation.state == Invitation.State.CANCELLED
    return _free_text(visit, typed, "closed.html" if is_closed else "expired.html", {})


def is_locked(visit: Visit, response: Response) -> bool:
    return timezone.now() > intake.editable_until(response, visit.invitation.survey.edit_days)


def form(
    visit: Visit, typed: Typed, *, opened_with: int | None, status: int = 200, script: bool = False
) -> HttpResponse:
    # A page that could not be stored was read long before: pressed again at once, it is no program's.
    nonce = typed.nonce if status == 503 else visit.nonce(opened_with)
    alike = visit.alike()
    if alike and typed == Typed(score=visit.link_score) and status == 200:
        return skeletons.page(
            ("answer.html", *alike, script),
            visit.own(nonce=nonce),
            lambda marks: _form(visit.marked(marks), typed, nonce=marks["nonce"], script=script),
        )
    return _form(visit, typed, nonce=nonce, status=status, script=script)


def _form(visit: Visit, typed: Typed, *, nonce: str, status: int = 200, script: bool) -> HttpResponse:
    context = page.form(visit.invitation.version, typed, question=visit.question, language=visit.language, nonce=nonce)
    is_as_opened = not (typed.errors or typed.missing) and typed.score == visit.link_score
    context["picked"] = short(visit, visit.link_score) if is_as_opened else ""
    return visit.page("answer.html", context, status=status, script=script)


def short(visit: Visit, score: int | None) -> str:
    return answered.short(visit.question, score, visit.language)


def locked(visit: Visit, typed: Typed, response: Response, *, is_own: bool) -> HttpResponse:
    """The edit window is over. The words are shown to their author alone: the link may have been forwarded."""
    version = visit.invitation.version
    said = contents.of(response, version) if is_own else Contents()
    until = intake.editable_until(response, visit.invitation.survey.edit_days)
    receipt = page.receipt(response, said, version=version, language=visit.language)
    context = {"said": receipt, "until": day(visit, until)}
    return _free_text(visit, typed, "locked.html", context)


def _free_text(visit: Visit, typed: Typed, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page that takes no score any more but still listens."""
    version, nonce = visit.invitation.version, visit.nonce(None)
    box = page.form(version, typed, question=None, language=visit.language, nonce=nonce)
    link_days = {"link_days": visit.invitation.survey.link_days}
    return visit.page(template, box | context | link_days, status=400 if typed.errors else 200)


def thanks(
    visit: Visit,
    response: Response,
    *,
    key: str = "",
    said: Contents | None = None,
    edited: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The answer said back; who proved by `key` to have given it may change it right here, where `edited` waits.

    `said` is what it holds, where that is known.
    """
    survey = visit.invitation.survey
    said = (said or contents.of(response, visit.invitation.version)) if key else Contents()
    until, nonce = day(visit, intake.editable_until(response, survey.edit_days)), visit.nonce(response.score)
    alike = visit.alike()
    if alike is None or edited or said.answers or said.texts:
        return _said_back(visit, response, said, key=key, nonce=nonce, until=until, edited=edited, status=status)
    return skeletons.page(
        ("thanks.html", *alike, response.score, response.wants_contact, until, survey.link_sites, status),
        visit.own(nonce=nonce, key=key, text=said.text),
        lambda marks: _said_back(
            visit.marked(marks),
            response,
            Contents(text=marks["text"]),
            key=marks["key"],
            nonce=marks["nonce"],
            until=until,
            status=status,
        ),
    )


def _said_back(
    visit: Visit,
    response: Response,
    said: Contents,
    *,
    key: str,
    nonce: str,
    until: str,
    edited: Typed | None = None,
    status: int,
) -> HttpResponse:
    is_own, version, language = bool(key), visit.invitation.version, visit.language
    typed = edited or _to_edit(response, said, key=key)
    context = page.form(version, typed, question=visit.question, language=language, nonce=nonce)
    sites = visit.invitation.survey.link_sites
    context |= page.thanks(version, score=response.score, language=language, sites=sites)
    context |= {
        "said": page.receipt(response, said, version=version, language=language),
        "wants_contact": response.wants_contact and is_own,
        "is_own": is_own,
        "is_edit_open": edited is not None,
        "until": until,
    }
    return visit.page("thanks.html", context, status=status)


def _to_edit(response: Response, said: Contents, *, key: str) -> Typed:
    """The stored answer as it goes into the form that changes it."""
    return Typed(
        score=response.score,
        text=said.text,
        wants_contact=response.wants_contact,
        answers=said.answers,
        texts=said.texts,
        key=key,
    )


def day(visit: Visit, moment: dt.datetime) -> str:
    return page.day(moment, organisation=visit.organisation, language=visit.language)
