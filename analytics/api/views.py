"""The endpoints of the numbers."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import rollups
from analytics.api.asking import question
from analytics.api.of_answers import ASPECTS
from analytics.api.question import Told
from analytics.api.readers import READERS
from analytics.api.shapes import Asked, DefinitionShape, ValuesShape
from analytics.api.table import CsvRenderer
from analytics.registry import METRICS
from analytics.serving.by_service import LADDERS
from feedback.models import CommentClass, Topic
from ground.api_keys import program_of
from ground.models import Team
from surveys.models import Agent, Survey
from surveys.models.customers import Channel


@extend_schema(operation_id="v1_metrics_list", responses={200: DefinitionShape(many=True)})
@api_view(["GET"])
def metrics(request: Request) -> Response:
    """Every metric of the register: its meaning, how it is measured, unit, direction, the n it needs, its version."""
    return Response(DefinitionShape(METRICS.values(), many=True).data)


NOTHING = dict.fromkeys(("prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag", "verdict"))
PERIODS = {
    "period": {"start": "2026-10-26", "end": "2026-11-22"}, "before": {"start": "2026-09-28", "end": "2026-10-25"},
    "as_of": "2026-11-23T06:12:00Z",
}  # fmt: skip
EXAMPLES = [
    OpenApiExample("CSAT by channel", value={
        "metric": "csat", "unit": "share", "definition_version": 1, **PERIODS,
        "values": [{
            "key": "phone", "name": "phone", "start": None, "value": 0.733, "num": 211, "den": 288, "n": 288,
            "lo": 0.679, "hi": 0.78, "state": "full", "prev": 0.84, "diff": -0.107, "diff_lo": -0.172,
            "diff_hi": -0.041, "p_adj": 0.003, "flag": "down", "preliminary": False, "verdict": None,
        }],
    }, response_only=True),
    OpenApiExample("Comments about topics, by week", value={
        "metric": "topic_share", "unit": "share", "definition_version": 1, **PERIODS,
        "values": [{
            **NOTHING, "key": "waiting", "name": "Waiting time", "start": "2026-10-26", "value": 0.21, "num": 21,
            "den": 100, "n": 100, "lo": 0.142, "hi": 0.3, "state": "full", "preliminary": False,
        }],
    }, response_only=True),
    OpenApiExample("What topics cost", value={
        "metric": "topic_impact", "unit": "points", "definition_version": 1, **PERIODS,
        "values": [{
            **NOTHING, "key": "waiting", "name": "Waiting time", "start": None, "value": -6.4, "num": None, "den": None,
            "n": 140, "lo": -8.1, "hi": -4.7, "state": "full", "preliminary": False, "verdict": "fix_first",
        }],
    }, response_only=True),
]  # fmt: skip


@extend_schema(operation_id="v1_metrics_read", parameters=[Asked], responses={200: ValuesShape}, examples=EXAMPLES)
@api_view(["GET"])
@renderer_classes([JSONRenderer, CsvRenderer])
def values(request: Request, key: str) -> Response:
    """A metric of a period with its interval, n and change; whole, broken down, or as a series of days, weeks, months.

    A team's key sees its own rows. With `format=csv` the values are a table, for tools that read no JSON.
    """
    if key not in READERS:
        raise Http404
    shape = Asked(data=request.query_params.dict())
    shape.is_valid(raise_exception=True)
    asked = question(key, shape.validated_data, program_of(request).scope)
    found = list(READERS[key].read(asked))
    names = _names(asked.by, [told.key for told in found])
    told = {
        "metric": key,
        "unit": METRICS[key].unit,
        "definition_version": METRICS[key].version,
        "period": asked.filters.period,
        "before": None if asked.step else asked.filters.before,
        "as_of": rollups.as_of(),
        "values": [_value(told, names) for told in found],
    }
    return Response(ValuesShape(told).data)


def _names(by: str, keys: list[Any]) -> dict[Any, tuple[str | None, Any]]:
    """The code and the name of what a number is of."""
    if by == "team":
        return {team.pk: (team.code, team.name) for team in Team.objects.filter(pk__in={key for key in keys if key})}
    if by == "survey":
        return {survey.pk: (survey.code, survey.name) for survey in Survey.objects.filter(pk__in=set(keys))}
    if by == "topic":
        return {topic.code: (topic.code, str(topic)) for topic in Topic.objects.filter(code__in=set(keys))}
    if by == "agent":
        agents = Agent.objects.filter(external_id__in=set(keys))
        return {agent.external_id: (agent.external_id, agent.name) for agent in agents}
    if by in ASPECTS and ASPECTS[by] in LADDERS:
        return {key: (key, LADDERS[ASPECTS[by]].names.get(key)) for key in keys}
    labels = {"channel": dict(Channel.choices), "class": dict(CommentClass.choices)}.get(by, {})
    return {key: (key or None, labels.get(key)) for key in keys}


def _value(told: Told, names: dict[Any, tuple[str | None, Any]]) -> dict[str, Any]:
    key, name = names.get(told.key, (None, None))
    return {**told.numbers, "key": key, "name": name, "start": told.start, "verdict": told.verdict}
