"""Narrower copies of the counts by day: a page reads the narrowest that still tells what it asks.

A table that tells survey, team and channel apart hardly compresses: ten times the answers give it three times the rows.
Without the columns that a page does not ask for there are as few rows beside ten million answers as beside one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from analytics import slice_counts
from analytics.models import (
    AgentAskedDay,
    AgentContactDay,
    AgentDurationDay,
    AskedDay,
    AskedSliceDay,
    CommentDay,
    CommentSliceDay,
    ContactDay,
    ContactHour,
    ContactSliceDay,
    DecisionDay,
    DurationDay,
    DurationSliceDay,
    EndedScoreDay,
    ReturnDay,
    ReturnSliceDay,
    ScoreDay,
    ScoredTopicsDay,
    ScoreSliceDay,
    ServedDay,
    TopicDay,
)
from analytics.models.counted import Counted

WHOLE, TEAMS, CHANNELS, SURVEYS, REASONS, AGENTS = "whole", "teams", "channels", "surveys", "reasons", "agents"
ALL_TEAMS = "allteams"
OF_ANSWERS = {
    WHOLE: ("survey", "team", "channel"), TEAMS: ("survey", "channel"), CHANNELS: ("survey", "team"),
    SURVEYS: ("team", "channel"),
}  # fmt: skip
OF_CONTACTS = {WHOLE: ("team", "channel"), TEAMS: ("channel",), CHANNELS: ("team",)}
OF_RETURNS = {
    WHOLE: ("team", "channel", "agent", "reason"), TEAMS: ("channel", "agent", "reason"),
    CHANNELS: ("team", "agent", "reason"), REASONS: ("team", "channel", "agent"), AGENTS: ("channel", "reason"),
}  # fmt: skip
OF_SLICES = {WHOLE: ("survey", "team", "channel"), TEAMS: ("survey", "channel")}
# What is told of all teams together keeps other segments than what tells teams apart (`slice_counts.of_cut`).
OF_SEGMENTS = OF_SLICES | {ALL_TEAMS: ("team",)}
# What each cut of a table leaves out, those that leave out most first.
LEFT_OUT: Mapping[type[Counted], Mapping[str, tuple[str, ...]]] = {
    ScoreDay: OF_ANSWERS,
    EndedScoreDay: OF_ANSWERS,
    ServedDay: OF_ANSWERS,
    CommentDay: OF_ANSWERS,
    TopicDay: OF_ANSWERS,
    DecisionDay: OF_ANSWERS,
    ScoreSliceDay: OF_SEGMENTS,
    ScoredTopicsDay: OF_SLICES,
    CommentSliceDay: OF_SLICES,
    AskedSliceDay: OF_SEGMENTS,
    ContactDay: OF_CONTACTS,
    ContactHour: OF_CONTACTS,
    DurationDay: OF_CONTACTS,
    ReturnDay: OF_RETURNS,
    ContactSliceDay: OF_CONTACTS,
    DurationSliceDay: OF_CONTACTS,
    ReturnSliceDay: OF_CONTACTS,
    AgentAskedDay: {AGENTS: ("channel",)},
    AgentContactDay: {AGENTS: ("channel",)},
    AgentDurationDay: {AGENTS: ("channel",)},
    # Whether a survey is anonymous decides what is shown.
    AskedDay: {SURVEYS: ("team", "channel"), TEAMS: ("channel",), CHANNELS: ("team",)},
}
NOTHING = (None, "")
PLACES = {"survey": -2, "team": -2, "agent": -2, "channel": -1, "reason": -1}

Counts = Counter[tuple[Any, ...]]


def narrowest(table: type[Counted], needed: Iterable[str]) -> QuerySet[Any]:
    """The rows of the table's narrowest cut that still has the columns needed."""
    return table.cuts.filter(cut=narrowest_name(table, needed))


def narrowest_name(table: type[Counted], needed: Iterable[str]) -> str:
    cuts = LEFT_OUT.get(table, {}).items()
    return next((name for name, left_out in cuts if not {*left_out} & {*needed}), "")


def names(table: type[Counted]) -> list[str]:
    """All cuts of a table, "" for its own rows."""
    return ["", *LEFT_OUT.get(table, {})]


def with_cuts(table: type[Counted], key: tuple[str, ...], counts: Counts) -> Counts:
    """The counts by cut and key, each cut's without the columns that it leaves out."""
    by_team, over_all = counts, counts
    if key[0] == "kind":
        by_team, over_all = (slice_counts.of_cut(counts, tells_teams=tells) for tells in (True, False))
    every: Counts = Counter({("", *values): count for values, count in by_team.items()})
    for name, left_out in LEFT_OUT.get(table, {}).items():
        # What a cut leaves out it takes from the end of the values, where nothing stands.
        pick = itemgetter(*(PLACES[column] if column in left_out else at for at, column in enumerate(key)))
        found: dict[tuple[Any, ...], int] = {}
        for values, count in (over_all if "team" in left_out else by_team).items():
            kept = (name, *pick((*values, *NOTHING)))
            found[kept] = found.get(kept, 0) + count
        every.update(found)
    return every
