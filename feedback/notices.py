"""What people are told of in feedback: negative comments, requests to be contacted, notes that mention them.

An event is told only while it is fresh, so that an import of old texts tells nobody. Whether somebody may and need
still hear of it is asked again when the mail is written.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from feedback.evidence import GAP
from feedback.filters import OWN, was_read
from feedback.masking import masked
from feedback.models import Comment, CommentClass, Note, Response
from feedback.models.comments import CommentQuerySet
from ground import notices
from ground.access import Scope
from ground.models import Notice, Role, User
from ground.notices import Event, Kind, Line, Pace, Section
from surveys.models import Link
from surveys.questions import SCALES

FRESH = dt.timedelta(days=7)
# A program that posts shows itself by its third link at the latest, and its group ends with a pause; a mail that
# leaves for another reason takes along what is due within a minute.
SHOWS_ITSELF = 2 * GAP + notices.GATHER
LONGEST = 280


# --- telling -----------------------------------------------------------------------------------------------------


def tell_of_negative(comments: CommentQuerySet) -> int:
    """Tell of those of the comments that count, are negative and fresh; call inside the writing transaction.

    Nobody is told of one answer twice, however often its text changes.
    """
    fresh = comments.filter(said_at__gt=timezone.now() - FRESH, is_counted=True, classified_at__isnull=False)
    negative = fresh.filter(derived_class=CommentClass.NEGATIVE).select_related("agent", "response")
    return notices.tell_all(_events(negative), kind=NEGATIVE.name)


def contact_requests() -> QuerySet[Response]:
    """The queue: answers that ask to be contacted, count, and that nobody has been told of."""
    asking = Response.objects.filter(wants_contact=True, contact_noticed_at=None)
    return asking.filter(evidence__in=Response.COUNTED, is_excluded=False)


def contacts_due(*, limit: int) -> list[int]:
    return list(contact_requests().order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def tell_of_contacts(ids: list[int]) -> int:
    """Tell of those of the requests that nobody has been told of; safe to run twice."""
    now = timezone.now()
    waiting = list(contact_requests().filter(pk__in=ids).select_for_update(of=("self",)).select_related("agent"))
    Response.objects.filter(pk__in=[response.pk for response in waiting]).update(contact_noticed_at=now)
    fresh = [response for response in waiting if response.changed_at > now - FRESH]
    return notices.tell_all(_events(fresh), kind=CONTACT.name)


def _events(rows: Iterable[Comment | Response]) -> list[Event]:
    """An event for each row and each person who may see it."""
    known = list(rows)
    if not known:
        return []
    people = notices.audience(row.team_id for row in known if row.team_id is not None)
    found = []
    for row in known:
        what, pk = _name(row)
        author = row.agent.user_id if row.agent else None
        found += [
            Event(user=user, key=f"{what}:{pk}", data={what: pk}, not_before=_not_before(row))
            for user, scope in people
            if scope.allows(row.team_id, least=Role.VIEWER) or scope.owns(row.team_id, author)
        ]
    return found


def _not_before(row: Comment | Response) -> dt.datetime | None:
    """When a program that posted this would have given itself away; None for what nobody doubts."""
    response = row.response if isinstance(row, Comment) else row
    if response is None or response.review or not response.edit_key_hash:
        return None
    return response.changed_at + SHOWS_ITSELF


def _name(row: Comment | Response) -> tuple[str, int]:
    """What an event is known by: the answer that a comment belongs to outlives the text."""
    if isinstance(row, Response):
        return "response", row.pk
    return ("comment", row.pk) if row.response_id is None else ("response", row.response_id)


def tell_of_note(note: Note) -> int:
    """Tell the people whom a note mentions, but for its author; call inside the writing transaction."""
    people = [user for user in note.mentions.all() if user.pk != note.author_id]
    return notices.tell(people, kind=MENTION.name, key=f"note:{note.pk}", data={"note": note.pk})


def tell_of_burst(link: Link, *, at: dt.datetime) -> int:
    """Tell that answers through a public link are held for their number, once an hour; in the writing transaction."""
    people = notices.audience([link.team_id] if link.team_id else [])
    key, data = f"burst:{link.pk}:{at:%Y-%m-%d %H}", {"link": link.pk, "at": at.isoformat()}
    events = [
        Event(user=user, key=key, data=data) for user, scope in people if scope.allows(link.team_id, least=Role.VIEWER)
    ]
    return notices.tell_all(events, kind=BURST.name)


# --- what stands in the mail -------------------------------------------------------------------------------------


def _keys(rows: Sequence[Notice], what: str) -> list[int]:
    return [row.data[what] for row in rows if what in row.data]


def _section(
    found: QuerySet[Any], *, most: int, line: Callable[[Any], Line], words: Any, path: str = ""
) -> Section | None:
    """The first rows as lines, and how many there are in all; `words` take the number."""
    count = found.count()
    if not count:
        return None
    lines = tuple(line(row) for row in found[:most])
    return Section(count=words % count, lines=lines, more=count - len(lines), path=path)


def _negative(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    """Negative comments that nobody has done and this person has not read."""
    named = Q(pk__in=_keys(rows, "comment")) | Q(response__in=_keys(rows, "response"))
    found = Comment.objects.filter(named, scope.rows(own=OWN), is_counted=True, done_at=None)
    found = found.filter(~Q(was_read(user)), derived_class=CommentClass.NEGATIVE)
    return _section(
        found.select_related("customer", "team", "response").order_by("-said_at", "-pk"),
        most=most,
        line=lambda comment: _line(comment, text=comment.text),
        words=ngettext_lazy("%d negative comment", "%d negative comments"),
        path=reverse("admin:feedback_comment_changelist") + "?class=negative&evidence=counted&state=unread",
    )


def _contacts(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    """Requests to be contacted, but for those whose comment is done."""
    found = Response.objects.filter(
        scope.rows(own=OWN), pk__in=_keys(rows, "response"), wants_contact=True, evidence__in=Response.COUNTED
    ).exclude(Q(is_excluded=True) | Q(comments__done_at__isnull=False))
    return _section(
        found.select_related("customer", "team").prefetch_related("comments").order_by("-changed_at", "-pk"),
        most=most,
        line=lambda response: _line(response, text=response.comment.text if response.comment else ""),
        words=ngettext_lazy("%d contact request", "%d contact requests"),
        path=reverse("admin:feedback_response_changelist") + "?contact=yes&evidence=counted",
    )


def _mentions(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    """Notes that still stand and still mention this person."""
    found = Note.objects.filter(scope.rows("comment__team", own=f"comment__{OWN}"), pk__in=_keys(rows, "note"))
    found = found.filter(removed_at=None, mentions=user)
    return _section(
        found.select_related("author", "comment__customer").order_by("-pk"),
        most=most,
        line=_note_line,
        words=ngettext_lazy("%d note mentions you", "%d notes mention you"),
    )


def _bursts(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    """Links of which answers still wait for a look because too many came at once."""
    since = {row.data["link"]: dt.datetime.fromisoformat(row.data["at"]) for row in rows}
    held = Q(evidence=Response.Evidence.HELD, held_for=Response.HeldFor.VELOCITY, review="")
    waiting = Response.objects.filter(held, scope.rows(), link__in=since).order_by().values("link")
    counts = dict(waiting.annotate(count=Count("pk")).values_list("link", "count"))
    return _section(
        Link.objects.filter(pk__in=counts).order_by("label", "pk"),
        most=most,
        line=lambda link: Line(
            about=str(link),
            text=ngettext("%d answer is held", "%d answers are held", counts[link.pk]) % counts[link.pk],
            at=since[link.pk],
            path=reverse("admin:surveys_link_change", args=[link.pk]),
        ),
        words=ngettext_lazy("%d link with a burst of answers", "%d links with a burst of answers"),
        path=reverse("admin:surveys_link_changelist"),
    )


def _note_line(note: Note) -> Line:
    about = _("%(person)s, on the comment of %(customer)s") % {
        "person": note.author,
        "customer": note.comment.customer or _("an anonymous customer"),
    }
    return Line(about=about, text=excerpt(note.text), at=note.at, path=_page(note.comment))


def _line(row: Comment | Response, *, text: str) -> Line:
    response = row.response if isinstance(row, Comment) else row
    parts = [
        str(row.customer) if row.customer else _("anonymous"),
        _score(response),
        row.team.name if row.team else "",
        row.get_channel_display() if row.channel else "",
    ]
    return Line(
        about=" · ".join(str(part) for part in parts if part),
        text=excerpt(text),
        at=row.said_at if isinstance(row, Comment) else row.changed_at,
        path=_page(row.comment or row if isinstance(row, Response) else row),
    )


def _score(response: Response | None) -> str:
    if response is None or response.score is None or response.scale not in SCALES:
        return ""
    return _("score %(score)d of %(highest)d") % {"score": response.score, "highest": SCALES[response.scale].high}


def _page(row: Comment | Response) -> str:
    return reverse(f"admin:feedback_{row._meta.model_name}_change", args=[row.pk])


def excerpt(text: str) -> str:
    """The beginning of a text on one line, personal data hidden: a mail lies about for years."""
    cut = len(text) if len(text) <= LONGEST else text.rfind(" ", LONGEST - 40, LONGEST)
    end = cut if cut > 0 else LONGEST
    return " ".join(masked(text, end=end).split()) + ("…" if end < len(text) else "")


def _to_leaders(pace: str) -> Callable[[Scope], str]:
    """A default for whoever manages a team; others hear of such things when they choose to."""
    return lambda scope: pace if notices.leads(scope) else Pace.NEVER


MENTION = notices.register(
    Kind(
        name="mention",
        title=gettext_lazy("A note mentions me"),
        explains=gettext_lazy("A colleague wrote @ and your name in a private note on a comment."),
        default=lambda scope: Pace.IMMEDIATE,
        section=_mentions,
    )
)
CONTACT = notices.register(
    Kind(
        name="contact_request",
        title=gettext_lazy("A customer asks to be contacted"),
        explains=gettext_lazy("Somebody ticked “contact me” with an answer that you may see."),
        default=_to_leaders(Pace.IMMEDIATE),
        section=_contacts,
    )
)
BURST = notices.register(
    Kind(
        name="burst",
        title=gettext_lazy("A burst of answers through a public link"),
        explains=gettext_lazy("Far more answers than usual came through one link within an hour, and are held."),
        default=_to_leaders(Pace.IMMEDIATE),
        section=_bursts,
    )
)
NEGATIVE = notices.register(
    Kind(
        name="negative_comment",
        title=gettext_lazy("A new negative comment"),
        explains=gettext_lazy("A comment that you may see was read as negative and nobody has dealt with it."),
        default=_to_leaders(Pace.DAILY),
        section=_negative,
    )
)
