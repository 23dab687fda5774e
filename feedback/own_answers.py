"""What a customer's own page tells: the answers said back, the mails, the statements; in the customer's words."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import dateformat, timezone, translation

from feedback import answered
from feedback.models import Response
from ground import public
from ground.models import Organisation
from ground.text import is_key
from surveys.models import Customer, Invitation, Message, Question, Suppression, Survey, SurveyVersion

MOST = 100


@dataclass(frozen=True)
class Said:
    """One answer: what was asked, when, the values with their questions, the texts, and whether it can be changed."""

    key: int
    title: str
    day: str
    values: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    may_change: bool
    until: str


def answers(customer: Customer, organisation: Organisation, language: str) -> list[Said]:
    """The customer's answers, the newest first; links that were merely opened are none."""
    rows = Response.objects.filter(customer=customer).exclude(evidence=Response.Evidence.UNVERIFIED)
    rows = rows.select_related("survey", "version").order_by("-answered_at", "-pk")
    rows = rows.prefetch_related("answers__question", "comments__question", "version__questions")[:MOST]
    with translation.override(public.page_language(language)):
        return [_said(row, organisation, language) for row in rows]


def _said(row: Response, organisation: Organisation, language: str) -> Said:
    until = row.answered_at + dt.timedelta(days=row.survey.edit_days)
    return Said(
        key=row.pk,
        title=title_of(row.version, language) or row.survey.name,
        day=day(row.answered_at, organisation, language),
        values=_values(row, language),
        texts=[(text.question.text(language) if text.question else "", text.text) for text in row.comments.all()],
        may_change=row.invitation_id is not None and timezone.now() <= until,
        until=day(until, organisation, language),
    )


def title_of(version: SurveyVersion | None, language: str) -> str:
    """A survey as its customers know it: by its first question."""
    question = version.score_question() if version else None
    return question.text(language) if question else ""


def _values(row: Response, language: str) -> list[tuple[str, str]]:
    """Each question that has an answer with it, in words."""
    given: dict[Question, dict[str, int]] = {}
    first = row.version.score_question()
    if first is not None and row.score is not None:
        given[first] = {"": row.score}
    for answer in row.answers.all():
        given.setdefault(answer.question, {})[answer.item] = answer.value or 0
    in_order = sorted(given.items(), key=lambda pair: pair[0].position)
    return [
        (question.text(language), answered.words(question, values, language) or "✓") for question, values in in_order
    ]


def invitation_of(customer: Customer, key: str) -> Invitation | None:
    """The invitation behind the customer's own answer of this key."""
    if not is_key(key):
        return None
    answered = Response.objects.filter(customer=customer, pk=int(key)).values("invitation")
    return Invitation.objects.select_related("survey", "version").filter(pk__in=answered).first()


def mails(customer: Customer, organisation: Organisation, language: str) -> list[dict[str, Any]]:
    """What was sent to the customer, the newest first."""
    left = [Message.State.ACCEPTED, Message.State.DELIVERED, Message.State.BOUNCED, Message.State.UNCERTAIN]
    sent = Message.objects.filter(invitation__customer=customer, state__in=left)
    sent = sent.select_related("invitation__version").prefetch_related("invitation__version__questions")
    with translation.override(public.interface_language(language)):
        return [
            {
                "day": day(mail.handed_over_at or mail.created_at, organisation, language),
                "kind": str(mail.get_kind_display()),
                "title": title_of(mail.invitation.version, language),
            }
            for mail in sent.order_by("-pk")[:MOST]
        ]


def statements(customer: Customer, organisation: Organisation, language: str) -> list[dict[str, Any]]:
    """What the customer agreed to and took back, with the words that were shown."""
    with translation.override(public.interface_language(language)):
        return [
            {"day": day(row.at, organisation, language), "act": str(row.get_act_display()), "text": row.text}
            for row in customer.consents.all()[:MOST]
        ]


def surveys(customer: Customer, language: str, *, stopped: Iterable[Suppression]) -> list[dict[str, str]]:
    """The surveys that ask the customer and are not stopped, as (code, title)."""
    ended = {entry.survey_id for entry in stopped}
    found = Survey.objects.filter(invitations__customer=customer, is_archived=False).distinct().order_by("pk")
    left = [survey for survey in found if survey.pk not in ended]
    return [{"code": each.code, "title": title_of(each.published, language) or each.name} for each in left]


def day(at: dt.datetime, organisation: Organisation, language: str) -> str:
    """A day with its year on the organisation's calendar."""
    with translation.override(public.page_language(language)):
        return dateformat.format(at.astimezone(organisation.timezone), "j\u00a0E Y")


def moment(at: dt.datetime, organisation: Organisation, language: str) -> str:
    """A day and time on the organisation's clock."""
    with translation.override(public.page_language(language)):
        return dateformat.format(at.astimezone(organisation.timezone), "j\u00a0E, H:i")
