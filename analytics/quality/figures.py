"""Precision, recall and F1 with their intervals, calibration, and what reading errors do to shares. Numbers only."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics import tone
from analytics.display import SHOWN_FROM, DisplayState, display_state
from analytics.filters import Filters
from analytics.quality.sample import COUNTED, Sampled, checked
from analytics.scores import Share, share
from analytics.slices import LANGUAGE
from analytics.tone import CHECKED_COMMENTS, Corrected
from feedback.learning import promotion
from feedback.models import LearnedModel
from ground import remembered
from ground.access import Scope

CLASSES = ("negative", "constructive", "neutral", "positive")
TONES = ("negative", "neutral", "positive")
TENTHS = 10


@dataclass(frozen=True)
class Found:
    """How well one class or topic is found: `precision` of what was said, `recall` of what was to be said, and F1.

    The interval of F1 is Wilson's for hits among all that was said or to be said, J, by F1 = 2 J / (1 + J).
    """

    key: Any
    precision: Share
    recall: Share
    f1: Share

    @property
    def state(self) -> DisplayState:
        return display_state(self.f1.den)


def found(key: Any, *, hits: int, told: int, wanted: int) -> Found:
    """The three figures from counts; the value is None of nothing."""
    either = share(hits, told + wanted - hits)

    def as_f1(j: float | None) -> float | None:
        return None if j is None else 2 * j / (1 + j)

    f1 = replace(either, value=as_f1(either.value), lo=as_f1(either.lo), hi=as_f1(either.hi))
    return Found(key=key, precision=share(hits, told), recall=share(hits, wanted), f1=f1)


def of_classes(rows: Sequence[Sampled]) -> list[Found]:
    """Each class."""
    return [
        found(
            name,
            hits=sum(row.read_class == row.true_class == name for row in rows),
            told=sum(row.read_class == name for row in rows),
            wanted=sum(row.true_class == name for row in rows),
        )
        for name in CLASSES
    ]


def of_topics(rows: Sequence[Sampled]) -> list[Found]:
    """Each topic that was read or confirmed, the most frequent first."""
    topics = {topic for row in rows for topic in row.true_topics | row.read_topics}
    told = [
        found(
            topic,
            hits=sum(topic in row.read_topics & row.true_topics for row in rows),
            told=sum(topic in row.read_topics for row in rows),
            wanted=sum(topic in row.true_topics for row in rows),
        )
        for topic in topics
    ]
    return sorted(told, key=lambda one: (-one.f1.den, one.key))


def right(rows: Iterable[Sampled], is_right: Callable[[Sampled], bool]) -> Share:
    """The share of rows that are right."""
    told = [is_right(row) for row in rows]
    return share(sum(told), len(told))


def accuracy(rows: Sequence[Sampled]) -> Share:
    """How often a sure class is right."""
    return right((row for row in rows if row.read_class != "unsure"), lambda row: row.read_class == row.true_class)


def unsure(rows: Sequence[Sampled]) -> Share:
    return right(rows, lambda row: row.read_class == "unsure")


@dataclass(frozen=True)
class Beside:
    """Our tone and TextBlob's on the same comments, and by how much of a share ours is more often right."""

    ours: Share
    textblob: Share


def beside_textblob(rows: Sequence[Sampled]) -> Beside:
    """On comments that TextBlob reads and whose true tone is one of its three."""
    both = [row for row in rows if row.opinion and row.true_tone in TONES]
    return Beside(
        right(both, lambda row: row.read_tone == row.true_tone), right(both, lambda row: row.opinion == row.true_tone)
    )


@dataclass(frozen=True)
class Tenth:
    """Comments whose class was about so sure, and how many of those are right."""

    low: float
    mean: float
    right: Share


def calibration(rows: Sequence[Sampled]) -> list[Tenth]:
    """By tenth of confidence; a reading is calibrated where the share that is right is about its confidence."""
    bins: dict[int, list[Sampled]] = {}
    for row in rows:
        if row.read_class != "unsure":
            bins.setdefault(min(int(row.sure * TENTHS), TENTHS - 1), []).append(row)
    return [
        Tenth(at / TENTHS, sum(row.sure for row in own) / len(own), accuracy(own)) for at, own in sorted(bins.items())
    ]


