"""From an interaction to a decision: the one door for reports, the winning rule, the checks, the stored outcome."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils import timezone

from ground.access import EVERYTHING, Scope
from surveys import eligibility, events, facts, interactions, planning
from surveys.choosing import Rules, active_rules, winning_rule
from surveys.eligibility import Verdict
from surveys.models import Customer, Decision, Interaction, SendingRule

__all__ = ["Received", "Rules", "active_rules", "consider", "receive", "store"]


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
    return _decide(interaction, customer, happened, rule=rule, rules=rules, now=now, ordinal=len(earlier) + 1)


def _decide(
    interaction: Interaction,
    customer: Customer,
    happened: events.Happening,
    *,
    rule: SendingRule | None,
    rules: Rules,
    now: dt.datetime,
    ordinal: int,
) -> Decision:
    keep = partial(store, interaction, closing=happened.closing, ordinal=ordinal, rule=rule, now=now)
    if rule is None:
        return keep(verdict=Verdict(reason="no_rule", trace=(("rule", False),)))
    version = rules.published(rule.survey)
    if version is None or rule.survey.is_closed():
        return keep(verdict=Verdict(reason="not_published", trace=(("rule", False),)))
    due_at = planning.due_at(happened, rule, rules.calendars.hours(interaction.team_id))
    once = rule.repeat == SendingRule.Repeat.INTERACTION
    gathered = facts.gather(interaction, customer, rule.survey, closing=happened.closing, once=once, now=due_at)
    verdict = eligibility.decide(gathered)
    if due_at + dt.timedelta(days=rule.survey.link_days) < now and verdict.may_ask:
        verdict = Verdict(reason="expired", trace=(*verdict.trace, ("still_timely", False)))
    decision = keep(verdict=verdict, due_at=due_at)
    if verdict.may_ask:
        decision.planned = planning.invite(
            interaction, customer, rule=rule, version=version, closing=happened.closing, due_at=due_at, now=now
        )
    return decision


def store(
    interaction: Interaction,
    *,
    closing: int,
    rule: SendingRule | None,
    verdict: Verdict,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
    ordinal: int | None = None,
) -> Decision:
    """Keep the outcome; without an ordinal it is added to the decisions about this closing."""
    return Decision.objects.create(
        interaction=interaction,
        closing=closing,
        ordinal=ordinal or 1 + interaction.decisions.filter(closing=closing).count(),
        event=rule.trigger if rule else events.CLOSED,
        rule=rule,
        rule_version=rule.version if rule else None,
        survey=rule.survey if rule else None,
        outcome=Decision.Outcome.SEND if verdict.may_ask else Decision.Outcome.REFUSE,
        reason=verdict.reason,
        due_at=due_at if verdict.may_ask else None,
        trace=[{"check": check, "passed": passed} for check, passed in verdict.trace],
        decided_at=now,
    )
