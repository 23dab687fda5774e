"""Where the links of a test mail lead: what a customer would meet there, and nothing is stored."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ground import public
from ground.models import Organisation
from surveys import trials
from surveys.questions import InvalidAnswer


@public.public
@require_safe
def show(request: HttpRequest, sealed: str, rest: str = "") -> HttpResponse:
    """`/try/<sealed>[/<score>|/t|/stop]`."""
    trial = trials.find(sealed)
    if trial is None:
        return public.unknown_link(request, "surveys/unknown.html")
    question = trial.version.score_question()
    score = None
    if question is not None and question.scale is not None and rest not in ("t", "stop"):
        try:
            score = question.scale.parse(rest)
        except InvalidAnswer:
            score = None
    context = {
        "question": question.text(trial.language) if question else "",
        "score": score,
        "label": question.label(score, trial.language) if question and score is not None else "",
        "is_stop": rest == "stop",
        "is_trap": rest == "t",
    }
    return public.page("surveys/trial.html", context, language=trial.language, organisation=Organisation.current())
