"""What the database knows that deciding needs: the facts of one interaction, gathered in few statements."""

import datetime as dt

from django.db.models import Q
from django.db.models.functions import Coalesce

from surveys import suppression
from surveys.eligibility import Asked, Facts
from surveys.models import Customer, Interaction, Invitation, Survey

State = Invitation.State


def gather(
    interaction: Interaction,
    customer: Customer,
    survey: Survey,
    *,
    closing: int,
    now: dt.datetime,
    once: bool = False,
    own: Invitation | None = None,
) -> Facts:
    """The facts for asking this customer at `now`; `own` is the planned invitation that is decided again.

    `once`: an interaction is asked about once, however often it was closed.
    """
    entry = suppression.is_suppressed(customer.email, survey) if customer.email else None
    asked = interaction.invitations.filter(survey=survey)
    asked = asked if once else asked.filter(closing=closing)
    return Facts(
        now=now,
        survey_id=survey.pk,
        rest_after_answer=dt.timedelta(days=survey.rest_after_answer_days),
        rest_after_silence=dt.timedelta(days=survey.rest_after_silence_days),
        gap=dt.timedelta(days=survey.gap_days),
        has_address=bool(customer.email),
        is_own_staff=customer.is_staff,
        no_consent=customer.no_consent,
        suppressed=entry.reason if entry else None,
        is_finished=closing > 0,
        is_abandoned=interaction.is_abandoned,
        asked_about_closing=(asked.exclude(pk=own.pk) if own else asked).exists(),
        history=_history(customer, survey, now=now, own=own),
    )


def _history(customer: Customer, survey: Survey, *, now: dt.datetime, own: Invitation | None) -> tuple[Asked, ...]:
    earlier = customer.invitations.exclude(state__in=[State.REFUSED, State.CANCELLED, State.FAILED])
    if own:
        # At the moment of sending only what came before counts: two planned at once must not refuse each other.
        earlier = earlier.filter(pk__lt=own.pk)
    since = now - dt.timedelta(days=max(survey.rest_after_answer_days, survey.rest_after_silence_days, survey.gap_days))
    return tuple(
        Asked(survey_id=survey_id, at=at, answered_at=answered_at)
        for survey_id, at, answered_at in earlier.filter(Q(due_at__gte=since) | Q(answered_at__gte=since)).values_list(
            "survey_id", Coalesce("sent_at", "due_at"), "answered_at"
        )
    )
