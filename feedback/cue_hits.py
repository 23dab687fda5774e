"""What cue words find in the newest comments, before they are saved or applied, and how often people took it back."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedback import labels, topics
from feedback.models import Comment, CommentTopic, Label, Topic
from feedback.topics import Limit
from feedback.understanding.cues import Hit, Lines, fires, read_tokens
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


@dataclass(frozen=True)
class _Now:
    """The comments that have a topic, those where the machine's word changes nothing, and those that have it by that
    word alone."""

    having: frozenset[int]
    settled: frozenset[int]
    at_stake: frozenset[int]


def outlook(wanted: Sequence[Wanted]) -> list[Outlook]:
    """What each of them comes to, in one look through the newest comments that were read."""
    newest = Comment.objects.exclude(classified_at=None).order_by("-pk")
    rows = list(newest.only("text", "team", "survey", "said_at")[:LOOKED])
    oldest = rows[-1].pk if rows else 0
    sought = [(one, Lines(one.lines), _now(one.topic, oldest), Outlook(), Counter[int]()) for one in wanted]
    until = time.process_time() + SECONDS
    for row in rows:
        if time.process_time() > until:
            break
        found = read_tokens(row.text)
        for one, lines, now, came, counted in sought:
            came.looked += 1
            if one.limit.lets(row):
                _note(row, lines.hits(found), came, now, counted)
            elif row.pk in now.at_stake:
                came.fewer += 1
    for one, lines, _known, came, counted in sought:
        came.cues = _counts(one, lines, counted)
    return [came for *_others, came, _counted in sought]


def _note(row: Comment, hits: list[Hit], came: Outlook, now: _Now, counted: Counter[int]) -> None:
    counted.update(hit.line for hit in hits)
    is_found, has = fires(hits), row.pk in now.having
    came.found += is_found
    if row.pk not in now.settled:
        came.more += is_found and not has
        came.fewer += has and not is_found
    if is_found:
        spans = [(start, end, "hit") for hit in hits if hit.weight > 0 for start, end in hit.spans]
        sample = Sample(row, sorted(spans), is_fresh=not has)
        # What would come in says more than what is there already.
        weakest = next((at for at, known in enumerate(came.samples) if not known.is_fresh), None)
        if len(came.samples) < SAMPLES:
            came.samples.append(sample)
        elif sample.is_fresh and weakest is not None:
            came.samples[weakest] = sample


def _now(topic: Topic | None, oldest: int) -> _Now:
    if topic is None or topic.pk is None:
        return _Now(frozenset(), frozenset(), frozenset())
    tree = topics.tree()
    others = tree.absorbed(topic.pk) | {child for child, parent in tree.parents.items() if parent == topic.pk}
    counting = CommentTopic.objects.filter(comment__gte=oldest)
    having = frozenset(counting.filter(topic=topic).values_list("comment_id", flat=True))
    passed_on = counting.filter(topic__in=others).values_list("comment_id", flat=True)
    about = Label.objects.filter(comment__gte=oldest)
    by_people = about.filter(topic=topic, source=Label.Source.HUMAN).values_list("comment_id", flat=True)
    merged = about.filter(topic__in=others, value="yes").values_list("comment_id", flat=True)
    settled = frozenset([*passed_on, *by_people, *merged])
    return _Now(having, settled, at_stake=having - settled)


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
        (right if is_about else wrong).update(hit.line for hit in lines.hits(found))
    return right, wrong


def checked(topic: Topic | None) -> list[tuple[bool, Comment, Sequence[Token]]]:
    """The newest comments that people have spoken on: whether they are about the topic, and their words."""
    if topic is None or topic.pk is None:
        return []
    human = Label.objects.filter(topic=topic, source=Label.Source.HUMAN)
    keys = list(human.order_by("-comment_id").values_list("comment_id", flat=True).distinct()[:CHECKED])
    said: dict[int, list[Label]] = {}
    for label in human.filter(comment__in=keys).defer("spans"):
        said.setdefault(label.comment_id, []).append(label)
    words = {pk: best.value for pk, told in said.items() if (best := labels.strongest(told))}
    rows = Comment.objects.only("text", "lemmas").in_bulk(list(words))
    return [(words[pk] == "yes", row, read_tokens(row.text)) for pk, row in rows.items()]
