"""What stands where a text was that was erased: the comment stays, with what was read in it, and its words are gone."""

import json
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from feedback import search
from feedback.models import Comment, IdeaComment, Label, Note, Revision, ThemeComment
from ground import hashed_file

# A text says something from its second letter on. Ranges are all that the databases' patterns have in common.
LETTERS = "A-Za-z\u00c0-\u1fff\u3040-\ud7a3"
TWO_LETTERS = f"[{LETTERS}][^{LETTERS}]*[{LETTERS}]"
# Counts tell whether a text said anything, so that one that did is not replaced by one that does not.
WORDS, NO_WORDS = "[erased]", "[…]"
TEXTS = (WORDS, NO_WORDS)
MARK, PURPOSE = "erased-", "comment"
ERASED = Q(text__in=TEXTS)


def mark(source: str, origin: str, key: str | None) -> str:
    """What stands for the key of a comment whose person was erased: the text sent again is known, and stays out."""
    return f"{MARK}{hashed_file.digest(PURPOSE, json.dumps([source, origin, key]))}"


@transaction.atomic
def erase_texts(keys: Iterable[int]) -> int:
    """Take the words of these comments, wherever they are repeated; returns how many had any.

    What was read in them, and what people said about it, stays: no count changes.
    """
    texts = Comment.objects.filter(pk__in=list(keys)).exclude(ERASED)
    keys = list(texts.values_list("pk", flat=True))
    own = Comment.objects.filter(pk__in=keys)
    # Whoever is reading one at this moment finds that it is not theirs any more.
    changes = {"lemmas": "", "lease": "", "leased_until": None, "error": "", "waits_for_idea": False}
    with_words = list(own.filter(text__regex=TWO_LETTERS).values_list("pk", flat=True))
    own.filter(pk__in=with_words).update(text=WORDS, **changes)
    own.exclude(pk__in=with_words).update(text=NO_WORDS, **changes)
    # One that was about to be read anew keeps what was read in it.
    was_read = Exists(Label.objects.filter(comment=OuterRef("pk")))
    own.filter(was_read, classified_at=None).update(classified_at=timezone.now(), attempts=0, quarantined_at=None)
    search.forget(keys)
    Label.objects.filter(comment__in=keys).exclude(spans=[]).update(spans=[])
    # Not the words by which their idea is called, while another comment has some.
    IdeaComment.objects.filter(comment__in=keys).update(vector=b"", start=0, end=0, closeness=-1)
    ThemeComment.objects.filter(comment__in=keys).delete()
    Note.objects.filter(comment__in=keys, removed_at=None).update(removed_at=timezone.now())
    Note.objects.filter(comment__in=keys).update(text="")
    said = Revision.objects.filter(response__in=own.values("response"))
    said.update(text="", texts={}, prefix_hash="", agent_hash="")
    return len(keys)
