"""Why was this customer asked, or not: the stored decisions about a customer or an interaction, and their counts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from ground.access import Scope
from ground.models import Role
from surveys import acquaintance, seeking
from surveys.models import Customer, Decision, Interaction, SendingRule, Survey

MOST_FOUND = 50
Outcome = Decision.Outcome


@dataclass(frozen=True)
class Found:
    """What a search hit: customers and interactions of the reader's, the first few of each."""

    customers: tuple[Customer, ...]
    interactions: tuple[Interaction, ...]


def visible(scope: Scope) -> QuerySet[Decision]:
    """The decisions about interactions that this scope covers, an agent's own ones among them."""
    return Decision.objects.filter(scope.rows("interaction__team", own="interaction__agent__user"))


def about(scope: Scope, *, customers: Iterable[int] = (), interactions: Iterable[int] = ()) -> QuerySet[Decision]:
    """The visible decisions about these customers and interactions, the newest first; `is_hidden`: without a name."""
    theirs = Interaction.objects.filter(Q(customer__in=[*customers]) | Q(pk__in=[*interactions])).values("pk")
    return (
        visible(scope)
        .filter(interaction__in=theirs)
        .annotate(is_hidden=acquaintance.hidden(scope, "interaction__"))
        .select_related("interaction__customer", "interaction__team", "rule", "survey")
        .order_by("-pk")
    )


def find(scope: Scope, sought: str) -> Found:
    """Customers by id, name or, for managers, whole e-mail; interactions by number, with or without the source."""
    sought = sought.strip()
    if not sought:
        return Found((), ())
    interactions = _interactions(scope).filter(_number(sought)).select_related("customer", "team").order_by("-pk")
    return Found(tuple(_customers(scope, sought)), tuple(interactions[:MOST_FOUND]))


def _interactions(scope: Scope) -> QuerySet[Interaction]:
    return Interaction.objects.filter(scope.rows(own="agent__user"))


def _number(sought: str) -> Q:
    source, _space, number = sought.replace(":", " ", 1).partition(" ")
    whole = Q(external_id=sought)
    return whole | Q(source=source, external_id=number.strip()) if number.strip() else whole


def _customers(scope: Scope, sought: str) -> list[Customer]:
    if "@" in sought:
        named = Q(email=sought.lower())
        served = acquaintance.opening(scope, least=Role.MANAGER)
        covers = scope.covers_all(least=Role.MANAGER)
    else:
        named = Q(external_id=sought) | seeking.is_called(sought)
        served, covers = acquaintance.opening(scope, own=True), scope.covers_all()
    rows = Customer.objects.filter(named)
    if not covers:
        rows = rows.filter(pk__in=served.filter(customer__in=rows.values("pk")).values("customer"))
    return list(rows.order_by("pk")[:MOST_FOUND])


@dataclass(frozen=True)
class Line:
    """One outcome with its reason, how often it came out, and its share of all in [0, 1]."""

    outcome: str
    reason: str
    count: int
    share: float


@dataclass(frozen=True)
class Counts:
    """The decisions of a period by outcome and reason, the most frequent first; `total` is their number."""

    total: int
    lines: tuple[Line, ...]

    @property
    def asked(self) -> int:
        return sum(line.count for line in self.lines if line.outcome != Outcome.REFUSE)


def counts(
    scope: Scope,
    *,
    since: dt.datetime,
    until: dt.datetime,
    survey: Survey | None = None,
    rule: SendingRule | None = None,
) -> Counts:
    """How often each reason came out in the period. One that was decided again ends twice, each time counted."""
    rows = visible(scope).filter(decided_at__gte=since, decided_at__lt=until)
    if survey is not None:
        rows = rows.filter(survey=survey)
    if rule is not None:
        rows = rows.filter(rule=rule)
    found = list(
        rows.order_by().values_list("outcome", "reason").annotate(count=Count("*")).order_by("-count", "reason")
    )
    total = sum(count for _outcome, _reason, count in found)
    return Counts(
        total=total,
        lines=tuple(Line(outcome, reason, count, count / total) for outcome, reason, count in found),
    )


@dataclass(frozen=True)
class RuleLine:
    """How many decisions a rule made in a period, and how many of them to ask."""

    rule: SendingRule
    total: int
    asked: int

    @property
    def share(self) -> float:
        return self.asked / self.total if self.total else 0.0


def by_rule(scope: Scope, *, since: dt.datetime, until: dt.datetime, survey: Survey | None = None) -> list[RuleLine]:
    """The rules that decided in the period, with how many they asked, the busiest first."""
    rows = visible(scope).filter(decided_at__gte=since, decided_at__lt=until, rule__isnull=False)
    if survey is not None:
        rows = rows.filter(survey=survey)
    found = list(
        rows.order_by()
        .values_list("rule_id")
        .annotate(total=Count("*"), asked=Count("outcome", filter=~Q(outcome=Outcome.REFUSE)))
        .order_by("-total")
    )
    rules = SendingRule.objects.in_bulk([pk for pk, _total, _asked in found])
    return [RuleLine(rules[pk], total, asked) for pk, total, asked in found if pk in rules]
