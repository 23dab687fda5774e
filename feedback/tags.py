"""The managers' own words for comments. Two words that differ in case alone are one tag."""

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from feedback.models import Comment, CommentTag, Tag
from ground import remembered
from ground.access import Scope
from ground.models import User
from ground.text import clean_line

LONGEST, MOST_OFFERED = 40, 200


class Gone(Exception):
    """A tag is no more; nothing was written."""


def clean(typed: str) -> str:
    """The name that was typed, on one line and without a leading #. Raises ValueError when nothing is left of it,
    and ground.text.TextTooLong above 40 characters."""
    name = clean_line(clean_line(typed).lstrip("#"), limit=LONGEST)
    if not name:
        raise ValueError("no name")
    return name


def named(name: str) -> Tag | None:
    """The tag of this name, in any case of its letters."""
    # SQLite folds Latin letters only, so that the comparison is made here; there are hundreds of tags at most.
    folded = name.casefold()
    return next((tag for tag in Tag.objects.all() if tag.name.casefold() == folded), None)


def take(typed: str) -> Tag:
    """The tag of this name, a fresh one when there is none; raises as `clean`."""
    name = clean(typed)
    try:
        with transaction.atomic():
            return named(name) or Tag.objects.create(name=name)
    except IntegrityError:  # a parallel twin was faster
        tag = named(name)
        if tag is None:
            raise
        return tag


def held(pk: int) -> Tag | None:
    """The tag, which stays until the caller's transaction ends; None when somebody has just deleted it."""
    return Tag.objects.select_for_update().filter(pk=pk).first()


@transaction.atomic
def add(comment: Comment, typed: str, *, author: User) -> tuple[Tag, bool]:
    """Put a tag on the comment; the flag says that it was not there before. Raises as `clean`."""
    # A bulk act locks comments before their tag, so that whoever locks a tag first would wait for it for ever.
    Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    tag = held(take(typed).pk) or take(typed)
    _row, is_fresh = CommentTag.objects.get_or_create(comment=comment, tag=tag, defaults={"author": author})
    return tag, is_fresh


def remove(comment: Comment, tag: Tag) -> bool:
    """Take a tag off the comment; False when somebody has done so already."""
    return bool(CommentTag.objects.filter(comment=comment, tag=tag).delete()[0])


def seen_by(scope: Scope) -> QuerySet[Tag]:
    """The tags that a person may know of: all of them, or those on comments that the person may see."""
    if scope.covers_all():
        return Tag.objects.all()
    theirs = CommentTag.objects.filter(scope.rows("comment__team", own="comment__agent__user"), tag=OuterRef("pk"))
    return Tag.objects.filter(Exists(theirs))


def offered(scope: Scope) -> list[tuple[int, str]]:
    """The keys and names of the tags that a person may know of, the first 200; where they take long to find, as they
    were a minute ago."""

    def found() -> list[tuple[int, str]]:
        return list(seen_by(scope).values_list("pk", "name")[:MOST_OFFERED])

    return found() if scope.covers_all() else remembered.while_costly(f"tags {scope}", found)


@transaction.atomic
def merge(tag: Tag, into: Tag) -> int:
    """Move every comment from one tag to another, the first is no more; returns how many did not have the other.

    Raises Gone when somebody has deleted or merged one of them meanwhile.
    """
    if tag.pk == into.pk:
        raise ValueError("into itself")
    if len(Tag.objects.select_for_update().filter(pk__in=[tag.pk, into.pk]).order_by("pk")) < 2:
        raise Gone
    theirs = CommentTag.objects.filter(tag=into).values("comment")
    moved = CommentTag.objects.filter(tag=tag).exclude(comment__in=theirs).update(tag=into)
    tag.delete()
    return moved
