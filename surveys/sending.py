"""From an interaction to a mail: `consider` decides and plans, `send` hands over, `sweep` names what is uncertain.

At most once: a row says "sending" before the mail server hears of it. When the worker dies after that, nobody knows
whether the mail left, so it is called uncertain, shown, and not sent again.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ground import rowqueue
from ground.access import EVERYTHING, Scope
from ground.models import Organisation
from ground.rowqueue import Claim
from surveys import channels, eligibility, interactions, links, suppression
from surveys.eligibility import Asked, Facts, Verdict
from surveys.models import Customer, Decision, Interaction, Invitation, Message, SendingRule, Survey, SurveyVersion

State = Invitation.State
RETRY_FOR = dt.timedelta(hours=72)
LONGEST_PAUSE = dt.timedelta(hours=6)


@dataclass(frozen=True)
class Received:
    """What became of a report and, when the interaction is closed, what was decided about asking."""

    interaction: Interaction
    outcome: str
    decision: Decision | None


@transaction.atomic
def receive(
    report: interactions.Report,
    *,
    writer: Scope = EVERYTHING,
    rules: "Rules | None" = None,
    now: dt.datetime | None = None,
) -> Received:
    """Take an interaction in and decide about asking, both or neither. Raises interactions.Refused."""
    taken = interactions.take(report, writer=writer)
    decision = consider(taken.interaction, rules=rules, now=now)
    return Received(interaction=taken.interaction, outcome=taken.outcome, decision=decision)


# --- deciding ----------------------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def consider(
    interaction: Interaction, *, rules: "Rules | None" = None, now: dt.datetime | None = None
) -> Decision | None:
    """Decide whether to ask about this closing and plan the invitation; None while the interaction is not closed.

    Called as often as one likes: a closing is decided once. Whoever brings many gives the `rules`, read once; `now`
    is another moment when history is told.
    """
    now = now or timezone.now()
    if not interaction.closings:
        return None
    customer = Customer.objects.select_for_update().get(pk=interaction.customer_id)
    known = interaction.decisions.filter(closing=interaction.closings).order_by("-ordinal").first()
    if known:
        return known
    rules = rules or active_rules()
    rule = winning_rule(interaction, rules)
    if rule is None:
        return _store(interaction, rule=None, verdict=Verdict(reason="no_rule", trace=(("rule", False),)), now=now)
    version = rules.published(rule.survey)
    if version is None or rule.survey.is_closed():
        verdict = Verdict(reason="not_published", trace=(("rule", False),))
        return _store(interaction, rule=rule, verdict=verdict, now=now)
    due_at = _due_at(interaction, rule)
    verdict = eligibility.decide(_facts(interaction, customer, rule.survey, now=due_at))
    if due_at + dt.timedelta(days=rule.survey.link_days) < now and verdict.may_ask:
        verdict = Verdict(reason="expired", trace=(*verdict.trace, ("still_timely", False)))
    decision = _store(interaction, rule=rule, verdict=verdict, due_at=due_at, now=now)
    if verdict.may_ask:
        decision.planned = _invite(interaction, customer, rule=rule, version=version, due_at=due_at, now=now)
    return decision


@dataclass(frozen=True)
class Rules:
    """The active sending rules, strongest first, each with its teams; a survey's version is looked up once."""

    entries: tuple[tuple[SendingRule, frozenset[int]], ...]
    versions: dict[int, SurveyVersion | None] = field(default_factory=dict)

    def published(self, survey: Survey) -> SurveyVersion | None:
        if survey.pk not in self.versions:
            self.versions[survey.pk] = survey.published
        return self.versions[survey.pk]


def active_rules() -> Rules:
    rules = SendingRule.objects.filter(is_active=True).select_related("survey").prefetch_related("teams")
    return Rules(entries=tuple((rule, frozenset(team.pk for team in rule.teams.all())) for rule in rules))


