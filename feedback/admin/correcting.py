"""The keys and buttons by which a manager corrects, finishes and reopens a comment."""

from functools import wraps
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from feedback import corrections, reading
from feedback import topics as taxonomy
from feedback.admin.acting import Act, Refused
from feedback.admin.rows import CLASS_LOOK, Work
from feedback.admin.story import SCHEMES, value_name
from feedback.models import Comment, Label, Topic
from ground.models import User
from ground.text import is_key


def meanwhile(label: Label) -> str:
    """Who said what in the meantime."""
    return _("Nothing was changed: meanwhile %(person)s said “%(about)s: %(value)s”.") % {
        "person": label.author, "about": about(label), "value": value_name(label),
    }  # fmt: skip


def about(label: Label) -> str:
    return str(label.topic) if label.topic else str(SCHEMES[Label.Scheme(label.scheme)])


def seen(form: QueryDict) -> int:
    """The key of the newest label that the form was made for. Raises ValueError."""
    key = form.get("seen", "")
    if not is_key(key):
        raise ValueError("seen")
    return int(key)


def _yes(form: QueryDict) -> bool:
    answer = form.get("yes", "")
    if answer not in ("yes", "no"):
        raise ValueError("yes")
    return answer == "yes"


def _tone(comment: Comment, form: QueryDict, person: User) -> str:
    tone = Comment.Tone(form.get("tone", ""))
    corrections.correct_tone(comment, tone, author=person, seen=seen(form))
    return _("Tone: %s") % tone.label


def _constructive(comment: Comment, form: QueryDict, person: User) -> str:
    yes = _yes(form)
    corrections.set_constructive(comment, yes, author=person, seen=seen(form))
    return _("Suggestion: yes") if yes else _("Suggestion: no")


def _topic(comment: Comment, form: QueryDict, person: User) -> str:
    yes = _yes(form)
    offered = Topic.objects.filter(is_active=True) if yes else Topic.objects.all()
    topic = {topic.code: topic for topic in offered}.get(form.get("topic", ""))
    if topic is None:
        raise ValueError("topic")
    corrections.set_topic(comment, topic, yes, author=person, seen=seen(form))
    return (_("Topic added: %s") if yes else _("Topic removed: %s")) % topic


def _undo(comment: Comment, form: QueryDict, person: User) -> str:
    undone = corrections.undo(comment, author=person)
    if undone is None:
        return _("Nothing to take back here.")
    if undone.label is None:
        return _("Taken back: done")
    return _("Taken back: %(about)s: %(value)s") % {"about": about(undone.label), "value": value_name(undone.label)}


def _done(comment: Comment, form: QueryDict, person: User) -> str:
    if reading.mark_done(comment, by=person):
        return _("Done")
    comment.refresh_from_db(fields=["done_by"])
    return _("Done already: %s") % comment.done_by


def _reopen(comment: Comment, form: QueryDict, person: User) -> str:
    reading.reopen(comment)
    return _("It is open again.")


def _unless_overtaken(act: Act) -> Act:
    """The act; when somebody has said something else meanwhile, it is refused by name."""

    @wraps(act)
    def guarded(comment: Comment, form: QueryDict, person: User) -> str:
        try:
            return act(comment, form, person)
        except corrections.Overtaken as error:
            raise Refused(meanwhile(error.label), status=409) from None

    return guarded


ACTS: dict[str, Act] = {
    "tone": _unless_overtaken(_tone),
    "constructive": _unless_overtaken(_constructive),
    "topic": _unless_overtaken(_topic),
    "undo": _unless_overtaken(_undo),
    "done": _done,
    "reopen": _reopen,
}


def offers(comment: Comment, state: Work) -> dict[str, Any]:
    """What the form on the comment's page offers."""
    topics = {row.topic_id for row in comment.topics.all()}
    return {
        "state": state,
        "tones": [
            {"key": str(number), "value": tone.value, "label": tone.label, "look": CLASS_LOOK[tone],
             "holds": comment.tone == tone}
            for number, tone in enumerate(Comment.Tone, 1)
        ],
        "has": [row.topic for row in comment.topics.all()],
        "more": [topic for topic in taxonomy.offered() if topic.pk not in topics],
    }  # fmt: skip
