"""Answers, comments and invitations as the API reads them."""

import datetime as dt
from collections.abc import Iterable

from analytics import funnel, over_time, reports, served_counts
from analytics.api.question import Question, Told, figure, of_points, of_segments, told
from analytics.detectable import detectable as of_card
from analytics.display import display_state
from analytics.emerging import FEWEST_MENTIONS
from analytics.impact import Impact, by_slot, impact
from analytics.periods import local_day
from analytics.results.means import means as mean_scores
from analytics.revenue import nps_by_revenue
from analytics.serving import by_service, fast_and_good
from analytics.topics.rising import rising
from feedback.models import Topic
from ground import remembered

# What an answer's contact was like, by the names of the breakdowns.
ASPECTS = {
    "first_response": served_counts.RESPONSE, "queue": served_counts.QUEUE, "resolution": served_counts.RESOLUTION,
    "replies": served_counts.REPLIES, "reason": served_counts.REASON,
    "repeat": served_counts.REPEAT,
}  # fmt: skip


def scores(asked: Question) -> Iterable[Told]:
    filters, scale, as_of = asked.filters, asked.scale, asked.as_of
    if asked.step:
        return of_points(over_time.scores(filters, scale, asked.step, by=asked.by, as_of=as_of))
    if asked.by in ASPECTS:
        return of_segments(by_service.scores_by_service(filters, scale, as_of=as_of).aspects.get(ASPECTS[asked.by], ()))
    if asked.by:
        return of_segments(reports.segments(filters, asked.by, scale, as_of=as_of))
    return [told(None, reports.metric(filters, scale, as_of=as_of))]


def means(asked: Question) -> Iterable[Told]:
    if asked.step:
        return of_points(over_time.means(asked.filters, asked.scale, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(mean_scores(asked.filters, asked.by, asked.scale, as_of=asked.as_of))


def both_fast_and_good(asked: Question) -> Iterable[Told]:
    filters, scale, as_of = asked.filters, asked.scale, asked.as_of
    if asked.step:
        return of_points(fast_and_good.by_slot(filters, scale, asked.step, by=asked.by, as_of=as_of))
    return of_segments(fast_and_good.by_part(filters, scale, asked.by, as_of=as_of))


def classes(asked: Question) -> Iterable[Told]:
    if asked.step:
        return of_points(over_time.classes(asked.filters, asked.step, as_of=asked.as_of))
    shares = reports.classes(asked.filters, as_of=asked.as_of).shares
    return [told(name, metric) for name, metric in shares.items()]


def topics(asked: Question) -> Iterable[Told]:
    if asked.step:
        codes = _codes()
        points = over_time.topics(asked.filters, asked.step, as_of=asked.as_of)
        return [told(codes.get(point.key), point.metric, point.start) for point in points]
    among = reports.classes(asked.filters, as_of=asked.as_of)
    # A topic that few mention is hidden on pages, however many comments its share is of.
    rows = reports.topics(asked.filters, among=among, as_of=asked.as_of)
    return [told(row.topic.code, row.metric) for row in rows if row.state != "hidden"]


def risen(asked: Question) -> Iterable[Told]:
    """How many times as often as expected the last week spoke of each topic; `verdict` says whether that is certain."""
    week = rising(asked.filters, today=local_day(asked.as_of, asked.filters.zone))
    return [
        Told(
            one.topic.code,
            figure(one.found.ratio, one.found.mentions),
            week.period.start,
            verdict="certain" if one.is_certain else None,
        )
        for one in week.topics
        if one.found.mentions >= FEWEST_MENTIONS
    ]


def costs(asked: Question) -> Iterable[Told]:
    """The points of the score that each topic adds or takes, in the period or in each of its slots."""
    filters, scale, codes = asked.filters, asked.scale, _codes()
    found = remembered.while_costly(f"impacts {filters} {scale} {asked.step}", lambda: _impacts(asked))
    return [
        Told(
            codes.get(effect.topic),
            figure(effect.points, effect.mentions, effect.lo, effect.hi),
            start,
            verdict=effect.verdict,
        )
        for start, told in found
        for effect in told.effects
        if display_state(effect.mentions) != "hidden"
    ]


def _impacts(asked: Question) -> list[tuple[dt.date | None, Impact]]:
    if asked.step:
        return list(by_slot(asked.filters, asked.scale, asked.step))
    return [(None, impact(asked.filters, asked.scale))]


def _codes() -> dict[int, str]:
    return dict(Topic.objects.values_list("pk", "code"))


def invitations(asked: Question) -> Iterable[Told]:
    """A rate of the funnel."""
    if asked.step:
        return of_points(over_time.rates(asked.filters, asked.key, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(funnel.rates_by(asked.filters, asked.key, asked.by, as_of=asked.as_of))


def weighted(asked: Question) -> Iterable[Told]:
    """A score as if all who were asked had answered equally often; where there is nothing to weight, none."""
    for one in funnel.silent(asked.filters):
        if one.scale == asked.scale and one.can_be_weighted:
            found = one.score
            told = figure(found.weighted, one.answered, found.lo, found.hi, prev=None, n_eff=found.n_eff)
            yield Told(None, told | {"state": display_state(found.n_eff)})


def by_revenue(asked: Question) -> Iterable[Told]:
    """The NPS with each answer weighing as much as its customer is worth in a year; none where that is not known."""
    found = nps_by_revenue(asked.filters)
    if found:
        weighted, n = found.weighted, found.plain.n
        if not found.is_shown:
            yield Told(None, figure(None, n, state="hidden"))
            return
        state = display_state(min(n, weighted.n_eff))
        yield Told(None, figure(weighted.value, n, weighted.lo, weighted.hi, n_eff=weighted.n_eff, state=state))


def detectable(asked: Question) -> Iterable[Told]:
    """The smallest rise and fall that the answers of the period would show against those of the comparison."""
    card = reports.card(asked.filters, asked.scale, as_of=asked.as_of)
    found = of_card(card)
    if found:
        yield Told("rise", figure(found.rise, card.metric.n))
        yield Told("fall", figure(found.fall, card.metric.n))
