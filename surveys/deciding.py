"""From an interaction to a decision: the one door for reports, the winning rule, the checks, the stored outcome."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from ground.access import EVERYTHING, Scope
from surveys import daily, eligibility, facts, interactions, planning, sampling
from surveys.eligibility import Verdict
from surveys.facts import Circumstances
from surveys.models import Customer, Decision, Interaction, Invitation, SendingRule, Survey, SurveyVersion
from surveys.sampling import ALL_ALIKE, Lot


@dataclass(frozen=True)
class Received:
    """What became of a report and, when the interaction is closed, what was decided about asking."""

    interaction: Interaction
    outcome: str
    decision: Decision | None


@dataclass(frozen=True)
class Rules:
    """The active sending rules, strongest first, each with its teams; a survey's version is looked up once."""

    entries: tuple[tuple[SendingRule, frozenset[int]], ...]
    versions: dict[int, SurveyVersion | None] = field(default_factory=dict)
    around: Circumstances = field(default_factory=Circumstances)

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


@transaction.atomic
def receive(
    report: interactions.Report,
    *,
    writer: Scope = EVERYTHING,
    rules: Rules | None = None,
    now: dt.datetime | None = None,
) -> Received:
    """Take an interaction in and decide about asking, both or neither. Raises interactions.Refused."""
    taken = interactions.take(report, writer=writer)
    decision = consider(taken.interaction, rules=rules, now=now)
    return Received(interaction=taken.interaction, outcome=taken.outcome, decision=decision)


@transaction.atomic(savepoint=False)
def consider(
    interaction: Interaction, *, rules: Rules | None = None, now: dt.datetime | None = None
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
        return store(interaction, rule=None, verdict=Verdict(reason="no_rule", trace=(("rule", False),)), now=now)
    version = rules.published(rule.survey)
    if version is None or rule.survey.is_closed():
        verdict = Verdict(reason="not_published", trace=(("rule", False),))
        return store(interaction, rule=rule, verdict=verdict, now=now)
    due_at = planning.due_at(interaction, rule)
    leaves_at = max(due_at, now)
    latest = due_at + dt.timedelta(days=rule.survey.link_days)
    gathered = facts.gather(
        interaction, customer, rule.survey, now=leaves_at, rule=rule, latest=latest, around=rules.around
    )
    verdict = daily.decide(gathered, rule)
    if verdict.due_at is not None and verdict.due_at != leaves_at:
        due_at = verdict.due_at
    lot = sampling.draw_lot(rule, interaction, customer)
    decision = store(interaction, rule=rule, verdict=verdict, due_at=due_at, now=now, lot=lot)
    if verdict.may_ask:
        decision.planned = planning.invite(
            interaction, customer, rule=rule, version=version, due_at=due_at, now=now, lot=lot,
            is_postponed=bool(verdict.postponed),
        )  # fmt: skip
    return decision


def store(
    interaction: Interaction,
    *,
    rule: SendingRule | None,
    verdict: Verdict,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
    again: Invitation | None = None,
    lot: Lot = ALL_ALIKE,
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
        outcome=outcome_of(verdict),
        reason=verdict.reason or verdict.postponed,
        due_at=due_at if verdict.may_ask else None,
        cell=lot.cell,
        weight=lot.weight,
        trace=[{"check": check, "passed": passed} for check, passed in verdict.trace],
        decided_at=now,
    )


def outcome_of(verdict: Verdict) -> str:
    if verdict.reason:
        return Decision.Outcome.REFUSE
    return Decision.Outcome.POSTPONE if verdict.postponed else Decision.Outcome.SEND
