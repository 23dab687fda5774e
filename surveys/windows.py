"""When mail may leave: the policy's weekdays and hours on the customer's own clock, without public holidays."""

import datetime as dt
from collections.abc import Callable

from ground.calendars import Calendars, is_holiday
from ground.models import Calendar
from ground.working_time import WHOLE_DAY, Hours, Intervals
from surveys.models import AskingPolicy, Customer


def allowed(policy: AskingPolicy) -> Intervals:
    """The policy's hours of a day; equal ends are no limit, and the later end may lie after midnight."""
    begins, ends = (at.hour * 60 + at.minute for at in (policy.send_from, policy.send_until))
    if begins == ends:
        return ((0, WHOLE_DAY),)
    if begins < ends:
        return ((begins, ends),)
    return tuple(part for part in ((0, ends), (begins, WHOLE_DAY)) if part[0] < part[1])


def window(policy: AskingPolicy, *, customer: Customer, calendars: Calendars, team_id: int | None) -> Hours:
    """When mail to this customer may leave; on the team's clock where the customer's is unknown."""
    calendar = calendars.of(team_id)
    return Hours(
        zone=customer.timezone or calendar.timezone,
        week=dict.fromkeys(policy.days, allowed(policy)),
        special=_free(calendar) if policy.skips_holidays else _none,
    )


def _free(calendar: Calendar) -> Callable[[dt.date], Intervals | None]:
    return lambda day: () if is_holiday(calendar, day) else None


def _none(day: dt.date) -> Intervals | None:
    return None
