"""Which rules go before and after one: the strongest that fits speaks, the others are not heard."""

from dataclasses import dataclass

from surveys import conditions
from surveys.models import SendingRule


@dataclass(frozen=True)
class Around:
    """Rules that wait for the same event and could fit the same interaction.

    `shadow` is the one of those before that fits everything this rule does, so that this one never speaks.
    """

    before: tuple[SendingRule, ...]
    after: tuple[SendingRule, ...]
    shadow: SendingRule | None


def around(rule: SendingRule) -> Around:
    """The other active rules that the rule competes with; rules at regular intervals compete with none."""
    if rule.is_scheduled:
        return Around(before=(), after=(), shadow=None)
    others = SendingRule.objects.filter(is_active=True).exclude(pk=rule.pk).select_related("survey")
    rivals = [
        other
        for other in others
        if other.trigger == rule.trigger and conditions.may_overlap(other.conditions, rule.conditions)
    ]
    before = tuple(other for other in rivals if goes_before(other, rule))
    return Around(
        before=before,
        after=tuple(other for other in rivals if other not in before),
        shadow=next((other for other in before if conditions.covers(other.conditions, rule.conditions)), None),
    )


def goes_before(one: SendingRule, other: SendingRule) -> bool:
    """A rule not stored yet is the newest of its priority."""
    return (-one.priority, one.pk or float("inf")) < (-other.priority, other.pk or float("inf"))
