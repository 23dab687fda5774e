"""From a yes to a planned invitation: when it is due, in which language, and its row."""

import datetime as dt
from collections.abc import Sequence

from ground.working_time import Hours, add_working_time
from surveys import links
from surveys.attempts import FREE
from surveys.events import Happening
from surveys.facts import Circumstances
from surveys.models import Customer, Interaction, Invitation, SendingRule, SurveyVersion
from surveys.sampling import Lot


def due_at(happened: Happening, rule: SendingRule, hours: Hours) -> dt.datetime:
    """When the rule wants to ask about what happened; `hours` are those in which the team works."""
    if rule.is_scheduled:
        return happened.at
    if rule.delay_in_working_hours:
        return add_working_time(hours, happened.at, rule.delay_minutes * 60)
    return happened.at + dt.timedelta(minutes=rule.delay_minutes)


def build(
    interaction: Interaction,
    customer: Customer,
    *,
    rule: SendingRule,
    version: SurveyVersion,
    closing: int,
    due_at: dt.datetime,
    now: dt.datetime,
    lot: Lot,
    is_postponed: bool,
    around: Circumstances,
) -> Invitation:
    """The unsaved invitation; stored, it waits in the queue until `due_at`."""
    invitation = Invitation(
        survey=rule.survey,
        version=version,
        interaction=interaction,
        closing=closing,
        rule=rule,
        customer=customer,
        team_id=interaction.team_id,
        agent_id=interaction.agent_id,
        channel=interaction.channel,
        reason=interaction.reason,
        language=choose_language(customer.language, version, before=rule.languages, around=around),
        state=Invitation.State.POSTPONED if is_postponed else Invitation.State.PLANNED,
        cell=lot.cell,
        weight=lot.weight,
        created_at=now,
        due_at=due_at,
        expires_at=due_at + dt.timedelta(days=rule.survey.link_days),
    )
    links.stamp(invitation)
    return invitation


def hand_on(interaction: Interaction) -> None:
    """What waits to ask about a contact that turns out to be another customer's asks that one, in their language."""
    waiting = Invitation.objects.filter(interaction=interaction, state__in=Invitation.WAITING)
    for invitation in waiting.select_related("version", "rule"):
        before = invitation.rule.languages if invitation.rule else ()
        language = choose_language(interaction.customer.language, invitation.version, before=before)
        waiting.filter(pk=invitation.pk).update(customer=interaction.customer, language=language, **FREE)


def choose_language(
    wanted: str, version: SurveyVersion, *, before: Sequence[str] = (), around: Circumstances | None = None
) -> str:
    """The customer's language when the survey has it, else the first it has of those that go `before` the others.

    Then the organisation's, then the survey's own first.
    """
    offered = version.languages()
    for language in (wanted, wanted.split("-")[0], *before):
        if language in offered:
            return language
    fallback = (around or Circumstances()).organisation.language
    return fallback if fallback in offered else offered[0]
