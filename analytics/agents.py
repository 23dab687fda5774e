"""Agents beside each other: what their customers say, and how far that differs beyond chance and their cases (M27).

An answer belongs to the agent whom it names: the one who had the contact when it was asked about. Answers to anonymous
surveys belong to nobody.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Case, Q, QuerySet, When

from analytics.asked_counts import ANSWERED, SENT
from analytics.competence import case_mix, expected_hits, is_different, shrink, shrink_nps
from analytics.display import FULL_FROM
from analytics.metrics import Metric, measure
from analytics.models import AgentAskedDay, AgentContactDay, AgentEndedDay, AgentScoreDay
from analytics.reports import NPS, Filters, Score, score_of, within
from analytics.reports import SCALES as SHOWN
from analytics.scores import SCALES, Share, merge_histograms, share
from analytics.stored import Total
from analytics.work import Work, work_by
from surveys import rates
from surveys.models import Agent
from surveys.rates import Rates

# Whoever has left stays among them; of more than so many, the first by name.
MOST = 5_000
# What of a scale that is told as "yes" or "no" counts as good; the others have their boxes.
YES = frozenset({1})


# Whom a page shows at first: more rows nobody reads.
BUSIEST = 50


class Row(NamedTuple):
    """Answers of the period on one scale to one agent's work on one matter, and how many of them are good."""

    agent: int
    team: int | None
    channel: str
    reason: str
    good: int
    answers: int


class Given(NamedTuple):
    """So many answers on one scale gave an agent this score."""

    agent: int
    team: int | None
    score: int
    answers: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One agent's score and what is left of it: `metric` is None where nobody answered on this scale.

    `pulled` is drawn to the common mean by how little is known; `adjusted` is what everybody's mix of channels and
    reasons would give (shares only); `side` is "above" or "below" for a score outside the funnel, with 30 answers.
    """

    agent: Agent
    metric: Metric | None
    pulled: float | None
    adjusted: float | None
    side: str
    work: Work | None
    rates: Rates


@dataclass(frozen=True, kw_only=True)
class Agents:
    """Everybody of the scope with answers or contacts, the busiest first; `total` is the score of all their answers.

    `foremost` are the ones to show at first. There are `rows` of a scale that is a share.
    """

    scale: str
    scales: tuple[str, ...]
    total: Score
    standings: tuple[Standing, ...]
    foremost: tuple[Standing, ...]
    rows: tuple[Row, ...]


def of_agents(filters: Filters, *, agent: int | None = None) -> Q:
    """The condition on counts by agent, but for their days and survey; an agent's own are covered too."""
    chosen = {"team": filters.team, "channel": filters.channel, "agent": agent}
    return filters.scope.rows(own="agent__user") & Q(**{name: value for name, value in chosen.items() if value})


def of_answers(filters: Filters, *, agent: int | None = None) -> Q:
    """The condition on counts of answers by agent."""
    chosen = {"survey": filters.survey, "evidence": filters.evidence}
    return of_agents(filters, agent=agent) & Q(**{name: value for name, value in chosen.items() if value})


@dataclass(frozen=True, kw_only=True)
class _Scored:
    """What the answers on one scale tell of each agent."""

    scale: str
    total: Score
    rows: tuple[Row, ...]
    metrics: Mapping[int, Metric]
    pulled: Mapping[int, float | None]
    adjusted: Mapping[int, float | None]
    sides: Mapping[int, str]

    def n(self, key: int) -> int:
        return self.metrics[key].n if key in self.metrics else 0

    def standing(self, agent: Agent, *, work: Work | None, rates: Rates) -> Standing:
        metric = self.metrics.get(agent.pk)
        is_shown = metric is not None and metric.state != "hidden"
        return Standing(
            agent=agent,
            metric=metric,
            pulled=self.pulled.get(agent.pk) if is_shown else None,
            adjusted=self.adjusted.get(agent.pk) if is_shown else None,
            side=self.sides.get(agent.pk, ""),
            work=work,
            rates=rates,
        )


