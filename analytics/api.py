"""`/api/v1/metrics/`: what each number means; `/api/v1/metrics/<key>/`: its value, change and breakdown."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import funnel, reports, rollups
from analytics.forms import COMPARISONS, EVIDENCE, fault_of_days, usual_period
from analytics.metrics import Metric
from analytics.periods import Period
from analytics.registry import METRICS
from analytics.reports import CES, CSAT, NPS, THREE_STEPS, THUMBS, YES_NO, Filters
from analytics.service import service
from feedback.models import Comment, CommentClass, Topic
from ground.access import Scope, visible_teams
from ground.api_keys import program_of
from ground.api_shape import StrictSerializer
from ground.models import Team, reporting_day
from surveys.models import Survey
from surveys.models.customers import Channel

# The scales of a score, the first unless another is asked for.
SCALES = {"csat": (CSAT, THREE_STEPS, THUMBS), "nps": (NPS,), "ces": (CES,), "resolved_by_customer": (YES_NO,)}

Key = str | None
Found = Iterable[tuple[Key, Metric]]


class DefinitionShape(serializers.Serializer[Any]):
    """A metric, in the caller's language."""

    key = serializers.CharField(help_text="Its stable name.")
    name = serializers.CharField()
    about = serializers.CharField()
    method = serializers.CharField()
    source = serializers.CharField(source="source_label")  # type: ignore[assignment]
    unit = serializers.CharField()
    better = serializers.CharField(help_text="`up`, `down` or `none`.")
    min_n = serializers.IntegerField(help_text="So many are needed for a number in full.")
    version = serializers.IntegerField()
    has_values = serializers.SerializerMethodField(help_text="Whether this API tells its values.")
    by = serializers.SerializerMethodField(help_text="What it can be broken down by.")

    def get_has_values(self, definition: Any) -> bool:
        return definition.key in READERS

    def get_by(self, definition: Any) -> list[str]:
        return sorted(READERS[definition.key].by) if definition.key in READERS else []


class Asked(StrictSerializer):
    """Period, comparison and scope, as on the dashboard."""

    start = serializers.DateField(required=False, help_text="The first reporting day; with `end`.")
    end = serializers.DateField(required=False, help_text="The last one. Without both: the last 28 days.")
    compare = serializers.ChoiceField(choices=[key for key, _label in COMPARISONS], default="previous")
    by = serializers.ChoiceField(choices=["team", "channel", "survey", "week", "class", "topic"], required=False)
    scale = serializers.ChoiceField(choices=[CSAT, THREE_STEPS, THUMBS], required=False, help_text="Of `csat` alone.")
    team = serializers.CharField(max_length=64, required=False, help_text="The team's code.")
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    survey = serializers.SlugField(max_length=64, required=False, help_text="The survey's code.")
    evidence = serializers.ChoiceField(choices=EVIDENCE, required=False)
    source = serializers.ChoiceField(choices=Comment.Source.choices, required=False)  # type: ignore[assignment]

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if fault := fault_of_days(given.get("start"), given.get("end")):
            raise ValidationError(fault)
        return given


class ValueShape(serializers.Serializer[Any]):
    """One number with its uncertainty. Shares and their differences are 0 to 1, NPS is in points; null is a dash."""

    key = serializers.CharField(allow_null=True, help_text="Of the breakdown: a code, a day; null for none.")
    name = serializers.CharField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    num = serializers.FloatField(allow_null=True)
    den = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    lo = serializers.FloatField(allow_null=True, help_text="The 95-percent interval.")
    hi = serializers.FloatField(allow_null=True)
    state = serializers.ChoiceField(choices=["hidden", "weak", "full"], help_text="By n: under 5, 5 to 29, from 30.")
    prev = serializers.FloatField(allow_null=True)
    diff = serializers.FloatField(allow_null=True)
    diff_lo = serializers.FloatField(allow_null=True)
    diff_hi = serializers.FloatField(allow_null=True)
    p_adj = serializers.FloatField(allow_null=True, help_text="After correction for the number of comparisons.")
    flag = serializers.ChoiceField(choices=["up", "down", "same"], allow_null=True, help_text="A proven change.")
    preliminary = serializers.BooleanField()


