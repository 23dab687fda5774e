"""The endpoints of the numbers."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import api_view, permission_classes, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import rollups
from analytics.api.asking import question
from analytics.api.of_answers import ASPECTS
from analytics.api.question import Told
from analytics.api.readers import READERS, read
from analytics.api.shapes import Asked, DefinitionShape, ValuesShape
from analytics.api.table import CsvRenderer
from analytics.registry import METRICS
from analytics.served_counts import LADDERS
from feedback.models import CommentClass, Topic
from ground.api_keys import ToRead, program_of
from ground.models import Team
from surveys.models import Agent, Survey
from surveys.models.customers import Channel

DEFINED = OpenApiExample("CSAT", value={
    "key": "csat", "name": "CSAT", "about": "How many customers are satisfied with a contact.",
    "method": "The share of satisfied answers among all counted ones (4–5 of 5; 3 of 3; thumb up)…",
    "source": "Survey answers", "unit": "share", "better": "up", "min_n": 30, "version": 1, "in_api": "",
    "has_values": True, "by": ["channel", "first_response", "question", "team", "day", "week", "month"],
}, response_only=True)  # fmt: skip


@extend_schema(operation_id="v1_metrics_list", responses={200: DefinitionShape(many=True)}, examples=[DEFINED])
@api_view(["GET"])
@permission_classes([ToRead])
def metrics(request: Request) -> Response:
    """Every metric of the register: its meaning, how it is measured, unit, direction, the n it needs, its version."""
    return Response(DefinitionShape(METRICS.values(), many=True).data)


NOTHING: dict[str, Any] = {
    "partial": False, **dict.fromkeys(("prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag", "n_eff", "verdict"))
}  # fmt: skip
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
            "diff_hi": -0.041, "p_adj": 0.003, "flag": "down", "preliminary": False, "partial": False, "n_eff": None,
            "verdict": None,
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
    OpenApiExample("What a survey’s questions were answered", value={
        "metric": "answer_share", "unit": "share", "definition_version": 1, **PERIODS,
        "values": [{
            **NOTHING, "key": "reason/speed", "name": "Most liked: Speed", "start": None, "value": 0.42, "num": 84,
            "den": 200, "n": 200, "lo": 0.354, "hi": 0.489, "state": "full", "preliminary": False,
        }],
    }, response_only=True),
    OpenApiExample("First responses within the service level, by team and week", value={
        "metric": "within_target", "unit": "share", "definition_version": 2, **PERIODS, "before": None,
        "values": [{
            **NOTHING, "key": "first-line", "name": "First line", "start": "2026-11-16", "value": 0.81, "num": 162,
            "den": 200, "n": 200, "lo": 0.75, "hi": 0.858, "state": "full", "preliminary": True,
        }],
    }, response_only=True),
    OpenApiExample("Queues by channel", value={
        "metric": "service_level", "unit": "share", "definition_version": 1, **PERIODS,
        "values": [{
            "key": "phone", "name": "phone", "start": None, "value": 0.78, "num": 390, "den": 500, "n": 500,
            "lo": 0.742, "hi": 0.814, "state": "full", "prev": 0.8, "diff": -0.02, "diff_lo": -0.071, "diff_hi": 0.031,
            "p_adj": 0.44, "flag": "same", "preliminary": False, "partial": False, "n_eff": None,
            "verdict": None,
        }],
    }, response_only=True),
    OpenApiExample("Repeat contacts by reason", value={
        "metric": "repeat_contacts", "unit": "share", "definition_version": 1, **PERIODS,
        "values": [{
            "key": "billing", "name": None, "start": None, "value": 0.2, "num": 60, "den": 300, "n": 300,
            "lo": 0.159, "hi": 0.249, "state": "full", "prev": 0.16, "diff": 0.04, "diff_lo": -0.021, "diff_hi": 0.1,
            "p_adj": 0.2, "flag": "same", "preliminary": False, "partial": False, "n_eff": None,
            "verdict": None,
        }],
    }, response_only=True),
    OpenApiExample("First responses to complaints, by team and month", value={
        "metric": "complaint_reaction", "unit": "time", "definition_version": 1, **PERIODS, "before": None,
        "values": [{
            **NOTHING, "key": "first-line", "name": "First line", "start": "2026-11-01", "value": 5460, "num": None,
            "den": None, "n": 64, "lo": 3900, "hi": 7320, "state": "full", "preliminary": True,
        }],
    }, response_only=True),
    OpenApiExample("The backlog as each week ended", value={
        "metric": "backlog", "unit": "contacts", "definition_version": 1, **PERIODS, "before": None,
        "values": [{
            **NOTHING, "key": None, "name": None, "start": "2026-11-09", "value": 143, "num": None, "den": None,
            "n": 143, "lo": 120.5, "hi": 168.5, "state": "full", "preliminary": False,
        }],
    }, response_only=True),
    OpenApiExample("Staff by hour of the week", value={
        "metric": "staffing", "unit": "people", "definition_version": 1, **PERIODS, "period": None, "before": None,
        "values": [{
            **NOTHING, "key": "phone/1-09", "name": "phone, Mon 9–10 h", "start": None, "value": 12, "num": 8,
            "den": None, "n": 56, "lo": None, "hi": 15, "state": "full", "preliminary": False,
        }],
    }, response_only=True),
    OpenApiExample("Customers lost, month by month", value={
        "metric": "contract_churn", "unit": "share", "definition_version": 1, **PERIODS, "period": None, "before": None,
        "values": [{
            **NOTHING, "key": None, "name": None, "start": "2026-10-01", "value": 0.031, "num": 13, "den": 420,
            "n": 420, "lo": 0.018, "hi": 0.052, "state": "full", "preliminary": False,
        }],
    }, response_only=True),
    OpenApiExample("Agents’ scores as far as they are known", value={
        "metric": "agent_score", "unit": "share", "definition_version": 2, **PERIODS,
        "values": [{
            **NOTHING, "key": "a7", "name": "D. Klimov", "start": None, "value": 0.82, "num": None, "den": None,
            "n": 45, "lo": None, "hi": None, "state": "full", "preliminary": False, "verdict": "above",
        }],
    }, response_only=True),
    OpenApiExample("Deviations", value={
        "metric": "deviations", "unit": "sd", "definition_version": 1, **PERIODS,
        "values": [{
            **NOTHING, "key": "csat/first-line", "name": "CSAT: lower than usual (First line)", "start": "2026-11-09",
            "value": 0.71, "num": None, "den": None, "n": 310, "lo": 0.657, "hi": 0.758, "state": "full",
            "prev": 0.83, "diff": -0.12, "diff_lo": -0.175, "diff_hi": -0.067, "flag": "down", "preliminary": False,
            "verdict": "open",
        }],
    }, response_only=True),
]  # fmt: skip


@extend_schema(operation_id="v1_metrics_read", parameters=[Asked], responses={200: ValuesShape}, examples=EXAMPLES)
@api_view(["GET"])
@permission_classes([ToRead])
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
    found = list(read(asked))
    names = _names(asked.by, [told.key for told in found])
    told = {
        "metric": key,
        "unit": READERS[key].units.get(asked.scale, METRICS[key].unit),
        "definition_version": METRICS[key].version,
        "period": asked.filters.period if READERS[key].has_period else None,
        "before": asked.filters.before if READERS[key].has_period and not asked.step else None,
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
    key, name = (told.key, told.name) if told.name else names.get(told.key, (None, None))
    return {"partial": False, **told.numbers, "key": key, "name": name, "start": told.start, "verdict": told.verdict}
