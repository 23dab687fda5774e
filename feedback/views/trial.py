"""A test run: the page that customers meet, for whoever has its link, of a draft, too; nothing is stored."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from feedback import contents, forms, page
from feedback.contents import Contents
from feedback.forms import Typed
from feedback.models import Response
from feedback.views import shown
from feedback.views.visit import Visit, with_form
from ground import public
from ground.models import Organisation
from surveys import trials
from surveys.models import Invitation, SurveyVersion


@with_form
def run(request: HttpRequest, data: QueryDict, sealed: str, rest: str = "") -> HttpResponse:
    """`/p/<sealed>[/<score>|/t|/stop]`: the links of a test mail lead here as those of a real one to the real page."""
    trial = trials.find(sealed)
    if trial is None:
        return public.unknown_link(request, "surveys/unknown.html")
    visit = visit_of(request, trial.version, language=trial.language, action=f"/p/{sealed}", rest=rest)
    if rest in ("t", "stop"):
        return visit.page("trial.html", {"is_stop": rest == "stop"})
    with translation.override(public.page_language(visit.language)):
        if request.method == "POST":
            return _taken(visit, forms.read(data, trial.version))
        return fresh(visit, script=True)


def visit_of(request: HttpRequest, version: SurveyVersion, *, language: str, action: str, rest: str = "") -> Visit:
    """A visit by nobody: its invitation is never stored."""
    organisation, question = Organisation.current(), version.score_question()
    offered = version.languages() or [organisation.language]
    score = int(rest) if rest.isascii() and rest.isdigit() and len(rest) <= 2 else None
    return Visit(
        request=request,
        invitation=Invitation(survey=version.survey, version=version, language=language),
        question=question,
        link_score=page.preselected(question, score),
        is_trap=False,
        organisation=organisation,
        offered=offered,
        language=public.wanted_language(request, offered, preferred=language),
        action=action,
        subject=f"trial:{version.pk}",
        is_trial=True,
    )


def fresh(visit: Visit, *, script: bool = False) -> HttpResponse:
    """The page as it opens."""
    return shown.form(visit, Typed(score=visit.link_score), opened_with=visit.link_score, script=script)


def _taken(visit: Visit, typed: Typed) -> HttpResponse:
    """What the page would say to this answer."""
    if typed.switches_language:
        typed.errors.clear()
        typed.missing.clear()
        return shown.form(visit, typed, opened_with=None)
    if typed.only == "score":
        return HttpResponse(status=204)
    if typed.is_empty and not typed.errors:
        typed.errors["page"] = _("Choose a score or write a few words.")
    if typed.errors or typed.missing:
        return shown.form(visit, typed, opened_with=None, status=400)
    return visit.page("thanks.html", _thanks(visit, typed))


def _thanks(visit: Visit, typed: Typed) -> dict[str, Any]:
    version, language = visit.invitation.version, visit.language
    answers = contents.applying(typed.answers, version, score=typed.score)
    said = Contents(text=typed.text, answers=answers, texts=typed.texts)
    thanks = page.thanks(version, score=typed.score, language=language, sites=version.survey.link_sites)
    receipt = page.receipt(Response(score=typed.score), said, version=version, language=language)
    return thanks | {"said": receipt, "wants_contact": typed.wants_contact, "typed": typed}
