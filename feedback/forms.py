"""What a posted page says, read field by field; nothing in it is trusted and nothing typed is lost."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from feedback import fields
from ground.text import COMMENT_LIMIT, TextTooLong, clean_text
from surveys import questions
from surveys.models import Question, SurveyVersion
from surveys.questions import InvalidAnswer

MOST_FIELDS = 200


class Unreadable(Exception):
    """The body is broken, too large or has too many fields; `status` is what to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Typed:
    """The fields as they go back into the form, and what is wrong with them: {field: a sentence for the person}.

    `answers` and `texts` are those of the further questions, by their codes. `missing` are required fields that are
    empty: what was given is kept all the same. `only` is "score" when the script sends nothing else, "message" from a
    page that takes no score any more.
    """

    score: int | None = None
    text: str = ""
    wants_contact: bool = False
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    nonce: str = ""
    key: str = ""
    decoy: str = ""
    replace: bool | None = None
    only: str = ""
    switches_language: bool = False
    errors: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        has_text = any(text.strip() for text in (self.text, *self.texts.values()))
        return self.score is None and not (has_text or self.answers or self.wants_contact)


def posted(request: HttpRequest) -> QueryDict:
    """The form fields; raises Unreadable. No page of ours sends as many as the desk's forms may have."""
    try:
        _check_whole(request)
        if sum(len(values) for _name, values in request.POST.lists()) > MOST_FIELDS:
            raise Unreadable(413)
        return request.POST
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError) as error:
        too_much = type(error).__name__ in ("RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent")
        raise Unreadable(413 if too_much else 400) from error


def _check_whole(request: HttpRequest) -> None:
    """Who lost the network within a post gets no word: half of what was typed must not be taken for all of it."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and len(request.body) < int(announced):
        raise Unreadable(400)


def read(data: QueryDict, version: SurveyVersion | None) -> Typed:
    """Everything the page can send; what no question offers is an error, what is absent is not.

    Without a version, when the database is away, only what needs no question is read.
    """
    typed = Typed(
        text=data.get("comment", ""),
        wants_contact=data.get("contact", "") in ("on", "1"),
        nonce=data.get("nonce", "")[:100],
        key=data.get("key", "")[:100],
        decoy=data.get("website", ""),
        replace={"yes": True, "no": False}.get(data.get("replace", "")),
        only=data.get("only", ""),
        switches_language="lang" in data,
    )
    _check_length(typed, "comment", typed.text)
    if version is not None:
        _read_score(typed, data.get("score", ""), version.score_question())
        typed.wants_contact = typed.wants_contact and version.contact_question() is not None
        for question in version.further:
            _read_further(typed, data, question)
        if not typed.only and typed.replace is None:
            typed.missing = _missing(typed, version)
    return typed


def _read_score(typed: Typed, raw: str, question: Question | None) -> None:
    scale = question.scale if question else None
    if not raw or scale is None:
        return
    try:
        typed.score = scale.parse(raw)
    except InvalidAnswer as error:
        typed.errors["score"] = str(error)


def _read_further(typed: Typed, data: QueryDict, question: Question) -> None:
    if question.takes_text:
        typed.texts[question.code] = data.get(f"t-{question.code}", "")
        name = f"{'t' if question.kind == 'text' else 'a'}-{question.code}"
        _check_length(typed, name, typed.texts[question.code])
    if question.kind == "text":
        return
    kind, name = questions.get(question.kind), f"a-{question.code}"
    by_item = {item: f"{name}-{item}" for item in kind.items(question.options)} if question.kind == "grid" else {}
    given = {item: data.getlist(posted) for item, posted in (by_item or {"": name}).items()}
    own = questions.choice_in_own_words(question.options)
    if own and typed.texts[question.code].strip() and (question.kind == "multiple" or not any(given[""])):
        given[""] = [*given[""], own]  # who types there has chosen it
    try:
        answer = kind.parse(given, question.options)
    except InvalidAnswer as error:
        typed.errors[name] = str(error)
        answer = _offered(question, given)
    if answer:
        typed.answers[question.code] = answer


def _offered(question: Question, given: dict[str, list[str]]) -> dict[str, int]:
    """What of a wrong answer the question does offer: it stays chosen on the page, beside the complaint."""
    kind, found = questions.get(question.kind), {}
    if question.kind != "grid":
        return {item: 1 for item in kind.items(question.options) if item in given[""]}
    for item, values in given.items():
        with suppress(InvalidAnswer):
            found |= kind.parse({item: values}, question.options)
    return found


def _check_length(typed: Typed, name: str, text: str) -> None:
    try:
        clean_text(text, limit=COMMENT_LIMIT)
    except TextTooLong:
        sentence = _("The comment is longer than %(limit)d characters. Please shorten it: nothing of it is lost.")
        typed.errors[name] = sentence % {"limit": COMMENT_LIMIT}


def _missing(typed: Typed, version: SurveyVersion) -> dict[str, Any]:
    """The required questions that apply to what was given and have no answer, a grid none for one of its aspects."""
    found, named = {}, fields.names(version)
    for question in version.asked_after(typed.score, typed.answers):
        if question.is_required and not _is_answered(typed, named[question.code], question):
            found[named[question.code]] = _("Please answer this question.")
    return found


def _is_answered(typed: Typed, name: str, question: Question) -> bool:
    if name in ("score", "contact"):
        return typed.score is not None or name == "contact"
    if question.kind == "text":
        return bool((typed.text if name == "comment" else typed.texts.get(question.code, "")).strip())
    given = typed.answers.get(question.code, {})
    if question.kind == "grid":
        return set(questions.get("grid").items(question.options)) <= set(given)
    return bool(given)
