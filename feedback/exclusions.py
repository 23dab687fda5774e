"""Taking an answer out of the scores by hand, and letting it count again. Nothing is lost: each row says who and why.

A text that belongs to an answer goes in and out with it; to the customer's record it stays an answer.
"""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from feedback import later
from feedback.models import Comment, Exclusion, Response
from ground import audit
from ground.models import Change, User
from ground.text import clean_line

LONGEST_NOTE = 300


class Already(Exception):
    """Somebody has done so before; nothing was written. `exclusion` says who, None when nobody ever excluded it."""

    def __init__(self, exclusion: Exclusion | None) -> None:
        super().__init__(f"exclusion {exclusion.pk if exclusion else None}")
        self.exclusion = exclusion


class Unexplained(ValueError):
    """ "Another reason" without a word of explanation."""


class Uncounted(ValueError):
    """The text counts for nothing anyway: it has no answer and was held."""


def counts(response: Response) -> bool:
    """Whether a response, and what it says, goes into the scores."""
    return response.evidence in Response.COUNTED and not response.is_excluded


def subject(row: Comment | Response) -> Comment | Response:
    """What is excluded with this row: the answer that a text belongs to, or the row itself."""
    return row.response if isinstance(row, Comment) and row.response is not None else row


def history(row: Comment | Response) -> QuerySet[Exclusion]:
    """Every exclusion of what the row stands for, the oldest first."""
    about = subject(row)
    return about.exclusions.select_related("author", "lifted_by")


def of_comments() -> Q:
    """The condition for comments that are excluded, by themselves or with their answer."""
    holding = Exclusion.objects.filter(lifted_at=None)
    own, answers = holding.exclude(comment=None), holding.exclude(response=None)
    return Q(pk__in=own.values("comment")) | Q(response__in=answers.values("response"))


def keys_of_comments(*, most: int) -> list[int]:
    """The keys of excluded comments, at most so many."""
    said = Exclusion.objects.filter(lifted_at=None).annotate(said=Coalesce("comment", "response__comments"))
    return list(said.exclude(said=None).order_by().values_list("said", flat=True)[:most])


@transaction.atomic
def exclude(row: Comment | Response, *, reason: str, by: User, note: str = "") -> Exclusion:
    """Take the answer behind this row out of every score.

    Raises Already, Unexplained, Uncounted, ground.text.TextTooLong, and ValueError on an unknown reason.
    """
    reason, note = Exclusion.Reason(reason), clean_line(note, limit=LONGEST_NOTE)
    if reason == Exclusion.Reason.OTHER and not note:
        raise Unexplained
    about = _locked(row)
    if holding := history(about).filter(lifted_at=None).first():
        raise Already(holding)
    if isinstance(about, Comment) and not about.is_counted:
        raise Uncounted
    exclusion = Exclusion.objects.create(
        response=about if isinstance(about, Response) else None,
        comment=about if isinstance(about, Comment) else None,
        reason=reason,
        note=note,
        author=by,
    )
    _bring_up_to_date(about, is_excluded=True)
    audit.note(f"{about._meta.model_name}.excluded", by=by, subject=about, reason=reason)
    return exclusion


@transaction.atomic
def include(row: Comment | Response, *, by: User) -> Exclusion:
    """Let the answer behind this row count again; returns the exclusion that ends. Raises Already."""
    about = _locked(row)
    last = history(about).last()
    if last is None or last.lifted_at:
        raise Already(last)
    last.lifted_by, last.lifted_at = by, timezone.now()
    last.save(update_fields=["lifted_by", "lifted_at"])
    _bring_up_to_date(about, is_excluded=False)
    audit.note(f"{about._meta.model_name}.included", by=by, subject=about)
    return last


def _locked(row: Comment | Response) -> Comment | Response:
    about = subject(row)
    return type(about)._default_manager.select_for_update(of=("self",)).get(pk=about.pk)


def _bring_up_to_date(about: Comment | Response, *, is_excluded: bool) -> None:
    """Make the columns that lists and counts look at repeat what was decided."""
    if isinstance(about, Comment):
        Comment.objects.filter(pk=about.pk).update(is_counted=not is_excluded)
        Change.mark("comment", about.said_at)
        return
    about.is_excluded = is_excluded
    about.save(update_fields=["is_excluded"])
    said = Comment.objects.filter(response=about)
    said.update(is_counted=counts(about))
    Change.mark("response", about.answered_at)
    later.mark_of([about])
    Change.mark("comment", *said.values_list("said_at", flat=True))
