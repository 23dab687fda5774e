"""What the cues on the topic's page come to while they are being typed; nothing is stored."""

from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from feedback import cue_hits, topics
from feedback.admin.marks import segments
from feedback.admin.topic_form import MOST_FAULTS, faults, parse_cues
from feedback.cue_hits import Outlook, Sample, Wanted
from feedback.models import Topic
from feedback.topics import Limit
from feedback.understanding import cues as grammar
from ground.text import is_key
from surveys.forms import LANGUAGES

TEMPLATE = "admin/feedback/topic/tried.html"
LONGEST_SAMPLE, BEFORE = 220, 60


@require_POST
def show(request: HttpRequest, pk: int | None = None, *, page: Any) -> HttpResponse:
    """The figures and samples as a part of the topic's page."""
    topic = page.get_object(request, str(pk)) if pk else None
    if pk and topic is None:
        raise Http404
    if not (page.has_change_permission(request, topic) if topic else page.has_add_permission(request)):
        raise PermissionDenied
    return render(request, TEMPLATE, told(request.POST, topic))


def told(form: QueryDict, topic: Topic | None) -> dict[str, Any]:
    """What the page says of cues as they stand in its form."""
    typed = {language: form.get(f"cues_{language}", "") for language in LANGUAGES}
    cues = {language: _bounded(parse_cues(text)) for language, text in typed.items()}
    wrong = [
        (LANGUAGES[language], said) for language, text in typed.items() for said in islice(faults(text), MOST_FAULTS)
    ]
    limit = _inherited(form) or Limit(_keys(form, "teams"), _keys(form, "surveys"))
    (found,) = cue_hits.outlook([Wanted(cues, topic, limit)])
    return {"outlook": found, "wrong": wrong, "samples": shown(found), "groups": grouped(found)}


def _bounded(cues: list[str]) -> list[str]:
    """What no topic may have is not looked for either."""
    return [cue for cue in cues[: grammar.MOST_CUES] if not grammar.fault(cue)]


def _keys(form: QueryDict, name: str) -> frozenset[int]:
    return frozenset(int(key) for key in form.getlist(name) if is_key(key))


def _inherited(form: QueryDict) -> Limit | None:
    """The limit of the topic that this one is put under, when it has none of its own."""
    parent = form.get("parent", "")
    if form.getlist("teams") or form.getlist("surveys") or not is_key(parent):
        return None
    return topics.limits_of(Topic.objects.filter(pk=parent)).get(int(parent))


def grouped(found: Outlook) -> list[tuple[Any, list[cue_hits.CueCount]]]:
    """The cues by language: doubtful ones first, then as they are typed."""
    return [
        (LANGUAGES[language], sorted(counts, key=lambda count: not count.is_doubtful))
        for language in LANGUAGES
        if (counts := [count for count in found.cues if count.language == language])
    ]


def shown(found: Outlook) -> list[dict[str, Any]]:
    """The samples around their first hit, personal data hidden."""
    return [
        {"comment": sample.comment, "is_fresh": sample.is_fresh, "text": _around(sample)} for sample in found.samples
    ]


def _around(sample: Sample) -> list[Any]:
    text = sample.comment.text
    first = sample.spans[0][0] if sample.spans else 0
    begin = text.rfind(" ", 0, max(0, first - BEFORE)) + 1 if first > BEFORE else 0
    return segments(text, sample.spans, begin=begin, limit=LONGEST_SAMPLE)


def with_suggested(form: QueryDict) -> QueryDict:
    """The form with the suggested cue that was chosen as another line."""
    language, _colon, cue = form.get("_add", "").partition(":")
    if language not in LANGUAGES or not cue:
        return form
    fresh = form.copy()
    fresh[f"cues_{language}"] = "\n".join([*parse_cues(form.get(f"cues_{language}", "")), cue])
    return fresh
