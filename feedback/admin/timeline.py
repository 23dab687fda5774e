"""What is known of one customer: contacts, what was asked or not asked, answers and reviews; the newest first."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils.translation import gettext as _

from feedback.admin.marks import Segment, segments
from feedback.admin.rows import Badge, badge, origin_name
from feedback.customers import of_customers
from feedback.models import Comment, Response
from ground.access import Scope
from surveys.admin.telling import refusal
from surveys.models import Customer, Decision, Interaction, Invitation

MOST, LENGTH = 10, 160
CAME, ASKED, REFUSED = "⇄", "✉", "⊘"


@dataclass(frozen=True)
class Moment:
    """One thing the customer said or came with, or that we asked; `link` is empty for the row at hand.

    `badge` is None where no score could be, and `sign` then says what it is; `note` is what became of it.
    """

    at: dt.datetime
    about: str
    link: str
    badge: Badge | None = None
    sign: str = ""
    text: list[Segment] = field(default_factory=list)
    note: str = ""
    is_excluded: bool = False


def newest(customer: Customer, *, scope: Scope, at_hand: Model) -> list[Moment]:
    """What the customer last did, within the reader's scope; the row at hand is among it when it is new enough."""
    return _latest(_said(customer, scope, at_hand=at_hand, most=MOST), MOST)


def of_customer(customer: Customer, *, scope: Scope, most: int = MOST) -> list[Moment]:
    """The newest moments within the reader's scope, asking included; one more than `most` when there are more."""
    said = _said(customer, scope, at_hand=None, most=most + 1)
    return _latest([*said, *_asking(customer, scope, most=most + 1)], most + 1)


def _latest(found: Iterable[Moment], most: int) -> list[Moment]:
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:most]


def _said(customer: Customer, scope: Scope, *, at_hand: Model | None, most: int) -> Iterator[Moment]:
    """What the customer came with and said."""
    who = [customer.pk]
    answers = of_customers(Response, who, scope=scope).select_related("survey").prefetch_related("comments")
    texts = of_customers(Comment, who, scope=scope).filter(response=None)
    contacts = of_customers(Interaction, who, scope=scope)
    yield from (_answer(row, at_hand) for row in answers.order_by("-answered_at", "-pk")[:most])
    yield from (_text(row, at_hand) for row in texts.order_by("-said_at", "-pk")[:most])
    yield from (_contact(row) for row in contacts.order_by("-created_at", "-pk")[:most])


def _asking(customer: Customer, scope: Scope, *, most: int) -> Iterable[Moment]:
    """What went out to the customer, and about what nothing did."""
    asked: QuerySet[Any] = of_customers(Invitation, [customer.pk], scope=scope).filter(is_test=False)
    asked = asked.select_related("survey").annotate(left_at=Coalesce("sent_at", Greatest("due_at", "created_at")))
    yield from (_asked(row) for row in asked.order_by("-left_at", "-pk")[:most])
    contacts = of_customers(Interaction, [customer.pk], scope=scope).order_by().values("pk")
    refused = Decision.objects.filter(interaction__in=contacts, outcome=Decision.Outcome.REFUSE)
    yield from (_refused(row) for row in refused.order_by("-decided_at", "-pk")[:most])


def _answer(response: Response, at_hand: Model | None) -> Moment:
    comment = response.comment
    row = comment or response
    counts = response.evidence in Response.COUNTED
    return Moment(
        at=response.answered_at,
        about=response.survey.name,
        link="" if at_hand in (response, comment) and at_hand is not None else _page(row),
        badge=badge(score=response.score, scale=response.scale),
        text=segments(comment.text, [], limit=LENGTH) if comment else [],
        note="" if counts else response.get_evidence_display(),
        is_excluded=response.is_excluded,
    )


def _text(comment: Comment, at_hand: Model | None) -> Moment:
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
        at=interaction.created_at,
        about=" · ".join(str(part) for part in about if part),
        link=_page(interaction),
        sign=CAME,
        note=_("complaint") if interaction.is_complaint else "",
    )


def _asked(invitation: Any) -> Moment:
    return Moment(
        at=invitation.left_at,
        about=_("Asked: %s") % invitation.survey.name,
        link=_page(invitation),
        sign=ASKED,
        note=invitation.get_state_display(),
    )


def _refused(decision: Decision) -> Moment:
    return Moment(at=decision.decided_at, about=_("Not asked: %s") % refusal(decision), link=_page(decision),
                  sign=REFUSED)  # fmt: skip


def _page(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
