"""Working through comments: read by one person, done for everybody in the team, and open again."""

from django.db import transaction
from django.utils import timezone

from feedback.models import Comment, ReadMark
from ground.models import User


def mark_read(comment: Comment, *, reader: User) -> None:
    """Note that this person has read the comment; once is enough."""
    marks = ReadMark.objects.filter(user=reader, comment=comment)
    if not marks.exists():  # most visits are repeats, and a write would queue for the lock
        ReadMark.objects.bulk_create([ReadMark(user=reader, comment=comment)], ignore_conflicts=True)


@transaction.atomic
def mark_done(comment: Comment, *, by: User) -> bool:
    """Close the comment for its team; False when somebody has done so already, whose name stays."""
    mark_read(comment, reader=by)
    return bool(Comment.objects.filter(pk=comment.pk, done_at=None).update(done_at=timezone.now(), done_by=by))


def reopen(comment: Comment) -> bool:
    """Put the comment back among the open ones; False when it was not done."""
    return bool(Comment.objects.filter(pk=comment.pk).exclude(done_at=None).update(done_at=None, done_by=None))
