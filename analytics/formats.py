"""Numbers and dates as managers read them, in the language of the page."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.display import DIGITS, Unit, displayed, round_half_away

DASH = "—"
MINUS = "−"
HARD_SPACE = "\N{NO-BREAK SPACE}"


def number(value: Decimal | int, *, signed: bool = False) -> str:
    """Grouped digits with a true minus; `signed` writes the plus too, but never before a zero."""
    text = f"{abs(value):,}"
    if not text.isdigit() and _is_russian():
        text = text.replace(",", HARD_SPACE).replace(".", ",")
    if value < 0:
        return MINUS + text
    return f"+{text}" if signed and value else text


def percent(text: str) -> str:
    return f"{text}{HARD_SPACE}%" if _is_russian() else f"{text}%"


def score(value: float | None, *, unit: Unit, n: int) -> str:
    """A score: "80 %" or "80%", "+29", "4,03"; a dash for None."""
    shown = displayed(value, unit=unit, n=n)
    if shown is None:
        return DASH
    return percent(number(shown)) if unit == "share" else number(shown, signed=unit == "points")


def bare(value: float | None, *, unit: Unit, n: int) -> str:
    """A score without its unit, for axes and columns."""
    shown = displayed(value, unit=unit, n=n)
    return DASH if shown is None else number(shown, signed=unit == "points")


def interval(lo: float | None, hi: float | None, *, unit: Unit, n: int) -> str:
    """Limits without the unit: "77–82"; signed ones as "+20…+37", since a dash between signs cannot be read."""
    return f"{bare(lo, unit=unit, n=n)}{'…' if unit == 'points' else '–'}{bare(hi, unit=unit, n=n)}"


def difference(value: float, *, unit: Unit) -> str:
    """A change: "−5,3 п.п." or "−5.3 pp", "+4" for points, "+0.12" for means."""
    text = _signed(value, unit=unit)
    return HARD_SPACE.join([text, _("pp")]) if unit == "share" else text


def difference_interval(lo: float, hi: float, *, unit: Unit) -> str:
    return f"{_signed(lo, unit=unit)}…{_signed(hi, unit=unit)}"


def _signed(value: float, *, unit: Unit) -> str:
    if unit == "share":
        shown = round_half_away(value, digits=1, scale=100)
    else:
        shown = round_half_away(value, digits=DIGITS.get(unit, 0))
    return number(shown or Decimal(0), signed=True)


def duration(seconds: float | None) -> str:
    """A time span as short as it can be said: "40 s", "12 min", "3 h 5 min", "31 h", "4 d"; a dash for None."""
    if seconds is None:
        return DASH
    if seconds < 60:
        return _("%d s") % round(seconds)
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%d min") % minutes
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return _("%d d") % round(hours / 24)
    if hours >= 10 or not rest:
        return _("%d h") % round(minutes / 60)
    return " ".join([_("%d h") % hours, _("%d min") % rest])


def duration_limits(value: float | None, lo: float | None, hi: float | None) -> str:
    """The limits of a time: "10 min – 15 min", or "from 10 min" without an upper one; empty where it is not told."""
    if value is None:
        return ""
    if hi is None:
        return _("from %(time)s") % {"time": duration(lo or 0)}
    return f"{duration(lo or 0)} – {duration(hi)}"


def day(date: dt.date, *, year: bool = False) -> str:
    """ "26 окт" or "26 Oct", with the year when asked."""
    month = str(MONTHS_3[date.month])
    month = month.lower() if _is_russian() else month.title()
    text = f"{date.day}{HARD_SPACE}{month.rstrip('.')}"
    return f"{text}{HARD_SPACE}{date.year}" if year else text


def period(start: dt.date, end: dt.date) -> str:
    """ "26 окт – 22 ноя 2026" or "1–15 ноя 2026"; the first year only where it differs, one day once."""
    if start == end:
        return day(end, year=True)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end, year=True)}"
    return f"{day(start, year=start.year != end.year)} – {day(end, year=True)}"


def moment(at: dt.datetime) -> str:
    """Day and time in the reader's zone."""
    local = timezone.localtime(at)
    return f"{day(local.date(), year=True)}, {local:%H:%M}"


def limits_of(score_like: Any) -> str:
    """The interval of anything with lo, hi, unit and n."""
    return interval(score_like.lo, score_like.hi, unit=score_like.unit, n=score_like.n)


def value_of(score_like: Any) -> str:
    """The value of anything with value, unit and n."""
    return score(score_like.value, unit=score_like.unit, n=score_like.n)


def _is_russian() -> bool:
    return (get_language() or "").startswith("ru")
