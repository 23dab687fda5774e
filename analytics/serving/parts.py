"""What service times are told of: all contacts, those of a channel, those of a team."""

from operator import attrgetter
from typing import Any, NamedTuple

# By the working hours of the team, or by the clock on the wall.
WORKING, WALL = "working", "wall"


class Part(NamedTuple):
    """All contacts when `by` is empty, else those of one channel or team."""

    by: str
    key: Any


ALL = Part("", None)
# All contacts, the channels and the teams are families of comparisons of their own.
KIND = attrgetter("by")


def counted_by(column: str, key: Any) -> tuple[Part, ...]:
    """What counts by this column are of: those by channel make the total, too."""
    return (ALL, Part(column, key)) if column == "channel" else (Part(column, key),)


def parts_of(team: int | None, channel: str) -> tuple[Part, ...]:
    """What a contact of this team and channel belongs to."""
    return ALL, Part("channel", channel), Part("team", team)
