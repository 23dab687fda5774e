"""Deviations in words: what, where, how much, since when."""

import datetime as dt
from collections.abc import Mapping

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import formats
from analytics.display import round_half_away
from analytics.models import Incident
from analytics.models.watch import Metric, OfSeries
from analytics.watch.subjects import METRICS
from analytics.wording import NAMES
from surveys.models.customers import Channel


def name(row: OfSeries) -> str:
    """What is watched; a topic by its own name."""
    return _("Topic “%s”") % row.topic if row.topic else str(Metric(row.metric).label)


def place(row: OfSeries) -> str:
    """Where: a team, a channel, or the whole organisation."""
    if row.team:
        return row.team.name
    return channel(row.channel) if row.channel else _("the whole organisation")


def channel(code: str) -> str:
    return capfirst(str(dict(Channel.choices).get(code, code))) or _("No channel")


def title(row: Incident) -> str:
    """Like "CSAT: lower than usual"."""
    words = _("%(name)s: higher than usual") if row.direction == "up" else _("%(name)s: lower than usual")
    return words % {"name": name(row)}


def look(row: Incident) -> str:
    """Whether that is good, bad or neither."""
    better = METRICS[row.metric].better
    return "plain" if better == "none" else "good" if better == row.direction else "bad"


def since(row: Incident) -> str:
    """When it began, as exactly as that can be told."""
    first, last = row.first_day, row.last_day
    if row.kind == "shift":
        return _("began about %(day)s (±7 days)") % {"day": formats.day(row.began_on)}
    if row.is_weekly:
        return _("in the week of %(day)s") % {"day": formats.day(first - dt.timedelta(days=6))}
    if first == last:
        return _("on %(day)s alone") % {"day": formats.day(first)}
    return _("on single days, %(days)s") % {"days": formats.period(first, last)}


def now(row: Incident) -> str:
    """The value of its days."""
    return _value(METRICS[row.metric].kind, row.extent.get("now"), row.extent.get("n", 0))


def before(row: Incident) -> str:
    return _value(METRICS[row.metric].kind, row.extent.get("before"), row.extent.get("n_before", 0))


def limits(row: Incident) -> str:
    """The interval of the value, where it has one of its own."""
    told, kind = row.extent, METRICS[row.metric].kind
    if kind not in ("share", "points") or told.get("now_lo") is None:
        return ""
    return formats.interval(told["now_lo"], told["now_hi"], unit=kind, n=told["n"])


def change(row: Incident) -> tuple[str, str]:
    """The difference from before and its interval: points, or percent of counts and times."""
    told, kind = row.extent, METRICS[row.metric].kind
    if told.get("diff") is None:
        return formats.DASH, ""
    if kind in ("share", "points"):
        both = "" if told["lo"] is None else formats.difference_interval(told["lo"], told["hi"], unit=kind)
        return formats.difference(told["diff"], unit=kind), both
    return formats.percent(_ratio(told["diff"])), f"{_ratio(told['lo'])}…{_ratio(told['hi'])}"


def counted(row: Incident) -> str:
    """Of how many rows its value is made."""
    return formats.number(int(row.extent.get("n", 0)))


def sentence(row: Incident) -> str:
    """How much and since when, for a mail."""
    difference, both = change(row)
    told = _("%(now)s, usually %(before)s: %(change)s") % {"now": now(row), "before": before(row), "change": difference}
    parts = [f"{told} ({both})" if both else told, f"n={counted(row)}", since(row)]
    return ", ".join(parts)


def scales(counts: Mapping[str, int]) -> str:
    """On which scale of CSAT a place is watched, and which others of it are not; "" where there is but one."""
    (watched, n), *others = [(name, n) for name, n in counts.items() if n] or [("", 0)]
    if not others:
        return ""
    told = ", ".join(f"{NAMES[name]} (n={formats.number(count)})" for name, count in others)
    words = {"name": NAMES[watched], "n": formats.number(n), "others": told}
    return _("Watched as most answer, %(name)s (n=%(n)s): scales are not mixed. Not watched: %(others)s.") % words


def part(share: float) -> str:
    """How much of a change one team or channel makes."""
    return formats.percent(formats.number(round_half_away(share, scale=100) or 0))


def false_alarms(number: float) -> str:
    """So many false incidents a month, in words."""
    if number >= 1.5:
        whole = round(number)
        return ngettext("about %d false incident a month", "about %d false incidents a month", whole) % whole
    if number >= 0.6:
        return _("about one false incident a month")
    if number <= 1 / 18:
        return _("less than one false incident in a year and a half")
    months = round(1 / number)
    return ngettext("one false incident in about %d month", "one false incident in about %d months", months) % months


def _value(kind: str, value: float | None, n: float) -> str:
    if value is None:
        return formats.DASH
    if kind in ("share", "points"):
        return formats.score(value, unit=kind, n=int(n))  # type: ignore[arg-type]
    return formats.number(round(value)) if kind == "count" else formats.duration(value)


def _ratio(ratio: float) -> str:
    return formats.number(round_half_away(ratio, scale=100) or 0, signed=True)
