"""What the page of service times shows of the backlog's days: a chart, and the same as a table with its rows."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics import formats
from analytics.links import Links
from analytics.serving.load_words import Days, drawn
from analytics.tables import Table

# So many days each have a bar of their own; of longer periods, the last day of each week, and the last there is.
MOST_DAYS, SUNDAY = 92, 7


@dataclass(frozen=True, kw_only=True)
class Left:
    """How many were open as a day ended, in all and by channel; of the present day, how many are."""

    day: dt.date
    total: int
    by_channel: tuple[int, ...]
    is_over: bool
    href: str


@dataclass(frozen=True, kw_only=True)
class History:
    """The days, the oldest first; `channels` are the heads of their columns, none when it is one alone."""

    days: tuple[Left, ...]
    channels: tuple[str, ...]
    chart: Days | None
    spoken: str
    is_weekly: bool

    @property
    def ends(self) -> bool:
        """Whether the last day is over."""
        return self.days[-1].is_over


def history(
    found: Mapping[Any, Mapping[dt.date, int]], *, today: dt.date, names: Mapping[Any, str], links: Links
) -> History | None:
    """The history of what was open by channel; None when nothing ever was."""
    known = sorted({day for by_day in found.values() for day in by_day})
    is_weekly = len(known) > MOST_DAYS
    every = [day for day in known if not is_weekly or day.isoweekday() == SUNDAY or day == known[-1]]
    shown = [key for key, by_day in found.items() if any(by_day[day] for day in every)]
    if not shown:
        return None
    days = tuple(
        Left(
            day=day,
            total=sum(by_day[day] for by_day in found.values()),
            by_channel=tuple(found[key][day] for key in shown) if len(shown) > 1 else (),
            is_over=day < today,
            href=links.open_contacts(**({"open": day.isoformat()} if day < today else {})),
        )
        for day in every
    )
    totals = [one.total for one in days]
    return History(
        days=days,
        channels=tuple(names.get(key, str(key)) for key in shown) if len(shown) > 1 else (),
        chart=drawn([(one.day, one.total) for one in days]),
        spoken=_("fewest %(low)s, most %(high)s, last %(last)s") % {
            "low": formats.number(min(totals)), "high": formats.number(max(totals)),
            "last": formats.number(totals[-1]),
        },
        is_weekly=is_weekly,
    )  # fmt: skip


def table(found: History) -> Table:
    """The same for a file."""
    rows = [(one.day, one.total, *one.by_channel) for one in found.days]
    return Table(_("Open as the day ended"), (_("Day"), _("Open contacts"), *found.channels), rows)
