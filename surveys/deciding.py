"""From an interaction to a decision: the one door for reports, the winning rule, the checks, the stored outcome."""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from ground.access import EVERYTHING, Scope
from ground.models import Change
from surveys import daily, events, facts, interactions, planning, sampling
from surveys.choosing import Rules, active_rules, winning_rule
from surveys.eligibility import Asked, Verdict
from surveys.events import Happening
from surveys.facts import Case
from surveys.models import Customer, Decision, Interaction, Invitation, SendingRule, SurveyVersion
from surveys.sampling import ALL_ALIKE, Lot

__all__ = [
    "Received", "Rules", "active_rules", "consider", "consider_all", "consider_many", "outcome_of", "receive", "store",
]  # fmt: skip


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
    (decision,) = consider_all([taken.interaction], rules=rules, now=now)
    return Received(interaction=taken.interaction, outcome=taken.outcome, decision=decision)


@transaction.atomic(savepoint=False)
def consider_all(
    told: Sequence[Interaction], *, rules: Rules | None = None, now: dt.datetime | None = None
) -> list[Decision | None]:
    """Decide about the last of every event that a rule waits for; of each interaction the decision about its closing,
    else another one.

    An interaction that is told twice is decided about once, as it stands in the end: a closing that was overtaken by
    another in the same call is not asked about.
    """
    rules, last = rules or active_rules(), {one.pk: one for one in told}
    if len(last) > 1:  # each kind of event locks its own of them: out of order, were they not locked by then
        _locked(one.customer_id for one in last.values())
    decided: dict[str, dict[int, Decision | None]] = {}
    for kind in rules.triggers():
        found = consider_many(list(last.values()), event=kind, rules=rules, now=now)
        decided[kind] = dict(zip(last, found, strict=True))
    order = [events.CLOSED, *(kind for kind in decided if kind != events.CLOSED)]
    return [next((made for kind in order if (made := decided[kind][one.pk])), None) for one in told]


def consider(
    interaction: Interaction,
    *,
    event: str = events.CLOSED,
    rules: Rules | None = None,
    now: dt.datetime | None = None,
) -> Decision | None:
    """Decide whether to ask about the last event of this kind and plan the invitation; None when none happened."""
    return consider_many([interaction], event=event, rules=rules, now=now)[0]


@transaction.atomic(savepoint=False)
def consider_many(
    told: Sequence[Interaction],
    *,
    event: str = events.CLOSED,
    rules: Rules | None = None,
    now: dt.datetime | None = None,
) -> list[Decision | None]:
    """The decision about each interaction, in their order and in a number of statements that does not grow with them.

    Called as often as one likes: a closing is decided once. Whoever brings many gives the `rules`, read once; `now`
    is another moment when history is told. That no rule fits is only worth a decision when the interaction is closed.
    """
    now, rules = now or timezone.now(), rules or active_rules()
    happened = {one.pk: found for one in told if (found := events.latest(one, event))}
    asked = {one.pk: one for one in told if one.pk in happened}
    customers = _locked(one.customer_id for one in asked.values())
    earlier = _earlier(asked, happened)
    decided: dict[int, Decision] = {}
    plans = []
    for pk, one in asked.items():
        if known := [decision for decision in earlier[pk] if decision.event == event]:
            decided[pk] = known[-1]
            continue
        plan = _open(one, customers[one.customer_id], happened[pk], ordinal=len(earlier[pk]) + 1, rules=rules, now=now)
        if plan:
            plans.append(plan)
    _weigh(plans, rules=rules, now=now)
    decided |= {plan.interaction.pk: plan.decision for plan in plans}
    _keep(plans)
    return [decided.get(one.pk) for one in told]


def _locked(keys: Iterable[int]) -> dict[int, Customer]:
    """Customers by key, locked in its order so that nobody waits for each other."""
    rows = Customer.objects.select_for_update().filter(pk__in=sorted(set(keys))).order_by("pk")
    return {customer.pk: customer for customer in rows}


def _earlier(asked: dict[int, Interaction], happened: dict[int, Happening]) -> dict[int, list[Decision]]:
    """What was decided before about the same closing, by interaction."""
    found: dict[int, list[Decision]] = {pk: [] for pk in asked}
    for decision in Decision.objects.filter(interaction__in=asked).order_by("ordinal"):
        if decision.closing == happened[decision.interaction_id].closing:
            found[decision.interaction_id].append(decision)
    return found


@dataclass
class _Plan:
    """A decision in the making; with a rule and a version it is still to be weighed."""

    interaction: Interaction
    customer: Customer
    happened: Happening
    decision: Decision
    rule: SendingRule | None = None
    version: SurveyVersion | None = None


