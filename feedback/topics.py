"""Topics as the managers keep them: which of them are read in which comment, and for which others they count."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from feedback.models import Comment, Topic
from feedback.understanding import TopicRule

DEFAULT = Path(__file__).parent / "lexicon" / "topics.json"


def default_rows() -> list[dict[str, Any]]:
    """Field values of the default topics, in their order."""
    return [
        {
            "code": topic["code"],
            "position": position,
            "names": {"ru": topic["ru"], "en": topic["en"]},
            "descriptions": {"ru": topic["def_ru"], "en": topic["def_en"]},
            "cues": {"ru": topic["cues_ru"], "en": topic["cues_en"]},
        }
        for position, topic in enumerate(json.loads(DEFAULT.read_text(encoding="utf-8"))["topics"])
    ]


@dataclass(frozen=True)
class Limit:
    """The teams and surveys that a topic is for, by key; without any it is for all of them."""

    teams: frozenset[int] = frozenset()
    surveys: frozenset[int] = frozenset()

    def lets(self, comment: Comment) -> bool:
        """Whether the topic may be read in this comment."""
        in_team = not self.teams or comment.team_id in self.teams
        return in_team and (not self.surveys or comment.survey_id in self.surveys)


ANYWHERE = Limit()


@dataclass(frozen=True)
class Taxonomy:
    """The active topics: their keys by code, and where those may be read that are not for everything.

    Of `archived` ones nothing is read any more, but comments keep what was. Those that were `merged` have no cues, but
    what was learned of them still finds them, and counts for the ones that stand for them.
    """

    keys: dict[str, int]
    limits: dict[int, Limit]
    archived: frozenset[int] = frozenset()
    merged: Mapping[str, int] = field(default_factory=dict)

    def key(self, code: str, comment: Comment) -> int | None:
        """The key of the topic if it may be read in this comment."""
        key = self.keys.get(code) or self.merged.get(code)
        return key if key is not None and self.limits.get(key, ANYWHERE).lets(comment) else None


def rule(topic: Topic) -> TopicRule:
    """A topic's cues as the reader wants them."""
    cues = {language: tuple(topic.cues.get(language, ())) for language in ("ru", "en")}
    shipped = _shipped_cues(topic.code)
    is_longer = any(set(cues[language]) - set(shipped.get(language, ())) for language in cues)
    return TopicRule(topic.code, cues["ru"], cues["en"], is_shipped=is_as_shipped(topic), has_own_cues=is_longer)


def is_as_shipped(topic: Topic) -> bool:
    """Whether a topic still means what the product came with: its names and all of its cues, to which more may come."""
    shipped = _defaults().get(topic.code)
    is_named_so = shipped is not None and shipped["names"].items() <= topic.names.items()
    return is_named_so and has_shipped_cues(topic, topic.cues)


def has_shipped_cues(topic: Topic, cues: Mapping[str, Iterable[str]]) -> bool:
    """Whether all the cues that the product gave a topic of this code are among these."""
    return all(set(lines) <= set(cues.get(language, ())) for language, lines in _shipped_cues(topic.code).items())


def _shipped_cues(code: str) -> Mapping[str, Iterable[str]]:
    """By language; none of a topic that did not come with the product."""
    known = _defaults().get(code)
    return known["cues"] if known else {}


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in default_rows()}


def active_rules() -> tuple[Taxonomy, list[TopicRule]]:
    """The active topics as labels ask for them, and their cues as the reader wants them."""
    every = list(Topic.objects.all())
    topics, whole = [topic for topic in every if topic.is_active], tree_of(every)
    keys, limits = {topic.code: topic.pk for topic in topics}, limits_of(topics)
    stands, used = {topic: whole.stands_for(topic.pk) for topic in every if not topic.is_active}, {*keys.values()}
    archived = frozenset(topic.pk for topic, other in stands.items() if other not in used)
    merged = {topic.code: topic.pk for topic, other in stands.items() if other in used}
    limits |= {topic.pk: limits[other] for topic, other in stands.items() if other in limits}
    return Taxonomy(keys, limits, archived, merged), [rule(topic) for topic in topics]