def agents(filters: Filters, scale: str, *, as_of: dt.datetime, everybody: bool = True) -> Agents:
    """Everybody whom the scope covers; without a `scale`, or on one without answers, the first that has some.

    Unless asked for `everybody`, the work of the foremost alone is looked up.
    """
    known = {agent.pk: agent for agent in known_agents(filters)}
    told = set(counts_of(filters).order_by().values_list("scale", flat=True).distinct())
    found = tuple(name for name in SHOWN if name in told) or SHOWN[:1]
    scored = _scored(filters, scale if scale in found else found[0], known, as_of=as_of)
    contacts = contacts_of(filters)
    asked = asked_about(filters, [key for key in known if not scored.n(key) and key not in contacts], contacts)
    busy = [key for key in known if key not in asked or asked[key].sent or asked[key].skipped]
    busy.sort(key=lambda key: (-contacts.get(key, 0), -scored.n(key), str(known[key])))
    shown = [key for place, key in enumerate(busy) if place < BUSIEST or scored.sides.get(key)]
    looked_up = busy if everybody else shown
    work = work_by("agent", filters, of_agents(filters), as_of=as_of, among=looked_up)
    asked |= asked_about(filters, [key for key in looked_up if key not in asked], contacts)
    standings = {key: scored.standing(known[key], work=work.get(key), rates=asked.get(key, Rates())) for key in busy}
    return Agents(
        scale=scored.scale,
        scales=found,
        total=scored.total,
        standings=tuple(standings.values()),
        foremost=tuple(standings[key] for key in shown),
        rows=scored.rows,
    )


def _scored(filters: Filters, scale: str, known: Mapping[int, Agent], *, as_of: dt.datetime) -> _Scored:
    answers: Sequence[Row | Given]
    scores: dict[int, Score]
    if scale == NPS:
        answers = told = [row for row in given(filters, scale) if row.agent in known]
        hists, rows = hists_of(told), tuple[Row, ...]()
        scores, total = (
            {key: score_of(hist, scale) for key, hist in hists.items()},
            score_of(merge_histograms(hists.values()), scale),
        )
    else:
        answers = rows = tuple(row for row in answered(filters, scale) if row.agent in known)
        scores = {key: share(*counts, scale=scale) for key, counts in tally(rows, "agent").items()}
        total = share(sum(row.good for row in rows), sum(row.answers for row in rows), scale=scale)
    metrics = measured(answers, scores, as_of=as_of)
    return _Scored(
        scale=scale,
        total=total,
        rows=rows,
        metrics=metrics,
        pulled=pulled(scores),
        adjusted=_adjusted(rows, scores, total),
        sides={key: side_of(scores[key], total) for key, metric in metrics.items() if metric.state == "full"},
    )


def answered(filters: Filters, scale: str, *, agent: int | None = None) -> list[Row]:
    """The answers of the period on one scale, by what they are about."""
    rows = counts_of(filters, agent=agent).filter(scale=scale).values_list("agent", "team", "channel", "reason")
    good = Total(Case(When(score__in=good_scores(scale), then="count"), default=0))
    return [Row._make(values) for values in rows.annotate(good=good, answers=Total("count")).order_by()]


def given(filters: Filters, scale: str) -> list[Given]:
    """The answers of the period on one scale, by score."""
    rows = counts_of(filters).filter(scale=scale).values_list("agent", "team", "score")
    return [Given._make(values) for values in rows.annotate(answers=Total("count")).order_by()]


def contacts_of(filters: Filters) -> dict[int, int]:
    """How many contacts of the period each agent had."""
    days = filters.over(AgentContactDay, "agent", where=of_agents(filters))
    return dict(days.filter(fact="contacts").values_list("agent").annotate(rows=Total("count")).order_by())


def counted_in(filters: Filters) -> type[AgentScoreDay | AgentEndedDay]:
    """The table of answers by agent, by the day that scores go by."""
    return AgentEndedDay if filters.dated else AgentScoreDay


def counts_of(filters: Filters, *, agent: int | None = None) -> QuerySet[Any]:
    """The counts of answers by agent, of the period."""
    return counted_in(filters).objects.filter(of_answers(filters, agent=agent), within(filters.period))


