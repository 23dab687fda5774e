"""What the buttons of an idea's page and of a comment's page do to ideas."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.ideas import acts, ranking
from feedback.ideas.acts import Gone
from feedback.models import Comment, Idea, IdeaComment, IdeaStep
from ground.access import Scope, scope_of
from ground.models import Role, User
from ground.text import TextTooLong, clean_line, clean_text, is_key

MOST_TICKED = 100


class Refused(Exception):
    """The act was not done; `said` tells the person why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class Done:
    """What an act came to: a sentence, the step that can be taken back, and the idea to show."""

    said: str
    pk: int | None = None
    idea: int | None = None


def do(idea: Idea, form: QueryDict, *, by: User, scope: Scope) -> Done:
    """Do what the form's button says. Raises Refused."""
    verb = next((name for name in VERBS if name in form), "")
    if not verb:
        raise Refused(_("Nothing was chosen."))
    if verb in OF_ALL and not scope.covers_all(least=Role.MANAGER):
        raise Refused(_("Only managers of the whole organisation may do this."))
    try:
        return VERBS[verb](idea, form, by, scope)
    except Gone:
        raise Refused(_("Nothing was changed: there is no such idea, or somebody has just merged it.")) from None


def _save(idea: Idea, form: QueryDict, by: User, scope: Scope) -> Done:
    try:
        title, note = clean_line(form.get("title", ""), limit=200), clean_text(form.get("note", ""), limit=2000)
    except TextTooLong as error:
        raise Refused(_("Too long: %(length)d characters, at most %(limit)d are kept.")
                      % {"length": error.length, "limit": error.limit}) from None  # fmt: skip
    owner, status = form.get("owner", ""), form.get("status", idea.status)
    if status not in Idea.Status or (owner and not is_key(owner)):
        raise Refused(_("This button sends something that the page never offered."))
    person = User.objects.filter(pk=owner, is_active=True).first() if owner else None
    told = {"title": title, "note": note, "status": status, "owner_id": person.pk if person else None}
    changes = {name: value for name, value in told.items() if getattr(idea, name) != value}
    acts.change(idea, changes, by=by)
    return Done(_("Saved.") if changes else _("Nothing was changed."))


def _merge(idea: Idea, form: QueryDict, by: User, scope: Scope) -> Done:
    into = _other(form.get("merge") or form.get("into", ""), scope, without=idea)
    step = acts.merge(idea, into, by=by)
    return Done(_("Two ideas are one now."), step.pk, into.pk)


def _split(idea: Idea, form: QueryDict, by: User, scope: Scope) -> Done:
    step = acts.split(_ticked(idea, form, scope), by=by)
    return Done(_("The ticked comments are an idea of their own now."), step and step.pk, step and step.into_id)


def _move(idea: Idea, form: QueryDict, by: User, scope: Scope) -> Done:
    into = _other(form.get("into", ""), scope, without=idea)
    ticked = _ticked(idea, form, scope)
    step = acts.move(ticked, into, by=by)
    said = ngettext("%d comment was moved.", "%d comments were moved.", len(ticked)) % len(ticked)
    return Done(said, step and step.pk, into.pk)


def _out(idea: Idea, form: QueryDict, by: User, scope: Scope) -> Done:
    ticked = _ticked(idea, form, scope)
    step = acts.take_out(ticked, by=by)
    said = ngettext("%d comment was taken out.", "%d comments were taken out.", len(ticked)) % len(ticked)
    return Done(said, step and step.pk)


def _undo(idea: Idea, form: QueryDict, by: User, scope: Scope) -> Done:
    key = form.get("undo", "")
    step = IdeaStep.objects.filter(pk=key, author=by).first() if is_key(key) else None
    if step is None or not _manages(step, scope) or not acts.undo(step, by=by):
        raise Refused(_("Nothing to take back here."))
    return Done(_("Taken back."), None, step.idea_id)


def _manages(step: IdeaStep, scope: Scope) -> bool:
    """Whether a person may still do what the step did."""
    if scope.covers_all(least=Role.MANAGER):
        return True
    moved = Comment.objects.filter(pk__in=[comment for comment, *_before in step.moved])
    return step.verb != IdeaStep.Verb.MERGE and not moved.exclude(scope.rows(least=Role.MANAGER)).exists()


VERBS: dict[str, Any] = {
    "save": _save, "merge": _merge, "split": _split, "move": _move, "out": _out, "undo": _undo,
}  # fmt: skip
OF_ALL = ("save", "merge")


def _ticked(idea: Idea, form: QueryDict, scope: Scope) -> list[Comment]:
    """The ticked comments of this idea that the person manages. Raises Refused when there is none."""
    keys = [int(key) for key in form.getlist("row")[:MOST_TICKED] if is_key(key)]
    links = IdeaComment.objects.filter(idea=idea, comment__in=keys)
    own = links.filter(scope.rows(ranking.TEAM, least=Role.MANAGER)).select_related("comment")
    found = [link.comment for link in own]
    if not found:
        raise Refused(_("Nothing was chosen: tick comments first."))
    return found


def _other(key: str, scope: Scope, *, without: Idea | None) -> Idea:
    """The idea of this number, with or without its sign, that the person may see. Raises Refused."""
    number = key.strip().lstrip("#№").strip()
    idea = Idea.objects.select_related("merged_into").filter(pk=number).first() if is_key(number) else None
    idea = idea.merged_into or idea if idea else None
    may = idea and (scope.covers_all() or ranking.visible(scope).filter(idea=idea).exists())
    if idea is None or not may or (without and idea.pk == without.pk):
        raise Refused(_("There is no other idea of this number."))
    return idea


# --- on a comment's page -----------------------------------------------------------------------------------------


def of_comment(comment: Comment, scope: Scope) -> dict[str, Any]:
    """The idea that a comment speaks for, and those that it may be moved to."""
    link = IdeaComment.objects.select_related("idea", "author").filter(comment=comment).first()
    idea = link.idea if link else None
    near = idea.near if idea else []
    from feedback.understanding import meaning

    found = []
    if link and link.vector:
        vector = meaning.unpacked(bytes(link.vector))
        found = ranking.similar(vector, near, space=link.space, without=[idea.pk] if idea else [], scope=scope)
    known = [*([idea] if idea else []), *(other for other, _close in found)]
    titles = ranking.titles_of(known, scope)
    return {
        "link": link, "idea": idea, "title": titles.get(idea.pk) if idea else "",
        "others": [(str(other.pk), titles[other.pk]) for other, _close in found],
        "may_change": scope.allows(comment.team_id, least=Role.MANAGER),
        "is_asking": comment.derived_class == "constructive",
    }  # fmt: skip


def place(comment: Comment, form: QueryDict, person: User) -> str:
    """Put the comment into the idea that its page's form names: a number, `new`, or `none`."""
    scope, wanted = scope_of(person), form.get("number", "").strip() or form.get("idea", "")
    if wanted == "none":
        acts.take_out([comment], by=person)
        return _("It speaks for no idea.")
    if wanted == "new":
        acts.split([comment], by=person)
        return _("It is an idea of its own.")
    try:
        acts.move([comment], _other(wanted, scope, without=None), by=person)
    except (Gone, Refused):
        raise ValueError(wanted) from None
    return _("Moved to another idea.")
