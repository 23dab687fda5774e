"""A customer's own data: a link that is mailed on request, and the page behind it. GET shows, POST does."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import translation

from feedback import forms, own_answers
from feedback.forms import Unreadable
from feedback.views import answer
from feedback.views.visit import METHODS
from ground import public
from ground.models import Organisation
from ground.text import is_storable
from surveys import addresses, links, own_data
from surveys.models import Customer, OwnDataLink, Survey


@public.public
def start(request: HttpRequest, raw: str) -> HttpResponse:
    """`/u/<token>/data`: tells what can be had and, on POST, has the link sent to the address that we hold."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=200 if request.method == "OPTIONS" else 405, headers={"Allow": METHODS})
    invitation = addresses.read(raw, purpose=links.UNSUBSCRIBE).invitation
    if invitation is None or invitation.survey.is_anonymous:
        return public.unknown_link(request, "surveys/unknown.html")
    offered = invitation.version.languages()
    language = public.wanted_language(request, offered, preferred=invitation.language)
    context: dict[str, Any] = {
        "languages": public.other_languages(offered, language),
        "action": links.own_data_path(invitation),
        "answer_path": links.answer_path(invitation),
    }
    status = 200
    if request.method == "POST":
        context["is_sent"] = own_data.ask_for_link(invitation, language=language)
        status = 200 if context["is_sent"] else 429
    return public.page(
        "feedback/own_data_start.html", context, language=language, organisation=Organisation.current(), status=status
    )


@public.public
def show(request: HttpRequest, raw: str) -> HttpResponse:
    """`/m/<token>`: what was answered, sent and agreed to, with a button for everything that can be done about it."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=200 if request.method == "OPTIONS" else 405, headers={"Allow": METHODS})
    link = own_data.find(raw.split("/")[0])
    if link is None:
        return public.unknown_link(request, "feedback/own_data_unknown.html")
    language = public.own_language(request, Organisation.current(), preferred=link.language)
    if request.method != "POST":
        return _page(request, link, language)
    try:
        data = forms.posted(request)
    except Unreadable as error:
        return public.message(request, "400.html", status=error.status)
    act = ACTS.get(data.get("act", ""))
    if act is None:
        return _page(request, link, language, status=400)
    with translation.override(public.interface_language(language)):
        reply = act(request, link.customer, data, language)
    return reply or redirect(f"{own_data.path_of(own_data.token_of(link))}?lang={language}")


def _page(request: HttpRequest, link: OwnDataLink, language: str, *, status: int = 200) -> HttpResponse:
    organisation = Organisation.current()
    stopped = own_data.stopped(link.customer)
    context: dict[str, Any] = {
        "languages": public.other_languages(public.own_languages(organisation), language),
        "action": own_data.path_of(own_data.token_of(link)),
        "customer": link.customer,
        "until": own_answers.moment(link.expires_at, organisation, language),
        "answers": own_answers.answers(link.customer, organisation, language),
        "mails": own_answers.mails(link.customer, organisation, language),
        "statements": own_answers.statements(link.customer, organisation, language),
        "surveys": own_answers.surveys(link.customer, language, stopped=stopped),
        "is_all_stopped": any(entry.survey_id is None for entry in stopped),
        "may_resume": any(entry.reason == entry.Reason.UNSUBSCRIBED for entry in stopped),
        "erasure": own_data.open_erasure(link.customer),
        "words": WORDS,
    }
    if context["erasure"]:
        context["due"] = own_answers.day(context["erasure"].due_at, organisation, language)
    return public.page("feedback/own_data.html", context, language=language, organisation=organisation, status=status)


# --- what the buttons do -----------------------------------------------------------------------------------------


def _stop(request: HttpRequest, customer: Customer, data: QueryDict, language: str) -> HttpResponse | None:
    """All surveys, or the one that is named by a key of this customer's."""
    survey, code = None, data.get("survey") or ""
    if code:
        mine = Survey.objects.filter(invitations__customer=customer)
        # PostgreSQL refuses to look for what it cannot store.
        survey = mine.filter(code=code[:64]).first() if is_storable(code) else None
        if survey is None:
            return public.message(request, "400.html", status=400)
    text = own_data.STOP_ONE if survey else own_data.STOP_ALL
    own_data.stop(customer, survey=survey, said=own_data.said_on_page(str(text), language=language))
    return None


def _resume(request: HttpRequest, customer: Customer, data: QueryDict, language: str) -> HttpResponse | None:
    own_data.resume(customer, said=own_data.said_on_page(str(own_data.RESUME), language=language))
    return None


def _erase(request: HttpRequest, customer: Customer, data: QueryDict, language: str) -> HttpResponse | None:
    own_data.ask_erasure(customer)
    return None


def _keep(request: HttpRequest, customer: Customer, data: QueryDict, language: str) -> HttpResponse | None:
    own_data.withdraw_erasure(customer)
    return None


def _leave(request: HttpRequest, customer: Customer, data: QueryDict, language: str) -> HttpResponse | None:
    own_data.revoke(customer)
    return public.message(request, "feedback/own_data_left.html", status=200)


def _edit(request: HttpRequest, customer: Customer, data: QueryDict, language: str) -> HttpResponse | None:
    """The answer page with the right to edit, which only a POST gives."""
    invitation = own_answers.invitation_of(customer, data.get("response", ""))
    return answer.reopen(request, invitation) if invitation else public.message(request, "400.html", status=400)


ACTS: dict[str, Callable[[HttpRequest, Customer, QueryDict, str], HttpResponse | None]] = {
    "stop": _stop, "resume": _resume, "erase": _erase, "keep": _keep, "leave": _leave, "edit": _edit,
}  # fmt: skip
WORDS = {"stop_all": own_data.STOP_ALL, "stop_one": own_data.STOP_ONE, "resume": own_data.RESUME}
