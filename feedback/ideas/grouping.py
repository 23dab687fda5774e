"""Comments that ask for something find their idea: the nearest one, or one of their own when none is near enough.

The queue is `Comment.waits_for_idea`. Whoever groups holds the chore's row, so that no two workers found one idea
twice; what a person has decided about a comment stays.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from feedback import erased
from feedback.labels import strongest
from feedback.models import Chore, Comment, CommentClass, Idea, IdeaComment, Label
from feedback.understanding import meaning
from feedback.understanding.meaning import Asked, Vector

log = logging.getLogger(__name__)

# All ideas are compared with while they are no more than these: cells overlook some of what lies near. Later so many
# of one cell, those of most comments: joining costs no more the more there are.
FEW, MOST_IN_CELL = 2000, 600
ALL = -1
STEP = 10
_awake: set[str] = set()


@dataclass(frozen=True)
class Meant:
    """What a comment asks for, and the vector of that."""

    asked: Asked
    vector: Vector


def waiting() -> QuerySet[Comment]:
    """The queue: comments whose labels or words changed what they may suggest."""
    return Comment.objects.filter(waits_for_idea=True)


def due(*, limit: int) -> list[int]:
    """Those that wait longest; few of them while fresh comments wait to be read."""
    most = STEP if Comment.objects.waiting().filter(quarantined_at=None).exists() else limit
    return list(waiting().order_by("pk").values_list("pk", flat=True)[:most])


def group(ids: Sequence[int]) -> int:
    """Find the ideas of those of the comments that wait; returns how many were dealt with. Safe to run twice."""
    if wake():
        return 0
    return sum(_bunch(ids[start : start + STEP]) for start in range(0, len(ids), STEP))


def _bunch(ids: Sequence[int]) -> int:
    """A few of them; one whose idea cannot be found is left without, and costs the others nothing."""
    try:
        return _group(ids)
    except DatabaseError:
        raise  # theirs is not the fault
    except Exception as error:
        if len(ids) > 1:
            return sum(_bunch([pk]) for pk in ids)
        log.error("no idea is found for comment %s: %s", ids[0], type(error).__name__)
        return waiting().filter(pk__in=ids).update(waits_for_idea=False)


def _group(ids: Sequence[int]) -> int:
    """A few of them: their words are read before the lock is taken, which other writers wait for."""
    seen = list(waiting().filter(pk__in=ids).order_by("pk"))
    placed = set(IdeaComment.objects.filter(comment__in=seen, author__isnull=False).values_list("comment", flat=True))
    readable = [comment for comment in seen if comment.text not in erased.TEXTS]
    asking = [comment for comment in readable if asks(comment) or comment.pk in placed]
    spans = _evidence(asking)
    asked = [meaning.asked(comment.text, spans.get(comment.pk, []), comment.language) for comment in asking]
    vectors = meaning.vectors(asked)
    keys = [comment.pk for comment in asking]
    meant = {pk: Meant(part, vector) for pk, part, vector in zip(keys, asked, vectors, strict=True)}
    return _store(seen, meant)


def wake() -> int:
    """Let the comments wait whose vectors are of another space, looked for once per process: somebody has installed or
    removed the embedding. They go first, as what comes later has to find their ideas."""
    if meaning.space() in _awake:
        return 0
    _awake.add(meaning.space())
    others = IdeaComment.objects.exclude(space=meaning.space())
    return Comment.objects.filter(idea_link__in=others).exclude(erased.ERASED).update(waits_for_idea=True)


def asks(comment: Comment) -> bool:
    """Whether the comment surely suggests something, as far as is known."""
    return comment.derived_class == CommentClass.CONSTRUCTIVE


def _evidence(comments: Sequence[Comment]) -> dict[int, list[list[int]]]:
    """The words that decided that each comment asks for something, where any are known."""
    said: dict[int, list[Label]] = {}
    for label in Label.objects.filter(comment__in=comments, scheme=Label.Scheme.CONSTRUCTIVE):
        said.setdefault(label.comment_id, []).append(label)
    spans = {}
    for pk, labels in said.items():
        with_spans = [label for label in labels if label.spans and label.value == "yes"]
        counts = strongest(labels)
        if counts and (counts.spans or with_spans):
            spans[pk] = counts.spans or with_spans[-1].spans
    return spans


@transaction.atomic
def _store(seen: Sequence[Comment], meant: dict[int, Meant]) -> int:
    """Write what was found of the comments that are still as they were seen."""
    Chore.objects.select_for_update().get(pk=Chore.IDEAS)
    rows = waiting().filter(pk__in=[comment.pk for comment in seen]).select_for_update(of=("self",)).in_bulk()
    same = [comment for comment in seen if comment.pk in rows and _looks(rows[comment.pk]) == _looks(comment)]
    links = {link.comment_id: link for link in IdeaComment.objects.filter(comment__in=same)}
    shelf = Shelf()
    for comment in same:
        link, own = links.get(comment.pk), meant.get(comment.pk)
        if own is None:
            # One that was erased still asks for something, nobody knows what: it stays where it is.
            if link and link.author_id is None and not asks(comment):
                shelf.leave(link)
                link.delete()
        elif link and _says_the_same(link, own):
            continue
        elif link and (link.author_id or link.space != shelf.space):
            read_again(link, own)
        else:
            join(link or IdeaComment(comment=comment), own, shelf)
    Comment.objects.filter(pk__in=[comment.pk for comment in same]).update(waits_for_idea=False)
    return len(same)


def _says_the_same(link: IdeaComment, own: Meant) -> bool:
    """Whether a comment that was read anew asks for what it asked for: then it stays, and nothing is written."""
    words = (link.start, link.end, link.space, bytes(link.vector or b""))
    stands = bool(link.author_id or link.through_id)
    return stands and words == (own.asked.start, own.asked.end, meaning.space(), meaning.packed(own.vector))


def _looks(comment: Comment) -> tuple[object, ...]:
    return comment.classified_at, comment.text, comment.derived_class


class Shelf:
    """The centres of ideas, fetched once: of all while they are few, else by cell; what joins meanwhile is put back
    changed."""

    def __init__(self) -> None:
        self.space = meaning.space()
        self.has_cells = Idea.objects.to_compare(self.space).are_more_than(FEW)
        self.boards: dict[int, dict[int, bytes]] = {}

    def around(self, cells: Sequence[int]) -> dict[int, bytes]:
        """The centres to compare with for what lies in these cells, by the key of their idea."""
        found: dict[int, bytes] = {}
        for board in cells if self.has_cells else [ALL]:
            if board not in self.boards:
                ideas = Idea.objects.to_compare(self.space).order_by("-weight", "-pk")
                ideas = ideas.filter(cell=board)[:MOST_IN_CELL] if self.has_cells else ideas
                self.boards[board] = {pk: bytes(centre) for pk, centre in ideas.values_list("pk", "centre")}
            found |= self.boards[board]
        return found

    def leave(self, link: IdeaComment) -> None:
        """Take a comment's words out of their idea, and see how that lies now, or that it is gone."""
        left = link.through_id
        leave(link)
        holding = [board for board in self.boards.values() if left in board]
        if not holding or left is None:
            return
        centre = Idea.objects.filter(pk=left).values_list("centre", flat=True).first()
        for board in holding:
            del board[left]
            if centre is not None:
                board[left] = bytes(centre)

    def put(self, idea: Idea, *, before: int | None) -> None:
        if before is not None and self.has_cells:
            self.boards.get(before, {}).pop(idea.pk, None)
        board = idea.cell if self.has_cells else ALL
        if board in self.boards:
            self.boards[board][idea.pk] = bytes(idea.centre)


