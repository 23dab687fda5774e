"""Precision, recall and F1 with their intervals, calibration, and what reading errors do to shares. Numbers only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analytics import tone
from analytics.display import SHOWN_FROM, DisplayState, display_state
from analytics.filters import Filters
from analytics.intervals import wilson_interval
from analytics.quality.sample import COUNTED, Sampled, checked
from analytics.scores import Share, share
from analytics.slices import LANGUAGE
from analytics.tone import CHECKED_COMMENTS, Checked, Corrected
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


# How well each class is told: sensitivity and specificity among sure comments.
Skill = dict[str, tuple[Checked, Checked]]


def skill(rows: Sequence[Sampled]) -> Skill | None:
    """What correcting needs; None below the number of checked comments that makes it worth its noise."""
    sure = [row for row in rows if row.read_class != "unsure" and row.true_class != "unsure"]
    if len(sure) < CHECKED_COMMENTS:
        return None
    told: Skill = {}
    for name in CLASSES:
        own = [row for row in sure if row.true_class == name]
        others = [row for row in sure if row.true_class != name]
        if len(own) < SHOWN_FROM or len(others) < SHOWN_FROM:
            continue
        hits = sum(row.read_class == name for row in own)
        passed = sum(row.read_class != name for row in others)
        told[name] = _checked(hits, len(own)), _checked(passed, len(others))
    return told


def known(scope: Scope, language: str = "") -> Skill | None:
    """The same of all comments that a scope covers, or of one language; somebody who checks should not make every
    dashboard slow."""
    question = f"skill|{sorted(scope.teams)}|{scope.whole}|{language}"
    return remembered.while_costly(
        question,
        lambda: skill([row for row in checked(scope) if not language or row.language == language]),
        seconds=COUNTED,
    )


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


def _checked(hits: int, n: int) -> Checked:
    """A share that is never quite 0 or 1: no errors among few comments do not prove that there are none."""
    middle = wilson_interval(hits, n)
    return Checked(value=hits / n if 0 < hits < n else (middle.lo + middle.hi) / 2, n=n)


def corrected(raw: Any, name: str, known: Skill | None) -> Corrected | None:
    """A share of the sure comments corrected for reading errors; `raw` is anything with `num` and `den`."""
    if not known or name not in known or not raw.den:
        return None
    sensitivity, specificity = known[name]
    return tone.corrected_share(share(raw.num, raw.den), sensitivity=sensitivity, specificity=specificity)


def corrected_share(metric: Any, name: str, known: Skill | None) -> Share | None:
    """A class's metric corrected for reading errors, to be shown beside it; None where that cannot be said."""
    told = None if metric.state == "hidden" else corrected(metric, name, known)
    if told is None:
        return None
    return replace(share(metric.num, metric.den), value=told.value, lo=told.lo, hi=told.hi)
