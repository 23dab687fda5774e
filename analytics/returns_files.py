"""The numbers of the page of repeat contacts, as the tables of a file."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import returns_block, tables
from analytics.blocks import Where
from analytics.return_counts import Variant
from analytics.returns import Returns


def of_page(
    found: Returns, blocks: Iterable[tuple[Where, list[dict[str, Any]]]], *, variant: Variant
) -> list[tables.Table]:
    """What the page shows: what counts as coming back, the rates, the weeks, and where they come back."""
    return [
        _summary(found, variant=variant),
        tables.weeks(_("Came back, by week"), found.weeks, unit="share"),
        *(_table(block, rows) for block, rows in blocks),
    ]


def _summary(found: Returns, *, variant: Variant) -> tables.Table:
    days = ngettext("within %d day", "within %d days", variant.days) % variant.days
    alike = _("with the same reason") if variant.same_reason else _("with any reason")
    shares = [
        (f"{returns_block.NAME} {days}, {alike}", found.rates["repeat_contacts"]),
        (_("Repeats among all contacts"), found.rates["repeat_load"]),
        (_("Done at the first contact"), found.rates["first_contact_resolution"]),
        (_("As customers answer to “solved at once?”"), found.asked),
    ]
    rows: list[tuple[Any, ...]] = [
        (name, *tables.number(metric, unit="share"), *tables.change(metric)) for name, metric in shares
    ]
    if returns_block.gap_words(found) and found.gap:
        gap = found.gap
        rows.append((_("Contacts less customers"), tables.UNITS["share"], gap.diff, gap.lo, gap.hi, None))
    rows.append((_("Cannot be judged yet"), _("contacts"), found.not_judged, None, None, found.contacts))
    return tables.Table(_("Repeat contacts"), (_("Indicator"), *tables.NUMBER, *tables.CHANGE), rows)


def _table(block: Where, rows: Iterable[Mapping[str, Any]]) -> tables.Table:
    """Those who came back, and beside it what was done at the first contact."""
    told = [
        (row["name"], *tables.number(row["metric"], unit="share"), *tables.change(row["metric"]), *_done(row))
        for row in rows
    ]
    done = (_("Done at the first contact"), _("Interval from"), _("Interval to"), "n")
    return tables.Table(block.title, (block.head, *tables.NUMBER, *tables.CHANGE, *done), told)


def _done(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The page shows nothing of a line whose own rate it hides."""
    if row["metric"].state == "hidden":
        return (None, None, None, None)
    return tables.number(row["resolved"], unit="share")[1:]
