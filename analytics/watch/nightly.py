"""Every finished reporting day is judged once, a few hours later, whoever rings; the last days are judged again.

The counts are read and judged without a lock. One short transaction then moves the watch on, stores and tells: of two
workers the slower one finds it moved and stores nothing, and one that was killed has changed nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping

from django.db import transaction
from django.utils import timezone

from analytics import rollups
from analytics.models import Annotation, Watch, WatchedSeries
from analytics.periods import DAY, Period, local_day, utc_range
from analytics.watch import counted, incidents, telling
from analytics.watch.counted import Days
from analytics.watch.judging import HISTORY, YEAR, Judgement, arrows, judge
from analytics.watch.subjects import Subject
from ground.calendars import Calendars, is_holiday, is_moved_workday
from ground.models import Organisation

# By this hour of the reporting zone what the last evening left behind has settled.
HOUR = 4
# Late rows may still alarm so many days back; the first judgement looks further, and tells of what still goes on.
AGAIN, FIRST_LOOK = 7 * DAY, 28 * DAY

IsOff = Callable[[int | None], Callable[[dt.date], bool]]


def is_due() -> bool:
    """Whether a finished day waits for its judgement and everything of it is counted."""
    zone = Organisation.current().timezone
    local = timezone.now().astimezone(zone)
    today = local.date()
    judged = Watch.objects.values_list("judged_until", flat=True).first()
    if local.hour < HOUR or _is_judged(today - DAY, judged):
        return False  # the usual tick looks at one row
    counted_until = rollups.as_of()
    return counted_until is not None and counted_until >= utc_range(today, today + DAY, zone)[0]


def _is_judged(day: dt.date, judged: dt.date | None) -> bool:
    """Whether all was judged up to this day. In another time zone it may have been the day after the next; what lies
    further ahead was noted by a clock that has been set back since."""
    return judged is not None and day <= judged <= day + 2 * DAY


def judge_due() -> int:
    """Judge up to yesterday if that waits; returns how many new incidents there are."""
    return judge_until(local_day(timezone.now(), Organisation.current().timezone) - DAY) if is_due() else 0


def judge_until(until: dt.date) -> int:
    """Judge the days up to this one, store what was found and tell of it; returns how many incidents are new."""
    watch = Watch.current()
    if _is_judged(until, watch.judged_until):
        return 0
    days = counted.read(Period(until - YEAR + DAY, until))
    found = judge_all(days, until=until, since=until - HISTORY + DAY, profile=watch.profile, left_out=watch.left_out)
    last = watch.judged_until
    fresh_from = last - AGAIN if last and last < until else until - FIRST_LOOK
    rows = _series(found, arrows(days, until=until))
    night = incidents.compare(found, days, until=until, fresh_from=fresh_from)
    Watch.objects.get_or_create(pk=1)
    with transaction.atomic():
        # Of what another worker stored meanwhile, nothing was known here: whatever waits then is looked at again.
        if not Watch.objects.filter(pk=1, judged_until=last).update(judged_until=until):
            return 0
        new = incidents.store(night, until=until)
        WatchedSeries.objects.all().delete()
        WatchedSeries.objects.bulk_create(rows, batch_size=500)
        telling.tell([row for row in new if incidents.is_going_on(row, until)])
        telling.tell(incidents.wake(until), again=until)
    return len(new)


def judge_all(
    days: Mapping[Subject, Days],
    *,
    until: dt.date,
    since: dt.date,
    profile: str,
    left_out: list[str],
) -> list[Judgement]:
    """Judge every series but those of metrics that are left out."""
    off = days_off()
    return [
        judge(subject, own, until=until, since=since, profile=profile, is_off=off(subject.team))
        for subject, own in days.items()
        if subject.metric not in left_out
    ]


def days_off() -> IsOff:
    """By team, the days that are no measure for others: public holidays, days of rest that are worked, outages."""
    calendars, outages = Calendars(), list(Annotation.objects.filter(kind=Annotation.Kind.OUTAGE))
    known: dict[int | None, dict[dt.date, bool]] = {}

    def of(team: int | None) -> Callable[[dt.date], bool]:
        calendar = calendars.of(team)
        own = known.setdefault(team, {})
        broken = [row for row in outages if row.team_id in (None, team)]

        def is_off(day: dt.date) -> bool:
            if day not in own:
                is_broken = any(row.start <= day <= row.end for row in broken)
                own[day] = is_broken or is_holiday(calendar, day) or is_moved_workday(calendar.holidays, day)
            return own[day]

        return is_off

    return of


def _series(found: list[Judgement], trends: Mapping[Subject, tuple[str, str]]) -> list[WatchedSeries]:
    return [
        WatchedSeries(
            metric=one.subject.metric,
            team_id=one.subject.team,
            channel=one.subject.channel,
            topic_id=one.subject.topic,
            by=one.by,
            per_day=one.per_day,
            quarter=trends[one.subject][0],
            year=trends[one.subject][1],
        )
        for one in found
    ]
