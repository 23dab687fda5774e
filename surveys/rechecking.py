"""Deciding once more about what is planned, at the moment of sending: what has happened since then counts too."""

import datetime as dt
from collections.abc import Sequence

from surveys import daily, deciding, eligibility, facts
from surveys.eligibility import Facts, Verdict
from surveys.facts import Case, Circumstances
from surveys.models import Invitation
from surveys.sampling import Lot


def look_again(
    invitations: Sequence[Invitation],
    *,
    now: dt.datetime,
    for_reminder: bool = False,
    around: Circumstances | None = None,
) -> list[Verdict]:
    """The verdict on each at this moment; one that differs from the last decision is stored as another one.

    Called inside the transaction that holds the customers' rows, each set as its invitation's `customer`. A verdict
    with a reason refuses; one with `postponed` names another `due_at`. The caller changes the invitations.
    """
    cases = [
        Case(one.interaction, one.customer, one.survey, one.closing, now, rule=one.rule, own=one) for one in invitations
    ]
    verdicts = []
    for invitation, known in zip(invitations, facts.gather_many(cases, around=around), strict=True):
        verdict = _verdict(invitation, known, for_reminder=for_reminder)
        if not for_reminder:
            _store_if_new(invitation, verdict, now=now)
        verdicts.append(verdict)
    return verdicts


def _verdict(invitation: Invitation, known: Facts, *, for_reminder: bool) -> Verdict:
    if invitation.survey.is_closed():
        return Verdict(reason="survey_closed", trace=(("still_timely", False),))
    if for_reminder:
        return eligibility.decide(known, for_reminder=True)
    return daily.decide(known, invitation.rule, held=invitation.leaves_at)


def _store_if_new(invitation: Invitation, verdict: Verdict, *, now: dt.datetime) -> None:
    """What is planned may be sent: only a refusal or another time is news."""
    if verdict.reason or verdict.postponed:
        deciding.store(
            invitation.interaction, rule=invitation.rule, verdict=verdict, again=invitation, now=now,
            due_at=verdict.due_at, lot=Lot(cell=invitation.cell, weight=invitation.weight),
        )  # fmt: skip