def winning_rule(interaction: Interaction, rules: Rules) -> SendingRule | None:
    """The first rule whose conditions fit."""
    for rule, team_ids in rules.entries:
        if eligibility.matches(
            channels=rule.channels,
            team_ids=team_ids,
            reasons=rule.reasons,
            channel=interaction.channel,
            team_id=interaction.team_id,
            reason=interaction.reason,
        ):
            return rule
    return None


def _due_at(interaction: Interaction, rule: SendingRule) -> dt.datetime:
    ended = interaction.closed_at or interaction.updated_at
    return ended + dt.timedelta(minutes=rule.delay_minutes)


def _facts(
    interaction: Interaction, customer: Customer, survey: Survey, *, now: dt.datetime, own: Invitation | None = None
) -> Facts:
    closing = own.closing if own else interaction.closings
    earlier = customer.invitations.exclude(state__in=[State.REFUSED, State.CANCELLED, State.FAILED])
    if own:
        # At the moment of sending only what came before counts: two planned at once must not refuse each other.
        earlier = earlier.filter(pk__lt=own.pk)
    since = now - dt.timedelta(days=max(survey.rest_after_answer_days, survey.rest_after_silence_days, survey.gap_days))
    history = tuple(
        Asked(survey_id=survey_id, at=at, answered_at=answered_at)
        for survey_id, at, answered_at in earlier.filter(Q(due_at__gte=since) | Q(answered_at__gte=since)).values_list(
            "survey_id", Coalesce("sent_at", "due_at"), "answered_at"
        )
    )
    entry = suppression.is_suppressed(customer.email, survey) if customer.email else None
    asked = interaction.invitations.filter(survey=survey, closing=closing)
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
        history=history,
    )


def _store(
    interaction: Interaction,
    *,
    rule: SendingRule | None,
    verdict: Verdict,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
    again: Invitation | None = None,
) -> Decision:
    """Keep the outcome; a recheck of a planned invitation adds a decision to those about its closing."""
    closing = again.closing if again else interaction.closings
    ordinal = 1 + interaction.decisions.filter(closing=closing).count() if again else 1
    return Decision.objects.create(
        interaction=interaction,
        closing=closing,
        ordinal=ordinal,
        rule=rule,
        rule_version=rule.version if rule else None,
        survey=rule.survey if rule else None,
        outcome=Decision.Outcome.SEND if verdict.may_ask else Decision.Outcome.REFUSE,
        reason=verdict.reason,
        due_at=due_at if verdict.may_ask else None,
        trace=[{"check": check, "passed": passed} for check, passed in verdict.trace],
        decided_at=now,
    )


def _invite(
    interaction: Interaction,
    customer: Customer,
    *,
    rule: SendingRule,
    version: SurveyVersion,
    due_at: dt.datetime,
    now: dt.datetime,
) -> Invitation:
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


# --- handing over ------------------------------------------------------------------------------------------------


def due() -> Any:
    """The queue: invitations whose time has come."""
    return Invitation.objects.filter(state__in=[State.PLANNED, State.POSTPONED], due_at__lte=timezone.now())


def send(ids: list[int]) -> int:
    """Send those of the invitations that are due and free; returns how many the mail server took."""
    return sum(_send_one(pk) for pk in ids)


def _send_one(pk: int) -> bool:
    claimed = rowqueue.claim(due(), ids=[pk], seconds=settings.EMAIL_TIMEOUT + settings.LEASE_SECONDS)
    if not claimed.ids:
        return False
    message = _begin(pk, claimed)
    if message is None:
        return False
    invitation = message.invitation
    try:
        channels.get(message.channel).send(invitation, message)
    except channels.NotSent as error:
        _not_sent(invitation, message, claimed, error)
        return False
    except channels.Unknown as error:
        _uncertain(invitation, message, claimed, str(error))
        return False
    record_accepted(message, at=timezone.now())
    return True


