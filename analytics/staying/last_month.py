"""How many customers left in the last month that is over, in one number: for the first page and the digest (M26)."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.filters import Filters
from analytics.metrics import Metric
from analytics.staying import counting
from analytics.staying.report import leaving
from analytics.staying.tally import CONTRACT, SILENCE, Frame
from analytics.staying.words import month

PAGE = "analytics:staying"
KEYS = {CONTRACT: "contract_churn", SILENCE: "inactivity_churn"}


@dataclass(frozen=True, kw_only=True)
class LastMonth:
    """`lost` is compared with the month before; `key` is its name in the register."""

    key: str
    first: dt.date
    lost: Metric

    @property
    def name(self) -> str:
        """Like "Lost by contract, Oct 2026"."""
        kind = _("Lost by contract") if self.key == KEYS[CONTRACT] else _("Fell silent")
        return f"{kind}, {month(self.first)}"


def last_month(filters: Filters) -> LastMonth | None:
    """Churn of the kind by which most customers are judged; None where none is, and by channel, which nobody leaves."""
    if filters.channel or filters.slice:
        return None
    counts = counting.of_last_month(counting.name_of(filters.scope, filters.team))
    if counts is None:
        return None
    how, found = max(leaving(counts).items(), key=lambda kind: kind[1].last.n)
    months = Frame(last=counts.day, window=counts.window).months()
    return LastMonth(key=KEYS[how], first=months[-1][0], lost=found.last) if found.last.n else None
