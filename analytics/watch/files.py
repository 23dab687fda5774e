"""What the page of deviations shows, as the tables of a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from analytics.models import Incident
from analytics.tables import UNITS, Table, about
from analytics.watch.showing import Shown
from analytics.watch.subjects import METRICS, Kind

OF_KINDS: Mapping[Kind, Any] = {
    "share": UNITS["share"],
    "points": UNITS["points"],
    "count": gettext_lazy("number in the period"),
    "time": gettext_lazy("seconds"),
}
OF_RATIOS = gettext_lazy("share of the usual, 0.1 is a tenth more")
# In `Incident.points`: of the first day, the value, the expected one, and the limits of the usual range.
USUAL = (gettext_lazy("Usual value"), gettext_lazy("Usual from"), gettext_lazy("Usual to"))


def tables(page: Mapping[str, Any]) -> list[Table]:
    """The deviations, the charts of those that go on, what is watched, and a year replayed."""
    going, decided = page["going"], page["decided"]
    past = [(one["row"], one["title"], one["place"], one["state"]) for one in page["past"]]
    found = [
        about(page["title"], [(_("Judged up to"), page["judged_until"])]),
        _deviations(_("Going on"), map(_of_card, going)),
        _deviations(_("Looked after or put off"), map(_of_card, decided)),
        _deviations(pgettext("deviations", "Over"), past),
        _charts([*going, *decided]),
        *_watched(page),
    ]
    return [each for each in found if each.rows]


def _of_card(one: Shown) -> tuple[Any, ...]:
    state = "" if one.row.state == Incident.State.OPEN else one.row.get_state_display()
    risen = ", ".join(f"{topic['name']} {topic['before']} → {topic['now']}" for topic in one.risen)
    return one.row, one.title, one.place, state, ", ".join(one.parts), one.driver, risen


def _deviations(name: Any, found: Iterable[tuple[Any, ...]]) -> Table:
    columns = (
        _("Indicator"), _("Where"), pgettext("of a number", "Unit"), _("Value"), _("Interval from"), _("Interval to"),
        "n", _("Usual value"), pgettext("of a number", "Change"), _("Change from"), _("Change to"),
        _("Unit of the change"), _("Began about"), _("First odd day"), _("Last odd day"), _("State"),
        _("The same in"), _("Where most of it comes from"), _("Spoken of more since then"),
    )  # fmt: skip
    return Table(name, columns, [_line(*one) for one in found])


def _line(row: Incident, title: str, place: str, state: Any, *more: str) -> tuple[Any, ...]:
    told, kind = row.extent, METRICS[row.metric].kind
    numbers = (told.get(part) for part in ("now", "now_lo", "now_hi", "n", "before", "diff", "lo", "hi"))
    of_change = OF_KINDS[kind] if kind in ("share", "points") else OF_RATIOS
    return (
        title, capfirst(place), OF_KINDS[kind], *numbers, of_change, row.began_on, row.first_day, row.last_day, state,
        *(more or ("", "", "")),
    )  # fmt: skip


def _charts(cards: Sequence[Shown]) -> Table:
    """By day or by week, whichever the chart is."""
    columns = (_("Indicator"), _("Where"), _("First day"), _("Value"), *USUAL)
    rows = [(one.title, capfirst(one.place), *point) for one in cards for point in one.row.points]
    return Table(_("By day or week"), columns, rows)


def _watched(page: Mapping[str, Any]) -> Iterator[Table]:
    columns = (
        _("Where"), _("Metric"), _("Judged"), _("A day, median"), _("Trend, 13 weeks"), _("Trend, a year"), _("Scale"),
    )  # fmt: skip
    rows = [
        (capfirst(place["name"]), line.name, line.row.get_by_display(), line.row.per_day,
         *(trend["spoken"] for trend in line.trends), line.beside)
        for place in page["places"]
        for line in place["lines"]
    ]  # fmt: skip
    yield Table(_("What is watched"), columns, rows)
    told = [
        (capfirst(str(one["label"])), one["said"], _("chosen") if one["key"] == page["profile"] else "")
        for one in page["profiles"]
    ]
    yield Table(_("How easily it tells"), (_("Choice"), _("By chance alone"), ""), told)
    if page["replay"]:
        again = [(one["title"], capfirst(one["place"]), one["days"]) for one in page["replayed"]]
        yield Table(_("The last year, replayed"), (_("Indicator"), _("Where"), _("Period")), again)
