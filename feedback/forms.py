"""What a posted page says, read field by field; nothing in it is trusted and nothing typed is lost."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from ground.text import COMMENT_LIMIT, TextTooLong, clean_text
from surveys.models import Question
from surveys.questions import InvalidAnswer


class Unreadable(Exception):
    """The body is broken, too large or has too many fields; `status` is what to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Typed:
    """The fields as they go back into the form, and what is wrong with them: {field: a sentence for the person}.

    `only` is "score" when the script sends nothing else, "message" from a page that takes no score any more.
    """

    score: int | None = None
    text: str = ""
    wants_contact: bool = False
    nonce: str = ""
    key: str = ""
    decoy: str = ""
    replace: bool | None = None
    only: str = ""
    switches_language: bool = False
    errors: dict[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self.score is None and not self.text.strip() and not self.wants_contact


def posted(request: HttpRequest) -> QueryDict:
    """The form fields; raises Unreadable."""
    try:
        return request.POST
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError) as error:
        too_much = type(error).__name__ in ("RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent")
        raise Unreadable(413 if too_much else 400) from error


def read(data: QueryDict, question: Question | None) -> Typed:
    """Everything the page can send; a score outside the question's scale is an error, an absent one is not."""
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
    _read_score(typed, data.get("score", ""), question)
    try:
        clean_text(typed.text, limit=COMMENT_LIMIT)
    except TextTooLong:
        sentence = _("The comment is longer than %(limit)d characters. Please shorten it: nothing of it is lost.")
        typed.errors["comment"] = sentence % {"limit": COMMENT_LIMIT}
    return typed


def _read_score(typed: Typed, raw: str, question: Question | None) -> None:
    scale = question.scale if question else None
    if not raw or scale is None:
        return
    try:
        typed.score = scale.parse(raw)
    except InvalidAnswer as error:
        typed.errors["score"] = str(error)
