"""Cells and rows that a page has hundreds of, as text: a template of their own costs several times as much."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from analytics import formats
from analytics.charts import Tick, Trend
from analytics.display import SHOWN_FROM
from analytics.metrics import Metric
from analytics.scores import Share
from analytics.serving.drawing import Bar
from analytics.serving.left_words import Left
from analytics.serving.words import Span, Told
from analytics.templatetags.numbers import delta, linked, share_of, why_hidden
from surveys.rates import Rates

register = template.Library()

# The shapes of what a class of comments or a change looks like, which colour alone would not tell.
SHAPES = {
    "pos": '<circle cx="5" cy="5" r="4.5"/>',
    "neg": '<path d="M.3 1.2h9.4L5 9.4z"/>',
    "con": '<path d="M5 0l5 5-5 5-5-5z"/>',
    "neu": '<path d="M0 3.6h10v2.8H0z"/>',
}
UNSURE = '<circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" stroke-dasharray="2 1.6"/>'


@register.filter
def options(choices: Iterable[tuple[Any, Any, bool]]) -> str:
    """The choices of a list: value, label and whether it is chosen."""
    told = ((value, " selected" if is_chosen else "", label) for value, label, is_chosen in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', told)


@register.simple_tag
def sign(look: str) -> str:
    """The shape, with room behind it."""
    shape = SHAPES.get(look, UNSURE)
    return format_html(
        f'<svg class="g-{{}}" width="11" height="11" viewBox="0 0 10 10" aria-hidden="true">{shape}</svg>\n', look
    )


@register.simple_tag
def scored(metric: Metric | None, href: str) -> str:
    """A score with its limits, opened by its rows; or why it is not told."""
    if not metric or not metric.n:
        return _few(_("no answers"))
    if metric.state == "hidden":
        return _few(why_hidden(metric))
    return format_html(
        '<a class="num" href="{}">{}</a> <small>({}), n={}{}</small>',
        href, formats.value_of(metric), formats.limits_of(metric), formats.number(metric.n), _weak(metric.state),
    )  # fmt: skip


@register.simple_tag
def share(metric: Metric | Share | None, href: str = "", n_href: str = "", *, narrow: bool = False) -> str:
    """A share with its limits, its rows and those of its n, or why it is not told; a dash where there is none.

    A bare share of a few is told, too: what it is of stands beside it. In a `narrow` cell there is no mark for few.
    """
    if not metric or not metric.n:
        return formats.DASH
    state = getattr(metric, "state", "")
    if isinstance(metric, Metric) and state == "hidden":
        return _few(why_hidden(metric))
    value, limits, n = _led(formats.value_of(metric), href), formats.limits_of(metric), _n(metric.n, n_href)
    if narrow:
        return format_html('{} <small><span class="nw">({}),</span> {}</small>', value, limits, n)
    return format_html('<span class="nw">{}</span> <small>({}), {}{}</small>', value, limits, n, _weak(state))


@register.simple_tag
def times(span: Span, n_href: str = "", most: bool = False) -> str:
    """The cells of a time: half and nine in ten within it, and 95 of 100 where asked for."""
    state, n = span.spread.state, span.spread.n
    if state == "hidden":
        return format_html('<td role="cell" class="r few" colspan="{}">{}</td>', 3 if most else 2, _too_few(n))
    half = format_html(
        '<span class="nw">{}</span> <small>({}), {}{}</small>',
        span.half.value or formats.DASH, span.half.limits, _n(n, n_href), _weak(state),
    )  # fmt: skip
    nine = _told(span.nine) or format_html("{} <small>{}</small>", formats.DASH, span.why)
    cells = [(_("half within"), half), (_("nine in ten within"), nine)]
    if most:
        cells.append((_("95 of 100 within"), _told(span.most) or formats.DASH))
    return format_html_join("", '<td role="cell" class="r" data-l="{}">{}</td>', cells)


@register.simple_tag
def time(span: Span, one: Told, n_href: str = "") -> str:
    """One of the times of a span, or why it is not told."""
    if span.spread.state == "hidden":
        return _too_few(span.spread.n)
    if not one.value:
        return format_html("{} <small>{}</small>", formats.DASH, span.why)
    return format_html(
        '<span class="nw">{}</span> <small>({}), {}</small>', one.value, one.limits, _n(span.spread.n, n_href)
    )


@register.simple_tag
def compared(row: Mapping[str, Any], is_compared: bool, good: str | None, more: int = 0) -> str:
    """The cells of a segment: its number, its place on the common axis and its change; of a hidden one, why.

    That stands in place of so many `more` cells too.
    """
    metric = row["metric"]
    if metric.state == "hidden":
        why = why_hidden(metric)
        span = 2 + bool(is_compared) + more
        return format_html('<td role="cell" class="line few" colspan="{}">{}</td>', span, why)
    return format_html(
        '<td role="cell" class="r nw">{} <small>({}), {}{}</small></td><td role="cell" class="line wide">{}</td>{}',
        _led(formats.value_of(metric), row["href"]),
        formats.limits_of(metric),
        _n(metric.n, row["n_href"]),
        _weak(metric.state),
        _strip(row["strip"], is_weak=metric.state == "weak") if row["strip"] else "",
        format_html('<td role="cell" class="r ch">{}</td>', delta(metric, good)) if is_compared else "",
    )


def _strip(bullet: Any, *, is_weak: bool) -> str:
    return format_html(
        '<svg class="c" height="14" aria-hidden="true"><line class="gr" x1="0" x2="100%" y1="7" y2="7"/>'
        '<line class="whisk thin{}" x1="{}" x2="{}" y1="7" y2="7"/><circle class="{}" cx="{}" cy="7" r="4"/></svg>',
        " w" if is_weak else "", bullet.lo, bullet.hi, "dotw" if is_weak else "pt", bullet.value,
    )  # fmt: skip


@register.simple_tag
def worked(
    work: Mapping[str, Any], behind: Mapping[str, str], href: str, *, has_levels: bool, has_promises: bool,
    with_p90: bool,
) -> str:  # fmt: skip
    """The cells of somebody's contacts: how many, within the level, how soon solved, solved in time and at once."""
    found = work.get("found")
    back = found.back if found else None
    cells = [
        (_("Contacts"), linked(formats.number(found.contacts), href) if found else formats.DASH),
        *([(_("Within the service level"), _share(found and found.within, behind, "within", "judged"))] if has_levels
          else []),
        (
            _("Nine in ten solved within") if with_p90 else _("Half solved within"),
            _solved(found.resolution, work["resolution"], behind["solved"], with_p90=with_p90)
            if found and found.resolution.n else formats.DASH,
        ),
        *([(_("Solved within the service level"),
            _share(found and found.in_time, behind, "solved_within", "solved_judged"))] if has_promises else []),
        (_("Solved within 7 days"), _share(found and found.solved, behind, "in_time", "old_enough")),
        (_("Done at the first contact"), _share(back and back.resolved, behind, "done", "question")),
    ]  # fmt: skip
    return _cells(cells)


