"""From a public link to an invitation: the first answer makes it, and a report of its interaction matches it.

A help desk's number that nobody has reported yet stands as an interaction of an unknown customer, older than any
report: the first one fills it in, and `take_over` carries what it says to the invitation.
"""

import datetime as dt
from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone

from surveys import links, nobody
from surveys.models import Customer, Interaction, Invitation, Link, SurveyVersion
from surveys.public_links import Place

# The source's own clock of an interaction that only a link has named.
UNREPORTED = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def drafted(place: Place, version: SurveyVersion, *, language: str) -> Invitation:
    """The invitation that a first answer would make, not stored."""
    link, now = place.link, timezone.now()
    return Invitation(
        survey=link.survey,
        version=version,
        closing=1,
        team_id=link.team_id,
        agent_id=link.agent_id,
        channel=link.channel,
        language=language,
        state=Invitation.State.SENT,
        created_at=now,
        due_at=now,
        expires_at=now + dt.timedelta(days=link.survey.link_days),
        sent_through="link",
        link=link,
        is_matched=link.kind != Link.Kind.TEMPLATE or not link.source,
    )


def find(place: Place, number: str) -> Invitation | None:
    """The invitation of this number, made by the link or sent by a rule before; `number` names a QR code's answer."""
    known = Interaction.objects.filter(source=source_of(place.link), external_id=number).first()
    return _asked(known, place.link) if known else None


def _asked(interaction: Interaction, link: Link) -> Invitation | None:
    asked = interaction.invitations.select_related("survey", "version").filter(survey=link.survey_id)
    return asked.filter(closing=max(interaction.closings, 1)).first()


def invite(place: Place, number: str, version: SurveyVersion, *, language: str) -> Invitation:
    """The invitation of this number, made now when there is none; called in the transaction of its first answer."""
    try:
        with transaction.atomic():
            return _invite(place, number, version, language=language)
    except IntegrityError:
        return _invite(place, number, version, language=language)  # a parallel twin was faster


def _invite(place: Place, number: str, version: SurveyVersion, *, language: str) -> Invitation:
    source = source_of(place.link)
    interaction = Interaction.objects.filter(source=source, external_id=number).first()
    if interaction is None:
        interaction = _stand_in(place, number, source=source)
    asked = _asked(interaction, place.link)
    if asked is not None:
        return asked
    invitation = drafted(place, version, language=language)
    invitation.interaction = interaction
    invitation.closing = max(interaction.closings, 1)
    invitation.customer_id = interaction.customer_id
    if interaction.updated_at > UNREPORTED:
        _copy(invitation, interaction)
    links.stamp(invitation)
    invitation.save(force_insert=True)
    return invitation


def source_of(link: Link) -> str:
    """The source under which what the link names is kept."""
    return link.source or f"{Interaction.BY_LINK}{link.public_key}"


def visit(place: Place, number: str, version: SurveyVersion, *, language: str) -> Invitation:
    """The invitation of a known customer who is on the web site: the last one while it is fresh, else the next."""
    known = find(place, number)
    if known is None or known.created_at > timezone.now() - dt.timedelta(days=1):
        return invite(place, number, version, language=language)
    Interaction.objects.filter(pk=known.interaction_id, closings__lte=known.closing).update(closings=known.closing + 1)
    return invite(place, number, version, language=language)


def _stand_in(place: Place, number: str, *, source: str) -> Interaction:
    link = place.link
    named = Customer.objects.get_or_create(external_id=place.customer)[0] if place.customer else None
    return Interaction.objects.create(
        source=source,
        external_id=number,
        updated_at=UNREPORTED,
        customer=named or Customer.objects.create(),
        team_id=link.team_id,
        agent_id=link.agent_id,
        channel=link.channel,
        created_at=timezone.now(),
    )


def reported() -> QuerySet[Invitation]:
    """Invitations whose interaction has been reported since the link named it."""
    return Invitation.objects.filter(is_matched=False, interaction__updated_at__gt=UNREPORTED)


def take_over(pk: int) -> Invitation | None:
    """Give an invitation the team, agent and customer of its interaction; None when that was done before.

    Called in the transaction that carries them to the answer as well.
    """
    rows = reported().select_related("interaction", "survey", "version").select_for_update(of=("self",))
    invitation = rows.filter(pk=pk).first()
    if invitation is None:
        return None
    _copy(invitation, invitation.interaction)
    invitation.save(update_fields=["team", "agent", "customer", "channel", "reason", "is_matched"])
    return invitation


def _copy(invitation: Invitation, interaction: Interaction) -> None:
    """What the report says; where it names no team or agent, the link's stay."""
    invitation.team_id = interaction.team_id or invitation.team_id
    invitation.agent_id = interaction.agent_id or invitation.agent_id
    invitation.customer_id = interaction.customer_id
    invitation.channel, invitation.reason = interaction.channel, interaction.reason
    invitation.is_matched = True


def forget_nobody(customer_id: int) -> None:
    """Delete a customer of whom nothing is known and to whom nothing belongs any more, in the rooms above either."""
    unknown = Customer.objects.filter(pk=customer_id, **nobody.UNKNOWN)
    with suppress(ProtectedError):
        unknown.filter(interactions=None, invitations=None).delete()
