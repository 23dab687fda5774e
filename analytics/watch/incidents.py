"""Incidents as rows: found, gone on with, decided about by people, over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from analytics.models import Incident
from analytics.monitoring import MERGED_WITHIN
from analytics.periods import DAY, WEEK
from analytics.watch.counted import Days
from analytics.watch.extent import extent, points
from analytics.watch.judging import MERGED_WEEKS, Deviation, Judgement
from analytics.watch.subjects import METRICS, Subject
from ground.access import Scope
from ground.models import Role, User

# Older ones can no longer be met by a late alarm.
REMEMBERED = 126 * DAY
# What a later night may find of an incident.
FOUND = ("days", "last_day", "over_on", "extent", "points")
State = Incident.State


def subject_of(row: Incident) -> Subject:
    return Subject(row.metric, row.team_id, row.channel, row.topic_id)


@dataclass(frozen=True, kw_only=True)
class Night:
    """What a judgement comes to, before anything is stored: new incidents, and known ones that alarmed again."""

    new: tuple[Incident, ...]
    known: tuple[Incident, ...]


def compare(found: Sequence[Judgement], days: Mapping[Subject, Days], *, until: dt.date, fresh_from: dt.date) -> Night:
    """Go on with what is known, and take what alarmed on `fresh_from` or later as new.

    How much each of them is, is looked up in the counts: that takes long, and nobody who writes has to wait for it.
    """
    known: dict[tuple[Subject, str], list[Incident]] = {}
    for one in Incident.objects.filter(last_day__gte=until - REMEMBERED):
        known.setdefault((subject_of(one), one.direction), []).append(one)
    new: list[Incident] = []
    met: dict[int, Incident] = {}
    for judgement in found:
        for deviation in judgement.deviations:
            own = known.get((judgement.subject, deviation.direction), [])
            row = next((each for each in own if _meets(each, deviation)), None)
            if row is not None:
                _go_on(row, deviation)
                met[row.pk] = row
            elif deviation.last_day >= fresh_from:
                new.append(row := _new(judgement, deviation))
            if row is not None and (row.pk is None or is_going_on(row, until)):
                row.extent = extent(judgement, _as_deviation(row), days[judgement.subject])
                row.points = points(judgement)
    return Night(new=tuple(new), known=tuple(met.values()))


def store(night: Night, *, until: dt.date) -> list[Incident]:
    """Keep what a night came to; returns the new ones. Call inside the transaction that moves the watch on."""
    for row in night.new:
        row.save()
    for row in night.known:
        # What people decided about it meanwhile stays.
        Incident.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in FOUND})
    for left in Incident.objects.filter(over_on=None):
        if not is_going_on(left, until):
            Incident.objects.filter(pk=left.pk).update(over_on=left.last_day + DAY)
    return list(night.new)


def wake(until: dt.date) -> list[Incident]:
    """Those that were put off until a day that has come, and that still go on: open again."""
    rows = list(Incident.objects.filter(state=State.SNOOZED, over_on=None, snoozed_until__lte=until + DAY))
    Incident.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.OPEN)
    return rows


def _meets(row: Incident, found: Deviation) -> bool:
    near = _near(row)
    return found.first_day - near <= row.last_day and row.first_day <= found.last_day + near


def _new(judgement: Judgement, found: Deviation) -> Incident:
    subject = judgement.subject
    return Incident(
        metric=subject.metric,
        team_id=subject.team,
        channel=subject.channel,
        topic_id=subject.topic,
        direction=found.direction,
        kind=found.kind,
        is_weekly=judgement.is_weekly,
        began_on=found.began_on,
        first_day=found.first_day,
        last_day=found.last_day,
        days=[day.isoformat() for day in found.days],
    )


def _go_on(row: Incident, found: Deviation) -> None:
    """Later alarms make it longer; when it began and what kind it is stay as its first alarm told."""
    row.days = sorted({*row.days, *(day.isoformat() for day in found.days)})
    if found.last_day > row.last_day:
        row.last_day, row.over_on = found.last_day, None


def is_going_on(row: Incident, until: dt.date) -> bool:
    """Alarms so close to the last judged day that the next one would be the same incident's."""
    return until - row.last_day <= _near(row) + METRICS[row.metric].lag * DAY


def _near(row: Incident) -> dt.timedelta:
    """How far apart two alarms of one incident may lie."""
    return MERGED_WEEKS * WEEK if row.is_weekly else MERGED_WITHIN * DAY


def _as_deviation(row: Incident) -> Deviation:
    return Deviation(
        direction=row.direction,  # type: ignore[arg-type]
        kind=row.kind,
        began_on=row.began_on,
        days=tuple(dt.date.fromisoformat(day) for day in row.days),
    )


# --- what people do with them ------------------------------------------------------------------------------------


def visible(scope: Scope, *, least: str = Role.VIEWER) -> QuerySet[Incident]:
    """Those of the reader's teams; what is told of the whole organisation or of a channel needs a role in all of it."""
    return Incident.objects.filter(scope.rows("team", least=least))


def may_see(scope: Scope, subject: Subject) -> bool:
    """The same of a series."""
    return scope.allows(subject.team, least=Role.VIEWER)


def going_on(scope: Scope) -> QuerySet[Incident]:
    """Those of the reader that go on, whatever was decided about them; but for those that are not worth it."""
    return visible(scope).filter(over_on=None).exclude(state=State.DISMISSED)


def is_part(row: Incident, others: Sequence[Incident]) -> bool:
    """Whether another of these tells the same of the whole organisation at the same time."""
    return bool(row.team_id or row.channel) and any(
        other.metric == row.metric
        and other.topic_id == row.topic_id
        and other.direction == row.direction
        and not other.team_id
        and not other.channel
        and other.began_on <= row.last_day
        and row.began_on <= other.last_day
        for other in others
    )


def decide(row: Incident, state: str, *, by: User, until: dt.date | None = None) -> None:
    """Acknowledge it, put it off until a day, call it not worth it, or open it again."""
    Incident.objects.filter(pk=row.pk).update(
        state=state, snoozed_until=until, decided_by=by, decided_at=timezone.now()
    )
