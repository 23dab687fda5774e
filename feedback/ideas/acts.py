"""What people do to ideas: make two one, part one, move a comment, take it out; each is kept and can be taken back.

A comment that a person has put somewhere stays there, whatever the machine thinks of it later.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from feedback.ideas.grouping import leave, through
from feedback.models import Chore, Comment, Idea, IdeaComment, IdeaStep
from feedback.understanding import meaning
from ground import audit
from ground.models import User

Verb = IdeaStep.Verb


class Gone(Exception):
    """One of the ideas was merged or taken away meanwhile; nothing was written."""


def _lock() -> None:
    """Nobody groups meanwhile."""
    Chore.objects.select_for_update().get(pk=Chore.IDEAS)


def standing(pk: int) -> Idea:
    """The idea, or the one that it was merged into. Raises Gone when there is neither."""
    idea = Idea.objects.select_related("merged_into").filter(pk=pk).first()
    if idea is None:
        raise Gone
    return idea.merged_into or idea


@transaction.atomic
def merge(idea: Idea, into: Idea, *, by: User) -> IdeaStep:
    """Let all comments of one idea speak for another. Raises Gone, and ValueError for an idea with itself."""
    _lock()
    if idea.pk == into.pk:
        raise ValueError("into itself")
    if Idea.objects.filter(pk__in=[idea.pk, into.pk], merged_into=None).count() < 2:
        raise Gone
    inside = [*Idea.objects.filter(merged_into=idea).values_list("pk", flat=True), idea.pk]
    Idea.objects.filter(pk__in=inside).update(merged_into=into)
    links = [[pk, idea.pk] for pk in IdeaComment.objects.filter(idea=idea).values_list("pk", flat=True)]
    IdeaComment.objects.filter(idea=idea).update(idea=into)
    step = IdeaStep.objects.create(verb=Verb.MERGE, idea=idea, into=into, author=by, moved=inside)
    audit.note("idea.merged", by=by, subject=into, count=len(links))
    return step


@transaction.atomic
def split(comments: Sequence[Comment], *, by: User) -> IdeaStep | None:
    """Let these comments speak for an idea of their own."""
    return _move(comments, into=lambda: Idea.objects.create(space=_space(comments)), verb=Verb.SPLIT, by=by)


@transaction.atomic
def move(comments: Sequence[Comment], into: Idea, *, by: User) -> IdeaStep | None:
    """Let these comments speak for that idea; None when all of them do already. Raises Gone."""
    return _move(comments, into=lambda: standing(into.pk), verb=Verb.MOVE, by=by)


@transaction.atomic
def take_out(comments: Sequence[Comment], *, by: User) -> IdeaStep | None:
    """Let these comments speak for no idea."""
    return _move(comments, into=lambda: None, verb=Verb.OUT, by=by)


def _move(
    comments: Sequence[Comment], *, into: Callable[[], Idea | None], verb: IdeaStep.Verb, by: User
) -> IdeaStep | None:
    _lock()
    links = list(IdeaComment.objects.filter(comment__in=comments).select_related("idea").order_by("pk"))
    target = into()
    known = {link.comment_id for link in links}
    if target:
        fresh = [comment for comment in comments if comment.pk not in known]
        links += [IdeaComment(comment=comment, end=len(comment.text)) for comment in fresh]
        # The worker looks up what their words mean.
        Comment.objects.filter(pk__in=[comment.pk for comment in fresh]).update(waits_for_idea=True)
    links = [link for link in links if link.pk is None or link.idea != target or link.author_id is None]
    if not links:
        return None
    moved = [[link.comment_id, link.idea_id, link.author_id] for link in links]
    before = links[0].idea
    for link in links:
        _put(link, target, author=by)
    step = IdeaStep.objects.create(
        verb=verb, idea=Idea.objects.filter(pk=before.pk).first() if before else None, into=target, author=by,
        moved=moved,
    )  # fmt: skip
    audit.note(f"idea.{NAMES[verb]}", by=by, subject=target or step.idea, count=len(links))
    return step


def _space(comments: Sequence[Comment]) -> str:
    """The space of the comments' vectors: to look up which one is in use would load a model."""
    spaces = IdeaComment.objects.filter(comment__in=comments).exclude(space="").values_list("space", flat=True)
    return spaces.first() or ""


NAMES = {Verb.SPLIT: "split", Verb.MOVE: "moved", Verb.OUT: "taken_out"}


def _put(link: IdeaComment, target: Idea | None, *, author: User | None) -> None:
    """Move one link with its words."""
    before = through(link)
    if target is None or before != target:
        if link.pk:
            leave(link, keeps=True)
        link.through = target
        if target:
            _fill(target, link, beside=before)
    link.idea, link.author, link.at = target, author, timezone.now()
    link.save()


def _fill(idea: Idea, link: IdeaComment, *, beside: Idea | None) -> None:
    """Add a link's words to a centre. A fresh idea lies in the cell that its first comment comes from, until the next
    one that joins tells better."""
    row = Idea.objects.get(pk=idea.pk)
    if not link.vector or link.space != row.space:
        return
    if not row.weight and beside:
        row.cell, row.near = beside.cell, beside.near
    row.centre = meaning.joined(bytes(row.centre), meaning.unpacked(bytes(link.vector)))
    row.weight += 1
    row.save(update_fields=["centre", "weight", "cell", "near"])


@transaction.atomic
def undo(step: IdeaStep, *, by: User) -> bool:
    """Take an act back as far as nobody has acted on the same since; False when it was taken back already."""
    _lock()
    if not IdeaStep.objects.filter(pk=step.pk, undone_at=None).update(undone_at=timezone.now()):
        return False
    if step.verb == Verb.MERGE:
        _part(step)
    else:
        _put_back(step)
    audit.note("idea.undone", by=by, subject=step.into or step.idea)
    return True


def _part(step: IdeaStep) -> None:
    """What was merged stands by itself again, with what has joined it since."""
    inside = [pk for pk in step.moved if pk != step.idea_id]
    Idea.objects.filter(pk__in=inside, merged_into=step.into).update(merged_into=step.idea)
    if step.idea and Idea.objects.filter(pk=step.idea.pk, merged_into=step.into).update(merged_into=None):
        IdeaComment.objects.filter(through__in=step.moved, idea=step.into).update(idea=step.idea)


def _put_back(step: IdeaStep) -> None:
    before = {comment: (idea, author) for comment, idea, author in step.moved}
    links = IdeaComment.objects.filter(comment__in=before, idea=step.into, author=step.author_id)
    ideas = Idea.objects.in_bulk({idea for idea, _author in before.values() if idea})
    authors = User.objects.in_bulk({author for _idea, author in before.values() if author})
    for link in links:
        idea, author = before[link.comment_id]
        _put(link, _root(ideas.get(idea)), author=authors.get(author))


def _root(idea: Idea | None) -> Idea | None:
    return idea.merged_into or idea if idea else None


def last_step(ideas: Iterable[int], *, by: User) -> IdeaStep | None:
    """The person's last act on one of these ideas that can be taken back."""
    own = IdeaStep.objects.filter(Q(idea__in=ideas) | Q(into__in=ideas), author=by, undone_at=None)
    return own.select_related("idea", "into").order_by("-pk").first()


def change(idea: Idea, changes: dict[str, Any], *, by: User) -> None:
    """Store what a person says of an idea: title, status, note, who is responsible."""
    if changes:
        Idea.objects.filter(pk=idea.pk).update(**changes)
        audit.note("idea.changed", by=by, subject=idea, fields=sorted(changes))
