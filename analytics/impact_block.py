"""What the page "what to fix first" shows: topics with their points, words and places on the charts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import blocks, charts, formats
from analytics.display import display_state, round_half_away
from analytics.impact import Effect, Impact
from analytics.links import Links
from analytics.reports import TopicRow
from analytics.tables import NUMBER, Table, number
from analytics.wording import NAMES

HOW = gettext_lazy(
    "By least squares over the answers with a score and a comment: what a topic adds to their score with the other "
    "topics held fixed, times how often it is mentioned. It is association, not proof. With fewer than 60 answers, or "
    "fewer than ten a topic, it is only the score less what it would be without those who mention the topic, and is "
    "called rough. Fix first: it certainly costs 2 points or more; fix next: it certainly costs less than that."
)
VERDICTS = {
    "fix_first": gettext_lazy("fix first"),
    "fix_next": gettext_lazy("fix next"),
    "strength": gettext_lazy("strength"),
    "watch": gettext_lazy("watch"),
    "few_data": gettext_lazy("too few to say"),
}
LOOKS = {"fix_first": "neg", "fix_next": "neg", "strength": "pos"}
LABELLED = ("fix_first", "fix_next", "strength")
# The chart's height and the room above and below its points, in pixels.
HEIGHT, ROOM = 300, 24
LARGEST = 18.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One topic of the table; places are percentages of the strip's width."""

    topic: Any
    mentions: int
    href: str
    share: str
    tones: Sequence[dict[str, Any]]
    spoken: str
    score: str
    limits: str
    n: int
    score_href: str
    points: str
    points_limits: str
    verdict: Any
    look: str
    at: str
    lo: str
    width: str
    with_topics: str


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """One topic of the chart; x in percent, y and radius in pixels."""

    x: str
    y: str
    r: str
    look: str
    label: str
    anchor: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Score of those who mention a topic against the points it costs; the lines are zero points and the whole score."""

    bubbles: Sequence[Bubble]
    zero: str
    whole: str
    ticks: Sequence[charts.Tick]
    height: int = HEIGHT


def lines(found: Impact, topics: Sequence[TopicRow], *, links: Links) -> list[Line]:
    """The topics whose impact can be told, those first that are to be mended first."""
    by_key = {row.topic.pk: row for row in topics}
    most = _most(found)
    return [
        _line(effect, by_key, found.scale, most=most, links=links)
        for effect in found.effects
        if effect.topic in by_key and by_key[effect.topic].state != "hidden"
    ]


def _most(found: Impact) -> float:
    """The longest way from zero that the strips have to show."""
    ends = [abs(end) for one in found.effects for end in (one.points, one.lo, one.hi) if end is not None]
    return max(ends, default=0.0) or 1.0


def _line(effect: Effect, rows: Mapping[int, TopicRow], scale: str, *, most: float, links: Links) -> Line:
    row = rows[effect.topic]
    shown = display_state(effect.score.n) != "hidden"
    lo, hi = (effect.points if end is None else end for end in (effect.lo, effect.hi))
    tones = blocks.tones(row)
    return Line(
        topic=row.topic,
        mentions=row.mentions,
        href=links.comments(topic=row.topic.code),
        share=formats.value_of(row.metric),
        tones=tones,
        spoken=blocks.spoken_tones(tones),
        score=formats.value_of(effect.score) if shown else "",
        limits=formats.limits_of(effect.score) if shown else "",
        n=effect.score.n,
        score_href=links.responses(scale=scale, about=row.topic.code),
        points=points(effect.points),
        points_limits=f"{points(effect.lo)}…{points(effect.hi)}" if effect.lo is not None else "",
        verdict=_("rough") if effect.is_rough and effect.points is not None else VERDICTS[effect.verdict],
        look=LOOKS.get(effect.verdict, "neu"),
        at=_place(effect.points, most),
        lo=_place(lo, most),
        width=f"{50 * ((hi or 0) - (lo or 0)) / most:.2f}%",
        with_topics=", ".join(str(rows[other].topic) for other in effect.with_topics if other in rows),
    )


def points(value: float | None) -> str:
    """Points of a score with their sign: "−7.4"; a dash for None."""
    shown = None if value is None else round_half_away(value, digits=1)
    return formats.DASH if shown is None else formats.number(Decimal(shown), signed=True)


def _place(value: float | None, most: float) -> str:
    return "" if value is None else f"{50 + 50 * value / most:.2f}%"


def chart(found: Impact, topics: Sequence[TopicRow]) -> Chart | None:
    """None while no topic certainly costs or brings anything: a cloud of grey circles would tell nothing."""
    names = {row.topic.pk: str(row.topic) for row in topics if row.state != "hidden"}
    placed = [one for one in found.effects if one.points is not None and one.topic in names]
    if not any(one.verdict in LABELLED for one in placed) or found.score.value is None:
        return None
    values = [one.points or 0.0 for one in placed]
    low, high = min(*values, 0.0), max(*values, 0.0)
    unit = found.score.unit
    scores = [charts.printed(one.score.value or 0.0, unit) for one in placed]
    over = charts.axis(min(scores), max(scores), unit=unit)
    largest = max(one.mentions for one in placed)

    def y(value: float) -> float:
        return ROOM + (HEIGHT - 3 * ROOM) * (high - value) / ((high - low) or 1.0)

    def x(score: float | None) -> float:
        first, last, _step = over
        return 100 * (charts.printed(score or 0.0, unit) - first) / (last - first)

    return Chart(
        bubbles=[
            _bubble(one, names[one.topic], x=x(one.score.value), y=y(one.points or 0.0), largest=largest)
            for one in placed
        ],
        zero=f"{y(0.0):.1f}",
        whole=f"{min(max(x(found.score.value), 0), 100):.2f}%",
        ticks=charts.ticks(over, unit=unit),
    )


def _bubble(one: Effect, name: str, *, x: float, y: float, largest: int) -> Bubble:
    title = _("%(topic)s: %(score)s, %(points)s points, %(n)s mentions") % {
        "topic": name,
        "score": formats.value_of(one.score),
        "points": points(one.points),
        "n": formats.number(one.mentions),
    }
    return Bubble(
        x=f"{x:.2f}%",
        y=f"{y:.1f}",
        r=f"{max(4.0, LARGEST * math.sqrt(one.mentions / largest)):.1f}",
        look=LOOKS.get(one.verdict, "neu"),
        label=name if one.verdict in LABELLED else "",
        anchor="end" if x > 60 else "start",
        title=title,
    )


def lead(found: Impact, *, all_score: Any) -> str:
    """From how many answers, and how those who write differ from all who answered."""
    words = {
        "name": NAMES[found.scale],
        "n": formats.number(found.score.n),
        "writing": formats.value_of(found.score),
        "all": formats.value_of(all_score) if all_score is not None else formats.DASH,
    }
    return (
        _("From %(n)s answers with a score and a comment: their %(name)s is %(writing)s, of all answers %(all)s.")
        % words
    )


def table(found: Impact, topics: Sequence[TopicRow]) -> Table:
    """The topics of the page, for a file."""
    shown = {row.topic.pk: row for row in topics if row.state != "hidden"}
    rows = [
        (
            str(shown[one.topic].topic), shown[one.topic].mentions, *number(one.score, unit=one.score.unit),
            one.points, one.lo, one.hi, VERDICTS[one.verdict],
        )
        for one in found.effects
        if one.topic in shown
    ]  # fmt: skip
    columns = (_("Topic"), _("Mentions"), *NUMBER, _("Impact, points"), _("Points from"), _("Points to"), _("Verdict"))
    return Table(_("What to fix first"), columns, rows)
