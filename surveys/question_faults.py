"""What keeps a question from being asked, each with the name of the field of its card that would mend it; pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from surveys import questions
from surveys.models import Question

Found = Iterator[tuple[Any, str]]
# The kinds whose every step is a word: without one, colour or shape alone would say what it means.
NAMED = {"csat", "yes_no"}
LISTED = {"single": "choices", "multiple": "choices", "grid": "aspects"}


def of_words(question: Question, language: str) -> Found:
    """What lacks words in a language."""
    if not question.texts.get(language):
        yield _("The text is missing."), f"wording_{language}"
    labels = question.options.get("labels", {})
    named = {step for steps in labels.values() for step in steps}
    if question.kind in NAMED and question.scale:
        named |= {str(value) for value in question.scale.values}
    if missing := sorted(named - set(labels.get(language, {})), key=int):
        yield _("Steps without a name: %s.") % ", ".join(missing), "steps"
    names = question.options.get("names", {})
    if unnamed := [
        item for item in questions.get(question.kind).items(question.options) if not names.get(language, {}).get(item)
    ]:
        others = [next((own[item] for own in names.values() if own.get(item)), item) for item in unnamed]
        yield _("Without a name in this language: %s.") % ", ".join(others), "items"


def of_place(question: Question, before: Sequence[Question], score: Question | None) -> Found:
    """What is wrong in every language: nothing to choose from, or a condition that can never hold."""
    items = questions.get(question.kind).items(question.options)
    if question.kind in LISTED and len(items) < (1 if question.kind == "grid" else 2):
        message = _("It has no aspects.") if question.kind == "grid" else _("There have to be at least two choices.")
        yield message, "items"
    if question.code in {other.code for other in before}:
        yield _("Another question has this code."), "code"
    if any(questions.asks_if_resolved(one.options) for one in before) and questions.asks_if_resolved(question.options):
        yield _("Another question asks already whether it was resolved."), "asks_if_resolved"
    when = question.options.get("when")
    if when:
        yield from _of_condition(when, before, score)


def _of_condition(when: dict[str, Any], before: Sequence[Question], score: Question | None) -> Found:
    code = score.code if when["question"] == "score" and score else when["question"]
    source = next((other for other in before if other.code == code), None)
    if source is None:
        yield _("It is asked after an answer to a question that does not come before it."), "when"
    elif not set(when["in"]) & set(_offered(source, is_score=when["question"] == "score")):
        yield _("Choose after which answers it is asked."), "when"


def _offered(source: Question, *, is_score: bool) -> Sequence[str]:
    if is_score:
        return questions.BANDS[1:]
    if source.scale:
        return [str(value) for value in source.scale.values]
    return questions.get(source.kind).items(source.options)


def worded(question: Question, language: str) -> Iterator[tuple[str, str]]:
    """Every text of a question in a language, with the field that it is typed into."""
    yield f"wording_{language}", question.texts.get(language, "")
    yield from (("steps", text) for text in question.options.get("labels", {}).get(language, {}).values())
    yield from (("items", text) for text in question.options.get("names", {}).get(language, {}).values())
    wordings = question.options.get("follow_up", {}).get(language, {})
    yield from ((f"{'wording' if band == 'any' else band}_{language}", text) for band, text in wordings.items())
