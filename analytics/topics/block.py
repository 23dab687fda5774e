"""What the pages of topics show: the table of all topics, and one topic with its words, charts and links."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import blocks, formats, impact_block
from analytics.annotations import Note
from analytics.display import SHOWN_FROM, round_half_away
from analytics.emerging import FEWEST_MENTIONS
from analytics.impact import Impact
from analytics.links import Links
from analytics.periods import Period, local_day
from analytics.reports import TopicRow
from analytics.reports import Week as ScoredWeek
from analytics.tables import CHANGE, NUMBER, Table, change, number
from analytics.topics.report import About, Portion
from analytics.topics.rising import Rising, Week
from feedback.masking import masked
from feedback.models import Comment, CommentClass, Topic

SORTS = {
    "negative": gettext_lazy("most negative"),
    "mentions": gettext_lazy("most mentions"),
    "points": gettext_lazy("most points lost"),
    "rise": gettext_lazy("largest rise"),
}
LONGEST_QUOTE = 280
HEADS = {
    "team": (gettext_lazy("By team"), gettext_lazy("Team")),
    "channel": (gettext_lazy("By channel"), gettext_lazy("Channel")),
    "survey": (gettext_lazy("By survey"), gettext_lazy("Survey")),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One topic of the table; `impact` is None where its impact cannot be told."""

    row: TopicRow
    inside: str
    page: str
    href: str
    tones: Sequence[dict[str, Any]]
    spoken: str
    impact: impact_block.Line | None


def lines(rows: Sequence[TopicRow], found: Impact, *, sort: str, links: Links) -> list[Line]:
    """The topics with at least five mentions."""
    impacts = {line.topic.pk: line for line in impact_block.lines(found, rows, links=links)}
    points = {effect.topic: effect.points for effect in found.effects if effect.points is not None}
    names = {row.topic.pk: str(row.topic) for row in rows}
    every = [_line(row, names, impacts.get(row.topic.pk), links=links) for row in rows if row.state != "hidden"]
    orders: dict[str, Any] = {
        "mentions": lambda line: -line.row.mentions,
        "points": lambda line: points.get(line.row.topic.pk, 0.0),
        "rise": lambda line: -(line.row.metric.diff or 0.0),
    }
    return sorted(every, key=orders[sort]) if sort in orders else every


def _line(row: TopicRow, names: Mapping[int, str], found: impact_block.Line | None, *, links: Links) -> Line:
    tones = blocks.tones(row)
    return Line(
        row=row,
        inside=names.get(row.topic.parent_id or 0, ""),
        page=links.here(about=row.topic.code),
        href=links.comments(topic=row.topic.code),
        tones=tones,
        spoken=blocks.spoken_tones(tones),
        impact=found,
    )


def sorts(chosen: str, *, links: Links) -> list[tuple[Any, str, bool]]:
    """The orders of the table as links."""
    return [(label, links.here(sort=key), key == chosen) for key, label in SORTS.items()]


def table(rows: Sequence[TopicRow], found: Impact) -> Table:
    """The topics as a file has them."""
    effects = {effect.topic: effect for effect in found.effects}
    columns = (
        _("Topic"), _("Mentions"), *NUMBER, *CHANGE, _("Score of those who mention it"), _("Impact, points"),
        _("Interval from"), _("Interval to"),
    )  # fmt: skip
    cells = []
    for row in rows:
        if row.state == "hidden":
            continue
        effect = effects.get(row.topic.pk)
        told = (
            (effect.score.value if effect.score.n >= 5 else None, effect.points, effect.lo, effect.hi) if effect else ()
        )
        cells.append((str(row.topic), row.mentions, *number(row.metric, unit="share"), *change(row.metric), *told))
    return Table(_("Topics"), columns, cells)


def risen(week: Week, *, links: Links) -> list[tuple[Rising, str, str]]:
    """What the week spoke of more than before: each topic, its page, and its comments of that week."""
    return [
        (one, links.here(about=one.topic.code), links.comments(week.period, topic=one.topic.code))
        for one in week.certain
    ]


