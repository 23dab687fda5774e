"""How agents' contacts were asked about: who picks the customers that are asked picks the score."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet

from ground.access import Scope
from surveys.facts import NOT_ASKED
from surveys.models import Interaction, Invitation, Skip

Row = TypeVar("Row", bound=Model)

FEWEST = 5  # a share of fewer says nothing


@dataclass(frozen=True)
class Rates:
    """Of one agent in a period: contacts that ended, those asked about and skipped, mails that left and answers."""

    contacts: int = 0
    asked: int = 0
    skipped: int = 0
    sent: int = 0
    answered: int = 0

    @property
    def ask_rate(self) -> float | None:
        return share(self.asked, self.contacts)

    @property
    def skip_rate(self) -> float | None:
        return share(self.skipped, self.contacts)

    @property
    def response_rate(self) -> float | None:
        return share(self.answered, self.sent)


def share(part: int, whole: int) -> float | None:
    """In [0, 1]; None of too few to say. More skips than contacts that ended are all of them."""
    return min(part / whole, 1.0) if whole >= FEWEST else None


def by_agent(scope: Scope, agents: Collection[int], *, since: dt.datetime) -> dict[int, Rates]:
    """The rates of these agents, of the rows that the scope covers alone; three statements for all of them."""
    covered = scope.rows(own="agent__user")
    ended = Interaction.objects.filter(covered, agent__in=agents, closed_at__gte=since)
    contacts = _counted(ended, contacts=Count("*"))
    planned = Invitation.objects.filter(covered, agent__in=agents, created_at__gte=since, is_test=False)
    asks = _counted(
        planned.exclude(state__in=NOT_ASKED),
        asked=Count("*"),
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
    )
    skips = skipped(scope, agents, first=since)
    return {pk: Rates(**contacts.get(pk, {}), **asks.get(pk, {}), skipped=skips.get(pk, 0)) for pk in agents}


def skipped(
    scope: Scope, agents: Collection[int], *, first: dt.datetime, after: dt.datetime | None = None
) -> dict[int, int]:
    """How many contacts of each agent somebody said not to ask about, from `first` on and before `after`."""
    said = Skip.objects.filter(scope.rows("interaction__team", own="agent__user"), agent__in=agents, at__gte=first)
    said = said.filter(at__lt=after) if after else said
    return dict(said.order_by().values_list("agent_id").annotate(skipped=Count("*")))


def _counted(rows: QuerySet[Row], **counts: Count) -> dict[int, dict[str, int]]:
    found = rows.order_by().values_list("agent_id").annotate(**counts)
    return {pk: dict(zip(counts, numbers, strict=True)) for pk, *numbers in found}
