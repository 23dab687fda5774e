"""Where else the words were said that decided a comment's labels: the way from one comment to all of its kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import IntegerField, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import search
from feedback.admin.marks import evidence
from feedback.admin.told import Told
from feedback.filters import OWN
from feedback.models import Comment
from ground import personal
from ground.access import Scope

LIST = "admin:feedback_comment_changelist"
MOST_PHRASES, MOST_COUNTED, LONGEST = 5, 100, 80
LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Phrase:
    """Words of the comment as they stand there, how many other comments have them, and the list of all that do."""

    text: str
    said: str
    address: str


class Number(Subquery):
    """How many rows a query finds that is cut off somewhere."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) found)"
    output_field = IntegerField()


def elsewhere(comment: Comment, told: Told, scope: Scope) -> list[Phrase]:
    """The phrases that other comments of the reader share, in one statement; the count stops at a hundred."""
    texts = list(_decisive(comment, told))
    others = Comment.objects.filter(scope.rows(own=OWN)).exclude(pk=comment.pk).order_by()
    counts = {f"n{place}": Number(_having(others, text)) for place, text in enumerate(texts)}
    if not counts:
        return []
    found = Comment.objects.filter(pk=comment.pk).annotate(**counts).values_list(*counts).get()
    return [
        Phrase(text=text, said=_counted(count), address=f"{reverse(LIST)}?{urlencode({'q': _quoted(text)})}")
        for text, count in zip(texts, found, strict=True)
        if count
    ]


def _decisive(comment: Comment, told: Told) -> Iterator[str]:
    """The first few phrases under the labels that hold, none with personal data or within another."""
    seen: set[Any] = set()
    hidden, reached = personal.find(comment.text), 0
    for start, end, _kind in sorted(evidence(comment, told), key=lambda span: (span[0], -span[1])):
        if end <= reached or any(span.end > start and span.start < end for span in hidden):
            continue
        text = " ".join(search.QUOTES.sub(" ", comment.text[start:end]).split())
        wanted = tuple(search.terms(_quoted(text)))
        if len(LETTERS.findall(text)) < 3 or len(text) > LONGEST or not wanted or wanted in seen:
            continue
        seen.add(wanted)
        reached = end
        yield text
        if len(seen) == MOST_PHRASES:
            return


def _quoted(text: str) -> str:
    return f'"{text}"'


def _having(others: QuerySet[Comment], text: str) -> QuerySet[Any]:
    return search.matching(others, _quoted(text)).values("pk")[:MOST_COUNTED]


def _counted(count: int) -> str:
    if count == MOST_COUNTED:
        return _("%d and more comments") % count
    return ngettext("%d more comment", "%d more comments", count) % count
