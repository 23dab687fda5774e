"""How complaints are met, as the API reads it."""

from collections.abc import Iterable

from analytics.api.of_contacts import span_of
from analytics.api.question import Question, Told, of_points, of_segments, told
from analytics.complaining import loop_parts
from analytics.complaining.report import Complaints, complaints
from ground import remembered

# Which time of the page of complaints a metric is.
TIMES = {"complaint_reaction": "response", "complaint_resolution_time": "solving"}
# Which share of it.
SHARES = {"complaints_within_target": "within", "complained_again": "again"}


def times(asked: Question) -> Iterable[Told]:
    """Seconds by the clock on the wall within which so many in a hundred were over."""
    return [Told(None, span_of(getattr(_found(asked), TIMES[asked.key]), asked))]


def shares(asked: Question) -> Iterable[Told]:
    """Nothing of a service level that is not set."""
    metric = getattr(_found(asked), SHARES[asked.key])
    return [told(None, metric)] if metric else []


def _found(asked: Question) -> Complaints:
    return remembered.while_costly(
        f"complaints {asked.filters}", lambda: complaints(asked.filters, as_of=asked.as_of)
    )  # fmt: skip


def closed_loop(asked: Question) -> Iterable[Told]:
    """How many of those who complained in their own words were contacted within 48 hours."""
    if asked.step:
        return of_points(loop_parts.by_slot(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(loop_parts.by_part(asked.filters, asked.by, as_of=asked.as_of))