@transaction.atomic
def _begin(pk: int, claimed: Claim) -> Message | None:
    """Decide again under the lock and say "sending" for all to see; None when the answer is no."""
    invitation = Invitation.objects.select_related("survey", "version", "interaction").get(pk=pk)
    customer = Customer.objects.select_for_update().get(pk=invitation.customer_id)
    ours = rowqueue.owned(Invitation, claimed)
    if invitation.answer_state != Invitation.AnswerState.NONE:  # the uncertain mail before this one did arrive
        ours.update(state=State.SENT, sent_at=invitation.due_at, error="", lease="", leased_until=None)
        return None
    facts = _facts(invitation.interaction, customer, invitation.survey, now=timezone.now(), own=invitation)
    verdict = eligibility.decide(facts)
    if not invitation.is_open() and verdict.may_ask:
        reason = "survey_closed" if invitation.survey.is_closed() else "expired"
        verdict = Verdict(reason=reason, trace=(*verdict.trace, ("still_timely", False)))
    if not verdict.may_ask:
        state = State.EXPIRED if verdict.reason == "expired" else State.REFUSED
        if ours.update(state=state, error=verdict.reason, lease="", leased_until=None):
            _store(invitation.interaction, rule=invitation.rule, verdict=verdict, again=invitation, now=timezone.now())
        return None
    if not ours.update(state=State.SENDING):
        return None
    return Message.objects.create(
        invitation=invitation,
        channel="email",
        address=customer.email,
        message_id=channels.message_id(invitation),
        state=Message.State.SENDING,
        handed_over_at=timezone.now(),
    )


@transaction.atomic
def record_accepted(message: Message, *, at: dt.datetime) -> None:
    """The mail server took it at that moment. What a sweep called uncertain meanwhile becomes certain again."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.ACCEPTED)
    Invitation.objects.filter(pk=message.invitation_id).update(
        state=State.SENT,
        sent_at=at,
        expires_at=at + dt.timedelta(days=message.invitation.survey.link_days),
        error="",
        lease="",
        leased_until=None,
    )


@transaction.atomic
def _not_sent(invitation: Invitation, message: Message, claimed: Claim, error: channels.NotSent) -> None:
    """The server certainly did not take it: try again later while that makes sense, else it failed."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, error=str(error)[:300])
    row = rowqueue.owned(Invitation, claimed)
    first_try = invitation.messages.order_by("pk").values_list("created_at", flat=True).first()
    if not error.passing or (first_try and timezone.now() - first_try > RETRY_FOR):
        row.update(state=State.FAILED, error=str(error)[:300], lease="", leased_until=None)
        return
    pause = min(dt.timedelta(seconds=30) * 2 ** (invitation.messages.count() - 1), LONGEST_PAUSE)
    row.update(
        state=State.PLANNED,
        due_at=timezone.now() + pause,
        error=str(error)[:300],
        attempts=0,
        lease="",
        leased_until=None,
    )


@transaction.atomic
def _uncertain(invitation: Invitation, message: Message, claimed: Claim, why: str) -> None:
    Message.objects.filter(pk=message.pk).update(state=Message.State.UNCERTAIN, error=why[:300])
    rowqueue.owned(Invitation, claimed).update(
        state=State.UNCERTAIN, sent_at=message.handed_over_at, error=why[:300], lease="", leased_until=None
    )


@transaction.atomic
def sweep() -> int:
    """Call uncertain every mail whose worker died between "sending" and the server's word; returns how many."""
    rowqueue.sweep(due())
    lost = Invitation.objects.filter(state=State.SENDING, leased_until__lte=timezone.now())
    why = "the worker died while sending"
    for invitation in (found := list(lost.select_for_update())):
        message = invitation.messages.filter(state=Message.State.SENDING).order_by("-pk").first()
        if message:
            Message.objects.filter(pk=message.pk).update(state=Message.State.UNCERTAIN, error=why)
        Invitation.objects.filter(pk=invitation.pk).update(
            state=State.UNCERTAIN,
            sent_at=message.handed_over_at if message else timezone.now(),
            error=why,
            lease="",
            leased_until=None,
        )
    return len(found)