def _open(
    interaction: Interaction, customer: Customer, happened: Happening, *, ordinal: int, rules: Rules, now: dt.datetime
) -> _Plan | None:
    """The plan with what can be said without the checks: which rule speaks, and whether its survey can be sent."""
    rule = winning_rule(interaction, customer, happened, rules=rules, now=now)
    if rule is None and happened.kind != events.CLOSED:
        return None
    decision = Decision(interaction=interaction, closing=happened.closing, ordinal=ordinal, decided_at=now)
    plan = _Plan(interaction, customer, happened, decision)
    if rule is None:
        write(decision, None, Verdict(reason="no_rule", trace=(("rule", False),)))
        return plan
    version = rules.published(rule.survey)
    if version is None or rule.survey.is_closed():
        reason = "survey_closed" if version else "not_published"
        write(decision, rule, Verdict(reason=reason, trace=(("rule", False),)))
        return plan
    plan.rule, plan.version = rule, version
    return plan


def _weigh(plans: list[_Plan], *, rules: Rules, now: dt.datetime) -> None:
    """Run the checks at the moment when each mail would leave; what is planned first counts for those behind it."""
    weighed = [(plan, plan.rule, plan.version) for plan in plans if plan.rule and plan.version]
    if len(weighed) > 1:
        daily.in_turn(rule for _plan, rule, _version in weighed)
    dues = [
        planning.due_at(plan.happened, rule, rules.around.calendars.hours(plan.interaction.team_id))
        for plan, rule, _version in weighed
    ]
    cases = [
        Case(
            plan.interaction, plan.customer, rule.survey, plan.happened.closing, max(due_at, now), rule=rule,
            once=rule.repeat == SendingRule.Repeat.INTERACTION,
            latest=due_at + dt.timedelta(days=rule.survey.link_days),
        )
        for (plan, rule, _version), due_at in zip(weighed, dues, strict=True)
    ]  # fmt: skip
    asked: dict[int, tuple[Asked, ...]] = defaultdict(tuple)
    for (plan, rule, version), due_at, known in zip(
        weighed, dues, facts.gather_many(cases, around=rules.around), strict=True
    ):
        if before := asked[plan.customer.pk]:
            known = dataclasses.replace(known, history=(*known.history, *before))
        verdict = daily.decide(known, rule)
        due_at = verdict.due_at if verdict.due_at is not None and verdict.due_at != known.now else due_at
        lot = sampling.draw_lot(rule, plan.interaction, plan.customer)
        write(plan.decision, rule, verdict, due_at=due_at, lot=lot)
        if verdict.may_ask:
            plan.decision.planned = invitation = planning.build(
                plan.interaction, plan.customer, rule=rule, version=version, closing=plan.happened.closing,
                due_at=due_at, now=now, lot=lot, is_postponed=bool(verdict.postponed), around=rules.around,
            )  # fmt: skip
            asked[plan.customer.pk] += (facts.asked(invitation),)


def _keep(plans: list[_Plan]) -> None:
    Decision.objects.bulk_create([plan.decision for plan in plans])
    Change.mark("decision", *(plan.decision.decided_at for plan in plans))
    Invitation.objects.bulk_create([plan.decision.planned for plan in plans if plan.decision.planned])


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
    decision = Decision(interaction=interaction, closing=closing, ordinal=ordinal, decided_at=now)
    write(decision, rule, verdict, due_at=due_at, lot=lot)
    decision.save()
    Change.mark("decision", now)
    return decision


def write(
    decision: Decision,
    rule: SendingRule | None,
    verdict: Verdict,
    *,
    due_at: dt.datetime | None = None,
    lot: Lot = ALL_ALIKE,
) -> None:
    """Put the outcome into an unsaved decision."""
    decision.event = rule.trigger if rule else events.CLOSED
    decision.rule, decision.survey = rule, rule.survey if rule else None
    decision.rule_version = rule.version if rule else None
    decision.outcome = outcome_of(verdict)
    decision.reason = verdict.reason or verdict.postponed
    decision.due_at = due_at if verdict.may_ask else None
    decision.cell, decision.weight = lot.cell, lot.weight
    decision.trace = [{"check": check, "passed": passed} for check, passed in verdict.trace]


def outcome_of(verdict: Verdict) -> str:
    if verdict.reason:
        return Decision.Outcome.REFUSE
    return Decision.Outcome.POSTPONE if verdict.postponed else Decision.Outcome.SEND
