"""How the contacts of one agent or of one segment are served, as the API reads it."""

from collections.abc import Iterable

from analytics.api.of_contacts import counted, span_of
from analytics.api.question import Question, Told, told
from analytics.served_slice import served
from analytics.slice_counts import AGENT, SEGMENT

# What is told of each kind, by the metrics' names.
OF_BOTH = (
    "volume", "within_target", "solved_within_target", "resolved_share", "repeat_contacts", "first_contact_resolution",
)  # fmt: skip
KNOWN = {
    **dict.fromkeys(OF_BOTH, frozenset({AGENT, SEGMENT})),
    "first_response_time": frozenset({SEGMENT}),
    "resolution_time": frozenset({AGENT}),
}


def of_slice(asked: Question) -> Iterable[Told]:
    """The metric asked for, of the slice that its filters name."""
    chosen = asked.filters.slice
    found = served(chosen, asked.filters, as_of=asked.as_of, clock=asked.clock) if chosen else None
    if found is None:
        return []
    if asked.key == "volume":
        return [Told(None, counted(found.contacts))]
    span = {"first_response_time": found.response, "resolution_time": found.resolution}.get(asked.key)
    if span:
        return [Told(None, span_of(span, asked))]
    metric = {
        "within_target": found.within,
        "solved_within_target": found.in_time,
        "resolved_share": found.solved,
        "repeat_contacts": found.followed,
        "first_contact_resolution": found.at_once,
    }[asked.key]
    return [told(None, metric)] if metric else []
