"""One function per question of a manager, answered from the counts by day. Knows no page and no language."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max, Model, Q, QuerySet

from analytics import clusters, served_counts, waits
from analytics.clusters import NOBODY, Clusters
from analytics.complaints import Rate
from analytics.display import DisplayState, display_state
from analytics.filters import BEFORE as BEFORE
from analytics.filters import NOW as NOW
from analytics.filters import Filters as Filters
from analytics.filters import within as within
from analytics.metrics import Metric, measure
from analytics.models import ServedDay, TopicDay
from analytics.periods import Period
from analytics.scores import Nps, Share, ces, csat, merge_histograms, nps_from_histogram, share
from analytics.still_open import is_preliminary
from analytics.stored import Total, WeekOf
from feedback.models import CommentClass, Response, Topic
from surveys.resolved import RESOLVED as RESOLVED

CSAT, NPS, CES, THREE_STEPS, THUMBS, YES_NO = "csat_5", "nps", "ces_7", "csat_3", "thumbs", "yes_no"
# In the order of their cards. The first two have one when nobody has answered anything; the last is told beside scores.
SCALES = (CSAT, NPS, CES, THREE_STEPS, THUMBS, YES_NO, RESOLVED)
USUAL_SCALES = SCALES[:2]
SURE_CLASSES = ("positive", "negative", "constructive", "neutral")

Hist = Mapping[int, int]
Score = Share | Nps


@dataclass(frozen=True, kw_only=True)
class Week:
    """A score of seven days; the numbers are None below five answers."""

    period: Period
    value: float | None
    lo: float | None
    hi: float | None
    n: int
    state: DisplayState
    n_eff: float | None = None

    @property
    def start(self) -> dt.date:
        return self.period.start


@dataclass(frozen=True, kw_only=True)
class ScoreCard:
    """One score of the period: all counted answers, the confirmed ones alone, how answers spread, and the weeks.

    `n_before` is None without a comparison. `parts` are (lowest score, highest score, answers), best first.
    """

    scale: str
    metric: Metric
    confirmed: Metric
    n_before: int | None
    parts: tuple[tuple[int, int, int], ...]
    weeks: tuple[Week, ...]

    @property
    def presumed(self) -> int:
        return self.metric.n - self.confirmed.n

    @property
    def depends_on_presumed(self) -> bool:
        """Whether leaving presumed answers out moves the score by more than half its interval's width."""
        metric, other = self.metric, self.confirmed
        if metric.value is None or other.value is None or metric.lo is None or metric.hi is None:
            return False
        return abs(metric.value - other.value) > (metric.hi - metric.lo) / 2


@dataclass(frozen=True)
class Segment:
    """A team (by primary key, None for rows of no team) or a channel, with its score."""

    key: Any
    metric: Metric


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The score cards, and one score by team and by channel, the largest first."""

    cards: tuple[ScoreCard, ...]
    scale: str
    teams: tuple[Segment, ...] = ()
    channels: tuple[Segment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Comments by class: shares of those whose class is sure; `unsure` of `total` are counted apart."""

    total: int
    total_before: int
    unsure: int
    shares: Mapping[str, Metric]
    by_source: Mapping[str, int]

    @property
    def sure(self) -> int:
        return self.total - self.unsure


@dataclass(frozen=True, kw_only=True)
class TopicRow:
    """A topic's mentions, their classes, and their share of all comments; `state` goes by the mentions."""

    topic: Topic
    mentions: int
    classes: Mapping[str, int]
    metric: Metric
    state: DisplayState


Found = dict[tuple[str, Any], dict[str, Counter[int]]]


def scores(filters: Filters, *, as_of: dt.datetime) -> Scores:
    """How good, how sure, is it a change, and where: a card for each scale that somebody answered on."""
    every = cards(filters, as_of=as_of)
    scale = usual_scale(every)
    return Scores(
        cards=every,
        scale=scale,
        teams=() if filters.team else _several(segments(filters, "team", scale, as_of=as_of)),
        channels=() if filters.channel else _several(segments(filters, "channel", scale, as_of=as_of)),
    )


