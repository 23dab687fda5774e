"""What numbers mean, in words: the change of a metric, and the three sentences on top of the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import formats, trends
from analytics.charts import Point
from analytics.comparisons import FALSE_DISCOVERY_RATE, Direction
from analytics.display import Unit
from analytics.links import Links
from analytics.metrics import Metric
from analytics.reports import (
    CES,
    CSAT,
    NPS,
    RESOLVED,
    THREE_STEPS,
    THUMBS,
    YES_NO,
    Filters,
    ScoreCard,
    Scores,
    Segment,
    TopicRow,
)

NAMES: dict[str, Any] = {
    CSAT: "CSAT",
    NPS: "NPS",
    CES: "CES",
    THREE_STEPS: gettext_lazy("CSAT of 3"),
    THUMBS: gettext_lazy("Thumbs up"),
    YES_NO: gettext_lazy("Yes"),
    RESOLVED: gettext_lazy("Solved"),
}


CSATS = (CSAT, THREE_STEPS, THUMBS)


@dataclass(frozen=True)
class Delta:
    """A change in words. `look` is good, bad, plain (proven, neither), same or none (no comparison)."""

    text: str
    look: str = "same"
    arrow: str = ""
    interval: str = ""
    spoken: str = ""


@dataclass(frozen=True)
class Sentence:
    """An answer to the question `title`; `lead` is its gist, which may lead to rows or to a place on the page."""

    title: str
    lead: str
    rest: str
    href: str = ""


def delta(metric: Metric, *, good: Direction | None = None) -> Delta:
    """The change since the comparison period; `good` is the direction that is to be wished for."""
    if metric.diff is None or metric.flag is None:
        return Delta(text=formats.DASH, look="none", spoken=_("no comparison: too few on one side"))
    text = formats.difference(metric.diff, unit=metric.unit)
    limits = ""
    if metric.diff_lo is not None and metric.diff_hi is not None:
        limits = formats.difference_interval(metric.diff_lo, metric.diff_hi, unit=metric.unit)
    if metric.flag == "same":
        return Delta(text=_("%(change)s, not significant") % {"change": text}, interval=limits)
    arrow = "▲" if metric.flag == "up" else "▼"
    if good is None:
        return Delta(text=text, look="plain", arrow=arrow, interval=limits, spoken=_("significant change"))
    is_good = metric.flag == good
    return Delta(
        text=text,
        look="good" if is_good else "bad",
        arrow=arrow,
        interval=limits,
        spoken=_("better") if is_good else _("worse"),
    )


def lasting(points: Sequence[Point], *, unit: Unit | None, among: int = 1) -> Delta | None:
    """Whether the last weeks in a row with 30 answers each rise or fall beyond chance (M34); None below eight.

    `among` several trends each has to be as certain as the most certain one of their family.
    """
    found = trends.lasting(points)
    if found is None:
        return None
    arrow = found.direction
    if arrow == "same" or found.trend.p * among > FALSE_DISCOVERY_RATE:
        return Delta(text=_("no proven trend over %(weeks)d weeks") % {"weeks": found.buckets})
    slope = formats.difference(found.trend.slope, unit=unit) if unit else ""
    words = {"weeks": found.buckets, "slope": slope}
    if unit:
        text = _("%(slope)s a week over %(weeks)d weeks") % words
    else:
        text = (_("rises over %(weeks)d weeks") if arrow == "up" else _("falls over %(weeks)d weeks")) % words
    return Delta(text=text, look="plain", arrow="▲" if arrow == "up" else "▼", spoken=_("proven trend"))


def better_or_worse(cards: Sequence[ScoreCard], *, filters: Filters) -> Sentence:
    flags = {card.metric.flag for card in cards} - {None}
    if filters.before is None:
        lead = _("No comparison is chosen.")
    elif {"up", "down"} <= flags:
        lead = _("Both ways.")
    elif "up" in flags:
        lead = _("Better.")
    elif "down" in flags:
        lead = _("Worse.")
    else:
        lead = _("No proven change.") if flags else _("Too early to say.")
    rest = " ".join(_said_of(card) for card in cards)
    return Sentence(title=_("Better or worse?"), lead=lead, rest=rest, href="#scores")


def _said_of(card: ScoreCard) -> str:
    metric, name = card.metric, NAMES[card.scale]
    if metric.n == 0:
        return _("%(name)s: no answers.") % {"name": name}
    if metric.state == "hidden":
        return _("%(name)s: fewer than 5 answers.") % {"name": name}
    words = {"name": name, "now": formats.value_of(metric), "interval": formats.limits_of(metric)}
    if card.n_before is None:
        return _("%(name)s %(now)s (%(interval)s).") % words
    if metric.flag is None or metric.diff is None or metric.prev is None:
        return _("%(name)s %(now)s (%(interval)s), too early to compare.") % words
    words["now"] = with_n(metric)
    words["before"] = formats.score(metric.prev, unit=metric.unit, n=card.n_before)
    words["change"] = _change(metric)
    if metric.flag == "same":
        return _("%(name)s %(now)s against %(before)s: %(change)s, not significant.") % words
    return _("%(name)s %(now)s against %(before)s: %(change)s, a significant change.") % words


def with_n(metric: Metric) -> str:
    """ "72% (n=137)"."""
    return f"{formats.value_of(metric)} (n={formats.number(metric.n)})"


def _change(metric: Metric) -> str:
    """The change with its limits, which tell how far chance reaches."""
    change = formats.difference(metric.diff or 0, unit=metric.unit)
    if metric.diff_lo is None or metric.diff_hi is None:
        return change
    return f"{change} ({formats.difference_interval(metric.diff_lo, metric.diff_hi, unit=metric.unit)})"


def most_negative(topics: Sequence[TopicRow], links: Links) -> Sentence:
    """The topic with most negative comments, whatever it costs."""
    title = _("What costs most?")
    worst = next((row for row in topics if row.state != "hidden" and row.classes.get("negative")), None)
    if worst is None:
        return Sentence(title=title, lead=_("No topic stands out."), rest="", href="#topics")
    rest = _("negative in %(negative)s of %(mentions)s mentions, %(share)s of all comments.") % {
        "negative": formats.number(worst.classes["negative"]),
        "mentions": formats.number(worst.mentions),
        "share": formats.value_of(worst.metric),
    }
    href = links.comments(topic=worst.topic.code, of_class="negative")
    return Sentence(title=title, lead=f"{worst.topic}:", rest=rest, href=href)


def where(scores: Scores, *, names: Mapping[str, Mapping[Any, str]], filters: Filters) -> Sentence:
    title = _("Where did it change?")
    named = [(names["team"], row) for row in scores.teams] + [(names["channel"], row) for row in scores.channels]
    if not named and any(card.metric.n for card in scores.cards):
        return Sentence(title=title, lead=_("In one place."), rest=_("All answers are of one team and one channel."))
    if filters.before is None:
        return Sentence(title=title, lead=_("No comparison is chosen."), rest="")
    flagged = [(known[row.key], row) for known, row in named if row.metric.flag in ("up", "down")]
    if flagged:
        flagged.sort(key=lambda pair: pair[1].metric.diff or 0)
        (lead, first), *others = flagged
        told = [_moved(NAMES[scores.scale], first)]
        told += [f"{name}: {_moved(NAMES[scores.scale], row)}" for name, row in others[:1]]
        return Sentence(title=title, lead=f"{lead}:", rest=" ".join(told), href="#where")
    if any(row.metric.flag for _known, row in named):
        rest = _("No team and no channel changed significantly.")
        return Sentence(title=title, lead=_("Nowhere."), rest=rest, href="#where")
    rest = _("A comparison needs 30 answers on both sides.")
    return Sentence(title=title, lead=_("Too early to say."), rest=rest, href="#where" if named else "")


def _moved(name: str, row: Segment) -> str:
    metric = row.metric
    return _("%(name)s %(now)s against %(before)s: %(change)s, a significant change.") % {
        "name": name,
        "now": with_n(metric),
        "before": formats.score(metric.prev, unit=metric.unit, n=metric.n),
        "change": _change(metric),
    }


def other_scales(scores: Scores) -> str:
    """That satisfaction is told apart on one of its scales alone, where customers answered on others of them, too."""
    others = [card for card in scores.cards if card.scale in CSATS and card.scale != scores.scale and card.metric.n]
    if scores.scale not in CSATS or not others:
        return ""
    told = ", ".join(f"{NAMES[card.scale]} (n={formats.number(card.metric.n)})" for card in others)
    words = {"name": NAMES[scores.scale], "others": told}
    return _("%(name)s alone: different scales are not mixed. Not told apart here: %(others)s.") % words
