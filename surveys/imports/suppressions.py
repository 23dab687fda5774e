"""Addresses that get no more mail, from a file with columns; pasted lists have a page of their own."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import suppression
from surveys.imports import Field, Given, Wrong, told_errors
from surveys.models import Suppression
from surveys.shapes import SuppressionShape
from surveys.vocabulary import codes

NAME = gettext_lazy("suppressed addresses")
FIELDS = (
    Field(
        "address", gettext_lazy("address"), ("email", "e-mail", "mail", "почта", "телефон", "phone"), is_required=True
    ),
    Field("survey", gettext_lazy("survey"), ("survey code", "код опроса")),
    Field("reason", gettext_lazy("reason")),
)


def check(values: dict[str, str], given: Given) -> dict[str, Any]:
    """The row as the API would get it, checked. Raises Wrong."""
    if not given.writer.covers_all():
        raise Wrong([("", _("Only managers of the whole organisation may import addresses."))])
    told = {name: cell.strip() for name, cell in values.items() if cell.strip()}
    if "reason" in told:
        told["reason"] = codes(Suppression.Reason).get(told["reason"].lower(), told["reason"])
    shape = SuppressionShape(data=told)
    if not shape.is_valid():
        raise Wrong(told_errors(shape.errors, str))
    return dict(shape.validated_data)


def take(values: dict[str, str], given: Given) -> str:
    """created, or stale when the address is on the list already. Raises Wrong."""
    told = check(values, given)
    is_new = suppression.suppress(
        told["address"], survey=told.get("survey"), reason=told["reason"], source=suppression.IMPORTED
    )
    return "created" if is_new else "stale"
