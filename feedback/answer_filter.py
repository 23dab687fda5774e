"""The filter “what was answered to a question”: it comes with a link from the results of a survey, and goes.

`12.15:speed:4` are the questions 12 and 15, one and the same in two versions, the item and the value; `12.15:speed:` is
whatever was answered about the item, and `12.15` alone whatever was answered or written to them. `resolved` stands for
all questions that ask whether it was resolved.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language

from feedback import answered
from feedback.models import Answer
from ground.text import is_key, is_storable
from surveys import resolved
from surveys.models import Question
from surveys.questions import grid

MOST = 20


@dataclass(frozen=True)
class Asked:
    """Some questions, perhaps an item of them, perhaps a value."""

    questions: tuple[int, ...]
    item: str = ""
    value: int | None = None
    is_resolved: bool = False

    def __str__(self) -> str:
        keys = ".".join(map(str, self.questions))
        if self.value is None and not self.item:
            return keys
        return f"{keys}:{self.item}:{'' if self.value is None else self.value}"


def read(text: str) -> Asked | None:
    """What an address asks for; None for what is no such thing."""
    keys, *rest = text.split(":")
    found = _questions(keys)
    is_resolved = keys == resolved.RESOLVED
    if not found or len(rest) not in (0, 2) or not is_storable(text):
        return None
    if not rest:
        return Asked(found, is_resolved=is_resolved)
    item, value = rest
    if item and not value:
        return Asked(found, item, is_resolved=is_resolved)
    if not (value.isascii() and value.isdigit() and len(value) <= 2):
        return None
    return Asked(found, item, int(value), is_resolved)


def of_resolved(score: str = "") -> str:
    """What asks for the answers to whether it was resolved; of one score, a range that holds nothing else."""
    return f"{resolved.RESOLVED}::{score.partition('-')[0]}" if score else resolved.RESOLVED


def _questions(keys: str) -> tuple[int, ...]:
    if keys == resolved.RESOLVED:
        return tuple(question.pk for question in resolved.questions())
    found = keys.split(".")
    return tuple(map(int, found)) if all(map(is_key, found)) and len(found) <= MOST else ()


def words(asked: Asked) -> str:
    """The question and what was answered, in the reader's language; "" for one that there is not."""
    question = Question.objects.filter(pk__in=asked.questions).order_by("-pk").first()
    if question is None:
        return ""
    language = get_language() or ""
    text = question.text(language)
    said = question.name(asked.item, language) if asked.item else ""
    if asked.value is None:
        return f"{text} {said}" if said else text
    if not said or question.kind == "grid":
        step = answered.word(question, asked.value, language) if question.scale else ""
        number = f"{asked.value}/{grid.row_scale(question.options).high}" if question.kind == "grid" else asked.value
        said = " ".join(part for part in (said, step or str(number)) if part)
    return f"{text} {said}"


def of_responses(asked: Asked) -> Q:
    """The condition on responses that answered so."""
    return _given(asked, "pk")


def of_comments(asked: Asked) -> Q:
    """The condition on texts that were written to one of the questions, or by whoever said whether it was resolved."""
    return _given(asked, "response") if asked.is_resolved else Q(question__in=asked.questions)


def _given(asked: Asked, response: str) -> Q:
    given = Answer.objects.filter(response=OuterRef(response), question__in=asked.questions)
    if asked.item or asked.value is not None:
        given = given.filter(item=asked.item)
    if asked.value is not None:
        given = given.filter(value=asked.value)
    return Q(Exists(given))