def join(link: IdeaComment, own: Meant, shelf: Shelf) -> None:
    """Let a comment speak for the nearest idea, or for a fresh one, and store the link."""
    if link.pk:
        shelf.leave(link)
    centres = shelf.around(meaning.cells(own.vector))
    keys = list(centres)
    best = meaning.nearest(own.vector, [centres[key] for key in keys])
    is_near = best is not None and best.closeness >= meaning.threshold()
    idea = Idea.objects.get(pk=keys[best.place]) if best and is_near else Idea.objects.create(space=shelf.space)
    before = idea.cell if is_near else None
    _add(idea, own.vector)
    shelf.put(idea, before=before)
    link.idea, link.through = idea.merged_into or idea, idea
    # Whoever said it first need not be typical.
    link.closeness = best.closeness if best and is_near else 0.0
    _say(link, own)
    link.save()


def read_again(link: IdeaComment, own: Meant) -> None:
    """Keep a comment where it is, with what its words mean by now: a person has put it there, or only the space is
    another one."""
    leave(link, keeps=True)
    if idea := through(link):
        _add(idea, own.vector)
    _say(link, own)
    link.save()


def _say(link: IdeaComment, own: Meant) -> None:
    link.start, link.end, link.space = own.asked.start, own.asked.end, meaning.space()
    link.vector = meaning.packed(own.vector)


def _add(idea: Idea, vector: Sequence[float]) -> None:
    if idea.space != meaning.space():
        idea.space, idea.centre, idea.weight = meaning.space(), b"", 0
    idea.centre = meaning.joined(bytes(idea.centre), vector)
    idea.weight += 1
    place(idea)
    idea.save(update_fields=["space", "centre", "weight", "cell", "near"])


def place(idea: Idea) -> None:
    """Say in which cell of the space the idea's centre lies."""
    idea.near = meaning.cells(meaning.unit(meaning.unpacked(bytes(idea.centre))))
    idea.cell = idea.near[0]


def through(link: IdeaComment) -> Idea | None:
    """The idea whose centre a comment's words went into, as it is stored."""
    return Idea.objects.filter(pk=link.through_id).first() if link.through_id else None


def leave(link: IdeaComment, *, keeps: bool = False) -> None:
    """Take a comment's words out of the centre that they went into; an idea that nobody speaks for goes, unless a
    person has said something about it or it is to be kept."""
    # Looked up afresh: another comment of the same bunch may have changed the centre.
    idea = through(link)
    if idea is None or not link.vector or link.space != idea.space:
        return
    idea.centre = meaning.joined(bytes(idea.centre), meaning.unpacked(bytes(link.vector)), sign=-1.0)
    idea.weight = max(0, idea.weight - 1)
    others = IdeaComment.objects.filter(idea=idea).exclude(pk=link.pk).exists()
    is_known = idea.title or idea.note or idea.owner_id or idea.merged_into_id or idea.status != Idea.Status.NEW
    if keeps or others or is_known or idea.weight or idea.merged.exists():
        idea.save(update_fields=["centre", "weight"])
        return
    IdeaComment.objects.filter(pk=link.pk).update(idea=None, through=None)
    link.idea = link.through = None
    idea.delete()
