"""What customers say of single qualities of each agent's work: the means of further questions and of aspects (M2)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.agents import Given, hists_of, measured, of_answers
from analytics.metrics import Metric
from analytics.models import AgentAnswerDay
from analytics.reports import THUMBS, Filters, within
from analytics.results.report import asks
from analytics.scores import mean_score
from analytics.stored import Total
from surveys.models import Question
from surveys.questions import Scale, grid

# The qualities that most was said of, as columns.
MOST = 8


@dataclass(frozen=True)
class Attribute:
    """A further question, or an aspect of one, with each agent's mean on its scale."""

    question: Question
    item: str
    scale: Scale
    questions: tuple[int, ...]
    metrics: Mapping[int, Metric]


def attributes(filters: Filters, agents: Collection[int], *, as_of: dt.datetime) -> list[Attribute]:
    """The qualities that these agents were rated on in the period, those with most answers first.

    Questions of several versions count together where they ask exactly the same.
    """
    rows = AgentAnswerDay.objects.filter(of_answers(filters), within(filters.period), agent__in=agents)
    alike: dict[tuple[int, str], list[Given]] = defaultdict(list)
    told = rows.values_list("question", "item", "agent", "team", "value").annotate(n=Total("count")).order_by()
    for pk, item, *given in told:
        alike[pk, item].append(Given(*given))
    questions = Question.objects.select_related("version").in_bulk({pk for pk, _item in alike})
    found: dict[Any, list[Given]] = defaultdict(list)
    newest: dict[Any, Question] = {}
    every: dict[Any, set[int]] = defaultdict(set)
    scales: dict[Any, Scale] = {}
    for (pk, item), answers in alike.items():
        question = questions[pk]
        scale = grid.row_scale(question.options) if question.kind == "grid" else question.scale
        if scale is None or scale.name == THUMBS:
            continue
        key = question.version.survey_id, str(asks(question)), item
        scales[key] = scale
        newest[key] = max(question, newest.get(key, question), key=lambda one: one.pk)
        every[key].add(pk)
        found[key] += answers
    most = Counter({key: sum(row.answers for row in own) for key, own in found.items()})
    return [
        Attribute(
            newest[key],
            key[2],
            scales[key],
            tuple(sorted(every[key])),
            _means(found[key], scales[key].name, as_of=as_of),
        )
        for key, _n in sorted(most.items(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST]
    ]


def _means(rows: list[Given], scale: str, *, as_of: dt.datetime) -> dict[int, Metric]:
    scores = {agent: mean_score(hist, scale) for agent, hist in hists_of(rows).items()}
    return measured(rows, scores, as_of=as_of)
