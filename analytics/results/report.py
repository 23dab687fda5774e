"""What each question of a survey was answered in the period, by its kind. Knows no page and no language."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Sum

from analytics import clusters
from analytics.comparisons import change, flag_changes
from analytics.display import segment_states
from analytics.metrics import Metric, measure
from analytics.models import AnswerDay, TextDay
from analytics.nonresponse import is_skipped_often, skipped
from analytics.reports import BEFORE, NOW, SURE_CLASSES, YES_NO, Filters, Score, score_of
from analytics.results.counts import ANSWERED, ASKED, OF_SEVERAL, VALUE
from analytics.scores import SCALES, MeanScore, Share, mean_score, share
from feedback.models import Response
from surveys.models import Question, SurveyVersion
from surveys.questions import grid

CHOICES = ("single", "multiple")
# Nobody is expected to write or to wish to be called.
NOT_MISSED = ("text", "contact")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A choice with its share of those who answered, or an aspect with its mean, its index of 100 and its values."""

    item: str
    metric: Metric
    counts: Mapping[int, int]
    index: float | None = None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The same question in another version: worded, scaled or offered otherwise, so never added to this one."""

    version: SurveyVersion
    metric: Metric


@dataclass(frozen=True, kw_only=True)
class Result:
    """One question. `skipped` is the share of those that saw it and sent the page without an answer to it.

    `metric` is its score, or of a tick its share; `index` is the mean moved to 0 to 100. `counts` are the answers by
    value, `parts` its choices or aspects, `classes` the texts written to it. Of fewer than five nothing is told.
    """

    question: Question
    keys: Sequence[int]
    versions: Sequence[int]
    asked: int
    answered: int
    skipped: Metric
    is_skipped_often: bool
    skipped_more_by: Sequence[str]
    metric: Metric | None = None
    confirmed: Metric | None = None
    mean: Metric | None = None
    index: float | None = None
    counts: Mapping[int, int]
    parts: Sequence[Part] = ()
    classes: Mapping[str, Metric]
    texts: int
    elsewhere: Sequence[Edition] = ()


@dataclass(frozen=True, kw_only=True)
class Results:
    """A survey's answers in the period: those of one version in detail; `answers` is by version, `languages` by code.

    `is_closed` says that the chosen language has too few answers, or all others together have.
    """

    versions: Sequence[SurveyVersion]
    answers: Mapping[int, int]
    chosen: SurveyVersion | None
    languages: Mapping[str, int]
    is_closed: bool
    questions: Sequence[Result]


class _Given:
    """Counts of both periods, narrowed to some questions."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], texts: Sequence[Mapping[str, Any]]) -> None:
        self.rows, self.texts = rows, texts

    def of(self, questions: Iterable[int], *, language: str = "") -> "_Given":
        keys = set(questions)

        def is_mine(row: Mapping[str, Any]) -> bool:
            return row["question"] in keys and language in ("", row["language"])

        return _Given([row for row in self.rows if is_mine(row)], [row for row in self.texts if is_mine(row)])

    def total(self, fact: str, *, when: str = NOW, **narrowed: Any) -> int:
        return sum(row["n"] for row in self._rows(fact, when=when, **narrowed))

    def hist(self, *, when: str = NOW, **narrowed: Any) -> Counter[int]:
        found: Counter[int] = Counter()
        for row in self._rows(VALUE, when=when, **narrowed):
            found[row["value"]] += row["n"]
        return found

    def answered(self, kind: str, *, when: str = NOW, **narrowed: Any) -> int:
        """How many people answered, whatever they answered."""
        if kind == "text":
            channel = narrowed.get("channel")
            return sum(row["n"] for row in self.texts if row["when"] == when and channel in (None, row["channel"]))
        return self.total(ANSWERED if kind in OF_SEVERAL else VALUE, when=when, **narrowed)

    def by(self, column: str, questions: Iterable[int]) -> dict[Any, int]:
        """How many answers there are by a column: as many as the question that most were asked."""
        most: Counter[Any] = Counter()
        for question in questions:
            asked: Counter[Any] = Counter()
            for row in self._rows(ASKED, when=NOW, question=question):
                asked[row[column]] += row["n"]
            most |= asked
        return dict(most)

    def _rows(self, fact: str, *, when: str, **narrowed: Any) -> list[Mapping[str, Any]]:
        wanted = narrowed | {"fact": fact, "when": when}
        return [row for row in self.rows if all(row[name] == value for name, value in wanted.items())]


