"""How customers are served: how many come and when, how soon they get a response, how much is solved."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from analytics import stored
from analytics.contact_counts import HORIZON, NO_REPLY, NO_TIMES, SOLVED_LATE, SOLVED_MET, UNANSWERED_WORKING
from analytics.filters import BEFORE, NOW, Filters, within
from analytics.metrics import Metric, measure
from analytics.models import ContactDay, ContactHour, DurationDay
from analytics.periods import local_day
from analytics.scores import Share, share
from analytics.serving.backlog import open_ages
from analytics.serving.parts import WORKING
from analytics.serving.queues import ABANDONED, WAIT
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import Unanswered, contacts, contacts_over, contacts_over_both
from analytics.unsolved import unsolved_of_both
from analytics.volume import Cell, Peak, Slot, busiest, closed_slots, heat_map, slot_hours
from ground.calendars import Calendars
from ground.working_time import Hours

ALL = "all"
RESPONSE, RESOLUTION = "response_working", "resolution_working"
FACTS = (
    "contacts", "complaints", "met", "late", NO_REPLY, NO_TIMES, "solved", "reopened", "abandoned", SOLVED_MET,
    SOLVED_LATE,
)  # fmt: skip
# By period, channel and what is counted.
Counts = Counter[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True)
class Served:
    """One channel, or all of them: contacts, the first response, and the share of it within the service level.

    `within` is None without a level; `waiting` still have time, and are in no share.
    """

    channel: str
    contacts: int
    response: Spread
    within: Metric | None
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """The period's contacts; `hours` has them by weekday and hour of the reporting zone's clock.

    `in_time` are solved within the level, None where none says how soon; `due` are open and still have time.
    """

    total: Served
    contacts_before: int | None
    channels: tuple[Served, ...]
    wait: Spread
    resolution: Spread
    solved: Metric
    in_time: Metric | None
    due: int
    facts: Mapping[str, int]
    hours: Mapping[Slot, Cell]
    has_levels: bool
    is_cut: bool

    @property
    def contacts(self) -> int:
        return self.total.contacts

    @property
    def peak(self) -> Peak | None:
        return busiest(self.hours)


def service(filters: Filters, waiting: Unanswered, *, as_of: dt.datetime) -> Service:
    """What the block of the dashboard shows; contacts belong to the day on which they began."""
    spans = _spans(filters)
    facts, mature = _facts(filters, today=local_day(as_of, filters.zone))
    late = _by_channel(waiting)
    waits = {ALL: sum(waiting.waits.values(), Counter[float]()), **waiting.waits}
    told = {channel for when, channel, _fact in facts if when == NOW} - {ALL}
    channels = sorted(told, key=lambda name: (-facts[NOW, name, "contacts"], name))
    kept = _within([ALL, *channels], facts, late, as_of=as_of) if waiting.has_levels else {}
    total, *served = [
        Served(
            channel=key,
            contacts=facts[NOW, key, "contacts"],
            response=spread(spans[key, RESPONSE], at_least(spans[key, UNANSWERED_WORKING], waits.get(key))),
            within=kept.get(key),
            waiting=late[NOW, key, "pending"],
        )
        for key in [ALL, *channels]
    ]
    in_time, due = _in_time(facts, filters, as_of=as_of)
    now, past = (share(mature[when, "solved"], mature[when, "contacts"]) for when in (NOW, BEFORE))
    return Service(
        total=total,
        contacts_before=facts[BEFORE, ALL, "contacts"] if filters.before else None,
        channels=tuple(served),
        wait=spread(spans[ALL, WAIT], at_least(spans[ALL, ABANDONED])),
        resolution=spread(spans[ALL, RESOLUTION], _open(filters, as_of=as_of)),
        solved=measure({0: now}, before={0: past} if filters.before else None, as_of=as_of)[0],
        in_time=in_time,
        due=due,
        facts={fact: facts[NOW, ALL, fact] for _when, _key, fact in facts},
        hours=hours_of(filters, as_of=as_of),
        has_levels=waiting.has_levels,
        is_cut=waiting.is_cut,
    )


def _facts(filters: Filters, *, today: dt.date) -> tuple[Counts, Counter[tuple[str, str]]]:
    """Counts of facts, and those of contacts old enough to tell whether they were solved in time (M22)."""
    rows = contacts_over_both(ContactDay, filters, "channel").filter(fact__in=FACTS)
    rows = rows.annotate(is_mature=Q(day__lt=today - HORIZON)).values("when", "channel", "fact", "is_mature")
    found: Counts = Counter()
    mature: Counter[tuple[str, str]] = Counter()
    for row in rows.annotate(rows=stored.Total("count")).order_by():
        for channel in (row["channel"], ALL):
            found[row["when"], channel, row["fact"]] += row["rows"]
        if row["is_mature"]:
            mature[row["when"], row["fact"]] += row["rows"]
    return found, mature


def _spans(filters: Filters) -> dict[tuple[str, str], Counter[int]]:
    """Histograms of the period by channel and span."""
    rows = contacts_over(DurationDay, filters, "channel").filter(
        span__in=(RESPONSE, UNANSWERED_WORKING, WAIT, ABANDONED, RESOLUTION)
    )
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for (channel, span), hist in stored.histograms(rows, "channel", "span").items():
        found[channel, span] = hist
        found[ALL, span] += hist
    return found


def _open(filters: Filters, *, as_of: dt.datetime) -> Counter[float]:
    """The working seconds that what is open of the period lasts by now."""
    rows = contacts(ContactDay, filters, "team").filter(within(filters.period), fact="open")
    told = rows.values_list("team", "day").annotate(rows=stored.Total("count")).order_by()
    found = ((ALL, team, day, count) for team, day, count in told)
    return open_ages(found, filters.zone, clock=WORKING, as_of=as_of)[ALL]


def _by_channel(waiting: Unanswered) -> Counts:
    found: Counts = Counter()
    for (when, _team, channel, state), count in waiting.counts.items():
        for key in (channel, ALL):
            found[when, key, state] += count
    return found


def _within(
    keys: Iterable[str],
    facts: Counts,
    waiting: Counts,
    *,
    as_of: dt.datetime,
) -> dict[str, Metric]:
    """Share within the level by channel: who waits beyond it has been let down too (M18)."""

    def of(when: str, key: str) -> Any:
        met, late = facts[when, key, "met"], facts[when, key, "late"] + waiting[when, key, "overdue"]
        return share(met, met + late)

    now, before = ({key: of(when, key) for key in keys} for when in (NOW, BEFORE))
    return measure(now, before=before, as_of=as_of, family=_is_all, partition=_is_all)


def _in_time(facts: Counts, filters: Filters, *, as_of: dt.datetime) -> tuple[Metric | None, int]:
    """The share of all that was solved within the level, and what is open and still has time."""
    if not filters.levels.promise_solving:
        return None, 0
    open_yet: Counter[tuple[str, bool]] = Counter()
    for (when, _team, _channel, is_late), count in unsolved_of_both(filters, as_of=as_of).items():
        open_yet[when, is_late] += count

    def of(when: str) -> Share:
        met, late = facts[when, ALL, SOLVED_MET], facts[when, ALL, SOLVED_LATE]
        return share(met, met + late + open_yet[when, True])

    metrics = measure({0: of(NOW)}, before={0: of(BEFORE)} if filters.before else None, as_of=as_of)
    return metrics[0], open_yet[NOW, False]


def _is_all(key: str) -> bool:
    """The total is a family of its own, and no part of itself."""
    return key == ALL


def hours_of(filters: Filters, *, as_of: dt.datetime) -> dict[Slot, Cell]:
    """The period's contacts by weekday and hour of the reporting zone's clock; without a rate where nobody works.

    Days that have not come yet have no hours: a rate of the whole month would be too low until its end.
    """
    rows = contacts(ContactHour, filters).filter(within(filters.period))
    slots = rows.values_list(stored.weekday(), "hour").annotate(rows=stored.Total("count"))
    came = {Slot(weekday, hour): count for weekday, hour, count in slots.order_by()}
    last = min(filters.period.end, local_day(as_of, filters.zone))
    days = filters.period.start, last + dt.timedelta(days=1), filters.zone
    return heat_map(came, slot_hours(*days), closed=closed_slots(*days, _working(filters)))


def _working(filters: Filters) -> list[Hours]:
    """The hours of the team, of those that the reader may see, or of everybody."""
    if filters.team:
        return Calendars().every([filters.team])
    return Calendars().every(None if filters.scope.covers_all() else filters.scope.team_ids())
