"""What the page of results shows: each question's summary with its words, bars and links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analytics import blocks, formats
from analytics.display import SHOWN_FROM, round_half_away
from analytics.links import Links
from analytics.metrics import Metric
from analytics.reports import PARTS
from analytics.results.report import CHOICES, Part, Result, Results
from analytics.results.surveys import Scored
from analytics.wording import NAMES
from feedback import answered
from feedback.answer_filter import Asked
from feedback.choices import YES
from feedback.models import Response
from surveys.models import Question
from surveys.questions import choice_in_own_words, grid


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A line of a histogram; `width` is a percentage of the longest."""

    name: str
    count: int
    width: str
    share: str
    look: str
    href: str
    limits: str = ""
    metric: Metric | None = None
    is_own_words: bool = False


@dataclass(frozen=True, kw_only=True)
class Aspect:
    """A line of a grid: its mean, its index, and its values as one bar."""

    name: str
    metric: Metric
    index: str
    parts: Sequence[dict[str, Any]]
    spoken: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """One question."""

    result: Result
    text: str
    kind: Any
    key: str
    name: Any
    href: str
    words_href: str
    tick_href: str
    confirmed_href: str
    bars: Sequence[Bar]
    aspects: Sequence[Aspect]
    classes: Sequence[dict[str, Any]]
    index: str
    also: str
    condition: str
    warnings: Sequence[str]
    editions: Sequence[tuple[str, Metric, str]]


def cards(found: Results, *, links: Links, channels: Mapping[Any, str], language: str = "") -> list[Card]:
    """The questions of the chosen version in their order."""
    return [_card(result, found, links=links, channels=channels, language=language) for result in found.questions]


def _card(result: Result, found: Results, *, links: Links, channels: Mapping[Any, str], language: str) -> Card:
    question, reading = result.question, language or get_language() or ""
    # The lists of rows cannot be narrowed to the language of the page.
    rows = partial(_rows, links, tuple(result.keys)) if not language else _no_rows
    is_hidden = result.answered < SHOWN_FROM
    return Card(
        result=result,
        text=question.text(reading),
        kind=question.get_kind_display(),
        key=_key(question),
        name=NAMES[question.scale.name] if question.scale else "",
        href=rows(is_text=question.kind == "text"),
        words_href=rows(is_text=True),
        tick_href=links.responses(contact=YES) if not language else "",
        confirmed_href=rows(evidence=Response.Evidence.CONFIRMED),
        bars=[] if is_hidden else _bars(result, rows, reading),
        aspects=[_aspect(part, question, reading, rows) for part in result.parts] if question.kind == "grid" else [],
        classes=[] if result.texts < SHOWN_FROM else _classes(result, links, hides_rows=bool(language)),
        index=_index(result.index),
        also=_also(result, found),
        condition=_condition(question, found, reading),
        warnings=_warnings(result, channels),
        editions=[
            (str(one.version.number), one.metric, links.here(version=one.version.number)) for one in result.elsewhere
        ],
    )


def _key(question: Question) -> str:
    if question.scale:
        return blocks.DEFINED[question.scale.name]
    return {"grid": "mean_score", "text": "comment_class"}.get(question.kind, "answer_share")


def _rows(
    links: Links, keys: tuple[int, ...], *, item: str = "", value: int | None = None, is_text: bool = False,
    **more: Any,
) -> str:  # fmt: skip
    asked = str(Asked(keys, item, value))
    return links.comments(answer=asked, source="survey") if is_text else links.responses(answer=asked, **more)


def _no_rows(**_narrowed: Any) -> str:
    return ""


def _bars(result: Result, rows: Any, language: str) -> list[Bar]:
    question = result.question
    if question.scale:
        return _steps(result, rows, language)
    if question.kind in CHOICES:
        longest = max((part.metric.num or 0 for part in result.parts), default=0)
        own = choice_in_own_words(question.options)
        return [
            Bar(
                name=question.name(part.item, language),
                count=part.metric.num or 0,
                width=_width(part.metric.num or 0, longest),
                share=formats.value_of(part.metric),
                limits=formats.limits_of(part.metric),
                look="neu",
                href=rows(item=part.item, value=1),
                metric=part.metric,
                is_own_words=bool(own) and part.item == own,
            )
            for part in result.parts
        ]
    return []


def _steps(result: Result, rows: Any, language: str) -> list[Bar]:
    """The steps of a scale, the best first."""
    question, whole = result.question, result.answered
    assert question.scale is not None
    looks = _looks(question.scale.name)
    longest = max(result.counts.values(), default=0)
    return [
        Bar(
            name=_step(question, value, language),
            count=result.counts.get(value, 0),
            width=_width(result.counts.get(value, 0), longest),
            share=_percent(result.counts.get(value, 0), whole),
            look=looks[value],
            href=rows(value=value),
        )
        for value in reversed(question.scale.values)
    ]


def _step(question: Question, value: int, language: str) -> str:
    word = answered.word(question, value, language)
    if question.scale and question.scale.high == 1:
        return word
    return f"{value} · {word}" if word else str(value)


