"""The keys and buttons of the desk: what a manager does to a comment, each act one address that takes POST alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feedback import corrections, reading
from feedback.admin.rows import CLASS_LOOK, Work
from feedback.admin.story import SCHEMES, value_name
from feedback.models import Comment, Label, Topic
from ground.access import get_visible
from ground.admin import scope_for
from ground.models import Role, User


@dataclass(frozen=True)
class Reply:
    """What an act came to, in a sentence; `overtaken` when it was refused for somebody else's word."""

    pk: int
    said: str
    overtaken: bool = False

    @property
    def status(self) -> int:
        return 409 if self.overtaken else 200


Act = Callable[[Comment, QueryDict, User], str]


def addresses(site: AdminSite, *, show: Callable[[HttpRequest, Reply], HttpResponse]) -> list[URLPattern]:
    """One address for each act, under the comment's own."""
    return [
        path(f"<int:pk>/{verb}/", site.admin_view(_view(act, show=show)), name=f"feedback_comment_{verb}")
        for verb, act in ACTS.items()
    ]


def _view(act: Act, *, show: Callable[[HttpRequest, Reply], HttpResponse]) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        scope = scope_for(request)
        comment = get_visible(Comment.objects.select_related("done_by"), scope, pk=pk)
        if not scope.allows(comment.team_id, least=Role.MANAGER):
            raise PermissionDenied
        person: Any = request.user
        try:
            reply = Reply(pk=comment.pk, said=act(comment, request.POST, person))
        except corrections.Overtaken as error:
            reply = Reply(pk=comment.pk, said=meanwhile(error.label), overtaken=True)
        except ValueError:
            return HttpResponseBadRequest(_("This button sends something that the page never offered."))
        reading.mark_read(comment, reader=person)
        return show(request, reply)

    return view


def meanwhile(label: Label) -> str:
    """Who said what in the meantime."""
    return _("Nothing was changed: meanwhile %(person)s said “%(about)s: %(value)s”.") % {
        "person": label.author, "about": about(label), "value": value_name(label),
    }  # fmt: skip


def about(label: Label) -> str:
    return str(label.topic) if label.topic else str(SCHEMES[Label.Scheme(label.scheme)])


def _seen(form: QueryDict) -> int:
    key = form.get("seen", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise ValueError("seen")
    return int(key)


def _yes(form: QueryDict) -> bool:
    answer = form.get("yes", "")
    if answer not in ("yes", "no"):
        raise ValueError("yes")
    return answer == "yes"


def _tone(comment: Comment, form: QueryDict, person: User) -> str:
    tone = Comment.Tone(form.get("tone", ""))
    corrections.correct_tone(comment, tone, author=person, seen=_seen(form))
    return _("Tone: %s") % tone.label


def _constructive(comment: Comment, form: QueryDict, person: User) -> str:
    yes = _yes(form)
    corrections.set_constructive(comment, yes, author=person, seen=_seen(form))
    return _("Suggestion: yes") if yes else _("Suggestion: no")


def _topic(comment: Comment, form: QueryDict, person: User) -> str:
    yes = _yes(form)
    offered = Topic.objects.filter(is_active=True) if yes else Topic.objects.all()
    topic = {topic.code: topic for topic in offered}.get(form.get("topic", ""))
    if topic is None:
        raise ValueError("topic")
    corrections.set_topic(comment, topic, yes, author=person, seen=_seen(form))
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
    return _("Open again")


ACTS: dict[str, Act] = {
    "tone": _tone, "constructive": _constructive, "topic": _topic, "undo": _undo, "done": _done, "reopen": _reopen,
}  # fmt: skip


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
        "more": [topic for topic in Topic.objects.filter(is_active=True) if topic.pk not in topics],
    }  # fmt: skip