def cards(filters: Filters, *, as_of: dt.datetime) -> tuple[ScoreCard, ...]:
    """A card for each scale that somebody answered on."""
    return _cards(_answers(filters, "evidence"), _weeks(filters), filters, as_of=as_of, alike=_alike(filters))


def usual_scale(found: Sequence[ScoreCard]) -> str:
    """The first scale that anything was answered on in the period."""
    return next((card.scale for card in found if card.metric.n), found[0].scale)


def cards_of(table: type[Model], rows: Q, filters: Filters, *, as_of: dt.datetime) -> tuple[ScoreCard, ...]:
    """The cards of those of a table's counts that `rows` is the condition on; their columns are those of `ScoreDay`."""
    counts = table._default_manager.filter(rows)
    alike = clusters.borrowed(filters, weeks=len(filters.period.weeks()))
    return _cards(_answers(filters, "evidence", counts), _weeks(filters, counts), filters, as_of=as_of, alike=alike)


def _alike(filters: Filters) -> Clusters:
    return clusters.of_periods(filters, weeks=filters.period.weeks())


def _cards(
    answers: Found, weeks: Mapping[tuple[str, int], Hist], filters: Filters, *, as_of: dt.datetime, alike: Clusters
) -> tuple[ScoreCard, ...]:
    answered = {scale for scale, _evidence in answers} | {scale for scale, _week in weeks}
    if all(_of(RESOLVED, found) == _of(YES_NO, found) for found in (answers, weeks)):
        answered.discard(RESOLVED)  # the scores of yes or no are all that asks it
    shown = tuple(scale for scale in SCALES if scale in answered) or USUAL_SCALES
    return tuple(
        _card(scale, answers, _weeks_of(scale, weeks, filters, alike), filters=filters, as_of=as_of, alike=alike)
        for scale in shown
    )


def _of(scale: str, found: Mapping[tuple[str, Any], Any]) -> dict[Any, Any]:
    return {key: hists for (of, key), hists in found.items() if of == scale}


def card(filters: Filters, scale: str, *, as_of: dt.datetime) -> ScoreCard:
    """The card of one scale, answered on or not."""
    alike = _alike(filters)
    weeks = _weeks_of(scale, _weeks(filters), filters, alike)
    return _card(scale, _answers(filters, "evidence"), weeks, filters=filters, as_of=as_of, alike=alike)


def metric(filters: Filters, scale: str, *, as_of: dt.datetime) -> Metric:
    """One score alone, answered on or not."""
    answers = _by("evidence", filters.scored_in_both("evidence").filter(scale=scale))
    alike = clusters.of_periods(filters, scale=scale)
    return _card(scale, answers, (), filters=filters, as_of=as_of, alike=alike).metric