def _solved(found: Any, words: Mapping[str, str], href: str, *, with_p90: bool) -> str:
    if found.state == "hidden":
        return _few(_("too few (under 5)"))
    name = "p90" if with_p90 else "median"
    limits, n = words[f"{name}_limits"], _n(found.n, href)
    if with_p90 and not limits:
        return format_html("{} <small>{}</small>", words[name], words["why"])
    told = format_html("({}), ", limits) if limits else ""
    return format_html("{} <small>{}{}</small>", words[name], told, n)


def _share(metric: Metric | None, behind: Mapping[str, str], part: str, whole: str) -> str:
    return share(metric, behind[part], behind[whole], narrow=True)


@register.simple_tag
def asked(rates: Rates, behind: Mapping[str, str], contacts_href: str) -> str:
    """The cells of how often somebody's contacts are asked about, skipped by hand and answered."""
    contacts = _n(rates.contacts, contacts_href)

    def told(rate: float | None, text: str, n: str) -> str:
        return formats.DASH if rate is None else format_html("{} <small>{}</small>", text, n)

    return _cells(
        [
            (_("asked about"), told(rates.ask_rate, _of(rates.asked, rates.contacts, behind["sent"]), contacts)),
            (_("skipped by hand"), told(rates.skip_rate, _of(rates.skipped, rates.contacts), contacts)),
            (
                _("Answered"),
                told(
                    rates.response_rate, _of(rates.answered, rates.sent, behind["answered"]),
                    _n(rates.sent, behind["sent"]),
                ),
            ),
        ]
    )  # fmt: skip


def _of(part: int, whole: int, href: str = "") -> str:
    return _led(share_of(part, whole), href)


