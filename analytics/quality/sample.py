"""The checked part of the random sample: what people say of each comment, and what the machine had said before."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from feedback import labels
from feedback.learning import corpus
from feedback.models import Comment, Label
from feedback.models.comments import CONSTRUCTIVE_SURE, TONE_SURE
from feedback.understanding import fusion
from ground import remembered
from ground.access import Scope
from ground.unindexed import Unindexed

# The newest so many checked comments; more would change little and cost the page time.
MOST = 1000
# So long is kept what was found, unless somebody says something new, and how large the sample is; seconds.
KEPT, COUNTED = 3600, 300
OWN = ("pk", "language", "derived_class", "tone", "said_at", "is_counted")
COLUMNS = (
    "pk",
    "comment_id",
    "scheme",
    "topic_id",
    "value",
    "confidence",
    "polarity",
    "source",
    "version",
    "takes_back_id",
    "created_at",
)


@dataclass(frozen=True)
class Sampled:
    """One checked comment: true and read class, how sure the reading was, true and read topics, tones.

    `read_class` is "unsure" where the machine was, `read_at` is when it read, `said_at` when the customer wrote;
    `opinion` is TextBlob's tone, empty where it does not read.
    """

    language: str
    true_class: str
    read_class: str
    sure: float
    true_tone: str
    read_tone: str
    opinion: str
    true_topics: frozenset[int]
    read_topics: frozenset[int]
    read_at: dt.datetime | None = None
    said_at: dt.datetime | None = None
    is_counted: bool = True


def drawn(scope: Scope) -> tuple[int, int]:
    """How many comments are in the sample, and how many of those somebody has checked."""
    # The sample's own indexes are walked: the one of a team leads past all its comments.
    own = Comment.objects.filter(is_sample=True, classified_at__isnull=False).order_by()

    def by_team(rows: Any) -> dict[int | None, int]:
        return dict(rows.annotate(of_team=Unindexed("team")).values_list("of_team").annotate(rows=Count("pk")))

    waiting, done = remembered.while_costly(
        "quality|drawn",
        lambda: (by_team(own.filter(checked_at=None)), by_team(own.filter(checked_at__isnull=False))),
        seconds=COUNTED,
    )
    teams = None if scope.covers_all() else scope.team_ids()

    def within(counts: dict[int | None, int]) -> int:
        return sum(count for team, count in counts.items() if teams is None or team in teams)

    return within(waiting) + within(done), within(done)


def checked(scope: Scope) -> list[Sampled]:
    """The checked comments of the sample that this scope covers, the newest first; remembered until a label comes."""
    newest = corpus.newest_label()
    question = f"quality|{sorted(scope.teams)}|{scope.whole}|{newest}"
    return remembered.while_costly(question, lambda: _checked(scope), seconds=KEPT)


def _checked(scope: Scope) -> list[Sampled]:
    own = Comment.objects.annotate(of_team=Unindexed("team"))
    own = own.filter(scope.rows("of_team"), is_sample=True, checked_at__isnull=False)
    found = own.order_by("-checked_at").values_list(*OWN, named=True)[:MOST]
    said: dict[int, list[Any]] = defaultdict(list)
    keys = [row.pk for row in found]
    for label in Label.objects.filter(comment__in=keys).order_by("pk").values_list(*COLUMNS, named=True):
        said[label.comment_id].append(label)
    read = (_sampled(row, said[row.pk]) for row in found)
    return [row for row in read if row is not None]


def _sampled(row: Any, said: list[Any]) -> Sampled | None:
    human = [label for label in said if label.source == Label.Source.HUMAN]
    if not human:
        return None
    before = labels.of_last_reading(label for label in said if label.pk < human[0].pk)
    opinion = [label for label in before if label.version.startswith("textblob")]
    counting = labels.effective(label for label in before if label not in opinion)
    tone = counting.get((Label.Scheme.TONE, None))
    if tone is None:
        return None
    asks = counting.get((Label.Scheme.CONSTRUCTIVE, None))
    read_class, sure = class_of(tone, asks)
    people = labels.effective(human).items()
    return Sampled(
        language=row.language, true_class=row.derived_class, read_class=read_class, sure=sure, true_tone=row.tone,
        read_tone=tone.value, opinion=opinion[-1].value if opinion else "",
        true_topics=_yes(people), read_topics=_yes(counting.items()), read_at=tone.created_at,
        said_at=row.said_at, is_counted=row.is_counted,
    )  # fmt: skip


def _yes(counting: Iterable[tuple[tuple[str, int | None], Any]]) -> frozenset[int]:
    return frozenset(topic for (_scheme, topic), label in counting if topic is not None and label.value == "yes")


def class_of(tone: Any, asks: Any) -> tuple[str, float]:
    """The class that lists show for these labels, as the database derives it, and how likely that is right."""
    request = chance_of_request(asks)
    if asks is not None and asks.value == "yes" and asks.confidence >= CONSTRUCTIVE_SURE:
        return "constructive", request
    sure = tone.confidence * (1 - request)  # a tone is the class only where nothing is asked for
    if tone.confidence < TONE_SURE or not tone.value:
        return "unsure", sure
    if tone.value == "mixed":
        return "positive" if (tone.polarity or 0) > 0 else "negative", sure
    return tone.value, sure


def chance_of_request(asks: Any) -> float:
    """How likely something is asked for: models are told to believe it rather too often than too seldom."""
    if asks is None:
        return 0.0
    believed = asks.confidence if asks.value == "yes" else 1 - asks.confidence
    return fusion.asked(believed) if asks.version.startswith("fused") else believed
