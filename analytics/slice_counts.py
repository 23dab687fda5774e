"""What is counted of one day's answers and comments by language, agent and segment, and of suggestions by tone.

What was promised to stay anonymous is in no slice: a narrow one could tell who it was. A tone tells of nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform

from feedback.models import Comment, CommentClass, Response
from surveys.models import Segment
from surveys.segments import LONGEST

AGENT, TOPIC, LANGUAGE, SEGMENT = "agent", "topic", "language", "segment"
# Of suggestions alone, so that their class hides no complaint.
TONE = "tone"
SCORE_KEY = ("kind", "value", "survey", "scale", "team", "channel", "evidence", "score")
COMMENT_KEY = ("kind", "value", "source", "survey", "team", "channel", "derived_class")
# Of an attribute that has another value for every customer, a day keeps only the most frequent ones: those of each team
# for what tells teams apart, so that no team's values push out another's, and those over all teams for what does not.
MOST_VALUES = 50
# The kinds of a segment that only the former keep, or only the latter, until they are parted (`of_cut`).
OF_TEAM, OF_ALL = "of_team", "of_all"

Counts = Counter[tuple[Any, ...]]


def scores_of(scored: QuerySet[Response], key: tuple[Any, ...] = SCORE_KEY) -> Counts:
    """Counts of these answers by language, and by the segments of their customers."""
    named = scored.filter(survey__is_anonymous=False).order_by()
    counts = _grouped(named, LANGUAGE, F("language"), key)
    asked = named.filter(invitation__isnull=False)
    for attribute in Segment.objects.values_list("attribute", flat=True):
        value = KeyTextTransform(attribute, "invitation__customer__attributes")
        found = _grouped(asked.exclude(invitation__customer__attributes={}), SEGMENT, value, key)
        counts += most_frequent(found, attribute, key=SCORE_KEY)
    return counts


def comments_of(said: QuerySet[Comment]) -> Counts:
    """Counts of these comments by language and by agent, and of those that suggest something by tone."""
    named = said.filter(Q(survey=None) | Q(survey__is_anonymous=False)).order_by()
    by_language = _grouped(named.exclude(language=""), LANGUAGE, F("language"), COMMENT_KEY)
    suggesting = said.filter(derived_class=CommentClass.CONSTRUCTIVE).order_by()
    by_agent = _grouped(named.filter(agent__isnull=False), AGENT, F("agent"), COMMENT_KEY)
    return by_language + by_agent + _grouped(suggesting, TONE, F("tone"), COMMENT_KEY)


def _grouped(rows: QuerySet[Any], kind: str, value: Any, key: tuple[Any, ...]) -> Counts:
    told = rows.annotate(kind=Value(kind, output_field=CharField()), value=value).values_list(*key)
    found: Counts = Counter()
    for _kind, told_value, *rest, count in told.annotate(rows=Count("pk")):
        if told_value not in (None, ""):
            found[kind, str(told_value)[:LONGEST], *rest] += count
    return found


def most_frequent(found: Counts, attribute: str, *, key: tuple[str, ...], fact: str = "") -> Counts:
    """The counts of a segment, its values with the attribute before them; the last of each key is a fact, where one is
    told by which values are ranked."""
    at, rank = key.index("team"), Counter[tuple[Any, str]]()
    for values, count in found.items():
        if not fact or values[-1] == fact:
            rank[values[at], values[1]] += count
    kinds = kinds_of(rank)
    return Counter(
        {
            (kind, f"{attribute}={values[1]}", *values[2:]): count
            for values, count in found.items()
            if (kind := kinds.get((values[at], values[1])))
        }
    )


def kinds_of(rank: Mapping[tuple[Any, str], int]) -> dict[tuple[Any, str], str]:
    """Which values of an attribute are kept of each team, by how often team and value came together."""
    over_all: Counter[str] = Counter()
    by_team: dict[Any, Counter[str]] = defaultdict(Counter)
    for (team, value), count in rank.items():
        over_all[value] += count
        by_team[team][value] += count
    kept, own = _most(over_all), {team: _most(values) for team, values in by_team.items()}
    return {
        (team, value): SEGMENT if value in kept & own[team] else OF_ALL if value in kept else OF_TEAM
        for team, value in rank
        if value in kept | own[team]
    }


def _most(rank: Counter[str]) -> set[str]:
    return set(sorted(rank, key=lambda value: (-rank[value], value))[:MOST_VALUES])


def of_cut(counts: Counts, *, tells_teams: bool) -> Counts:
    """What of the counts stands in a cut, by whether it tells teams apart."""
    own, others = (OF_TEAM, OF_ALL) if tells_teams else (OF_ALL, OF_TEAM)
    return Counter(
        {
            (SEGMENT if kind == own else kind, *values): count
            for (kind, *values), count in counts.items()
            if kind != others
        }
    )