def _looks(scale: str) -> dict[int, str]:
    parts = PARTS[scale]
    looks = blocks.PART_LOOKS[len(parts)]
    return {value: look for (low, high), look in zip(parts, looks, strict=True) for value in range(low, high + 1)}


def _aspect(part: Part, question: Question, language: str, rows: Any) -> Aspect:
    looks = _looks(grid.row_scale(question.options).name)
    parts = [
        {"value": value, "count": count, "look": looks[value]} for value, count in sorted(part.counts.items()) if count
    ]
    return Aspect(
        name=question.name(part.item, language),
        metric=part.metric,
        index=_index(part.index),
        parts=parts,
        spoken=", ".join(f"{one['value']}: {one['count']}" for one in parts),
        href=rows(item=part.item),
    )


def _classes(result: Result, links: Links, *, hides_rows: bool) -> list[dict[str, Any]]:
    asked = str(Asked(tuple(result.keys)))
    return [
        {
            "name": blocks.CLASS_NAMES[name],
            "look": blocks.CLASS_LOOKS[name],
            "metric": metric,
            "good": blocks.CLASS_GOOD.get(name),
            "href": "" if hides_rows else links.comments(of_class=name, answer=asked, source="survey"),
        }
        for name, metric in result.classes.items()
    ]


def _index(value: float | None) -> str:
    shown = None if value is None else round_half_away(value)
    return "" if shown is None else formats.number(shown)


def _also(result: Result, found: Results) -> str:
    """Which other versions asked the same and are counted with it."""
    answered = [number for number in result.versions if found.answers.get(number)]
    others = [number for number in answered if found.chosen is None or number != found.chosen.number]
    if not others:
        return ""
    words = ngettext(
        "Worded alike in version %(others)s: counted together.",
        "Worded alike in versions %(others)s: counted together.",
        len(others),
    )
    return words % {"others": ", ".join(map(str, others))}


def _condition(question: Question, found: Results, language: str) -> str:
    """On what it hangs whether the question is asked."""
    when = question.options.get("when")
    if not when or found.chosen is None:
        return ""
    bands = {"low": _("a low score"), "mid": _("a middle score"), "high": _("a high score")}
    if when["question"] == "score":
        return _("Shown only after: %(what)s.") % {"what": ", ".join(bands[band] for band in when["in"])}
    other = next((one for one in found.chosen.asked if one.code == when["question"]), None)
    if other is None:
        return ""
    what = ", ".join(other.name(str(item), language) for item in when["in"])
    return _("Shown only after: %(what)s.") % {"what": f"{other.text(language)} {what}"}


def _warnings(result: Result, channels: Mapping[Any, str]) -> list[str]:
    found = []
    if result.is_skipped_often:
        found.append(_("More than one in five skipped it: those who answered may differ from the others."))
    if result.skipped_more_by:
        names = ", ".join(str(channels[name]) for name in result.skipped_more_by)
        found.append(_("Skipped more often than elsewhere: %(channels)s.") % {"channels": names})
    return found


def _width(count: int, longest: int) -> str:
    return f"{100 * count / longest:.2f}%" if longest else "0%"


def _percent(part: int, whole: int) -> str:
    shown = round_half_away(part, whole, scale=100)
    return formats.DASH if shown is None else formats.percent(formats.number(shown))


def survey_rows(found: Sequence[Scored], names: Mapping[int, str], *, links: Links) -> list[dict[str, Any]]:
    """Each survey with its score, and the surveys that nobody scored in the period."""
    scored = {one.survey for one in found}
    rows = [
        {
            "name": names[one.survey],
            "scale": NAMES[one.scale],
            "metric": one.metric,
            "href": links.here(survey=one.survey),
            "rows_href": links.responses(survey=one.survey, scale=one.scale),
        }
        for one in found
        if one.survey in names
    ]
    silent = [
        {"name": name, "scale": "", "metric": None, "href": links.here(survey=pk), "rows_href": ""}
        for pk, name in names.items()
        if pk not in scored
    ]
    return rows + silent


def version_rows(found: Results, *, links: Links) -> list[dict[str, Any]]:
    """The versions that were answered in the period or are chosen, as choices."""
    return [
        {
            "number": one.number,
            "published": one.published_at,
            "answers": found.answers[one.number],
            "href": links.here(version=one.number),
            "is_chosen": found.chosen is not None and one.pk == found.chosen.pk,
        }
        for one in found.versions
        if found.answers[one.number] or (found.chosen is not None and one.pk == found.chosen.pk)
    ]


def language_rows(found: Results, names: Mapping[str, Any], *, chosen: str, links: Links) -> list[dict[str, Any]]:
    """The languages in which the page was answered, as choices; none when there is but one."""
    if len(found.languages) < 2 and not chosen:
        return []
    version = found.chosen.number if found.chosen else ""
    every = {"name": _("All languages"), "answers": sum(found.languages.values()), "is_chosen": not chosen,
             "href": links.here(version=version)}  # fmt: skip
    return [
        every,
        *(
            {
                "name": capfirst(str(names.get(code, code))),
                "answers": answers,
                "is_chosen": code == chosen,
                "href": links.here(version=version, lang=code),
            }
            for code, answers in found.languages.items()
        ),
    ]
