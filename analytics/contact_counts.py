"""What is counted of the interactions that began on one day."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, Q, QuerySet

from analytics import queue_steps, resolution, segment_counts
from analytics.levels import Levels
from analytics.models import (
    AgentContactDay,
    AgentDurationDay,
    ContactDay,
    ContactHour,
    ContactSliceDay,
    DurationDay,
    DurationSliceDay,
)
from analytics.models.counted import Counted
from analytics.quantiles import bucket
from analytics.service_levels import stands
from surveys import returning
from surveys.events import RESOLVED
from surveys.models import Interaction, InteractionEvent

# A contact is solved in time when it is within so many days: a fixed horizon makes months comparable (M22).
HORIZON = dt.timedelta(seconds=resolution.HORIZON)
CONTACTS = returning.CONTACTS
# `Interaction.responded_at` is known, for the database.
RESPONDED_TO = Q(first_response_at__isnull=False) | Q(answered_at__isnull=False)
COLUMNS = (
    "team_id", "agent_id", "channel", "priority", "created_at", "enqueued_at", "answered_at", "first_response_at",
    "resolved_at", "closed_at", "reopened_at", "transfers", "handle_seconds", "is_abandoned", "is_resolved",
    "is_complaint", "requester_wait_seconds", "response_working_seconds", "resolution_working_seconds",
    "unanswered_working_seconds", "source", "calendar_id",
)  # fmt: skip

# How a contact stands to the level that held: in no share are those that ended without a response before it had passed,
# and those of a source that never told a response.
MET, LATE, NO_REPLY, NO_TIMES = "met", "late", "no_reply", "no_times"
# Solved within the level that held, or later, or ended without being solved; what is open is looked up (`unsolved`).
SOLVED_MET, SOLVED_LATE = "solved_met", "solved_late"
# How long those lasted that ended without a response.
UNANSWERED, UNANSWERED_WORKING, UNANSWERED_COMPLAINT = "unanswered", "unanswered_working", "unanswered_complaint"

# What of it is told of each agent.
OF_AGENTS = (
    "contacts", "complaints", "solved", "met", "late", SOLVED_MET, SOLVED_LATE, "open", "resolution_working",
)  # fmt: skip

# What of it is told of each segment of customers.
OF_SEGMENTS = ("contacts", "met", "late", SOLVED_MET, SOLVED_LATE, "solved", "reopened", "finished")
SPANS_OF_SEGMENTS = ("response", "response_working", UNANSWERED, UNANSWERED_WORKING)

# What is counted of complaints apart, by what it is of all contacts.
OF_COMPLAINTS = {
    "met": "compl_met", "late": "compl_late", "response": "complaint_response", "resolution": "complaint_resolution",
}  # fmt: skip

Counts = Counter[tuple[Any, ...]]


def counts_of(rows: QuerySet[Interaction], *, zone: ZoneInfo, levels: Levels) -> dict[type[Counted], Counts]:
    """Counts by table of the interactions of one reporting day."""
    days: Counts = Counter()
    hours: Counts = Counter()
    durations: Counts = Counter()
    agents: Counts = Counter()
    agent_durations: Counts = Counter()
    slices: Counts = Counter()
    slice_durations: Counts = Counter()
    segments = segment_counts.kept_of_contacts(rows)
    first_solved = _first_solved(rows)
    for row in rows.only(*COLUMNS).iterator():
        where = row.team_id, row.channel
        values = segments.get(row.pk, ())
        hours[*where, row.created_at.astimezone(zone).hour] += 1
        for fact in _facts(row, levels):
            days[*where, fact] += 1
            if row.agent_id and fact in OF_AGENTS:
                agents[*where, row.agent_id, fact] += 1
            for told in values if fact in OF_SEGMENTS else ():
                slices[*told, *where, fact] += 1
        for span, took in _spans(row, first_solved.get(row.pk), is_judged=levels.judges(row)):
            durations[*where, span, bucket(took)] += 1
            if row.agent_id and span in OF_AGENTS:
                agent_durations[*where, row.agent_id, span, bucket(took)] += 1
            for told in values if span in SPANS_OF_SEGMENTS else ():
                slice_durations[*told, *where, span, bucket(took)] += 1
    return {
        ContactDay: days, ContactHour: hours, DurationDay: durations,
        AgentContactDay: agents, AgentDurationDay: agent_durations,
        ContactSliceDay: slices, DurationSliceDay: slice_durations,
    }  # fmt: skip


def _first_solved(rows: QuerySet[Interaction]) -> dict[int, dt.datetime]:
    """When those that were solved more than once were so first (M16): only what happened tells, not the columns."""
    again = rows.filter(Q(reopened_at__isnull=False) | Q(closings__gt=1))
    events = InteractionEvent.objects.filter(interaction__in=again.values("pk"), kind=RESOLVED)
    return dict(events.order_by().values_list("interaction").annotate(first=Min("at")))


FACTS: dict[str, Callable[[Interaction], bool]] = {
    "contacts": lambda row: True,
    "complaints": lambda row: row.is_complaint,
    "responded": lambda row: row.responded_at is not None,
    "abandoned": lambda row: row.is_abandoned,
    "solved": lambda row: row.solved_at is not None and row.solved_at - row.created_at <= HORIZON,
    "reopened": lambda row: row.reopened_at is not None,
    "transferred": lambda row: row.transfers > 0,
    "finished": lambda row: bool(row.closed_at or row.solved_at or row.reopened_at),
    "open": lambda row: row.is_open,
}


def seconds(start: dt.datetime | None, end: dt.datetime | None) -> float | None:
    """From one moment to the other, by the clock on the wall; None when one of them is not known."""
    return (end - start).total_seconds() if start and end else None


def kept(row: Interaction, levels: Levels) -> str | None:
    """How it stands to the level that held; None when that cannot be told, or not yet."""
    level = levels.of(row)
    if not level or (row.is_abandoned and not row.responded_at):
        return None
    if not row.responded_at and not levels.judges(row):
        return NO_TIMES
    end = row.responded_at or row.unanswered_until
    working = row.response_working_seconds if row.responded_at else row.unanswered_working_seconds
    took = working if level.is_working_time else seconds(row.created_at, end)
    if end is None or took is None:
        return None
    if stands(took, target=level.seconds, is_over=True) == LATE:
        return LATE
    return MET if row.responded_at else NO_REPLY


def solved_kept(row: Interaction, levels: Levels) -> str | None:
    """How its end stands to the time in which it had to be solved; None while it is open, or without such a time."""
    level = levels.of(row) if levels.promise_solving else None
    if level is None or level.seconds_to_solve is None or row.is_open or (row.is_abandoned and not row.responded_at):
        return None
    if row.solved_at is None:
        return SOLVED_LATE
    took = row.resolution_working_seconds if level.is_working_time else seconds(row.created_at, row.solved_at)
    if took is None:
        return None
    return SOLVED_LATE if stands(took, target=level.seconds_to_solve, is_over=True) == LATE else SOLVED_MET


def _gave_up(row: Interaction) -> bool:
    return row.is_abandoned and row.answered_at is None


def _facts(row: Interaction, levels: Levels) -> Iterable[str]:
    yield from (name for name, holds in FACTS.items() if holds(row))
    if told := kept(row, levels):
        yield told
        if row.is_complaint and told in OF_COMPLAINTS:
            yield OF_COMPLAINTS[told]
    if of_solving := solved_kept(row, levels):
        yield of_solving
    if row.enqueued_at and (row.answered_at or _gave_up(row)):
        waited = seconds(row.enqueued_at, row.closed_at if _gave_up(row) else row.answered_at)
        yield queue_steps.fact(waited, gave_up=_gave_up(row))


def _spans(row: Interaction, first_solved: dt.datetime | None, *, is_judged: bool) -> Iterable[tuple[str, float]]:
    """What it took, in seconds: by the clock on the wall, and in working time."""
    told = {
        "response": seconds(row.created_at, row.responded_at),
        "wait": seconds(row.enqueued_at, row.answered_at),
        "abandoned": seconds(row.enqueued_at, row.closed_at) if _gave_up(row) else None,
        "resolution": seconds(row.created_at, row.solved_at),
        "resolution_first": seconds(row.created_at, first_solved or row.solved_at) if row.solved_at else None,
        "handle": row.handle_seconds,
        "requester_wait": row.requester_wait_seconds,
        "response_working": row.response_working_seconds,
        "resolution_working": row.resolution_working_seconds,
    }
    if is_judged:
        told[UNANSWERED] = seconds(row.created_at, row.unanswered_until)
        told[UNANSWERED_WORKING] = row.unanswered_working_seconds
        told[UNANSWERED_COMPLAINT] = told[UNANSWERED] if row.is_complaint else None
    if row.is_complaint:
        told |= {OF_COMPLAINTS[name]: told[name] for name in ("response", "resolution")}
    yield from ((name, took) for name, took in told.items() if took is not None)