class PeriodShape(serializers.Serializer[Period]):
    start = serializers.DateField()
    end = serializers.DateField()


class ValuesShape(serializers.Serializer[Any]):
    metric = serializers.CharField()
    unit = serializers.CharField()
    definition_version = serializers.IntegerField()
    period = PeriodShape()
    before = PeriodShape(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="Up to when everything is counted.")
    values = ValueShape(many=True)  # type: ignore[assignment]


@dataclass(frozen=True)
class Reader:
    """How a metric is read: the whole, or broken down `by` one of these."""

    read: Callable[[Filters, str, str, dt.datetime], Found]
    by: frozenset[str]
    is_whole: bool = True


def _score(filters: Filters, by: str, scale: str, as_of: dt.datetime) -> Found:
    if by in ("team", "channel"):
        return [(segment.key, segment.metric) for segment in reports.segments(filters, by, scale, as_of=as_of)]
    card = reports.card(filters, scale, as_of=as_of)
    if by == "week":
        return [(week.start.isoformat(), _plain(week, as_of)) for week in card.weeks]
    return [(None, card.metric)]


def _plain(week: reports.Week, as_of: dt.datetime) -> Metric:
    """A week as a metric without a comparison; hidden ones have lost their value already."""
    nothing = dict.fromkeys(("num", "den", "prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag"))
    told = {"value": week.value, "n": week.n, "lo": week.lo, "hi": week.hi, "state": week.state}
    return Metric(**told, **nothing, unit="share", as_of=as_of, preliminary=False, definition_version=1)  # type: ignore[arg-type]


def _classes(filters: Filters, by: str, scale: str, as_of: dt.datetime) -> Found:
    return reports.classes(filters, as_of=as_of).shares.items()


def _topics(filters: Filters, by: str, scale: str, as_of: dt.datetime) -> Found:
    among = reports.classes(filters, as_of=as_of)
    # A topic that few mention is hidden on pages, however many comments its share is of.
    rows = reports.topics(filters, among=among, as_of=as_of)
    return [(row.topic.code, row.metric) for row in rows if row.state != "hidden"]


def _within(filters: Filters, by: str, scale: str, as_of: dt.datetime) -> Found:
    found = service(filters, as_of=as_of)
    if by == "channel":
        return [(served.channel, served.within) for served in found.channels if served.within]
    return [(None, found.total.within)] if found.total.within else []


def _asked(key: str) -> Callable[[Filters, str, str, dt.datetime], Found]:
    def read(filters: Filters, by: str, scale: str, as_of: dt.datetime) -> Found:
        return [(segment.key, segment.metric) for segment in funnel.rates_by(filters, key, by, as_of=as_of)]

    return read


def _solved(filters: Filters, by: str, scale: str, as_of: dt.datetime) -> Found:
    return [(None, service(filters, as_of=as_of).solved)]


OF_SCORE = Reader(_score, frozenset({"team", "channel", "week"}))
READERS: Mapping[str, Reader] = {
    **dict.fromkeys(SCALES, OF_SCORE),
    "comment_class": Reader(_classes, frozenset({"class"}), is_whole=False),
    "topic_share": Reader(_topics, frozenset({"topic"}), is_whole=False),
    "within_target": Reader(_within, frozenset({"channel"})),
    "resolved_share": Reader(_solved, frozenset()),
    **{key: Reader(_asked(key), frozenset({"team", "channel", "survey"})) for key in funnel.RATES if key in METRICS},
}


@extend_schema(operation_id="v1_metrics_list", responses={200: DefinitionShape(many=True)})
@api_view(["GET"])
def metrics(request: Request) -> Response:
    """Every metric of the register: its meaning, how it is measured, unit, direction, the n it needs, its version."""
    return Response(DefinitionShape(METRICS.values(), many=True).data)