def risen_table(week: Week) -> Table:
    """Every topic of the week with enough mentions, whether it rose or not."""
    columns = (_("Topic"), _("Mentions in the week"), _("Expected"), _("Times as many"), "p", _("Certain"))
    return Table(
        _("The last week against the twelve before"),
        columns,
        [
            (str(one.topic), one.found.mentions, one.found.expected, one.found.ratio, one.found.p, one.is_certain)
            for one in week.topics
            if one.found.mentions >= FEWEST_MENTIONS
        ],
    )


def trend(
    weeks: Sequence[ScoredWeek], topic: Topic, *, period: Period, links: Links, notes: Sequence[Note]
) -> blocks.Weekly:
    """The topic's share of comments by week."""

    def rows_of(week: ScoredWeek) -> str:
        return links.comments(week.period, topic=topic.code)

    return blocks.weekly(
        _("Share of comments"), weeks, unit="share", period=period, href=rows_of, notes=notes
    )  # fmt: skip


def portions(
    found: About, topic: Topic, *, names: Mapping[str, Mapping[Any, str]], links: Links
) -> list[tuple[blocks.Where, list[str]]]:
    """The tables by team, channel and survey, each with the names of what stands out in it."""
    return [
        (
            blocks.where(
                HEADS[column][0], parts,  # type: ignore[arg-type]
                lead=_("By number of comments, not by share."), head=HEADS[column][1], name=_("Share of comments"),
                names=names[column], href=partial(_rows_of, column, topic, links),
                is_compared=links.filters.before is not None, key="topic_share",
            ),
            [_standing_out(part, names[column]) for part in parts if part.is_marked],
        )
        for column, parts in found.portions.items()
        if parts
    ]  # fmt: skip


def _rows_of(column: str, topic: Topic, links: Links, key: Any) -> str:
    return links.comments(None, topic=topic.code, **{column: key or "none"})


def _standing_out(part: Portion, names: Mapping[Any, str]) -> str:
    words = _("%(name)s more often") if (part.residual or 0) > 0 else _("%(name)s less often")
    return words % {"name": names[part.key]}


def tone_words(found: About) -> list[str]:
    """Which classes are more or less frequent than in the other comments."""
    words = {True: _("%(name)s more often"), False: _("%(name)s less often")}
    return [
        words[(tone.residual or 0) > 0] % {"name": str(blocks.CLASS_NAMES[tone.name]).lower()}
        for tone in found.tones
        if tone.is_marked
    ]


def net_tone(found: About) -> tuple[str, str]:
    """The net tone in percentage points with its sign, and its limits; a dash below five comments with a class."""
    shown = None if found.net.value is None else round_half_away(found.net.value)
    if shown is None or found.net.n < SHOWN_FROM:
        return formats.DASH, ""
    return formats.number(shown, signed=True), formats.interval(
        found.net.lo, found.net.hi, unit="points", n=found.net.n
    )


def quote_rows(said: Sequence[Comment], *, zone: dt.tzinfo) -> list[dict[str, Any]]:
    """The comments, cut, with personal data hidden, each leading to its page; days are those of the zone."""
    return [
        {
            "text": masked(one.text, end=_end(one.text)) + ("…" if _end(one.text) < len(one.text) else ""),
            "look": blocks.CLASS_LOOKS[one.derived_class],
            "class": CommentClass(one.derived_class).label,
            "day": formats.day(local_day(one.said_at, zone)),
            "team": one.team.name if one.team else "",
            "href": reverse("admin:feedback_comment_change", args=[one.pk]),
        }
        for one in said
    ]


def _end(text: str) -> int:
    if len(text) <= LONGEST_QUOTE:
        return len(text)
    cut = text.rfind(" ", LONGEST_QUOTE - 40, LONGEST_QUOTE)
    return cut if cut > 0 else LONGEST_QUOTE