@register.filter
def ruled(grid: Iterable[Tick]) -> str:
    """The lines across a chart, with their labels."""
    return format_html_join(
        "",
        '<line class="gr" x1="0" x2="100%" y1="{}" y2="{}"/><text x="-6" y="{}" text-anchor="end">{}</text>',
        ((line.at, line.at, line.label_at, line.label) for line in grid),
    )


@register.filter
def dated(trend: Trend) -> str:
    """The days under a chart."""
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        ((week.at, trend.height, week.anchor, week.label) for week in trend.weeks),
    )


@register.filter
def barred(bars: Iterable[Bar]) -> str:
    """The bars of times, each with how many it stands for."""
    return format_html_join(
        "",
        '<rect class="bin" x="{}" width="{}" y="{}" height="{}"><title>{}</title></rect>',
        ((bar.x, bar.width, bar.y, bar.height, bar.title) for bar in bars),
    )


@register.filter
def bar_rows(rows: Iterable[tuple[str, int]]) -> str:
    """The same as rows of a table: up to a time, how many."""
    told = ((upto, formats.number(count)) for upto, count in rows)
    return format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', told)


@register.simple_tag
def day_bars(bars: Sequence[tuple[str, str, str, str, str]], ends: bool) -> str:
    """The bars of days; the last one goes on unless it `ends`."""
    last = len(bars) - 1
    return format_html_join(
        "",
        '<rect class="bin{}" x="{}" width="{}" y="{}" height="{}"><title>{}</title></rect>',
        ((" goes-on" if at == last and not ends else "", *bar) for at, bar in enumerate(bars)),
    )


@register.filter
def day_rows(days: Iterable[Left]) -> str:
    """The same as rows of a table, each opened by its contacts."""
    return format_html_join(
        "",
        '<tr><th scope="row">{}{}</th><td>{}</td>{}</tr>',
        (
            (
                formats.day(one.day),
                "" if one.is_over else format_html(" <small>{}</small>", _("so far")),
                linked(formats.number(one.total), one.href),
                format_html_join("", "<td>{}</td>", ((formats.number(count),) for count in one.by_channel)),
            )
            for one in days
        ),
    )


@register.simple_tag
def week_rows(weeks: Sequence[Mapping[str, Any]], *, has_notes: bool, goes_on: bool, is_cut: bool) -> str:
    """The weeks of a trend as rows of its table; of the last one it is said that it `goes_on`, or where it is cut."""
    last = len(weeks) - 1
    so_far = ""
    if goes_on or is_cut:
        cut = _("to %(day)s") % {"day": formats.day(weeks[last]["week"].period.end)}
        so_far = format_html(" <small>{}</small>", _("so far") if goes_on else cut)
    return format_html_join(
        "",
        '<tr{}><th scope="row">{}{}</th><td>{}</td><td>{}</td><td>{}</td>{}</tr>',
        (
            (
                format_html(' class="{}"', "is-weak") if row["week"].state == "weak" else "",
                formats.day(row["week"].start),
                so_far if at == last else "",
                row["value"],
                row["limits"],
                _answers(row["week"], row["href"]),
                format_html("<td>{}</td>", format_html_join("; ", "{}", ((note,) for note in row["notes"])))
                if has_notes
                else "",
            )
            for at, row in enumerate(weeks)
        ),
    )


def _answers(week: Any, href: str) -> str:
    if not week.n:
        return formats.DASH
    if week.state != "hidden":
        return linked(formats.number(week.n), href)
    return linked(f"< {SHOWN_FROM}" if week.n < SHOWN_FROM else formats.DASH, href)


def _cells(told: Iterable[tuple[str, str]]) -> str:
    return format_html_join("", '<td role="cell" class="r nw" data-l="{}">{}</td>', told)


def _told(one: Told) -> str:
    return format_html('<span class="nw">{}</span> <small>({})</small>', one.value, one.limits) if one.value else ""


def _led(text: str, href: str) -> str:
    return linked(text, href) if href else text


def _n(n: int, href: str) -> str:
    return _led(f"n={formats.number(n)}", href)


def _too_few(n: int) -> str:
    return _few(_("too few (under 5)")) if n else formats.DASH


def _few(why: str) -> str:
    return format_html('<span class="few">{}</span>', why)


def _weak(state: str) -> str:
    return format_html(' <i class="tag">{}</i>', _("few")) if state == "weak" else ""
