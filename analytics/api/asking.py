"""From what a program wrote to a question; what makes none is refused in a sentence."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from analytics import slices
from analytics.api import of_slices
from analytics.api.of_answers import ASPECTS
from analytics.api.of_questions import QUESTION
from analytics.api.question import Question, Reader
from analytics.api.readers import READERS, SCALES
from analytics.filters import Filters
from analytics.forms import usual_period
from analytics.funnel import BY_SLICE
from analytics.over_time import STEPS
from analytics.periods import Period
from analytics.serving.parts import WORKING
from analytics.serving.plan_form import PlanForm
from analytics.serving.queues import USUAL_TARGET
from analytics.slice_counts import AGENT, LANGUAGE, SEGMENT, TOPIC
from analytics.slices import Slice
from analytics.waiting import DEFAULT_FORMULA
from feedback.choices import agents_of
from feedback.filters import BY_CONTACT
from ground.access import Scope, visible_teams
from ground.models import reporting_day
from surveys.models import Survey

# So many slots a series may have: ten years of weeks, more than a year of days.
MOST_SLOTS = 530
SLICES = (AGENT, TOPIC, LANGUAGE, SEGMENT)
OPTIONS: dict[str, Any] = {
    "percentile": 50, "clock": "working", "target": USUAL_TARGET, "formula": DEFAULT_FORMULA, "version": None,
}  # fmt: skip
PLANNED = [name for name in PlanForm.options() if name not in OPTIONS]


def question(key: str, given: dict[str, Any], scope: Scope) -> Question:
    """The checked question. Raises ValidationError."""
    reader = READERS[key]
    by, step = _by(given, reader)
    for name in (*OPTIONS, *PLANNED, *sorted(reader.without)):
        # Only the questions of a survey are those of a version.
        is_known = name in reader.options and (name != "version" or by == QUESTION)
        if name in given and not is_known:
            raise ValidationError({name: [_("This metric has no such choice.")]})
    filters = _filters(given, scope, reader, by)
    if by in reader.unslotted and step:
        raise ValidationError({"by": [_("This breakdown has no series.")]})
    if by in (*ASPECTS, *BY_SLICE) and filters.slice:
        raise ValidationError({"by": [_("This breakdown is told of all answers alone.")]})
    if filters.slice and key in of_slices.KNOWN:
        _check_contacts(given, by or step, filters.slice)
    if by == QUESTION and not filters.survey:
        raise ValidationError({"survey": [_("Whose questions? Give the survey’s code.")]})
    if step and len(filters.period.cut(step)) > MOST_SLOTS:
        raise ValidationError({"by": [_("A series has %(most)d slots at most.") % {"most": MOST_SLOTS}]})
    chosen = {name: given.get(name, usual) for name, usual in OPTIONS.items()}
    return Question(
        filters=filters, key=key, by=by, step=step, scale=_scale(given, key), as_of=timezone.now(),
        planned={name: given[name] for name in PlanForm.options() if name in given}, **chosen,
    )  # fmt: skip


def _check_contacts(given: dict[str, Any], by: str, chosen: Slice) -> None:
    """Contacts of a slice are counted as a whole, and how long agents took to solve them in working time."""
    if by:
        raise ValidationError({"by": [_("Of one agent or segment it is told as a whole.")]})
    if chosen.kind == AGENT and given.get("clock", WORKING) != WORKING:
        raise ValidationError({"clock": [_("Of one agent it is told in working time.")]})


def _by(given: dict[str, Any], reader: Reader) -> tuple[str, str]:
    """The column and the step that are asked for, each at most once."""
    asked = [name for name in given.get("by", "").split(",") if name]
    steps, columns = [name for name in asked if name in STEPS], [name for name in asked if name not in STEPS]
    if not set(asked) <= set(reader.known) or len(steps) > 1 or len(columns) > 1:
        known = ", ".join(reader.known) or "—"
        raise ValidationError({"by": [_("This metric is broken down by: %(known)s.") % {"known": known}]})
    column = columns[0] if columns else "" if reader.is_whole else min(reader.by, default="")
    return column, steps[0] if steps else ""


def _scale(given: dict[str, Any], key: str) -> str:
    scales = SCALES.get(key, ("",))
    scale = given.get("scale", scales[0])
    if scale not in scales:
        raise ValidationError({"scale": [_("This metric has no such scale.")]})
    return scale


def _filters(given: dict[str, Any], scope: Scope, reader: Reader, by: str) -> Filters:
    usual = usual_period(reporting_day(timezone.now()))
    period = Period(given["start"], given["end"]) if "start" in given else usual
    return Filters(
        scope=scope, period=period, before=period.compared(given["compare"]), team=_team(given, scope),
        survey=_survey(given), channel=given.get("channel", ""), source=given.get("source", ""),
        evidence=given.get("evidence", ""), slice=_slice(given, scope, reader, by), dated=_dated(given, reader, by),
    )  # fmt: skip


def _dated(given: dict[str, Any], reader: Reader, by: str) -> str:
    """By the end of contacts go the scores of all, of teams and of channels."""
    if given.get("dated") != BY_CONTACT:
        return ""
    if not reader.is_dated or by in ASPECTS or by == QUESTION or any(kind in given for kind in SLICES):
        raise ValidationError({"dated": [_("This is told by the day of the answer alone.")]})
    return BY_CONTACT


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


def _slice(given: dict[str, Any], scope: Scope, reader: Reader, by: str) -> Slice | None:
    """One agent, topic, language or segment. What the key may not see is as unknown as what there is not."""
    asked = [kind for kind in SLICES if kind in given]
    if not asked:
        return None
    kind = asked[0]
    if by == QUESTION and kind != LANGUAGE:
        raise ValidationError({kind: [_("Questions are narrowed by language alone.")]})
    if by != QUESTION and not reader.slices:
        raise ValidationError({kind: [_("This metric is not told by agent, topic, language or segment.")]})
    if by != QUESTION and kind not in reader.slices:
        known = ", ".join(sorted(reader.slices))
        raise ValidationError({kind: [_("This metric is narrowed to one of: %(known)s.") % {"known": known}]})
    if len(asked) > 1:
        raise ValidationError({asked[1]: [_("One of agent, topic, language and segment at a time.")]})
    value = given[kind]
    if kind == AGENT:
        value = agents_of(scope).filter(external_id=value).values_list("pk", flat=True).first()
    found = slices.read(f"{kind}:{value}", scope)
    if found is None:
        raise ValidationError({kind: [_("There is nothing of this name to narrow the numbers to.")]})
    return found
