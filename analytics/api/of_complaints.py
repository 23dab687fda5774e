"""How complaints are met, as the API reads it."""

from collections.abc import Iterable

from analytics.api.of_contacts import span_of
from analytics.api.question import Question, Told, of_points, of_segments
from analytics.complaining import loop_parts, met
from analytics.complaining.report import again_by
from analytics.serving import slots

# Which time of complaints a metric is.
TIMES = {"complaint_reaction": met.RESPONSE, "complaint_resolution_time": met.SOLUTION}


def times(asked: Question) -> Iterable[Told]:
    """Seconds by the clock on the wall within which so many in a hundred were over."""
    found = met.times(asked.filters, TIMES[asked.key], step=asked.step, by=asked.by, as_of=asked.as_of)
    if asked.by and not asked.step:
        found.sort(key=lambda one: -one[2].n)
    return [Told(key, span_of(spread, asked), start if asked.step else None) for key, start, spread in found]


def within(asked: Question) -> Iterable[Told]:
    """Nothing of a service level that is not set."""
    if asked.step:
        return of_points(met.within_slots(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(met.within_level(asked.filters, asked.by, as_of=asked.as_of))


def again(asked: Question) -> Iterable[Told]:
    if asked.step:
        return of_points(slots.complained_again(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(again_by(asked.filters, asked.by, as_of=asked.as_of))


def closed_loop(asked: Question) -> Iterable[Told]:
    """How many of those who complained in their own words were contacted within 48 hours."""
    if asked.step:
        return of_points(loop_parts.by_slot(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(loop_parts.by_part(asked.filters, asked.by, as_of=asked.as_of))
