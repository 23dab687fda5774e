"""Which rule speaks: the active ones, strongest first, and the first of them that fits what happened."""

import datetime as dt
from dataclasses import dataclass, field

from surveys import conditions
from surveys.conditions import Subject
from surveys.events import CLOSED, Happening
from surveys.facts import Circumstances
from surveys.models import Customer, Interaction, SendingRule, Survey, SurveyVersion


@dataclass(frozen=True)
class Rules:
    """The active sending rules, strongest first; a survey's version is looked up once."""

    entries: tuple[SendingRule, ...]
    versions: dict[int, SurveyVersion | None] = field(default_factory=dict)
    around: Circumstances = field(default_factory=Circumstances)

    def published(self, survey: Survey) -> SurveyVersion | None:
        if survey.pk not in self.versions:
            self.versions[survey.pk] = survey.published
        return self.versions[survey.pk]

    def triggers(self) -> list[str]:
        """The events that any rule waits for, those of the strongest first; the closing is always one of them."""
        waited = [rule.trigger for rule in self.entries if not rule.is_scheduled]
        return list(dict.fromkeys([*waited, CLOSED]))


def active_rules() -> Rules:
    return Rules(entries=tuple(SendingRule.objects.filter(is_active=True).select_related("survey")))


def winning_rule(
    interaction: Interaction, customer: Customer, happened: Happening, *, rules: Rules, now: dt.datetime
) -> SendingRule | None:
    """The first rule that waits for this and whose conditions all hold."""
    subject = Subject(customer=customer, interaction=interaction, at=happened.at, now=now)
    for rule in rules.entries:
        if rule.trigger == happened.kind and conditions.fits(rule.conditions, subject):
            return rule
    return None
