"""From an interaction to a decision: the one door for reports, the winning rule, the checks, the stored outcome."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils import timezone

from ground.access import EVERYTHING, Scope
from surveys import daily, events, facts, interactions, planning, sampling
from surveys.choosing import Rules, active_rules, winning_rule
from surveys.eligibility import Verdict
from surveys.events import Happening
from surveys.models import Customer, Decision, Interaction, Invitation, SendingRule, SurveyVersion
from surveys.sampling import ALL_ALIKE, Lot

__all__ = ["Received", "Rules", "active_rules", "consider", "outcome_of", "receive", "store"]


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
    rules: Rules | None = None,
    now: dt.datetime | None = None,
) -> Received:
    """Take an interaction in and decide about asking, both or neither. Raises interactions.Refused."""
    taken = interactions.take(report, writer=writer)
    rules = rules or active_rules()
    decided = {kind: consider(taken.interaction, event=kind, rules=rules, now=now) for kind in rules.triggers()}
    others = (decision for decision in decided.values() if decision)
    decision = decided[events.CLOSED] or next(others, None)
    return Received(interaction=taken.interaction, outcome=taken.outcome, decision=decision)


@transaction.atomic(savepoint=False)
def consider(
    interaction: Interaction,
    *,
    event: str = events.CLOSED,
    rules: Rules | None = None,
    now: dt.datetime | None = None,
) -> Decision | None:
    """Decide whether to ask about the last event of this kind and plan the invitation; None when none happened.

    Called as often as one likes: a closing is decided once. Whoever brings many gives the `rules`, read once; `now`
    is another moment when history is told. That no rule fits is only worth a decision when the interaction is closed.
    """
    now = now or timezone.now()
    happened = events.latest(interaction, event)
    if happened is None:
        return None
    customer = Customer.objects.select_for_update().get(pk=interaction.customer_id)
    earlier = list(interaction.decisions.filter(closing=happened.closing).order_by("ordinal"))
    known = [decision for decision in earlier if decision.event == event]
    if known:
        return known[-1]
    rules = rules or active_rules()
    rule = winning_rule(interaction, customer, happened, rules=rules, now=now)
    if rule is None and event != events.CLOSED:
        return None
    keep = partial(store, interaction, closing=happened.closing, ordinal=len(earlier) + 1, rule=rule, now=now)
    if rule is None:
        return keep(verdict=Verdict(reason="no_rule", trace=(("rule", False),)))
    version = rules.published(rule.survey)
    if version is None or rule.survey.is_closed():
        return keep(verdict=Verdict(reason="not_published", trace=(("rule", False),)))
    return _plan(interaction, customer, happened, rule=rule, version=version, rules=rules, now=now, keep=keep)


def _plan(
    interaction: Interaction,
    customer: Customer,
    happened: Happening,
    *,
    rule: SendingRule,
    version: SurveyVersion,
    rules: Rules,
    now: dt.datetime,
    keep: Callable[..., Decision],
) -> Decision:
    """Run the checks at the moment when the mail would leave, and plan it when they allow it."""
    around, closing = rules.around, happened.closing
    due_at = planning.due_at(happened, rule, around.calendars.hours(interaction.team_id))
    leaves_at = max(due_at, now)
    gathered = facts.gather(
        interaction, customer, rule.survey, closing=closing, now=leaves_at, rule=rule, around=around,
        once=rule.repeat == SendingRule.Repeat.INTERACTION, latest=due_at + dt.timedelta(days=rule.survey.link_days),
    )  # fmt: skip
    verdict = daily.decide(gathered, rule)
    if verdict.due_at is not None and verdict.due_at != leaves_at:
        due_at = verdict.due_at
    lot = sampling.draw_lot(rule, interaction, customer)
    decision = keep(verdict=verdict, due_at=due_at, lot=lot)
    if verdict.may_ask:
        decision.planned = planning.invite(
            interaction, customer, rule=rule, version=version, closing=closing, due_at=due_at, now=now, lot=lot,
            is_postponed=bool(verdict.postponed),
        )  # fmt: skip
    return decision


def store(
    interaction: Interaction,
    *,
    rule: SendingRule | None,
    verdict: Verdict,
    now: dt.datetime,
    closing: int = 0,
    ordinal: int = 0,
    due_at: dt.datetime | None = None,
    again: Invitation | None = None,
    lot: Lot = ALL_ALIKE,
) -> Decision:
    """Keep the outcome; a recheck of a planned invitation adds a decision to those about its closing."""
    if again:
        closing = again.closing
        ordinal = 1 + interaction.decisions.filter(closing=closing).count()
    return Decision.objects.create(
        interaction=interaction,
        closing=closing,
        ordinal=ordinal,
        event=rule.trigger if rule else events.CLOSED,
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