def limits_of(topics: Iterable[Topic]) -> dict[int, Limit]:
    """The limits of those of the topics that have any; one without its own has its parent's."""
    parents = {topic.pk: topic.parent_id for topic in topics}
    wanted = {*parents, *parents.values()}
    teams, surveys = _linked(Topic.teams.through, "team", wanted), _linked(Topic.surveys.through, "survey", wanted)
    own = {key: Limit(teams.get(key, frozenset()), surveys.get(key, frozenset())) for key in {*teams, *surveys}}
    return {key: own[source] for key, parent in parents.items() for source in [key if key in own else parent]
            if source in own}  # fmt: skip


def _linked(table: Any, name: str, topics: Iterable[int | None]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for topic, other in table.objects.filter(topic__in=[key for key in topics if key]).values_list("topic", name):
        found.setdefault(topic, set()).add(other)
    return {topic: frozenset(others) for topic, others in found.items()}


@dataclass(frozen=True)
class Tree:
    """Which topics count for which others, by key."""

    parents: dict[int, int]
    merged: dict[int, int]

    def stands_for(self, topic: int) -> int:
        """The topic itself, or the one that it was merged into."""
        while topic in self.merged:
            topic = self.merged[topic]
        return topic

    def counts_for(self, topic: int) -> tuple[int, ...]:
        """What a comment is about when this topic is read in it: the one that stands for it, and that one's parent."""
        own = self.stands_for(topic)
        return (own, self.stands_for(self.parents[own])) if own in self.parents else (own,)

    def absorbed(self, topic: int) -> set[int]:
        """The topics that were merged into this one."""
        return {other for other in self.merged if self.stands_for(other) == topic}


def tree_of(topics: Iterable[Topic]) -> Tree:
    """The tree of topics that are loaded already, all of them."""
    every = list(topics)
    return Tree(
        parents={topic.pk: topic.parent_id for topic in every if topic.parent_id},
        merged={topic.pk: topic.merged_into_id for topic in every if topic.merged_into_id},
    )


def tree() -> Tree:
    """The tree as it stands."""
    return tree_of(Topic.objects.exclude(parent=None, merged_into=None).only("parent", "merged_into"))


def meant_by(code: str) -> list[int]:
    """The keys under which comments of a topic are found: of a merged one those of the topic that stands for it, and
    those of all that were merged, since a merge takes a while to reach every comment."""
    every = list(Topic.objects.only("code", "parent", "merged_into"))
    whole = tree_of(every)
    own = [whole.stands_for(topic.pk) for topic in every if topic.code == code]
    return own and [own[0], *sorted(whole.absorbed(own[0]))]


def standing(topic: Topic) -> Topic:
    """The topic, or the one that stands for it since they were merged: old links lead there."""
    while topic.merged_into:
        topic = topic.merged_into
    return topic


def in_order(topics: Iterable[Topic]) -> list[Topic]:
    """Topics as the tree shows them: each followed by those that belong to it."""
    every = list(topics)
    places = {topic.pk: (topic.position, topic.code) for topic in every}
    own = (32768, "")
    return sorted(
        every,
        key=lambda topic: (
            (places.get(topic.parent_id, own), (1, topic.position, topic.code))
            if topic.parent_id
            else (places[topic.pk], (0, 0, ""))
        ),
    )


def path(topic: Topic) -> str:
    """What a topic is called in a list of all: with its parent, where it went to when it was merged, and its state."""
    name = f"{topic.parent} › {topic}" if topic.parent else str(topic)
    if topic.merged_into:
        return _("%(topic)s (merged into %(other)s)") % {"topic": name, "other": topic.merged_into}
    return name if topic.is_active else _("%s (archived)") % name


def offered() -> list[Topic]:
    """The topics that comments can be given, in the order of the tree."""
    return in_order(Topic.objects.filter(is_active=True))
