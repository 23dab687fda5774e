"""What the pages of agents show, as the tables of a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analytics import tables
from analytics.metrics import Metric
from analytics.work import Work
from surveys.rates import Rates


def as_tables(rows: Sequence[dict[str, Any]], page: Mapping[str, Any]) -> list[tables.Table]:
    """What the page of agents shows: all of them, whoever of them is on it."""
    work, asked = work_columns(), _asked_columns()
    scores = [
        (str(row["agent"]), *_number(row["metric"]), row["pulled_value"], row["adjusted_value"], row["verdict"])
        for row in rows
    ]
    done = [(str(row["agent"]), *worked(row["work"]), *asked_cells(row["rates"])) for row in rows]
    found = [
        tables.Table(
            _("Scores of agents"),
            (_("Agent"), *tables.NUMBER, _("Pulled to the mean"), _("With everybody’s cases"), _("Different")),
            scores,
        ),
        tables.Table(_("Contacts of agents"), (_("Agent"), *work, *asked), done),
    ]
    teams = [(row["name"], *_scored(row["metric"]), *worked(row["work"])) for row in page["teams"]]
    if teams:
        found.append(tables.Table(_("Teams"), (_("Team"), *tables.SCORED, *work), teams))
    return [*found, *_qualities(page), *_by_reason(page)]


def _number(metric: Metric | None) -> tuple[Any, ...]:
    return tables.number(metric, unit=metric.unit if metric else "share")


def _scored(metric: Metric | None) -> tuple[Any, ...]:
    return tables.scored(metric, unit=metric.unit if metric else "share")


def work_columns() -> tuple[str, ...]:
    """The columns of `worked`."""
    return (
        _("Contacts"), _("Within the service level"), _("Half solved within, seconds"),
        _("Nine in ten solved within, seconds"), _("Solved within the service level"), _("Solved within 7 days"),
        _("Done at the first contact"),
    )  # fmt: skip


def worked(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Somebody's contacts as cells."""
    work: Work | None = told.get("found")
    if work is None:
        return (0, None, None, None, None, None, None)
    within, done = work.within.value if work.within else None, work.back.resolved.value if work.back else None
    return (
        work.contacts, within, work.resolution.half.value, work.resolution.nine.value,
        work.in_time.value if work.in_time else None, work.solved.value, done,
    )  # fmt: skip


def _asked_columns() -> tuple[str, ...]:
    return capfirst(_("asked about")), capfirst(_("skipped by hand")), _("Answered")


def asked_cells(rates: Rates) -> tuple[float | None, ...]:
    """How often somebody's customers are asked, and answer."""
    return rates.ask_rate, rates.skip_rate, rates.response_rate


def asked_table(rates: Rates) -> tables.Table:
    """The same of one agent, each with what it is of."""
    told = zip(_asked_columns(), asked_cells(rates), (rates.contacts, rates.contacts, rates.sent), strict=True)
    rows = [(name, tables.UNITS["share"], value, None, None, n) for name, value, n in told if value is not None]
    return tables.Table(_("Asked and answered"), (_("Indicator"), *tables.NUMBER), rows)


def _qualities(page: Mapping[str, Any]) -> list[tables.Table]:
    rows = [
        (str(row["agent"]), quality["name"], quality["scale"], *tables.number(metric, unit="mean"))
        for row in page["by_quality"]
        for quality, (metric, _href) in zip(page["qualities"], row["cells"], strict=True)
        if metric
    ]
    columns = (_("Agent"), _("Quality"), _("scale"), *tables.NUMBER)
    return [tables.Table(_("Qualities by agent"), columns, rows)] if rows else []


def _by_reason(page: Mapping[str, Any]) -> list[tables.Table]:
    rows = [
        (str(row["agent"]), reason, *tables.number(cell["found"].own, unit="share"), cell["word"])
        for row in page.get("by_reason", ())
        for reason, cell in zip(page["reasons"], row["cells"], strict=True)
        if cell and cell["found"].state != "hidden"
    ]
    columns = (_("Agent"), _("Reason"), *tables.NUMBER, _("Different"))
    name = _("%(name)s by agent and reason") % {"name": page["name"]}
    return [tables.Table(name, columns, rows)] if rows else []
