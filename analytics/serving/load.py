"""How much comes in: the days behind, the days ahead, and the hours of the week (M20)."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Sum

from analytics.models import ContactDay
from analytics.periods import DAY, local_day
from analytics.reports import Filters
from analytics.service import hours_of
from analytics.unanswered import contacts
from analytics.volume import DAYS_FOR_FORECAST, Cell, DayForecast, Peak, Slot, busiest, forecast

SHOWN_DAYS, AHEAD = 28, 14


@dataclass(frozen=True, kw_only=True)
class Load:
    """Contacts of the last days, oldest first, and what to expect of the next; `hours` are those of the period.

    Without `ahead` there are `known` days so far, of the 84 that a forecast takes. The present day is in neither.
    """

    behind: tuple[tuple[dt.date, int], ...]
    ahead: tuple[tuple[dt.date, DayForecast], ...]
    known: int
    hours: Mapping[Slot, Cell]

    @property
    def peak(self) -> Peak | None:
        return busiest(self.hours)


def load(filters: Filters, *, as_of: dt.datetime) -> Load:
    today = local_day(as_of, filters.zone)
    rows = contacts(ContactDay, filters).filter(fact="contacts", day__lt=today)
    first = rows.order_by("day").values_list("day", flat=True).first() or today
    begin = max(first, today - DAYS_FOR_FORECAST * DAY)
    counts = Counter(dict(rows.filter(day__gte=begin).order_by().values_list("day").annotate(rows=Sum("count"))))
    days = [begin + number * DAY for number in range((today - begin).days)]
    # The present day is expected, too: what it has so far says little.
    ahead = forecast([counts[day] for day in days], horizon=AHEAD) or []
    return Load(
        behind=tuple((day, counts[day]) for day in days[-SHOWN_DAYS:]),
        ahead=tuple((today + number * DAY, expected) for number, expected in enumerate(ahead)),
        known=len(days),
        hours=hours_of(filters, as_of=as_of),
    )
