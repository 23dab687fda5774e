"""What is counted of one day's answers and comments by language, agent and segment of customers.

What was promised to stay anonymous is in none of them: a narrow slice could tell who it was.
"""

from collections import Counter
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform

from feedback.models import Comment, Response
from surveys.models import Segment
from surveys.segments import LONGEST

AGENT, TOPIC, LANGUAGE, SEGMENT = "agent", "topic", "language", "segment"
SCORE_KEY = ("kind", "value", "survey", "scale", "team", "channel", "evidence", "score")
COMMENT_KEY = ("kind", "value", "source", "survey", "team", "channel", "derived_class")
# Of an attribute that has another value for every customer, a day keeps only the most frequent ones.
MOST_VALUES = 50

Counts = Counter[tuple[Any, ...]]


def scores_of(scored: QuerySet[Response], key: tuple[Any, ...] = SCORE_KEY) -> Counts:
    """Counts of these answers by language, and by the segments of their customers."""
    named = scored.filter(survey__is_anonymous=False).order_by()
    counts = _grouped(named, LANGUAGE, F("language"), key)
    asked = named.filter(invitation__isnull=False)
    for attribute in Segment.objects.values_list("attribute", flat=True):
        value = KeyTextTransform(attribute, "invitation__customer__attributes")
        found = _grouped(asked.exclude(invitation__customer__attributes={}), SEGMENT, value, key)
        counts += most_frequent(found, attribute)
    return counts


def comments_of(said: QuerySet[Comment]) -> Counts:
    """Counts of these comments by language and by agent."""
    named = said.filter(Q(survey=None) | Q(survey__is_anonymous=False)).order_by()
    by_language = _grouped(named.exclude(language=""), LANGUAGE, F("language"), COMMENT_KEY)
    return by_language + _grouped(named.filter(agent__isnull=False), AGENT, F("agent"), COMMENT_KEY)


def _grouped(rows: QuerySet[Any], kind: str, value: Any, key: tuple[Any, ...]) -> Counts:
    told = rows.annotate(kind=Value(kind, output_field=CharField()), value=value).values_list(*key)
    found: Counts = Counter()
    for _kind, told_value, *rest, count in told.annotate(rows=Count("pk")):
        if told_value not in (None, ""):
            found[kind, str(told_value)[:LONGEST], *rest] += count
    return found


def most_frequent(found: Counts, attribute: str, *, fact: str = "") -> Counts:
    """The counts of a segment, its values with the attribute before them; the last of each key is a fact, where one is
    told by which values are ranked."""
    rank: Counter[str] = Counter()
    for (_kind, value, *rest), count in found.items():
        if not fact or rest[-1] == fact:
            rank[value] += count
    kept = set(sorted(rank, key=lambda value: (-rank[value], value))[:MOST_VALUES])
    return Counter(
        {(kind, f"{attribute}={value}", *rest): count for (kind, value, *rest), count in found.items() if value in kept}
    )