def segments(filters: Filters, column: str, scale: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One score by "team" or "channel", those with most answers first."""
    answers = _by(column, filters.scored_in_both(column).filter(scale=scale))
    return _segments(
        scale, answers, as_of=as_of, alike=clusters.of_periods(filters, column, scale=scale),
        preliminary=is_preliminary(filters, as_of=as_of),
    )  # fmt: skip


def by_wait(filters: Filters, scale: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One score by how soon a contact got its first response, the quickest first; () where that makes no difference."""
    found = {segment.key: segment for segment in by_service(filters, scale, served_counts.RESPONSE, as_of=as_of)}
    return _several(tuple(found[step] for step in waits.RESPONSE.ends if step in found))


def by_service(filters: Filters, scale: str, aspect: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One score by an aspect of service, the steps with most answers first; each step is its key. () of a slice."""
    if filters.slice:
        return ()
    served = filters.over_both(ServedDay).filter(served_counts.of_aspect(aspect), filters.of_evidence(), scale=scale)
    found: Found = {}
    for (when, told, step), hist in sorted(served_counts.histograms(served, "when").items()):
        if told == aspect:
            found.setdefault((scale, step), {NOW: Counter(), BEFORE: Counter()})[when] = hist
    return _segments(scale, found, as_of=as_of, alike=clusters.borrowed(filters))


def _several(found: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """One alone says no more than the total."""
    return found if len(found) > 1 else ()


def classes(filters: Filters, *, as_of: dt.datetime) -> Classes:
    """What kind of comments came, and from where."""
    counts: dict[str, Counter[str]] = {NOW: Counter(), BEFORE: Counter()}
    by_source: Counter[str] = Counter()
    for row in _summed(filters.said_in_both(), "derived_class", "source"):
        counts[row["when"]][row["derived_class"]] += row["answers"]
        if row["when"] == NOW:
            by_source[row["source"]] += row["answers"]
    shares = {when: class_shares(found) for when, found in counts.items()}
    return Classes(
        total=counts[NOW].total(),
        total_before=counts[BEFORE].total(),
        unsure=counts[NOW][CommentClass.UNSURE],
        shares=measure(shares[NOW], before=shares[BEFORE], as_of=as_of),
        by_source=dict(by_source.most_common()),
    )


def topics(filters: Filters, *, among: Classes, as_of: dt.datetime) -> tuple[TopicRow, ...]:
    """What comments are about, the topics with most negative ones first; shares are of the comments of `among`.

    A slice is not told of topics.
    """
    if filters.slice:
        return ()
    found = _summed(filters.over_both(TopicDay).filter(filters.of_source()), "topic", "derived_class")
    mentions: dict[str, dict[int, Counter[str]]] = {NOW: defaultdict(Counter), BEFORE: defaultdict(Counter)}
    for row in found:
        mentions[row["when"]][row["topic"]][row["derived_class"]] += row["answers"]
    shares = {pk: share(counts.total(), among.total) for pk, counts in mentions[NOW].items()}
    past = {pk: share(mentions[BEFORE][pk].total(), among.total_before) for pk in shares}
    metrics = measure(shares, before=past, as_of=as_of)
    rows = [
        TopicRow(
            topic=topic,
            mentions=counts.total(),
            classes=dict(counts),
            metric=metrics[topic.pk],
            state=display_state(counts.total()),
        )
        for topic in Topic.objects.filter(pk__in=list(shares))
        for counts in [mentions[NOW][topic.pk]]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.classes.get("negative", 0), -row.mentions, row.topic.pk)))


def last_day(filters: Filters) -> dt.date | None:
    """The newest day with anything in this scope, whatever the period."""
    newest = [
        rows.aggregate(day=Max("day"))["day"] for rows in (replace(filters, evidence="").scored(), filters.said())
    ]
    return max((day for day in newest if day), default=None)


def _summed(rows: QuerySet[Any], *columns: str) -> Iterable[dict[str, Any]]:
    """Counts of both periods by `columns` and `when`."""
    return rows.values("when", *columns).annotate(answers=Total("count")).order_by("when", *columns)


def _answers(filters: Filters, column: str, counts: QuerySet[Any] | None = None) -> Found:
    """Score histograms of both periods by the scale and the column's value."""
    return _by(column, filters.scored_in_both(column) if counts is None else filters.of_both_periods(counts))


def _by(column: str, counts: QuerySet[Any]) -> Found:
    return _both(_summed(counts, "scale", column, "score"), column)


def _both(rows: Iterable[dict[str, Any]], column: str) -> Found:
    found: Found = {}
    for row in rows:
        both = found.setdefault((row["scale"], row[column]), {NOW: Counter(), BEFORE: Counter()})
        both[row["when"]][row["score"]] += row["answers"]
    return found


def _weeks(filters: Filters, counts: QuerySet[Any] | None = None) -> dict[tuple[str, int], Counter[int]]:
    """Histograms by scale and the number of the week, from one look at the days they cover."""
    first = filters.period.weeks()[0].start
    rows = (filters.scored() if counts is None else counts).filter(within(Period(first, filters.period.end)))
    found = rows.values_list(WeekOf(first), "scale", "score").annotate(answers=Total("count")).order_by()
    hists: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for week, scale, score, answers in found:
        hists[scale, week][score] += answers
    return hists


def _weeks_of(scale: str, hists: Mapping[tuple[str, int], Hist], filters: Filters, alike: Clusters) -> tuple[Week, ...]:
    weeks = filters.period.weeks()
    told = [hists.get((scale, index), {}) for index in range(len(weeks))]
    return tuple(
        week_of(week, alike.widen(score_of(hist, scale), hist, scale, when=index))
        for index, (week, hist) in enumerate(zip(weeks, told, strict=True))
    )


def week_of(period: Period, score: Score | Rate, state: DisplayState | None = None) -> Week:
    """A score as that of seven days; its state goes by n, unless what stands beside it decides."""
    state = state or display_state(score.n)
    value, lo, hi = (None, None, None) if state == "hidden" else (score.value, score.lo, score.hi)
    n_eff = None if state == "hidden" else getattr(score, "n_eff", None)
    return Week(period=period, value=value, lo=lo, hi=hi, n=score.n, state=state, n_eff=n_eff)


def _card(
    scale: str, answers: Found, weeks: tuple[Week, ...], *, filters: Filters, as_of: dt.datetime, alike: Clusters
) -> ScoreCard:
    by_evidence = {evidence: both for (of, evidence), both in answers.items() if of == scale}
    hist = merge_histograms(both[NOW] for both in by_evidence.values())
    past = merge_histograms(both[BEFORE] for both in by_evidence.values())
    confirmed: Hist = by_evidence.get(Response.Evidence.CONFIRMED, {}).get(NOW, {})
    return ScoreCard(
        scale=scale,
        metric=_one(
            alike.widen(score_of(hist, scale), hist, scale, when=NOW),
            before=alike.widen(score_of(past, scale), past, scale, when=BEFORE),
            as_of=as_of,
            preliminary=is_preliminary(filters, as_of=as_of),
        ),
        confirmed=_one(
            alike.widen(score_of(confirmed, scale), confirmed, scale, when=NOW, evidence=clusters.CONFIRMED),
            before=None,
            as_of=as_of,
        ),
        n_before=sum(past.values()) if filters.before else None,
        parts=_parts(hist, scale),
        weeks=weeks,
    )


PARTS = {
    CSAT: ((4, 5), (3, 3), (1, 2)), NPS: ((9, 10), (7, 8), (0, 6)), CES: ((5, 7), (4, 4), (1, 3)),
    THREE_STEPS: ((3, 3), (2, 2), (1, 1)), THUMBS: ((1, 1), (0, 0)), YES_NO: ((1, 1), (0, 0)),
    RESOLVED: ((1, 1), (0, 0)),
}  # fmt: skip


def _parts(hist: Hist, scale: str) -> tuple[tuple[int, int, int], ...]:
    return tuple((low, high, sum(hist.get(score, 0) for score in range(low, high + 1))) for low, high in PARTS[scale])


def _one(now: Score, *, before: Score | None, as_of: dt.datetime, preliminary: bool = False) -> Metric:
    past = {0: before} if before is not None else None
    return measure({0: now}, before=past, as_of=as_of, preliminary=preliminary)[0]


def _segments(
    scale: str, answers: Found, *, as_of: dt.datetime, alike: Clusters = NOBODY, preliminary: bool = False
) -> tuple[Segment, ...]:
    """Those with answers in the period, the most first."""
    found = {key: both for (of, key), both in answers.items() if of == scale and both[NOW]}
    found = dict(sorted(found.items(), key=lambda item: (-item[1][NOW].total(), str(item[0]))))
    now, past = (
        {
            key: alike.widen(score_of(both[when], scale), both[when], scale, when=when, key=key)
            for key, both in found.items()
        }
        for when in (NOW, BEFORE)
    )
    metrics = measure(now, before=past, as_of=as_of, partition=len(found) > 1, preliminary=preliminary)
    return tuple(Segment(key=key, metric=metrics[key]) for key in found)


def score_of(hist: Hist, scale: str) -> Score:
    """The score of a histogram of its scale."""
    if scale == NPS:
        return nps_from_histogram(hist)
    if scale == CES:
        return ces(hist, scale)
    return share(hist.get(1, 0), sum(hist.values()), scale=scale) if scale in (YES_NO, RESOLVED) else csat(hist, scale)


def class_shares(counts: Mapping[str, int]) -> dict[str, Share]:
    """Shares of those whose class is sure."""
    sure = sum(counts.get(name, 0) for name in SURE_CLASSES)
    return {name: share(counts.get(name, 0), sure) for name in SURE_CLASSES}
