"""Answers whose time is over lose their words and their customer, and keep what is counted: score, team, agent, day.

The invitation moves to a customer without a name and to a contact that has nothing of the real one but how it was
served; both are of this answer alone. Their moments move to the beginning of the day, all by the same span, so that no
time leads back to the contact as the CRM knows it.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from feedback import erased, later
from feedback.anonymous import day_of
from feedback.models import Comment, Response, Revision, Sealed, Touch
from ground.models import Change
from surveys import links, nobody
from surveys.models import Interaction, Invitation, Message, Survey

BUNCH = 50
TURN_SECONDS = 0.5
MOMENTS = ("created_at", "due_at", "sent_at", "expires_at", "answered_at")
_reached: dict[int, dict[str, int]] = {}


@dataclass(frozen=True)
class Walk:
    """How far a survey's rows were walked, by key, so that no bunch passes over all that is finished; and which have
    nothing more."""

    reached: dict[str, int]
    over: set[str] = field(default_factory=set)


def due(*, limit: int) -> list[int]:
    """Surveys with answers whose time is over: looked at once a day, after midnight of the organisation."""
    today = day_of(timezone.now())
    kept = Survey.objects.filter(retention_days__isnull=False)
    return [
        survey.pk
        for survey in kept.only("retention_days", "forgotten_until")[:limit]
        if survey.forgotten_until is None or survey.forgotten_until < _until(survey, today)
    ]


def _until(survey: Survey, today: dt.datetime) -> dt.datetime:
    return today - dt.timedelta(days=survey.retention_days or 0)


def forget(keys: Iterable[int]) -> int:
    """Take words and customers from the answers of these surveys whose time is over; returns how many were left.

    Stops after half a second, to be rung again: each bunch is a transaction of its own, and safe to be done twice.
    """
    done, began = 0, timezone.now()
    for survey in Survey.objects.filter(pk__in=list(keys), retention_days__isnull=False):
        until = _until(survey, day_of(timezone.now()))
        walk = Walk(_reached.setdefault(survey.pk, {}))
        while True:
            count = _forget_invitations(survey, until, walk) or _forget_lone(survey, until, walk)
            done += count
            if not count:
                _reached.pop(survey.pk, None)
                Survey.objects.filter(pk=survey.pk).update(forgotten_until=until)
                break
            if timezone.now() - began > dt.timedelta(seconds=TURN_SECONDS):
                return done
    return done


def _within(survey: Survey, until: dt.datetime, column: str) -> Q:
    """Moments before the end; what came late since the last time is looked at, too."""
    since = survey.forgotten_until - dt.timedelta(days=2) if survey.forgotten_until else None
    condition = Q(**{f"{column}__lt": until})
    return condition & Q(**{f"{column}__gte": since}) if since else condition


def _next(rows: QuerySet[Any], walk: Walk, name: str) -> list[int]:
    """The keys of the next bunch; behind the last one once more from the beginning, for what came in meanwhile."""
    if name in walk.over:
        return []
    after = walk.reached.pop(name, 0)
    keys = rows.order_by("pk").values_list("pk", flat=True)
    found = list(keys.filter(pk__gt=after)[:BUNCH]) or (list(keys[:BUNCH]) if after else [])
    if found:
        walk.reached[name] = found[-1]
    else:
        walk.over.add(name)
    return found


@transaction.atomic
def _forget_invitations(survey: Survey, until: dt.datetime, walk: Walk) -> int:
    sent = _within(survey, until, "sent_at")
    # What came through a link is as old as its answer; of one that is held the invitation knows no moment.
    answers = Response.objects.filter(_within(survey, until, "answered_at"), survey=survey)
    through_links = Q(sent_at=None, pk__in=answers.exclude(invitation=None).values("invitation"))
    rows = Invitation.objects.filter(survey=survey).filter(sent | through_links)
    rows = rows.exclude(interaction__source=nobody.SOURCE)
    keys = _next(rows, walk, "invitation")
    own = rows.filter(pk__in=keys).select_related("interaction", "customer")
    for invitation in own.select_for_update(of=("self",)).order_by("pk"):
        _forget(invitation)
    return len(keys)


def _forget(invitation: Invitation) -> None:
    theirs = Response.objects.filter(invitation=invitation)
    _leave(theirs)
    texts = Comment.objects.filter(response__in=theirs)
    erased.erase_texts(texts.values_list("pk", flat=True))
    contact = nobody.instead_of(invitation.interaction, begins=day_of(invitation.interaction.created_at))
    _strip(theirs)
    theirs.update(customer=contact.customer)
    texts.update(customer=contact.customer, interaction=contact)
    Touch.objects.filter(invitation=invitation).update(prefix_hash="", agent_hash="")
    _to_the_day(Touch.objects.filter(invitation=invitation), "at")
    mails = Message.objects.filter(invitation=invitation)
    mails.update(address="", message_id="", provider_id="", error="")
    _to_the_day(mails, "created_at", "handed_over_at", "reported_at")
    _move(invitation, contact)


def _move(invitation: Invitation, contact: Interaction) -> None:
    """To the contact of nobody; its links are dead."""
    invitation.interaction, invitation.customer = contact, contact.customer
    for name in MOMENTS:
        if at := getattr(invitation, name):
            setattr(invitation, name, day_of(at))
    invitation.next_reminder_at = invitation.thanks_due_at = None
    invitation.error = ""
    invitation.public_id = uuid.uuid4()
    links.stamp(invitation)
    changed = ("interaction", "customer", "next_reminder_at", "thanks_due_at", "error", "public_id")
    invitation.save(update_fields=[*changed, *MOMENTS, *links.HASH_FIELDS.values()])


@transaction.atomic
def _forget_lone(survey: Survey, until: dt.datetime, walk: Walk) -> int:
    """Answers that no invitation brought, of surveys that ask with names: anonymous ones have their words alone."""
    rows = Response.objects.filter(_within(survey, until, "answered_at"), survey=survey, invitation=None)
    worded = Comment.objects.filter(response__in=rows).exclude(erased.ERASED)
    texts = _next(worded, walk, "comment")
    erased.erase_texts(texts)
    # Words that still wait for those of others never come out: they would do so after their time.
    sealed, _each = Sealed.objects.filter(response__survey=survey, response__answered_at__lt=until).delete()
    named = rows.exclude(device="", edit_key_hash="", customer=None)
    keys = _next(named, walk, "response")
    lone = Response.objects.filter(pk__in=keys)
    _leave(lone)
    _strip(lone)
    lone.update(customer=None)
    Comment.objects.filter(response__in=keys).update(customer=None, interaction=None)
    return len(texts) + len(keys) + sealed


def _leave(responses: QuerySet[Response]) -> None:
    """They are nobody's repeats any more, and nobody's later answers are theirs."""
    earlier = Response.objects.filter(customer=OuterRef("customer"), answered_at__lte=OuterRef("answered_at"))
    rows = responses.filter(customer__isnull=False).only("customer", "answered_at")
    told = list(rows.annotate(is_repeat=Exists(earlier.exclude(pk=OuterRef("pk")))))
    Change.mark(later.SCOPE, *(row.answered_at for row in told if row.is_repeat))
    later.mark_of(told)


def _strip(responses: QuerySet[Response]) -> None:
    """What tells of a device, a network, an hour."""
    revisions = Revision.objects.filter(response__in=responses)
    revisions.update(text="", texts={}, prefix_hash="", agent_hash="", page_served_at=None)
    _to_the_day(revisions, "at")
    _to_the_day(Comment.objects.filter(response__in=responses), "said_at", "received_at")
    responses.update(device="", edit_key_hash="")
    responses.filter(contact_noticed_at=None).update(contact_noticed_at=timezone.now())  # it is too late for that
    _to_the_day(responses, "answered_at", "changed_at")


def _to_the_day(rows: QuerySet[Any], *columns: str) -> None:
    for row in rows.only(*columns):
        moments = {name: day_of(at) for name in columns if (at := getattr(row, name))}
        rows.model._default_manager.filter(pk=row.pk).update(**moments)
