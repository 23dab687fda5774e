"""One more filter of the indicators: an agent, a topic, a language or a segment of customers, one at a time.

One at a time, because counts by several of them at once would be as many as the answers themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from analytics import cuts
from analytics.models import AgentScoreDay, CommentSliceDay, ScoredTopicsDay, ScoreSliceDay, TopicDay
from analytics.periods import Period
from analytics.slice_counts import AGENT, LANGUAGE, SEGMENT, TOPIC
from feedback import topics
from feedback.choices import agents_of
from feedback.models import Topic
from ground.access import Scope
from ground.text import is_key
from surveys import languages, segments
from surveys.models import Segment

MOST_AGENTS = 300
KINDS = {AGENT: _("agent"), TOPIC: _("topic"), LANGUAGE: _("language"), SEGMENT: _("segment")}
# Of these the contacts are counted, too: how they were served.
SERVED = frozenset({AGENT, SEGMENT})
Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Slice:
    """What the numbers are narrowed to; the value is a key, a topic's code, a language, or "attribute=value"."""

    kind: str
    value: str
    name: str
    key: int | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @property
    def words(self) -> str:
        return f"{capfirst(str(KINDS[self.kind]))}: {self.name}"


def read(text: str, scope: Scope) -> Slice | None:
    """What an address asks for; None for what does not exist for this reader."""
    kind, _colon, value = text.partition(":")
    if kind == AGENT:
        agent = agents_of(scope).filter(pk=value).first() if is_key(value) else None
        return Slice(kind, value, str(agent), agent.pk) if agent else None
    if kind == TOPIC:
        topic = Topic.objects.filter(code=value).first()
        stands = topic and topics.standing(topic)
        return Slice(kind, stands.code, str(stands), stands.pk) if stands else None
    if kind == LANGUAGE:
        return Slice(kind, value, str(languages.name(value))) if value and value.isascii() else None
    segment, told = segments.read(value) if kind == SEGMENT else (None, "")
    return Slice(kind, value, f"{segment} {told}") if segment else None


def offered(scope: Scope, period: Period, *, team: int | None, chosen: Slice | None) -> list[tuple[Any, Options]]:
    """What may be chosen, by kind: of languages and segments what the period has."""
    of_team = {"team": team} if team else {}
    agents = agents_of(scope).filter(**of_team).order_by("name", "pk").values_list("pk", "name", "external_id")
    groups: dict[str, Options] = {kind: [] for kind in KINDS}
    groups[AGENT] = [(f"{AGENT}:{pk}", name or known_as) for pk, name, known_as in agents[:MOST_AGENTS]]
    groups[TOPIC] = [(f"{TOPIC}:{topic.code}", str(topic)) for topic in Topic.objects.filter(is_active=True)]
    names = {segment.attribute: str(segment) for segment in Segment.objects.all()}
    needed = {"team"} if team or not scope.covers_all() else set()
    rows = cuts.narrowest(ScoreSliceDay, needed).filter(scope.rows(), **of_team)
    rows = rows.filter(day__gte=period.start, day__lte=period.end)
    for kind, value in rows.values_list("kind", "value").order_by("kind", "value").distinct():
        attribute, _equals, told = value.partition("=")
        if kind == LANGUAGE:
            groups[kind].append((f"{kind}:{value}", str(languages.name(value))))
        elif attribute in names:
            groups[kind].append((f"{kind}:{value}", f"{names[attribute]}: {told}"))
    if chosen and str(chosen) not in dict(groups[chosen.kind]):
        groups[chosen.kind].insert(0, (str(chosen), chosen.name))
    return [(KINDS[kind], options) for kind, options in groups.items() if options]


def scores(chosen: Slice, needed: Iterable[str]) -> QuerySet[Any]:
    """The counts of answers by score within the slice that tell the columns needed; of a topic, of those about it."""
    if chosen.kind == AGENT:
        return AgentScoreDay.objects.filter(agent=chosen.key)
    if chosen.kind == TOPIC:
        return cuts.narrowest(ScoredTopicsDay, needed).filter(_among_topics(str(chosen.key)))
    return cuts.narrowest(ScoreSliceDay, needed).filter(kind=chosen.kind, value=chosen.value)


def comments(chosen: Slice, needed: Iterable[str]) -> QuerySet[Any]:
    """The counts of comments by class within the slice; none by segment, which is told of answers alone."""
    if chosen.kind == TOPIC:
        return cuts.narrowest(TopicDay, needed).filter(topic=chosen.key)
    if chosen.kind == SEGMENT:
        return CommentSliceDay.objects.none()
    return cuts.narrowest(CommentSliceDay, needed).filter(kind=chosen.kind, value=chosen.value)


def _among_topics(key: str) -> Q:
    """Keys stand between commas, none before the first nor after the last."""
    ends = Q(topics=key) | Q(topics__startswith=f"{key},") | Q(topics__endswith=f",{key}")
    return ends | Q(topics__contains=f",{key},")
