"""What cue words find in the newest comments, before they are saved or applied, and how often people took it back."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from feedback import erased, labels, topics
from feedback.models import Comment, CommentTopic, Label, Topic
from feedback.topics import Limit
from feedback.understanding import prior
from feedback.understanding.cues import Hit, Lines, fires, opened
from feedback.understanding.words import Token

# So many of the newest comments are looked through, fewer when that would take the page longer.
LOOKED, SECONDS = 2000, 0.8
# So many comments that people have spoken on tell how right a cue is.
CHECKED = 500
SAMPLES = 5
# From so many false hits on, more than right ones, a cue is called doubtful.
FEWEST_FALSE = 2

Cues = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Wanted:
    """Cues to look for: of a topic that is stored or that is being typed, within a limit."""

    cues: Cues
    topic: Topic | None = None
    limit: Limit = topics.ANYWHERE

    @property
    def lines(self) -> list[str]:
        return [cue for language in self.cues for cue in self.cues[language]]


@dataclass(frozen=True)
class CueCount:
    """How many comments a cue was found in; of those that people have spoken on, how many have the topic and how many
    lost it."""

    cue: str
    language: str
    hits: int
    right: int
    wrong: int

    @property
    def is_doubtful(self) -> bool:
        """Whether people take away more than they leave."""
        return self.wrong >= FEWEST_FALSE and self.wrong > self.right and not self.cue.startswith("-")


@dataclass(frozen=True)
class Sample:
    """A comment with the places where cues stand; `is_fresh` when it does not have the topic yet."""

    comment: Comment
    spans: list[tuple[int, int, str]]
    is_fresh: bool


@dataclass
class Outlook:
    """What cues come to in the newest `looked` comments: `found` with the topic, `more` and `fewer` than have it."""

    looked: int = 0
    found: int = 0
    more: int = 0
    fewer: int = 0
    cues: list[CueCount] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


@dataclass
class _Sought:
    """What is looked for, and what holds: which comments have the topic, by a rule, or whatever the machine says."""

    wanted: Wanted
    lines: Lines
    stored: Lines
    having: frozenset[int]
    by_rule: frozenset[int]
    settled: frozenset[int]
    came: Outlook = field(default_factory=Outlook)
    counted: Counter[int] = field(default_factory=Counter)

    def note(self, row: Comment, found: Sequence[Token]) -> None:
        """Count a comment."""
        hits = self.lines.hits(found) if self.wanted.limit.lets(row) else []
        is_found, has, came = fires(hits), row.pk in self.having, self.came
        fired = fires(self.stored.hits(found))
        # What people or another topic say stays, and so does what was learned beyond the cues.
        is_fresh = is_found and not has and row.pk not in self.settled and (not fired or self._is_ahead)
        is_lost = has and not is_found and row.pk not in self.settled and (fired or row.pk in self.by_rule)
        came.looked += 1
        came.found += is_found
        came.more += is_fresh
        came.fewer += is_lost
        self.counted.update(place for hit in hits for place in hit.lines)
        if is_found:
            self._show(Sample(row, sorted(_spans(hits)), is_fresh))

    @property
    def _is_ahead(self) -> bool:
        return self.wanted.topic is None or self.wanted.topic.is_ahead

    def _show(self, sample: Sample) -> None:
        """What would come in says more than what is there already."""
        shown = self.came.samples
        known = next((at for at, other in enumerate(shown) if not other.is_fresh), None)
        if len(shown) < SAMPLES:
            shown.append(sample)
        elif sample.is_fresh and known is not None:
            shown[known] = sample


def _spans(hits: list[Hit]) -> list[tuple[int, int, str]]:
    return [(start, end, "hit") for hit in hits if hit.weight > 0 for start, end in hit.spans]


def outlook(wanted: Sequence[Wanted]) -> list[Outlook]:
    """What each of them comes to, in one look through the newest comments that were read."""
    newest = Comment.objects.exclude(classified_at=None).exclude(erased.ERASED)
    # Not by their keys: those of anonymous ones are drawn at random.
    newest = newest.order_by("-said_at", "-pk")
    rows = list(newest.only("text", "team", "survey", "said_at")[:LOOKED])
    sought = [_sought(one, among=[row.pk for row in rows]) for one in wanted]
    until = time.thread_time() + SECONDS
    for row in rows:
        if time.thread_time() > until:
            break
        found = opened(row.text).found
        for one in sought:
            one.note(row, found)
    for one in sought:
        one.came.cues = _counts(one.wanted, one.lines, one.counted)
    return [one.came for one in sought]


def _sought(wanted: Wanted, *, among: Sequence[int]) -> _Sought:
    topic, lines = wanted.topic, Lines(wanted.lines)
    if topic is None or topic.pk is None:
        return _Sought(wanted, lines, Lines(()), frozenset(), frozenset(), frozenset())
    tree = topics.tree()
    others = tree.absorbed(topic.pk) | {child for child, parent in tree.parents.items() if parent == topic.pk}
    counting = CommentTopic.objects.filter(comment__in=among)
    about = Label.objects.filter(comment__in=among)

    def keys(rows: QuerySet[Any]) -> frozenset[int]:
        return frozenset(rows.values_list("comment_id", flat=True))

    rule = Q(source=Label.Source.RULE)
    if topics.is_as_shipped(topic) and not topics.has_shipped_cues(topic, wanted.cues):
        rule |= Q(version__startswith=prior.SOURCE)  # its cues alone would find it from then on
    return _Sought(
        wanted, lines, Lines([cue for cues in topic.cues.values() for cue in cues]),
        having=keys(counting.filter(topic=topic)),
        by_rule=keys(about.filter(rule, topic=topic)),
        settled=keys(counting.filter(topic__in=others)) | keys(about.filter(topic=topic, source=Label.Source.HUMAN))
        | keys(about.filter(topic__in=others, value="yes")),
    )  # fmt: skip


def _counts(one: Wanted, lines: Lines, counted: Counter[int]) -> list[CueCount]:
    right, wrong = _spoken_on(one.topic, lines)
    places = [(language, cue) for language in one.cues for cue in one.cues[language]]
    return [
        CueCount(cue, language, counted[place], right[place], wrong[place])
        for place, (language, cue) in enumerate(places)
    ]


def _spoken_on(topic: Topic | None, lines: Lines) -> tuple[Counter[int], Counter[int]]:
    """How often each cue stands in comments that people have given the topic, and that they have taken it from."""
    right, wrong = Counter[int](), Counter[int]()
    for is_about, _row, found in checked(topic):
        (right if is_about else wrong).update(place for hit in lines.hits(found) for place in hit.lines)
    return right, wrong


def checked(topic: Topic | None) -> list[tuple[bool, Comment, Sequence[Token]]]:
    """The comments that people have spoken on last: whether they are about the topic, and their words."""
    if topic is None or topic.pk is None:
        return []
    human = Label.objects.filter(topic=topic, source=Label.Source.HUMAN)
    keys = list(dict.fromkeys(human.order_by("-pk").values_list("comment_id", flat=True)[: 2 * CHECKED]))[:CHECKED]
    said: dict[int, list[Label]] = {}
    for label in human.filter(comment__in=keys).defer("spans"):
        said.setdefault(label.comment_id, []).append(label)
    words = {pk: best.value for pk, told in said.items() if (best := labels.strongest(told))}
    rows = Comment.objects.only("text", "language").in_bulk(list(words))
    return [(words[pk] == "yes", row, opened(row.text).found) for pk, row in rows.items()]