EXAMPLE = OpenApiExample(
    "CSAT by channel",
    value={
        "metric": "csat", "unit": "share", "definition_version": 1,
        "period": {"start": "2026-10-26", "end": "2026-11-22"}, "before": {"start": "2026-09-28", "end": "2026-10-25"},
        "as_of": "2026-11-23T06:12:00Z",
        "values": [{
            "key": "phone", "name": "phone", "value": 0.733, "num": 211, "den": 288, "n": 288, "lo": 0.679, "hi": 0.78,
            "state": "full", "prev": 0.84, "diff": -0.107, "diff_lo": -0.172, "diff_hi": -0.041, "p_adj": 0.003,
            "flag": "down", "preliminary": False,
        }],
    },
    response_only=True,
)  # fmt: skip


@extend_schema(operation_id="v1_metrics_read", parameters=[Asked], responses={200: ValuesShape}, examples=[EXAMPLE])
@api_view(["GET"])
def values(request: Request, key: str) -> Response:
    """A metric of a period with its interval, n and change, whole or broken down; a team's key sees its own rows."""
    if key not in READERS:
        raise Http404
    shape = Asked(data=request.query_params.dict())
    shape.is_valid(raise_exception=True)
    given, reader = shape.validated_data, READERS[key]
    filters = _filters(given, program_of(request).scope)
    by, scale = _by(given, reader), _scale(given, key)
    found = list(reader.read(filters, by, scale, timezone.now()))
    names = _names(by, [label for label, _metric in found])
    told = {
        "metric": key,
        "unit": METRICS[key].unit,
        "definition_version": METRICS[key].version,
        "period": filters.period,
        "before": filters.before,
        "as_of": rollups.as_of(),
        "values": [_told(label, metric, names) for label, metric in found],
    }
    return Response(ValuesShape(told).data)


def _by(given: dict[str, Any], reader: Reader) -> str:
    by = given.get("by", "")
    if by and by not in reader.by:
        known = ", ".join(sorted(reader.by)) or "—"
        raise ValidationError({"by": [_("This metric is broken down by: %(known)s.") % {"known": known}]})
    return by or ("" if reader.is_whole else next(iter(reader.by)))


def _scale(given: dict[str, Any], key: str) -> str:
    scales = SCALES.get(key, ("",))
    scale = given.get("scale", scales[0])
    if scale not in scales:
        raise ValidationError({"scale": [_("This metric has no such scale.")]})
    return scale


def _filters(given: dict[str, Any], scope: Scope) -> Filters:
    usual = usual_period(reporting_day(timezone.now()))
    period = Period(given["start"], given["end"]) if "start" in given else usual
    return Filters(
        scope=scope, period=period, before=period.compared(given["compare"]), team=_team(given, scope),
        survey=_survey(given), channel=given.get("channel", ""), source=given.get("source", ""),
        evidence=given.get("evidence", ""),
    )  # fmt: skip


def _team(given: dict[str, Any], scope: Scope) -> int | None:
    """A team that the key may not see is as unknown as one that there is not."""
    if "team" not in given:
        return None
    known = next((team.pk for team in visible_teams(scope) if team.code == given["team"]), None)
    if known is None:
        raise ValidationError({"team": [_("No team has this code.")]})
    return known


def _survey(given: dict[str, Any]) -> int | None:
    if "survey" not in given:
        return None
    known = Survey.objects.filter(code=given["survey"]).values_list("pk", flat=True).first()
    if known is None:
        raise ValidationError({"survey": [_("No survey has this code.")]})
    return known


def _names(by: str, keys: list[Any]) -> dict[Any, tuple[Key, Any]]:
    """The code and the name of what a number is of."""
    if by == "team":
        return {team.pk: (team.code, team.name) for team in Team.objects.filter(pk__in=[key for key in keys if key])}
    if by == "survey":
        return {survey.pk: (survey.code, survey.name) for survey in Survey.objects.filter(pk__in=keys)}
    if by == "topic":
        return {topic.code: (topic.code, str(topic)) for topic in Topic.objects.filter(code__in=keys)}
    labels = {"channel": dict(Channel.choices), "class": dict(CommentClass.choices)}.get(by, {})
    return {key: (key or None, labels.get(key)) for key in keys}


def _told(label: Any, metric: Metric, names: dict[Any, tuple[Key, Any]]) -> dict[str, Any]:
    key, name = names.get(label, (None, None))
    return asdict(metric) | {"key": key, "name": name}
