"""The filter “how the contact was served that an answer is about”: it comes with a link from the indicators, and goes.

Which steps of service there are is known by the room that counts them: it registers them here. `queue:m1` is a step of
an aspect.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from ground.text import is_storable
from surveys.models import Interaction


class Step(NamedTuple):
    """What the filter calls it, and what it leaves of contacts; one `of_all_teams` is told to who sees all of them.

    `responses` is the condition where the answer itself keeps it.
    """

    label: Any
    contacts: Callable[[QuerySet[Interaction]], QuerySet[Any]]
    of_all_teams: bool = False
    responses: Q | None = None


_aspects: dict[str, Callable[[str], Step | None]] = {}


def register(aspect: str, step: Callable[[str], Step | None]) -> None:
    """Make an aspect known to the list of responses; `step` finds one of its steps by name."""
    _aspects[aspect] = step


def read(text: str, *, sees_all: bool) -> Step | None:
    """The step that an address asks for; None for what is no such thing."""
    aspect, _colon, name = text.partition(":")
    step = _aspects[aspect](name) if aspect in _aspects and name and is_storable(name) else None
    return step if step and (sees_all or not step.of_all_teams) else None


def of_responses(step: Step) -> Q:
    """The condition on responses about contacts of this step."""
    if step.responses is not None:
        return step.responses
    return Q(Exists(step.contacts(Interaction.objects.filter(pk=OuterRef("invitation__interaction")))))
