"""What the blocks of the dashboard show: reports with their charts, words and links, ready for the templates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics import annotations, charts, detectable, formats, waits
from analytics.annotations import Note
from analytics.comparisons import Direction
from analytics.display import Unit
from analytics.left_out import LeftOut
from analytics.links import Links
from analytics.metrics import Metric
from analytics.periods import Period
from analytics.quality import figures
from analytics.reports import (
    CES,
    CSAT,
    NPS,
    RESOLVED,
    THREE_STEPS,
    THUMBS,
    YES_NO,
    Classes,
    ScoreCard,
    Segment,
    TopicRow,
    Week,
)
from analytics.wording import NAMES
from feedback.models import Comment, CommentClass

ABOUT = {
    CSAT: gettext_lazy("satisfied, 4–5 of 5"),
    NPS: gettext_lazy("loyalty, 0–10"),
    CES: gettext_lazy("“it was easy”, 5–7 of 7"),
    THREE_STEPS: gettext_lazy("satisfied, 3 of 3"),
    THUMBS: gettext_lazy("thumbs up among all thumbs"),
    YES_NO: gettext_lazy("“yes” among all answers to yes or no"),
    RESOLVED: gettext_lazy("says the customer"),
}
OF_STEPS = (gettext_lazy("satisfied"), gettext_lazy("in between"), gettext_lazy("dissatisfied"))
PART_NAMES = {
    CSAT: OF_STEPS,
    NPS: (gettext_lazy("promoters"), gettext_lazy("passives"), gettext_lazy("detractors")),
    CES: (gettext_lazy("easy"), gettext_lazy("in between"), gettext_lazy("not easy")),
    THREE_STEPS: OF_STEPS,
    THUMBS: (gettext_lazy("thumbs up"), gettext_lazy("thumbs down")),
    YES_NO: (gettext_lazy("yes"), gettext_lazy("no")),
    RESOLVED: (gettext_lazy("yes"), gettext_lazy("no")),
}
# By how many parts a scale has.
PART_LOOKS = {3: ("pos", "neu", "neg"), 2: ("pos", "neg")}
DEFINED = {
    CSAT: "csat", NPS: "nps", CES: "ces", THREE_STEPS: "csat", THUMBS: "csat", YES_NO: "resolved_by_customer",
    RESOLVED: "resolved_by_customer",
}  # fmt: skip
CLASS_LOOKS = {"positive": "pos", "negative": "neg", "constructive": "con", "neutral": "neu", "unsure": "not"}
CLASS_NAMES = {
    "positive": gettext_lazy("Positive"),
    "negative": gettext_lazy("Negative"),
    "constructive": gettext_lazy("Constructive"),
    "neutral": gettext_lazy("Neutral"),
}
HEADS = {
    "team": gettext_lazy("Team"), "channel": gettext_lazy("Channel"), "wait": gettext_lazy("First response after")
}  # fmt: skip
BY_NUMBER = gettext_lazy("By number of answers, not by score.")
LEADS = {
    "team": BY_NUMBER,
    "channel": BY_NUMBER,
    "wait": gettext_lazy("In working hours; answers about contacts whose first response is known."),
}
CLASS_GOOD = {"positive": "up", "negative": "down"}
# Blame first: it is what must not be overlooked.
OF_SUGGESTIONS = (Comment.Tone.NEGATIVE, Comment.Tone.MIXED, Comment.Tone.NEUTRAL, Comment.Tone.POSITIVE)
TONE_ORDER = ("negative", "constructive", "neutral", "unsure", "positive")


@dataclass(frozen=True, kw_only=True)
class CardBlock:
    name: str
    about: Any
    key: str
    card: ScoreCard
    unit: str
    href: str
    presumed_href: str
    confirmed_href: str
    bullet: charts.Bullet | None
    trend: charts.Trend | None
    spoken: str
    previous: str
    parts: list[dict[str, Any]]
    weeks: list[dict[str, Any]]
    can_show: str


@dataclass(frozen=True, kw_only=True)
class Where:
    """Segments of one kind on a common axis; without an axis no segment may show its score.

    `key` is what the register calls the number.
    """

    title: Any
    lead: Any
    head: Any
    name: Any
    rows: list[dict[str, Any]]
    ticks: tuple[charts.Tick, ...]
    is_compared: bool
    good: Direction = "up"
    key: str = ""


def card_block(card: ScoreCard, *, links: Links, period: Period, notes: Sequence[Note] = ()) -> CardBlock:
    metric = card.metric
    shown = metric.value is not None and metric.lo is not None and metric.hi is not None
    return CardBlock(
        name=NAMES[card.scale],
        about=ABOUT[card.scale],
        key=DEFINED[card.scale],
        card=card,
        unit=metric.unit,
        href=links.responses(scale=card.scale),
        presumed_href=links.responses(scale=card.scale, evidence="presumed"),
        confirmed_href=links.responses(scale=card.scale, evidence="confirmed"),
        bullet=charts.bullet(metric.value, metric.lo, metric.hi, unit=metric.unit) if shown else None,  # type: ignore[arg-type]
        trend=charts.trend(card.weeks, unit=metric.unit, shaded=period, notes=notes),
        spoken=spoken_trend(card.weeks, unit=metric.unit),
        can_show=detectable.words(card),
        previous=formats.score(metric.prev, unit=metric.unit, n=card.n_before or 0) if metric.prev is not None else "",
        parts=_parts(card, links) if shown else [],
        weeks=[
            week_row(week, unit=metric.unit, href=links.responses(period=week.period, scale=card.scale), notes=notes)
            for week in card.weeks
        ],
    )


def _parts(card: ScoreCard, links: Links) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "look": look,
            "answers": answers,
            "href": links.responses(scale=card.scale, score=f"{low}-{high}"),
            "scores": _scores(low, high, among=len(card.parts)),
        }
        for (low, high, answers), name, look in zip(
            card.parts, PART_NAMES[card.scale], PART_LOOKS[len(card.parts)], strict=True
        )
    ]


def _scores(low: int, high: int, *, among: int) -> str:
    """Which scores make a part; of two answers the words are enough."""
    if among == 2:
        return ""
    return f"{low}–{high}" if low != high else str(low)


def week_row(week: Week, *, unit: Unit, href: str, notes: Sequence[Note] = ()) -> dict[str, Any]:
    """A week of a trend as a row of its table."""
    return {
        "notes": annotations.within(notes, week.period),
        "week": week,
        "value": formats.score(week.value, unit=unit, n=week.n),
        "limits": formats.interval(week.lo, week.hi, unit=unit, n=week.n) if week.value is not None else formats.DASH,
        "href": href,
    }


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """A trend by week with the notes on its days, drawn and as a table."""

    name: Any
    trend: charts.Trend | None
    spoken: str
    weeks: Sequence[dict[str, Any]]


def weekly(
    name: Any, weeks: Sequence[Week], *, unit: Unit, period: Period, href: Callable[[Week], str],
    notes: Sequence[Note], among: int = 1,
) -> Weekly:  # fmt: skip
    """The weeks of one number; `href` leads to the rows of one. Of `among` several trends of a kind."""
    return Weekly(
        name=name,
        trend=charts.trend(weeks, unit=unit, shaded=period, notes=notes, among=among),
        spoken=spoken_trend(weeks, unit=unit),
        weeks=[week_row(week, unit=unit, href=href(week), notes=notes) for week in weeks],
    )


def spoken_trend(weeks: Sequence[Week], *, unit: Unit) -> str:
    """A trend for whoever does not see it."""
    values = [week.value for week in weeks if week.value is not None]
    if not values:
        return _("no week has 5 answers")
    return _("%(weeks)s weeks, lowest %(low)s, highest %(high)s, last %(last)s") % {
        "weeks": len(weeks),
        "low": formats.score(min(values), unit=unit, n=0),
        "high": formats.score(max(values), unit=unit, n=0),
        "last": formats.score(values[-1], unit=unit, n=0),
    }


def where_block(
    title: Any, segments: Sequence[Segment], *, scale: str, column: str, names: Mapping[Any, str], links: Links
) -> Where | None:
    """One score by team, channel or waiting; None when there is nothing to tell apart."""
    if not segments:
        return None

    def rows_of(key: Any) -> str:
        if column == "wait":
            return links.responses(None, scale=scale, waited=waits.RESPONSE.range(key))
        return links.responses(None, scale=scale, **{column: key or "none"})

    return where(
        title, segments, lead=LEADS[column], head=HEADS[column], name=NAMES[scale], names=names, href=rows_of,
        is_compared=links.filters.before is not None, key=DEFINED[scale],
    )  # fmt: skip


def where(
    title: Any, segments: Sequence[Segment], *, lead: Any, head: Any, name: Any, names: Mapping[Any, str],
    href: Callable[[Any], str], is_compared: bool, good: Direction = "up", key: str = "",
    n_href: Callable[[Any], str] = lambda key: "",
) -> Where:  # fmt: skip
    """Segments on a common axis, each with its rows behind it; `good` is the change that is to be wished for.

    `n_href` leads to the rows that a share is of, where those behind it are its part alone.
    """
    limits = [limit for row in segments for limit in (row.metric.lo, row.metric.hi) if limit is not None]
    unit = segments[0].metric.unit
    factor = 100 if unit == "share" else 1
    over = charts.axis(factor * min(limits), factor * max(limits), unit=unit) if limits else None
    rows = [
        {
            "name": names[segment.key],
            "metric": segment.metric,
            "strip": _strip(segment.metric, over),
            "href": href(segment.key),
            "n_href": n_href(segment.key),
        }
        for segment in segments
    ]
    return Where(
        title=title,
        lead=lead,
        head=head,
        name=name,
        rows=rows,
        ticks=charts.ticks(over, unit=unit) if over else (),
        is_compared=is_compared,
        good=good,
        key=key,
    )


def _strip(metric: Metric, over: tuple[int, int, int] | None) -> charts.Bullet | None:
    if over is None or metric.value is None or metric.lo is None or metric.hi is None:
        return None
    return charts.strip(metric.value, metric.lo, metric.hi, unit=metric.unit, over=over)


def class_rows(
    classes: Classes, *, links: Links, known: figures.Skill | None = None, tones: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """The classes; `known` is how well each is told, to correct their shares for reading errors, `tones` how many
    constructive ones are of each tone, so that their class hides no complaint."""
    corrected = figures.corrected_shares(classes.shares, known)
    apart = [
        {"name": tone.label, "count": count, "href": links.comments(of_class="constructive", tone=tone.value)}
        for tone in OF_SUGGESTIONS
        if (count := (tones or {}).get(tone.value))
    ]
    return [
        {
            "name": CLASS_NAMES[name],
            "look": CLASS_LOOKS[name],
            "metric": metric,
            "good": CLASS_GOOD.get(name),
            "href": links.comments(of_class=name),
            "corrected": corrected.get(name),
            "tones": apart if name == "constructive" and metric.state != "hidden" else [],
        }
        for name, metric in classes.shares.items()
    ]


def source_words(classes: Classes, links: Links) -> str:
    """ "618 from survey answers, 74 reviews" as the languages count them, each a link to its rows."""
    words = {
        Comment.Source.SURVEY: lambda n: ngettext("%(n)s from an answer", "%(n)s from answers", n),
        Comment.Source.REVIEW: lambda n: ngettext("%(n)s review", "%(n)s reviews", n),
        Comment.Source.COMPLAINT: lambda n: ngettext("%(n)s complaint", "%(n)s complaints", n),
        Comment.Source.MESSAGE: lambda n: ngettext("%(n)s message", "%(n)s messages", n),
    }
    return format_html_join(
        ", ",
        '<a class="num" href="{}">{}</a>',
        (
            (links.comments(source=source), words[Comment.Source(source)](number) % {"n": formats.number(number)})
            for source, number in classes.by_source.items()
        ),
    )


def left_out_words(found: LeftOut, *, links: Links) -> str:
    """ "3 answers, 1 comment", each a link to its rows; empty when nothing was excluded."""
    answers = ngettext("%(n)s answer", "%(n)s answers", found.responses) % {"n": formats.number(found.responses)}
    comments = ngettext("%(n)s comment", "%(n)s comments", found.comments) % {"n": formats.number(found.comments)}
    parts = [
        (links.left_out_responses(), answers, found.responses),
        (links.left_out_comments(), comments, found.comments),
    ]
    return format_html_join(
        ", ", '<a class="num" href="{}">{}</a>', ((href, words) for href, words, number in parts if number)
    )


def topic_rows(rows: Sequence[TopicRow], *, links: Links) -> list[dict[str, Any]]:
    """The topics with at least five mentions, each with its bar of classes."""
    return [
        {
            "row": row,
            "tones": tones(row),
            "spoken": spoken_tones(tones(row)),
            "href": links.comments(topic=row.topic.code),
        }
        for row in rows
        if row.state != "hidden"
    ]


def tones(row: TopicRow) -> list[dict[str, Any]]:
    """The parts of a topic's bar of classes."""
    return [
        {"name": name, "look": CLASS_LOOKS[name], "count": row.classes[name]}
        for name in TONE_ORDER
        if row.classes.get(name)
    ]


def spoken_tones(parts: Sequence[dict[str, Any]]) -> str:
    """The bar for whoever does not see it."""
    return ", ".join(f"{CommentClass(part['name']).label} {part['count']}" for part in parts)


def rare_topics(rows: Sequence[TopicRow], *, links: Links) -> list[dict[str, Any]]:
    return [{"topic": row.topic, "href": links.comments(topic=row.topic.code)} for row in rows if row.state == "hidden"]