def results(filters: Filters, *, as_of: dt.datetime, version: int | None = None, language: str = "") -> Results:
    """The results of `filters.survey`: of the version with this number, else of the newest that was answered."""
    versions = list(
        SurveyVersion.objects.filter(survey=filters.survey, published_at__isnull=False)
        .order_by("-number")
        .prefetch_related("questions")
    )
    given = _read(filters)
    answers = {one.number: sum(given.by("when", [q.pk for q in one.asked]).values()) for one in versions}
    chosen = _chosen(versions, answers, version)
    asked = chosen.asked if chosen else []
    alike = {question.pk: _alike(question, versions) for question in asked}
    languages = _by_language(given, versions, {one.version_id for ones in alike.values() for one in ones})
    is_closed = bool(language) and segment_states(languages).get(language, "hidden") == "hidden"
    told = _Teller(filters, as_of=as_of, given=given, versions=versions, language=language)
    return Results(
        versions=versions,
        answers=answers,
        chosen=chosen,
        languages=dict(sorted(languages.items(), key=lambda pair: (-pair[1], pair[0]))),
        is_closed=is_closed,
        questions=[] if is_closed else [told.result(question, alike[question.pk]) for question in asked],
    )


def _read(filters: Filters) -> _Given:
    columns = ("when", "question", "language", "channel")
    rows = filters.of_both_periods(AnswerDay.objects.filter(filters.of_scores()))
    rows = rows.values(*columns, "evidence", "fact", "item", "value").annotate(n=Sum("count")).order_by()
    texts = filters.of_both_periods(TextDay.objects.filter(filters.rows()))
    return _Given(list(rows), list(texts.values(*columns, "derived_class").annotate(n=Sum("count")).order_by()))


def _chosen(versions: Sequence[SurveyVersion], answers: Mapping[int, int], number: int | None) -> SurveyVersion | None:
    by_number = {one.number: one for one in versions}
    answered = next((one for one in versions if answers[one.number]), versions[0] if versions else None)
    return by_number.get(number, answered) if number else answered


def _by_language(given: _Given, versions: Sequence[SurveyVersion], counted: set[int]) -> Counter[str]:
    """How many answers in each language there are to the versions that are counted together."""
    found: Counter[str] = Counter()
    for one in versions:
        found.update(given.by("language", [question.pk for question in one.asked]) if one.pk in counted else {})
    return found


def _alike(question: Question, versions: Sequence[SurveyVersion]) -> list[Question]:
    """The questions of all versions that ask exactly this; when it is asked may differ, for who was asked is known."""
    return [other for one in versions for other in one.asked if asks(other) == asks(question)]


def asks(question: Question) -> tuple[Any, ...]:
    """What a question asks: alike only where answers may be counted together."""
    options = {name: value for name, value in question.options.items() if name not in ("when", "asks")}
    return question.code, question.kind, question.texts, options


