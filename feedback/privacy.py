"""What feedback keeps of customers: their words, wherever these are repeated, and what others wrote about them."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse
from django.utils import timezone

from feedback import erased, search
from feedback.models import Comment, Response, SavedView
from feedback.understanding import language, words
from ground import notice_mail
from ground.holdings import Holding, Subject

RESPONSE = ("customer", "invitation__customer")
COMMENT = ("customer", "interaction__customer", "response__customer", "response__invitation__customer")


def _of(prefix: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{prefix}__{path}" for path in paths)


def _no_key(comment: Comment) -> str | None:
    key = comment.external_key
    is_done = key is None or key.startswith(erased.MARK)
    return key if is_done else erased.mark(comment.source, comment.origin, key)


def _index_again(keys: list[int]) -> None:
    """A covered name is not found by a search either."""
    for comment in Comment.objects.filter(pk__in=keys):
        found = words.tokens(comment.text, translit=language.detect(comment.text).translit)
        lemmas = search.text(words.lemma_text(found))
        Comment.objects.filter(pk=comment.pk).update(lemmas=lemmas)
        search.remember({comment.pk: lemmas})


HOLDINGS = [
    Holding("feedback.Touch", own=("invitation__customer",), empty={"prefix_hash": "", "agent_hash": ""},
            plain=("method", "header_class")),
    Holding("feedback.Answer", own=_of("response", RESPONSE), plain=("item",)),
    Holding(
        "feedback.Revision", own=_of("response", RESPONSE),
        empty={"text": "", "texts": {}, "prefix_hash": "", "agent_hash": ""}, said=("text", "texts"),
        plain=("answers",),
    ),
    Holding("feedback.Label", own=_of("comment", COMMENT), empty={"spans": []}, plain=("value", "version")),
    Holding("feedback.Note", own=_of("comment", COMMENT), empty={"text": ""}, said=("text",)),
    Holding("feedback.Reaction", own=_of("comment", COMMENT)),
    Holding("feedback.Exclusion", own=_of("response", RESPONSE), empty={"note": ""}, said=("note",)),
    Holding("feedback.IdeaComment", own=_of("comment", COMMENT), plain=("space", "vector")),
    Holding(
        "feedback.Comment", own=COMMENT, empty={"external_key": _no_key},
        said=("text",), plain=("origin", "external_key", "reason", "language", "lemmas", "band", "evidence"),
        after=_index_again,
    ),
    Holding(
        "feedback.Response", own=RESPONSE, empty={"device": "", "edit_key_hash": ""},
        plain=("reason", "language", "scale"), secret=("edit_key_hash", "device"),
    ),
    Holding("feedback.Sealed", said=("text", "texts"), plain=("channel", "answers")),
    Holding("feedback.Idea", said=("title", "note"), plain=("space", "centre", "near")),
    Holding("feedback.Theme", said=("phrase", "words", "others"), plain=("language",)),
    Holding("feedback.SavedView", said=("name",), plain=("query", "shared_from")),
]  # fmt: skip
# Lists of words and models: features are numbers, and what is trained on a text has none of it.
PLAIN = (
    "feedback.Topic", "feedback.Check", "feedback.Tag", "feedback.Chore", "feedback.IdeaStep", "feedback.MutedPhrase",
    "feedback.LearnedModel", "feedback.ComplaintRule",
)  # fmt: skip


def settle(subject: Subject) -> None:
    """Their words go from the comments and from whatever repeats them, mails to colleagues that wait among it."""
    theirs = {holding.table: holding.rows_of(subject) for holding in HOLDINGS if holding.table in (Comment, Response)}
    erased.erase_texts(theirs[Comment].values_list("pk", flat=True))
    # Nobody is told any more that they ask to be contacted: there is no way to.
    theirs[Response].filter(contact_noticed_at=None).update(contact_noticed_at=timezone.now())
    notice_mail.take_back([_page(row) for rows in theirs.values() for row in rows.only("pk")])


def _page(row: Comment | Response) -> str:
    return reverse(f"admin:feedback_{row._meta.model_name}_change", args=[row.pk])


def cover(subject: Subject) -> None:
    """Saved views that look for the person look for nothing any more."""
    names = subject.names
    for view in SavedView.objects.exclude(query=""):
        asked = parse_qsl(view.query, keep_blank_values=True)
        kept = [(name, value) for name, value in asked if not names.spans(value)]
        if kept != asked:
            SavedView.objects.filter(pk=view.pk).update(query=urlencode(kept))


def rebuild_indexes() -> Any:
    search.squeeze()
