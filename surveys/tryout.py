"""Trying a rule on the last 90 days: a job that walks through what happened, with the rule as typed and as stored."""

import copy
import datetime as dt
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ground import jobs
from ground.jobs import Kind, Progress
from ground.models import Job, User
from surveys import choosing, conditions, events, facts, planning, schedule
from surveys.choosing import Rules
from surveys.conditions import Subject
from surveys.events import Happening
from surveys.facts import Case
from surveys.models import Customer, Interaction, InteractionEvent, Invitation, RuleSchedule, SendingRule, Survey
from surveys.rehearsal import Rehearsal
from surveys.rule_order import goes_before

KIND = "rule_tryout"
DAYS, CHUNK = 90, 2000
TYPED, STORED = "typed", "stored"


@dataclass(frozen=True)
class Occasion:
    """Something that happened, to which the rule may have reacted."""

    interaction: Interaction
    customer: Customer
    happened: Happening


def start(rule: SendingRule, *, author: User) -> Job:
    """Begin to try the rule as it is in memory, stored or not."""
    now = timezone.now()
    fields = {field.attname: getattr(rule, field.attname) for field in SendingRule._meta.concrete_fields}
    params = {"rule": fields, "since": (now - dt.timedelta(days=DAYS)).isoformat(), "until": now.isoformat()}
    return jobs.start(KIND, params=params, author=author)


def rule_of(job: Job) -> SendingRule:
    """The rule as it was typed."""
    return SendingRule(**job.params["rule"])


def stored_rule(job: Job) -> SendingRule | None:
    """The rule as it is stored by now, when it is another one than was typed."""
    stored = SendingRule.objects.select_related("survey").filter(pk=job.params["rule"]["id"]).first()
    apart = ("name", "is_active", "version")
    return stored if stored and _fields(stored, apart) != _fields(rule_of(job), apart) else None


def _fields(rule: SendingRule, apart: Sequence[str]) -> dict[str, Any]:
    names = (field.attname for field in SendingRule._meta.concrete_fields)
    return {name: getattr(rule, name) for name in names if name not in apart}


def _step(job: Job) -> Progress:
    """The next two thousand occasions of the rule as typed, then of the rule as stored."""
    cursor = job.cursor or {"lane": TYPED, "results": {}}
    rule = rule_of(job) if cursor["lane"] == TYPED else stored_rule(job)
    if rule is None or not Survey.objects.filter(pk=rule.survey_id).exists():
        return Progress(finished=True, result=cursor["results"])
    total = _count(job) if job.cursor is None else None
    since, until = (dt.datetime.fromisoformat(job.params[edge]) for edge in ("since", "until"))
    around = choosing.active_rules()
    rate = cursor.get("rate", _rate(rule.survey, since=since))
    trial = Rehearsal(rule, rate=rate, zone=around.around.zone, kept=cursor.get("trial"))
    with _without_collector():
        found, place = _occasions(rule, around, since=since, until=until, place=cursor.get("place"))
        _go_through(trial, found, rules=around, since=since)
    if place is not None:
        cursor = cursor | {"place": place, "trial": trial.kept(), "rate": rate}
        return Progress(cursor=cursor, rows=len(found), total=total)
    results = cursor["results"] | {cursor["lane"]: trial.result() | {"rate": rate}}
    if cursor["lane"] == STORED or stored_rule(job) is None:
        return Progress(rows=len(found), finished=True, total=total, result=results)
    return Progress(cursor={"lane": STORED, "results": results}, rows=len(found), total=total)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Among thousands of rows without cycles, looking for garbage takes a third of the time and finds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _go_through(trial: Rehearsal, found: list[Occasion], *, rules: Rules, since: dt.datetime) -> None:
    rule = trial.rule
    stronger = Rules(
        entries=tuple(one for one in rules.entries if one.pk != rule.pk and goes_before(one, rule)), around=rules.around
    )
    fitting = []
    for one in found:
        if not _fits(rule, one):
            trial.passed_over("", one.interaction)
        elif not rule.is_scheduled and choosing.winning_rule(
            one.interaction, one.customer, one.happened, rules=stronger, now=one.happened.at
        ):
            trial.passed_over("other_rule", one.interaction)
        else:
            fitting.append(one)
    # Enough answers and full days are counted by the rehearsal: as they are today they say nothing about then.
    unlimited = copy.copy(rule)
    unlimited.quota = unlimited.daily_maximum = None
    cases = [_case(unlimited, one, rules=rules, since=since) for one in fitting]
    for one, known in zip(fitting, facts.gather_many(cases, around=rules.around), strict=True):
        trial.consider(one.interaction, known, happened_at=one.happened.at)


def _fits(rule: SendingRule, one: Occasion) -> bool:
    at = one.happened.at
    interaction = None if rule.is_scheduled else one.interaction
    return conditions.fits(rule.conditions, Subject(customer=one.customer, interaction=interaction, at=at, now=at))


