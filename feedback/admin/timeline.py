"""What else is known of one customer: answers with their scores, contacts, reviews; the newest first."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.admin.marks import Segment, segments
from feedback.admin.rows import Badge, badge, origin_name
from feedback.filters import OWN
from feedback.models import Comment, Response
from ground.access import Scope
from surveys.models import Customer, Interaction

MOST, LENGTH = 10, 160


@dataclass(frozen=True)
class Moment:
    """One thing the customer said or came with; `badge` is None for a contact, `link` empty for the row at hand."""

    at: dt.datetime
    about: str
    link: str
    badge: Badge | None = None
    text: list[Segment] = field(default_factory=list)
    is_excluded: bool = False


def of_customer(customer: Customer, *, scope: Scope, at_hand: Model) -> list[Moment]:
    """The newest moments within the reader's scope; the row at hand is among them when it is new enough."""
    covered = scope.rows(own=OWN)
    answers = Response.objects.filter(covered, customer=customer).select_related("survey").prefetch_related("comments")
    texts = Comment.objects.filter(covered, customer=customer, response=None)
    contacts = Interaction.objects.filter(covered, customer=customer)
    found = [
        *(_answer(row, at_hand) for row in answers.order_by("-answered_at", "-pk")[:MOST]),
        *(_text(row, at_hand) for row in texts.order_by("-said_at", "-pk")[:MOST]),
        *(_contact(row) for row in contacts.order_by("-created_at", "-pk")[:MOST]),
    ]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:MOST]


def _answer(response: Response, at_hand: Model) -> Moment:
    comment = response.comment
    row = comment or response
    return Moment(
        at=response.answered_at,
        about=response.survey.name,
        link="" if at_hand in (response, comment) else _page(row),
        badge=badge(score=response.score, scale=response.scale),
        text=segments(comment.text, [], limit=LENGTH) if comment else [],
        is_excluded=response.is_excluded,
    )


def _text(comment: Comment, at_hand: Model) -> Moment:
    return Moment(
        at=comment.said_at,
        about=str(origin_name(comment)),
        link="" if at_hand == comment else _page(comment),
        badge=badge(score=None, scale="", stars=comment.stars),
        text=segments(comment.text, [], limit=LENGTH),
    )


def _contact(interaction: Interaction) -> Moment:
    about: list[Any] = [_("Contact: %s") % interaction.get_channel_display(), interaction.reason]
    return Moment(
        at=interaction.created_at, about=" · ".join(str(part) for part in about if part), link=_page(interaction)
    )


def _page(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