class _Teller:
    """Makes the results of single questions from what all of them were given."""

    def __init__(
        self, filters: Filters, *, as_of: dt.datetime, given: _Given, versions: Sequence[SurveyVersion], language: str
    ) -> None:
        self.filters, self.as_of, self.given = filters, as_of, given
        self.versions, self.language = versions, language

    def result(self, question: Question, alike: Sequence[Question]) -> Result:
        given = self.given.of([one.pk for one in alike], language=self.language)
        numbers = {one.pk: one.number for one in self.versions}
        skip, often, by = self._skipped(question.kind, given)
        told: dict[str, Any] = {
            "question": question,
            "keys": [one.pk for one in alike],
            "versions": sorted({numbers[one.version_id] for one in alike}),
            "asked": given.total(ASKED),
            "answered": given.answered(question.kind),
            "skipped": skip,
            "is_skipped_often": often,
            "skipped_more_by": by,
            "texts": given.answered("text"),
            "classes": self._classes(given),
            "elsewhere": self._elsewhere(question, alike),
        }
        return Result(**told | self._of_kind(question, given))

    def _of_kind(self, question: Question, given: _Given) -> dict[str, Any]:
        if question.scale:
            return self._scored(question, given)
        if question.kind == "contact":
            return {"counts": {}, "metric": self._one(self._tick(given, NOW), self._tick(given, BEFORE))}
        parts = self._choices if question.kind in CHOICES else self._aspects if question.kind == "grid" else None
        return {"counts": {}, "parts": parts(question, given) if parts else ()}

    def _scored(self, question: Question, given: _Given) -> dict[str, Any]:
        assert question.scale is not None
        scale = question.scale.name
        now, before = given.hist(), given.hist(when=BEFORE)
        metric = self._one(
            self._alike.widen(score_of(now, scale), now, scale, when=NOW),
            self._alike.widen(score_of(before, scale), before, scale, when=BEFORE),
        )
        told: dict[str, Any] = {"metric": metric, "counts": dict(now) if metric.state != "hidden" else {}}
        confirmed = given.hist(evidence=Response.Evidence.CONFIRMED)
        if confirmed != now:
            told["confirmed"] = self._one(
                self._alike.widen(score_of(confirmed, scale), confirmed, scale, when=NOW), None
            )
        if scale != YES_NO and SCALES[scale].kind != "nps" and scale != "thumbs":
            mean = mean_score(now, scale)
            told["mean"] = self._one(mean, mean_score(before, scale))
            told["index"] = mean.index100 if told["mean"].state != "hidden" else None
        return told

    @cached_property
    def _alike(self) -> clusters.Clusters:
        return clusters.borrowed(self.filters)

    def _choices(self, question: Question, given: _Given) -> tuple[Part, ...]:
        """Each choice's share of those who answered; of several choices the shares add up to more than one."""

        def chosen(when: str) -> dict[str, Share]:
            whole = given.answered(question.kind, when=when)
            return {
                item: share(given.total(VALUE, when=when, item=item), whole) for item in question.options["choices"]
            }

        metrics = self._measure(chosen(NOW), chosen(BEFORE))
        return tuple(Part(item=item, metric=metric, counts={}) for item, metric in metrics.items())

    def _aspects(self, question: Question, given: _Given) -> tuple[Part, ...]:
        """Each aspect's mean (M2): the only score of a scale whose steps the survey's author has named."""
        scale = grid.row_scale(question.options).name

        def means(when: str) -> dict[str, MeanScore]:
            return {item: mean_score(given.hist(when=when, item=item), scale) for item in grid.items(question.options)}

        now = means(NOW)
        metrics = self._measure(now, means(BEFORE))
        return tuple(
            Part(
                item=item,
                metric=metric,
                counts=given.hist(item=item) if metric.state != "hidden" else {},
                index=now[item].index100 if metric.state != "hidden" else None,
            )
            for item, metric in metrics.items()
        )

    def _tick(self, given: _Given, when: str) -> Share:
        ticked, asked = given.total(VALUE, when=when), given.total(ASKED, when=when)
        return share(min(ticked, asked), asked)

    def _classes(self, given: _Given) -> dict[str, Metric]:
        """Shares of the texts with a sure class."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in given.texts:
            counts[row["when"]][row["derived_class"]] += row["n"]

        def shares(when: str) -> dict[str, Share]:
            sure = sum(counts[when][name] for name in SURE_CLASSES)
            return {name: share(counts[when][name], sure) for name in SURE_CLASSES}

        return self._measure(shares(NOW), shares(BEFORE))

    def _skipped(self, kind: str, given: _Given) -> tuple[Metric, bool, list[str]]:
        """The share of those who saw the question and sent the page without an answer (M6), and where it is larger.

        What was only opened was not sent: it skipped nothing.
        """
        sent = {"evidence": Response.Evidence.CONFIRMED}
        by_channel = {
            channel: _skipped(
                asked=given.total(ASKED, channel=channel, **sent),
                answered=given.answered(kind, channel=channel, **sent),
            )
            for channel in sorted({row["channel"] for row in given.rows})
        }
        whole = _sum(by_channel.values())
        rest = {channel: share(whole.num - one.num, whole.den - one.den) for channel, one in by_channel.items()}
        found = {channel: change(one, rest[channel]) for channel, one in by_channel.items()}
        flags = flag_changes({channel: one for channel, one in found.items() if one is not None})
        more = [channel for channel, flag in flags.items() if flag.direction == "up"]
        metric = self._one(whole, None)
        if kind in NOT_MISSED:
            return metric, False, []
        return metric, metric.state != "hidden" and is_skipped_often(whole), more

    def _elsewhere(self, question: Question, alike: Sequence[Question]) -> tuple[Edition, ...]:
        """The scores that other versions brought with another wording or scale under the same code."""
        keys = {one.pk for one in alike}
        others = [
            (version, other)
            for version in self.versions
            for other in version.asked
            if other.code == question.code and other.pk not in keys and other.scale
        ]
        scored = {
            version: score_of(self.given.of([other.pk], language=self.language).hist(), other.scale.name)  # type: ignore[union-attr]
            for version, other in others
        }
        return tuple(
            Edition(version=version, metric=self._one(score, None)) for version, score in scored.items() if score.n
        )

    def _one(self, now: Score | MeanScore, before: Score | MeanScore | None) -> Metric:
        return self._measure({"": now}, {"": before} if before is not None else None)[""]

    def _measure(self, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Metric]:
        return measure(now, before=before if self.filters.before else None, as_of=self.as_of)


def _skipped(*, asked: int, answered: int) -> Share:
    # A text may have come by another way than the page, so that more answered than were asked.
    return skipped(saw=asked, answered=min(asked, answered))


def _sum(shares: Iterable[Share]) -> Share:
    found = list(shares)
    return share(sum(one.num for one in found), sum(one.den for one in found))