def _case(rule: SendingRule, one: Occasion, *, rules: Rules, since: dt.datetime) -> Case:
    due_at = planning.due_at(one.happened, rule, rules.around.calendars.hours(one.interaction.team_id))

    def counts(invitation: Invitation) -> bool:
        """What was known before, without what the rule itself asked in the time that it is tried on."""
        return invitation.created_at < one.happened.at and (
            invitation.rule_id != rule.pk or rule.pk is None or invitation.due_at < since
        )

    return Case(
        one.interaction, one.customer, rule.survey, one.happened.closing, due_at, rule=rule,
        once=rule.repeat == SendingRule.Repeat.INTERACTION,
        latest=due_at + dt.timedelta(days=rule.survey.link_days), sees=counts,
    )  # fmt: skip


def _occasions(
    rule: SendingRule, rules: Rules, *, since: dt.datetime, until: dt.datetime, place: Any
) -> tuple[list[Occasion], Any]:
    """The next ones, and where the ones after them begin: None when these were the last."""
    if rule.is_scheduled:
        return _turns(rule, since=since, until=until, place=place)
    rows = _events(rule, since=since, until=until).select_related("interaction__customer")
    rows = rows.defer(*_unread([rule, *rules.entries])).order_by("at", "pk")
    if place:
        at = dt.datetime.fromisoformat(place[0])
        rows = rows.filter(Q(at__gt=at) | Q(at=at, pk__gt=place[1]), at__gte=at)
    found = list(rows[:CHUNK])
    # Which closing it was is not told by the event: the last one has the number that the interaction has.
    occasions = [
        Occasion(row.interaction, row.interaction.customer, Happening(row.kind, _closing(row), row.at)) for row in found
    ]
    last = found[-1] if len(found) == CHUNK else None
    return occasions, [last.at.isoformat(), last.pk] if last else None


# Columns that conditions alone look at, by the fields that do; those that nothing here looks at.
READ_BY = {
    "interaction__tags": ("tag",),
    "interaction__attributes": (conditions.ATTRIBUTE,),
    "interaction__answered_at": ("agent_replied", "duration"),
    "interaction__first_response_at": ("agent_replied",),
    "interaction__customer__attributes": (conditions.CUSTOMER,),
    "interaction__customer__value": ("value",),
    "interaction__customer__contract_start": ("customer_days",),
    "interaction__customer__contract_end": ("contract_days",),
}
UNREAD = [
    *(f"interaction__{name}" for name in ("external_id", "updated_at", "received_at", "enqueued_at")),
    *("interaction__customer__name", "interaction__customer__created_at"),
]


def _unread(rules: list[SendingRule]) -> list[str]:
    """What need not be fetched: a hundred thousand rows are mostly columns that no rule asks about."""
    asked = tuple(str(condition.get("field", "")) for rule in rules for condition in rule.conditions)
    return UNREAD + [column for column, fields in READ_BY.items() if not any(name.startswith(fields) for name in asked)]


def _closing(row: InteractionEvent) -> int:
    served = row.interaction
    return served.closings if row.kind == events.CLOSED and row.at == served.closed_at and served.closings else 1


def _turns(rule: SendingRule, *, since: dt.datetime, until: dt.datetime, place: Any) -> tuple[list[Occasion], Any]:
    upto = dt.datetime.fromisoformat(place[0]) if place else since
    day = RuleSchedule(
        rule=rule, upto=upto, until=min(until, upto + dt.timedelta(days=1)), cursor=place[1] if place else 0
    )
    people = list(schedule.whose_turn(rule, day)[:CHUNK])
    occasions = []
    for customer in people:
        at = schedule.turn_after(rule, customer.pk, upto).at
        unsaved = Interaction(customer=customer, source=events.SCHEDULED, created_at=at, closed_at=at, closings=1)
        occasions.append(Occasion(unsaved, customer, Happening(events.SCHEDULED, 1, at)))
    if len(people) == CHUNK:
        return occasions, [upto.isoformat(), people[-1].pk]
    return occasions, [day.until.isoformat(), 0] if day.until < until else None


def _events(rule: SendingRule, *, since: dt.datetime, until: dt.datetime) -> QuerySet[InteractionEvent]:
    return InteractionEvent.objects.filter(kind=rule.trigger, at__gte=since, at__lt=until)


def _count(job: Job) -> int:
    since, until = (dt.datetime.fromisoformat(job.params[edge]) for edge in ("since", "until"))
    total = 0
    for rule in (rule_of(job), stored_rule(job)):
        if rule is None:
            continue
        if rule.is_scheduled:
            total += Customer.objects.count() * DAYS // max(rule.cadence_days, 1)
        else:
            total += _events(rule, since=since, until=until).count()
    return total


def _rate(survey: Survey, *, since: dt.datetime) -> float:
    """How many of the customers asked lately answered, in [0, 1]; 0.2 before anybody was asked."""
    asked = Invitation.objects.filter(survey=survey, sent_at__gte=since, is_test=False)
    number = asked.count()
    return asked.exclude(answered_at=None).count() / number if number else 0.2


def _title(job: Job) -> str:
    return _("Trial of the rule “%s”") % job.params["rule"]["name"]


def _told(job: Job) -> str:
    result = job.result.get(TYPED)
    return _("It would have asked %d times in 90 days.") % result["counts"].get("sent", 0) if result else ""


PAGE = "admin:surveys_sendingrule_trial"
jobs.register(Kind(name=KIND, title=_title, step=_step, told=_told, outside=True, page=PAGE))
