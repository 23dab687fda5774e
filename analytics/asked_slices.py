"""Who answers: invitations of one day by segments of customers, and by what the customer last said before (M7).

What was promised to stay anonymous is in none of them: a narrow slice could tell who it was.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat

from analytics import asked_counts
from analytics.asked_counts import ANSWERED, BOUNCED, SENT
from analytics.slice_counts import SEGMENT, most_frequent
from feedback.models import Response
from surveys import nobody
from surveys.models import Interaction, Invitation, Segment
from surveys.questions import SCALES
from surveys.segments import LONGEST

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
        said = theirs.annotate(last=last_said(kind))
        counts += _by_mood(said, kind, mood_of)
        kept_mood = KeyTextTransform(kind, "interaction__attributes")
        counts += _by_mood(kept.annotate(last=kept_mood), kind, str)
    return counts


def kept_of(contacts: QuerySet[Interaction]) -> dict[int, dict[str, str]]:
    """What customers had said before they were asked about these contacts: kept for what is taken from its customer."""
    sent = asked_counts.invited().filter(interaction__in=contacts).order_by("-pk")
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for kind in (MOOD, MOOD_OF_TEAM):
        for contact, last in sent.annotate(last=last_said(kind)).values_list("interaction", "last"):
            found[contact][kind] = mood_of(last)
    return dict(found)


def mood_of(last: str | None) -> str:
    """How the score that `last_said` tells is on its scale."""
    scale, _, score = (last or "").partition(" ")
    return SCALES[scale].band(int(score)) if scale in SCALES else NONE


def in_mood(rows: QuerySet[Invitation], mood: str) -> QuerySet[Any]:
    """Those of the rows whose customer had last said so, to any team."""
    told = rows.filter(survey__is_anonymous=False).annotate(last=last_said(MOOD))
    if mood == NONE:
        return told.filter(last=None)
    every = (f"{scale.name} {score}" for scale in SCALES.values() for score in scale.values)
    return told.filter(last__in=[last for last in every if mood_of(last) == mood])


def last_said(kind: str) -> Any:
    """The newest counted score that the customer gave before the invitation left, "nps 9"; in one look for each."""
    before = Response.objects.filter(
        customer=OuterRef("customer"), answered_at__lt=OuterRef("sent_at"), score__isnull=False,
        evidence__in=Response.COUNTED, is_excluded=False, survey__is_anonymous=False,
    )  # fmt: skip
    score = Cast("score", CharField())
    newest = before.order_by("-answered_at", "-pk").values(last=Concat("scale", Value(" "), score))
    if kind == MOOD_OF_TEAM:
        # Not a bare column: by the index of teams all that a team was answered is looked through for the customer.
        newest = newest.alias(place=Coalesce("team_id", 0)).filter(place=Coalesce(OuterRef("team_id"), 0))
    return Subquery(newest[:1])


def _facts() -> dict[str, Any]:
    holds = asked_counts.facts()
    return {SENT: Count("pk")} | {fact: Count("pk", filter=holds[fact]) for fact in (BOUNCED, ANSWERED)}


def _by_mood(rows: QuerySet[Any], kind: str, mood_of: Callable[[Any], str]) -> Counts:
    """By what `last` of the rows tells."""
    counts: Counts = Counter()
    for last, *place, sent, bounced, answered in rows.values_list("last", *PLACE).annotate(**_facts()):
        if (mood := mood_of(last)) in MOODS:
            _add(counts, (kind, mood, *place), sent, bounced, answered)
    return counts


def _of_segment(rows: QuerySet[Invitation], attribute: str) -> Counts:
    """By the values of an attribute; of one that is another for every customer, the most frequent alone."""
    value = KeyTextTransform(attribute, "customer__attributes")
    told = rows.exclude(customer__attributes={}).annotate(value=value).values_list("value", *PLACE).annotate(**_facts())
    found: Counts = Counter()
    for value_told, *place, sent, bounced, answered in told:
        if value_told not in (None, ""):
            _add(found, (SEGMENT, str(value_told)[:LONGEST], *place), sent, bounced, answered)
    return most_frequent(found, attribute, key=KEY, fact=SENT)


def _add(counts: Counts, place: tuple[Any, ...], sent: int, bounced: int, answered: int) -> None:
    for fact, count in ((SENT, sent), (BOUNCED, bounced), (ANSWERED, answered)):
        if count:
            counts[*place, fact] += count