@dataclass(frozen=True)
class Skill:
    """How often comments of each class are read as each among sure ones: a row for each class that is told."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def skill(rows: Sequence[Sampled]) -> Skill | None:
    """What correcting needs; None below the number of checked comments that makes it worth its noise.

    A class of which fewer than five are checked is left out of the correction with its comments.
    """
    sure = [row for row in rows if row.read_class != "unsure" and row.true_class != "unsure"]
    if len(sure) < CHECKED_COMMENTS:
        return None
    own = Counter(row.true_class for row in sure)
    pairs = Counter((row.true_class, row.read_class) for row in sure)
    told = tuple(name for name in CLASSES if own[name] >= SHOWN_FROM)
    return Skill(told, tuple(tuple(pairs[name, read] for read in told) for name in told))


def reader_since() -> dict[str, dt.datetime]:
    """By language, since when classes are read as they are now, where what was learned has changed."""
    return promotion.changed_at(LearnedModel.Scheme.TONE, LearnedModel.Scheme.CONSTRUCTIVE)


def of_reader(rows: Iterable[Sampled], since: Mapping[str, dt.datetime]) -> list[Sampled]:
    """Those of the rows that were read as is read now: the errors of a former reader are not those of this one."""
    return [
        row
        for row in rows
        if row.language not in since or (row.read_at is not None and row.read_at >= since[row.language])
    ]


def known(scope: Scope, language: str = "") -> Skill | None:
    """The same of all comments that a scope covers, or of one language, that were read as is read now; somebody who
    checks should not make every dashboard slow."""
    question = f"confusion|{sorted(scope.teams)}|{scope.whole}|{language}"

    def found() -> Skill | None:
        rows = [row for row in checked(scope) if not language or row.language == language]
        return skill(of_reader(rows, reader_since())) if len(rows) >= CHECKED_COMMENTS else None

    return remembered.while_costly(question, found, seconds=COUNTED)


def known_of(filters: Filters) -> Skill | None:
    """The same of the comments that are chosen: each language is read as well as it is, and of a team, a channel or a
    topic alone too few are checked to tell, while the errors of all are not its own."""
    chosen = filters.slice
    if filters.team or filters.channel or filters.survey or filters.source or (chosen and chosen.kind != LANGUAGE):
        return None
    return known(filters.scope, chosen.value if chosen else "")


def are_all(filters: Filters) -> bool:
    """Whether nothing narrows the comments, so that what is known of them is what is known at all."""
    return not (filters.team or filters.channel or filters.survey or filters.source or filters.slice)


def corrected(shares: Mapping[str, Any], known: Skill | None) -> dict[str, Corrected]:
    """The shares of the sure comments corrected for reading errors, all together: they add up to what was read.

    They are anything with `num` and `den`. A class that is left out of the correction keeps its share as it was read.
    """
    if not known or not set(known.classes) <= shares.keys():
        return {}
    observed = [shares[name].num or 0 for name in known.classes]
    found = tone.corrected_together(observed, known.counts)
    every = max((one.den or 0 for one in shares.values()), default=0)
    if found is None or not every:
        return {}
    part = sum(observed) / every
    return {
        name: Corrected(value=one.value * part, lo=one.lo * part, hi=one.hi * part)
        for name, one in zip(known.classes, found, strict=True)
    }


def corrected_shares(metrics: Mapping[str, Any], known: Skill | None) -> dict[str, Share]:
    """The classes' metrics corrected for reading errors, to be shown beside them; {} where that cannot be said."""
    if any(metric.state == "hidden" for metric in metrics.values()):
        return {}
    return {
        name: replace(share(metrics[name].num, metrics[name].den), value=told.value, lo=told.lo, hi=told.hi)
        for name, told in corrected(metrics, known).items()
    }
