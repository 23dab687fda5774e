"""From a yes to a planned invitation: when it is due, in which language, and its row."""

import datetime as dt

from ground.models import Organisation
from surveys import links
from surveys.models import Customer, Interaction, Invitation, SendingRule, SurveyVersion
from surveys.sampling import Lot


def due_at(interaction: Interaction, rule: SendingRule) -> dt.datetime:
    """When the rule wants this closing to be asked about."""
    ended = interaction.closed_at or interaction.updated_at
    return ended + dt.timedelta(minutes=rule.delay_minutes)


def invite(
    interaction: Interaction,
    customer: Customer,
    *,
    rule: SendingRule,
    version: SurveyVersion,
    due_at: dt.datetime,
    now: dt.datetime,
    lot: Lot,
    is_postponed: bool = False,
) -> Invitation:
    """Plan it: the row waits in the queue until `due_at`."""
    invitation = Invitation(
        survey=rule.survey,
        version=version,
        interaction=interaction,
        closing=interaction.closings,
        rule=rule,
        customer=customer,
        team_id=interaction.team_id,
        agent_id=interaction.agent_id,
        channel=interaction.channel,
        reason=interaction.reason,
        language=choose_language(customer.language, version),
        state=Invitation.State.POSTPONED if is_postponed else Invitation.State.PLANNED,
        cell=lot.cell,
        weight=lot.weight,
        created_at=now,
        due_at=due_at,
        expires_at=due_at + dt.timedelta(days=rule.survey.link_days),
    )
    links.stamp(invitation)
    invitation.save()
    return invitation


def choose_language(wanted: str, version: SurveyVersion) -> str:
    """The customer's language when the survey has it, else the organisation's, else the survey's first."""
    offered = version.languages()
    for language in (wanted, wanted.split("-")[0]):
        if language in offered:
            return language
    fallback = Organisation.current().language
    return fallback if fallback in offered else offered[0]
