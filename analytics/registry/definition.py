"""How a metric is described: the columns of the page that tells how indicators are computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.display import FULL_FROM

GROUPS: Mapping[str, Any] = {
    "scores": _("Scores"),
    "asking": _("Asking and answering"),
    "speed": _("Speed"),
    "outcome": _("Solved or not"),
    "load": _("Load and staff"),
    "customers": _("Customers who stay and leave"),
    "people": _("Agents and teams"),
    "text": _("Comments and topics"),
    "change": _("Comparisons and trends"),
}
UNITS: Mapping[str, Any] = {
    "share": "%",
    "pp": _("pp"),
    "points": _("points"),
    "scale": _("points of the scale"),
    "of_100": _("points of 100"),
    "time": _("time"),
    "contacts": _("contacts"),
    "people": _("persons"),
    "per_1000": _("per 1000 contacts"),
    "sd": _("standard deviations"),
    "times": _("times"),
    "per_period": _("per period"),
    "date": _("date"),
    "none": "—",
}
COUNTED: Mapping[str, Any] = {
    "answers": _("answers"),
    "invitations": _("invitations"),
    "contacts": _("contacts"),
    "customers": _("customers"),
    "comments": _("comments"),
    "mentions": _("mentions of a topic"),
    "uses": _("uses"),
    "days": _("days"),
    "periods": _("periods"),
}
SOURCES: Mapping[str, Any] = {
    "answers": _("Survey answers"),
    "invitations": _("Invitations and what became of them"),
    "contacts": _("CRM, telephony or help desk"),
    "comments": _("Comments and their labels"),
    "activity": _("Contracts and activity from the CRM"),
    "all": _("Any of the series above"),
}
BETTER: Mapping[str, Any] = {
    "up": _("more is better"),
    "down": _("less is better"),
    "none": _("neither way"),
}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One metric. `key` is its stable name in the API and in links, `section` its formula in the design.

    `min_n` of what `of` names are needed to show it in full; `version` grows with every change of definition or scale,
    and numbers of two versions are never one line of a chart.
    `in_api` says where the API tells it, or that it does not, if it has no values of its own there.
    """

    key: str
    section: str
    group: str
    name: Any
    about: Any
    method: Any
    source: str
    unit: str
    better: str
    of: str
    min_n: int = FULL_FROM
    version: int = 1
    in_api: Any = ""

    @property
    def unit_label(self) -> Any:
        return UNITS[self.unit]

    @property
    def source_label(self) -> Any:
        return SOURCES[self.source]

    @property
    def better_label(self) -> Any:
        return BETTER[self.better]

    @property
    def counted_label(self) -> Any:
        return COUNTED[self.of]
