"""Who answers: invitations of one day by segments of customers, and by what the customer last said before (M7).

What was promised to stay anonymous is in none of them: a narrow slice could tell who it was.
"""

from collections import Counter, defaultdict
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTextTransform

from analytics import asked_counts
from analytics.asked_counts import ANSWERED, BOUNCED, SENT
from analytics.slice_counts import LONGEST, SEGMENT, most_frequent
from feedback.models import Response
from surveys import nobody
from surveys.models import Interaction, Invitation, Segment
from surveys.questions import SCALES

# Who sees some teams only is told of what was said to the same team: others' answers must not show in the own numbers.
MOOD, MOOD_OF_TEAM = "mood", "moodteam"
# How the customer's last score was on its scale; the first answer has none before it.
HIGH, MIDDLE, LOW, NONE = MOODS = ("high", "mid", "low", "none")
KEY = ("kind", "value", "survey", "team", "channel", "fact")
PLACE = ("survey", "team", "channel")

Counts = Counter[tuple[Any, ...]]


def counts_of(rows: QuerySet[Invitation]) -> Counts:
    """Counts of these invitations by slice, survey, team, channel and how far they got."""
    named = rows.filter(survey__is_anonymous=False).order_by()
    counts: Counts = Counter()
    for attribute in Segment.objects.values_list("attribute", flat=True):
        counts += _of_segment(named, attribute)
    theirs, kept = named.exclude(interaction__source=nobody.SOURCE), named.filter(interaction__source=nobody.SOURCE)
    for kind in (MOOD, MOOD_OF_TEAM):
        counts += _of_mood(theirs, kind)
        for mood in MOODS:
            counts += _counted(kept.filter(**{f"interaction__attributes__{kind}": mood}), kind, mood)
    return counts


def kept_of(contacts: QuerySet[Interaction]) -> dict[int, dict[str, str]]:
    """What customers had said before they were asked about these contacts: kept for what is taken from its customer."""
    sent = asked_counts.invited().filter(interaction__in=contacts).order_by("-pk")
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for kind in (MOOD, MOOD_OF_TEAM):
        for contact, scale, score in _with_last(sent, kind).values_list("interaction", "last_scale", "last_score"):
            found[contact][kind] = mood_of(scale, score)
    return dict(found)


def mood_of(scale: str | None, score: int | None) -> str:
    """How a score is on its scale."""
    if scale is None or score is None or scale not in SCALES:
        return NONE
    return SCALES[scale].band(score)


def in_mood(rows: QuerySet[Invitation], mood: str) -> QuerySet[Any]:
    """Those of the rows whose customer had last said so, to any team."""
    told = _with_last(rows.filter(survey__is_anonymous=False), MOOD)
    if mood == NONE:
        return told.filter(last_scale=None)
    said = Q()
    for scale in SCALES.values():
        scores = [score for score in scale.values if scale.band(score) == mood]
        said |= Q(last_scale=scale.name, last_score__in=scores)
    return told.filter(said)


def _with_last(rows: QuerySet[Invitation], kind: str) -> QuerySet[Any]:
    """The newest counted score that the customer gave before the invitation left."""
    before = Response.objects.filter(
        customer=OuterRef("customer"), answered_at__lt=OuterRef("sent_at"), score__isnull=False,
        evidence__in=Response.COUNTED, is_excluded=False, survey__is_anonymous=False,
    )  # fmt: skip
    newest = before.order_by("-answered_at", "-pk")

    def last(column: str) -> Any:
        if kind == MOOD:
            return Subquery(newest.values(column)[:1])
        of_team, of_none = newest.filter(team=OuterRef("team")), newest.filter(team=None)
        return Case(
            When(team=None, then=Subquery(of_none.values(column)[:1])), default=Subquery(of_team.values(column)[:1])
        )

    return rows.annotate(last_scale=last("scale"), last_score=last("score"))


def _facts() -> dict[str, Any]:
    holds = asked_counts.facts()
    return {SENT: Count("pk")} | {fact: Count("pk", filter=holds[fact]) for fact in (BOUNCED, ANSWERED)}


def _of_mood(rows: QuerySet[Invitation], kind: str) -> Counts:
    counts: Counts = Counter()
    told = _with_last(rows, kind).values_list(*PLACE, "last_scale", "last_score").annotate(**_facts())
    for *place, scale, score, sent, bounced, answered in told:
        _add(counts, (kind, mood_of(scale, score), *place), sent, bounced, answered)
    return counts


def _counted(rows: QuerySet[Invitation], kind: str, value: str) -> Counts:
    counts: Counts = Counter()
    for *place, sent, bounced, answered in rows.values_list(*PLACE).annotate(**_facts()):
        _add(counts, (kind, value, *place), sent, bounced, answered)
    return counts


def _of_segment(rows: QuerySet[Invitation], attribute: str) -> Counts:
    """By the values of an attribute; of one that is another for every customer, the most frequent alone."""
    value = KeyTextTransform(attribute, "customer__attributes")
    told = rows.exclude(customer__attributes={}).annotate(value=value).values_list("value", *PLACE).annotate(**_facts())
    found: Counts = Counter()
    for value_told, *place, sent, bounced, answered in told:
        if value_told not in (None, ""):
            _add(found, (SEGMENT, str(value_told)[:LONGEST], *place), sent, bounced, answered)
    return most_frequent(found, attribute, fact=SENT)


def _add(counts: Counts, place: tuple[Any, ...], sent: int, bounced: int, answered: int) -> None:
    for fact, count in ((SENT, sent), (BOUNCED, bounced), (ANSWERED, answered)):
        if count:
            counts[*place, fact] += count
