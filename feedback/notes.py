"""Private notes beside a comment, for the people who may see it; @name tells one of them."""

import re
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from feedback import notices
from feedback.models import Comment, Note
from ground.access import readers
from ground.models import User
from ground.text import clean_text

LONGEST = 5000


def audience(comment: Comment) -> QuerySet[User]:
    """Everybody who may see the comment, by name."""
    own = comment.agent.user_id if comment.agent else None
    return readers(team=comment.team_id, agent=own).order_by("name", "email")


def mentions(text: str, among: Iterable[User]) -> list[tuple[int, int, list[User]]]:
    """Where the text names some of the people after an @, and whom: (start, end, people), the @ included.

    A name counts in full, as an address, or as a first name that only one of them has. Any other @word is text.
    """
    handles = _handles(among)
    if not handles:
        return []
    longest_first = sorted(handles, key=len, reverse=True)
    named = re.compile(rf"(?<![\w@.])@({'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
    return [(found.start(), found.end(), handles.get(found[1].casefold(), [])) for found in named.finditer(text)]


def _handles(people: Iterable[User]) -> dict[str, list[User]]:
    """What follows the @ and whom it means, in folded case."""
    full: dict[str, list[User]] = {}
    first: dict[str, list[User]] = {}
    for user in people:
        full.setdefault(user.email.casefold(), []).append(user)
        if name := user.name.casefold().strip():
            full.setdefault(name, []).append(user)
            first.setdefault(name.split()[0], []).append(user)
    return {name: users for name, users in first.items() if len(users) == 1} | full


@transaction.atomic
def add(comment: Comment, typed: str, *, author: User) -> Note:
    """Write a note. Raises ValueError when it says nothing, and ground.text.TextTooLong."""
    text = clean_text(typed, limit=LONGEST)
    if not text:
        raise ValueError("no text")
    note = Note.objects.create(comment=comment, author=author, text=text)
    if "@" in text:
        note.mentions.set({user for _start, _end, users in mentions(text, audience(comment)) for user in users})
        notices.tell_of_note(note)
    return note


@transaction.atomic
def remove(note: Note, *, by: User) -> bool:
    """Take the text of one's own note away, its place stays; False when it is gone already or somebody else's."""
    own = Note.objects.filter(pk=note.pk, author=by, removed_at=None)
    is_removed = bool(own.update(text="", removed_at=timezone.now()))
    if is_removed:
        note.mentions.clear()
    return is_removed
