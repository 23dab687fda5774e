"""What managers put beside a comment: private notes, tags, and the word that an answer is not to count."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import QueryDict
from django.utils.translation import gettext as _

from feedback import exclusions, notes, tags
from feedback.admin.acting import Act, Refused
from feedback.admin.marks import Segment
from feedback.masking import masked
from feedback.models import Comment, Exclusion, Note, Response, Tag
from ground import personal
from ground.access import Scope
from ground.models import Role, User
from ground.text import TextTooLong, is_key

# Above so many, a page offers none of them to choose from; whoever writes them in full is understood.
MOST_OFFERED = 500


def _note(comment: Comment, form: QueryDict, person: User) -> str:
    try:
        note = notes.add(comment, form.get("text", ""), author=person)
    except TextTooLong as error:
        raise Refused(too_long(error)) from None
    except ValueError:
        raise Refused(_("A note needs words.")) from None
    told = ", ".join(str(user) for user in note.mentions.all() if user.pk != person.pk)
    return _("Note added; mentioned: %s") % told if told else _("Note added")


def too_long(error: TextTooLong) -> str:
    return _("At most %(limit)d characters fit; this has %(length)d.") % {
        "limit": error.limit, "length": error.length,
    }  # fmt: skip


def _remove_note(comment: Comment, form: QueryDict, person: User) -> str:
    note = comment.notes.filter(pk=_key(form, "note")).first()
    if note is None or not notes.remove(note, by=person):
        raise Refused(_("Nothing was changed: the note is gone already, or somebody else wrote it."), status=409)
    return _("Note removed")


def _tag(comment: Comment, form: QueryDict, person: User) -> str:
    try:
        tag, is_fresh = tags.add(comment, form.get("tag", ""), author=person)
    except TextTooLong as error:
        raise Refused(too_long(error)) from None
    except ValueError:
        raise Refused(_("A tag needs a word.")) from None
    return _("Tag added: %s") % tag if is_fresh else _("It has this tag already: %s") % tag


def _untag(comment: Comment, form: QueryDict, person: User) -> str:
    tag = Tag.objects.filter(pk=_key(form, "tag")).first()
    if tag is None or not tags.remove(comment, tag):
        return _("Somebody has taken this tag off already.")
    return _("Tag removed: %s") % tag


def _key(form: QueryDict, name: str) -> int:
    key = form.get(name, "")
    if not is_key(key):
        raise ValueError(name)
    return int(key)


def _exclude(row: Comment | Response, form: QueryDict, person: User) -> str:
    try:
        exclusion = exclusions.exclude(row, reason=form.get("reason", ""), note=form.get("note", ""), by=person)
    except TextTooLong as error:
        raise Refused(too_long(error)) from None
    except exclusions.Unexplained:
        raise Refused(_("Please explain the other reason in a few words.")) from None
    except exclusions.Uncounted:
        raise Refused(_("Nothing was changed: this text is not counted anyway."), status=409) from None
    except exclusions.Already as error:
        raise Refused(_faster(error.exclusion), status=409) from None
    return _("Excluded from the scores: %s") % exclusion.get_reason_display()


def _include(row: Comment | Response, form: QueryDict, person: User) -> str:
    try:
        exclusions.include(row, by=person)
    except exclusions.Already as error:
        raise Refused(_faster(error.exclusion), status=409) from None
    return _("It counts again")


def _faster(exclusion: Exclusion | None) -> str:
    """Who did the same before."""
    if exclusion is None:
        return _("Nothing was changed: it counts already.")
    if exclusion.lifted_at:
        return _("Nothing was changed: %s has let it count again already.") % exclusion.lifted_by
    return _("Nothing was changed: %(person)s has excluded it already (%(reason)s).") % {
        "person": exclusion.author, "reason": exclusion.get_reason_display(),
    }  # fmt: skip


COUNTING: dict[str, Act] = {"exclude": _exclude, "include": _include}
ACTS: dict[str, Act] = COUNTING | {"note": _note, "note_remove": _remove_note, "tag": _tag, "untag": _untag}


@dataclass(frozen=True)
class Written:
    """A note as its reader sees it: runs of text, those that name somebody marked."""

    note: Note
    text: list[Segment]
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands beside a row for one reader; the lists to choose from are empty for who may only look.

    `people` are (what is written after the @, name) pairs. `may_exclude` says that the row counts or could count.
    """

    may_change: bool
    notes: list[Written]
    people: list[tuple[str, str]]
    tags: list[Tag]
    more_tags: list[Tag]
    exclusion: Exclusion | None
    may_exclude: bool
    reasons: list[tuple[str, Any]]


def beside(row: Comment | Response, comment: Comment | None, *, scope: Scope, reader: User) -> Beside:
    """Everything beside this row; its tags are loaded."""
    may_change = scope.allows(row.team_id, least=Role.MANAGER)
    holding = exclusions.history(row).filter(lifted_at=None).first()
    has = [link.tag for link in comment.tags.all()] if comment else []
    return Beside(
        may_change=may_change,
        notes=_notes(comment, reader, is_bare=may_change) if comment else [],
        people=_people(comment, reader) if comment and may_change else [],
        tags=has,
        more_tags=_more_tags(scope, has) if comment and may_change else [],
        exclusion=holding,
        may_exclude=may_change and holding is None and (not isinstance(row, Comment) or _could_count(row)),
        reasons=list(Exclusion.Reason.choices),
    )


def _could_count(comment: Comment) -> bool:
    return comment.is_counted or comment.response_id is not None


def _notes(comment: Comment, reader: User, *, is_bare: bool) -> list[Written]:
    written = comment.notes.select_related("author").prefetch_related(Prefetch("mentions", User.objects.all()))
    return [
        Written(note=note, text=_runs(note, is_bare=is_bare), is_own=note.author_id == reader.pk) for note in written
    ]


def _runs(note: Note, *, is_bare: bool) -> list[Segment]:
    """The note with the people that it names marked; what leads to a customer only `is_bare`."""
    hidden = [] if is_bare else [span for span in personal.find(note.text) if span.kind != personal.HANDLE]
    runs, at = [], 0
    for start, end, _people in notes.mentions(note.text, note.mentions.all()):
        before = masked(note.text, start=at, end=start, hidden=hidden)
        runs += [Segment(text=before), Segment(text=note.text[start:end], marks="at")]
        at = end
    return [*runs, Segment(text=masked(note.text, start=at, hidden=hidden))]


def _people(comment: Comment, reader: User) -> list[tuple[str, str]]:
    """Whom a note may name: by name, by address when two have the same."""
    people = list(notes.audience(comment).exclude(pk=reader.pk)[: MOST_OFFERED + 1])
    if len(people) > MOST_OFFERED:
        return []
    names = [user.name.casefold() for user in people]
    return [
        (user.name if user.name and names.count(user.name.casefold()) == 1 else user.email, str(user))
        for user in people
    ]  # fmt: skip


def _more_tags(scope: Scope, has: list[Tag]) -> list[Tag]:
    return list(tags.seen_by(scope).exclude(pk__in=[tag.pk for tag in has])[:MOST_OFFERED])
