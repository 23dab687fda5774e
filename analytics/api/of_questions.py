"""What each question of a survey was answered, as the API reads it: every kind in the numbers that it has."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from django.utils.translation import get_language

from analytics.api.question import Question, Told, figure, told
from analytics.metrics import Metric, measure
from analytics.reports import RESOLVED, YES_NO
from analytics.results.report import CHOICES, Result, results
from analytics.scores import SCALES, share
from analytics.slice_counts import LANGUAGE
from feedback import answered
from feedback.models import CommentClass
from ground import remembered
from surveys.questions import grid

QUESTION = "question"


def questions(asked: Question) -> Iterable[Told]:
    """The questions that have such a number, in their order; nothing of a survey that nobody there answered."""
    narrowed = asked.filters.slice
    language = narrowed.value if narrowed and narrowed.kind == LANGUAGE else ""
    filters = replace(asked.filters, slice=None)
    found = remembered.while_costly(
        f"results {filters} {asked.version} {language}",
        lambda: results(filters, as_of=asked.as_of, version=asked.version, language=language),
    )
    if any(found.answers.values()):
        for result in found.questions:
            yield from PARTS.get(asked.key, _score)(result, asked)


def _score(result: Result, asked: Question) -> Iterator[Told]:
    scale = result.question.scale
    wanted = YES_NO if asked.scale == RESOLVED else asked.scale
    if scale and scale.name == wanted and result.metric:
        yield _told(result, result.metric)


def _means(result: Result, asked: Question) -> Iterator[Told]:
    """Of a score, and of each aspect."""
    for item, scale, metric, _index in _with_mean(result):
        if scale == asked.scale:
            yield _told(result, metric, item=item)


def _indexes(result: Result, asked: Question) -> Iterator[Told]:
    """Of any scale that has a mean: they compare."""
    for item, scale, metric, index in _with_mean(result):
        lowest, highest = SCALES[scale].low, SCALES[scale].high
        lo, hi = (
            None if limit is None else 100 * (limit - lowest) / (highest - lowest) for limit in (metric.lo, metric.hi)
        )
        yield replace(_told(result, metric, item=item), numbers=figure(index, metric.n, lo, hi))


def _with_mean(result: Result) -> Iterator[tuple[str, str, Metric, float | None]]:
    question = result.question
    if question.scale and result.mean:
        yield "", question.scale.name, result.mean, result.index
    if question.kind == "grid":
        scale = grid.row_scale(question.options).name
        for part in result.parts:
            yield part.item, scale, part.metric, part.index


def _shares(result: Result, asked: Question) -> Iterator[Told]:
    """Of each choice or step among those who answered; of a tick, among those who were asked."""
    question = result.question
    if question.kind == "contact" and result.metric:
        yield _told(result, result.metric)
    if question.kind in CHOICES:
        for part in result.parts:
            yield _told(result, part.metric, item=part.item)
    if question.scale:
        yield from _steps(result, "", result.counts, question.scale.values, as_of=asked.as_of)
    if question.kind == "grid":
        for part in result.parts:
            yield from _steps(
                result, part.item, part.counts, grid.row_scale(question.options).values, as_of=asked.as_of
            )


def _steps(
    result: Result, item: str, counts: Mapping[int, int], values: Iterable[int], *, as_of: dt.datetime
) -> Iterator[Told]:
    """Counts that are hidden are not there at all, and neither are their shares."""
    n = sum(counts.values())
    found = measure({value: share(counts.get(value, 0), n) for value in values if n}, as_of=as_of)
    for value, metric in found.items():
        yield _told(result, metric, item=item, step=value)


def _classes(result: Result, asked: Question) -> Iterator[Told]:
    if result.texts:
        for name, metric in result.classes.items():
            yield _named(result, metric, key=name, name=str(CommentClass(name).label))


def _skipped(result: Result, asked: Question) -> Iterator[Told]:
    yield _told(result, result.skipped)


PARTS: Mapping[str, Callable[[Result, Question], Iterator[Told]]] = {
    "mean_score": _means, "score_index": _indexes, "answer_share": _shares, "comment_class": _classes,
    "skipped_questions": _skipped,
}  # fmt: skip


def _told(result: Result, metric: Metric, *, item: str = "", step: int | None = None) -> Told:
    question, language = result.question, get_language() or ""
    keys = [item] if item else []
    names = [question.name(item, language)] if item else []
    if step is not None:
        keys.append(str(step))
        names.append(answered.word(question, step, language) or str(step))
    return _named(result, metric, key="/".join(keys), name=", ".join(names))


def _named(result: Result, metric: Metric, *, key: str, name: str) -> Told:
    """By the codes of the question, its item and its step, with all of them in words."""
    question = result.question
    text = question.text(get_language() or "")
    return told("/".join(filter(None, (question.code, key))), metric, name=": ".join(filter(None, (text, name))))