def side_of(score: Score, total: Score) -> str:
    """On which side of the funnel a score lies, "" within it or with too few answers to say."""
    if score.n < FULL_FROM or score.value is None or total.value is None or not is_different(score, total):
        return ""
    return "above" if score.value > total.value else "below"


def good_scores(scale: str) -> frozenset[int]:
    """The scores that a share counts."""
    return SCALES[scale].top if scale in SCALES else YES


def tally(rows: Iterable[Row], *columns: str) -> dict[Any, tuple[int, int]]:
    """Good answers and all of them, by this column of the rows or by these."""
    good, answers = defaultdict[Any, int](int), defaultdict[Any, int](int)
    key_of = itemgetter(*map(Row._fields.index, columns))
    for row in rows:
        key = key_of(row)
        good[key] += row[-2]
        answers[key] += row[-1]
    return {key: (good[key], number) for key, number in answers.items()}


def known_agents(filters: Filters) -> QuerySet[Agent]:
    """Whom the scope covers."""
    found = Agent.objects.filter(filters.scope.rows(own="user"))
    return found.select_related("team").order_by("name", "pk")[:MOST]


def hists_of(rows: Iterable[Given]) -> dict[int, Counter[int]]:
    """Answers by score, of each agent."""
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        found[row.agent][row.score] += row.answers
    return found


def measured(rows: Sequence[Row | Given], scores: Mapping[int, Any], *, as_of: dt.datetime) -> dict[int, Metric]:
    """The scores with their states: the agents of each team add up to its total, which other pages show."""
    answers: dict[int, Counter[int | None]] = defaultdict(Counter)
    for row in rows:
        answers[row.agent][row.team] += row.answers
    teams: dict[int | None, dict[int, Any]] = defaultdict(dict)
    for key, score in scores.items():
        teams[max(answers[key], key=lambda team: (answers[key][team], team or 0))][key] = score
    found: dict[int, Metric] = {}
    for members in teams.values():
        found |= measure(members, as_of=as_of, partition=True)
    return found


def pulled(scores: Mapping[int, Score]) -> dict[int, float | None]:
    """Each score drawn to the common mean by how little is known."""
    found = list(scores.values())
    parts = [score for score in found if isinstance(score, Share)]
    shrunk = shrink(parts) if parts else shrink_nps([score for score in found if not isinstance(score, Share)])
    return dict(zip(scores, shrunk.shrunk, strict=True))


def _adjusted(rows: Sequence[Row], scores: Mapping[int, Score], total: Score) -> dict[int, float | None]:
    """What everybody's mix of channels and reasons would give each; nothing for NPS, which is no share."""
    if not isinstance(total, Share) or total.value is None:
        return {}
    overall = {cell: good / answers for cell, (good, answers) in tally(rows, "channel", "reason").items()}
    mixes: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for agent, _team, channel, reason, _good, answers in rows:
        mixes[agent][channel, reason] += answers
    found: dict[int, float | None] = {}
    for key, mix in mixes.items():
        adjusted = case_mix(observed=scores[key].num, expected=expected_hits(mix, overall), overall=total.value)
        found[key] = min(adjusted.adjusted, 1.0) if adjusted else None
    return found


def asked_about(filters: Filters, known: list[int], contacts: Mapping[int, int]) -> dict[int, Rates]:
    """How often each one's contacts were asked about, and answered, by the day of sending."""
    if not known:
        return {}
    days = filters.over(AgentAskedDay, "agent", where=of_agents(filters)).filter(agent__in=known)
    facts = {
        (key, fact): number
        for key, fact, number in days.values_list("agent", "fact").annotate(rows=Total("count")).order_by()
    }
    first, after = filters.period.moments(filters.zone)
    skipped = rates.skipped(filters.scope, known, first=first, after=after)
    return {
        key: Rates(
            contacts=contacts.get(key, 0),
            asked=facts.get((key, SENT), 0),
            skipped=skipped.get(key, 0),
            sent=facts.get((key, SENT), 0),
            answered=facts.get((key, ANSWERED), 0),
        )
        for key in known
    }
