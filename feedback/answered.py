"""What was answered, in words: on the page that says it back, at the desk and in exports."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from feedback.models import Answer
from surveys.models import Question
from surveys.questions import SCALES, Scale, grid


class Line(NamedTuple):
    """A question as it was put, and what was answered to it."""

    question: str
    words: str


def of(responses: Iterable[int], *, language: str) -> dict[int, list[Line]]:
    """What was answered to the further questions, in their order, by response; two statements however many they are."""
    given: dict[int, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    versions = set()
    rows = Answer.objects.filter(response__in=list(responses), value__isnull=False).order_by("pk")
    for response, version, question, item, value in rows.values_list(
        "response_id", "response__version_id", "question_id", "item", "value"
    ):
        given[response][question][item] = value or 0
        versions.add(version)
    further = _further(versions)
    lines = {
        response: [
            Line(one.text(language), words(one, answers[one.pk], language)) for one in further if one.pk in answers
        ]
        for response, answers in given.items()
    }
    return {response: said for response, said in lines.items() if said}


def _further(versions: Iterable[int]) -> list[Question]:
    """The questions of these versions in their order, without the one of each that gives the score."""
    found, with_score = [], set()
    for question in Question.objects.filter(version__in=versions).order_by("version", "position", "pk"):
        if question.scale and question.version_id not in with_score:
            with_score.add(question.version_id)
        else:
            found.append(question)
    return found


def word(question: Question, value: int, language: str) -> str:
    """What a step of the question's scale is called, "" for one without a name."""
    return question.label(value, language) or _own_words(question.scale).get(value, "")


def _own_words(scale: Scale | None) -> dict[int, str]:
    """The words of the scales whose values say nothing by themselves."""
    if scale == SCALES["yes_no"]:
        return {0: _("No"), 1: _("Yes")}
    if scale == SCALES["thumbs"]:
        return {0: pgettext("thumbs down", "Bad"), 1: pgettext("thumbs up", "Good")}
    return {}


def words(question: Question, answer: Mapping[str, int], language: str) -> str:
    """The answer to one question, {item: value}, in one line; what was not given is left out."""
    if question.kind == "grid":
        highest = grid.row_scale(question.options).high
        names = ((question.name(item, language), value) for item, value in _in_order(question, answer))
        return " · ".join(f"{name} {_of(value, highest)}" for name, value in names)
    if question.scale is None:
        return ", ".join(question.name(item, language) for item, _value in _in_order(question, answer))
    return ", ".join(_step(question, value, language) for value in answer.values())


def short(question: Question | None, score: int | None, language: str) -> str:
    """A score as it is spoken of: its number, or its name on a scale whose numbers say nothing."""
    if question is None or question.scale is None or score is None:
        return ""
    return word(question, score, language) if question.scale.high == 1 else str(score)


def _in_order(question: Question, answer: Mapping[str, int]) -> list[tuple[str, int]]:
    order = list(question.options.get("choices") or question.options.get("aspects") or ())
    return sorted(answer.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))


def _step(question: Question, value: int, language: str) -> str:
    scale, name = question.scale, word(question, value, language)
    if scale is None or scale.high == 1:
        return name
    return f"{_of(value, scale.high)}, {name}" if name else _of(value, scale.high)


def _of(value: int, highest: int) -> str:
    return _("%(value)d of %(highest)d") % {"value": value, "highest": highest}
