"""Which customers a team knows: whom the organisation told of, who was new with the team, and who answered it.

A team's program, or its manager's file, may name anybody in a contact. The contact is taken and asked about like any
other, but as long as it is a mere claim it opens nothing of the customer that others stored.
"""

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value

from ground.access import Scope
from ground.models import Role
from ground.unindexed import Unindexed
from surveys.models import Customer, Interaction, Invitation


def opening(scope: Scope, *, least: str = Role.VIEWER, own: bool = False) -> QuerySet[Interaction]:
    """The contacts that a role covers and that open their customers; with `own` those of the reader's own work, too."""
    covered = Interaction.objects.filter(scope.rows(own="agent__user" if own else "", least=least))
    return covered.filter(Q(is_claim=False) | _answered("pk"))


def opening_of(customer: Any, scope: Scope, *, least: str = Role.VIEWER, own: bool = False) -> QuerySet[Interaction]:
    """Those of one customer, by the index of customers: a team has many thousand times as many."""
    found = Interaction.objects.annotate(of_team=Unindexed("team")).filter(customer=customer)
    covered = found.filter(scope.rows("of_team", own="agent__user" if own else "", least=least))
    return covered.filter(Q(is_claim=False) | _answered("pk"))


def hidden(scope: Scope, path: str = "") -> Any:
    """Whether a row does not tell this reader its customer; `path` leads to its contact, like `interaction__`."""
    if scope.covers_all():
        return Value(False)
    claim = Q(**{f"{path}is_claim": True}) & ~_answered(f"{path}pk")
    return ExpressionWrapper(claim, output_field=BooleanField())


def _answered(path: str) -> Q:
    confirmed = Invitation.objects.filter(interaction=OuterRef(path), answer_state=Invitation.AnswerState.CONFIRMED)
    return Q(Exists(confirmed))


def knows(writer: Scope, customer: Customer) -> bool:
    """Whether these teams told of the customer first, or a contact of theirs opens the customer."""
    if writer.covers_all() or customer.told_by_id in writer.team_ids(least=Role.MANAGER):
        return True
    return opening_of(customer, writer, least=Role.MANAGER).exists()
