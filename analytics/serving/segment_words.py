"""What the page of service times shows of segments of customers, and its tables for a file."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from analytics import returns_block, tables
from analytics.links import Links
from analytics.return_counts import Variant
from analytics.returns import variant_of
from analytics.service_block import behind
from analytics.serving.files import SPREAD, spread
from analytics.serving.segments import Row
from analytics.serving.words import span
from surveys.models import Segment
from surveys.returning import DONE, QUESTION

# So many values of an attribute are shown; the file has them all.
MOST = 20


def blocks(found: Mapping[Segment, tuple[Row, ...]], *, links: Links) -> list[dict[str, Any]]:
    """A table for each attribute."""
    variant = variant_of(links.filters)
    return [
        {
            "name": str(segment),
            "lines": [_line(row, variant, links=links) for row in rows[:MOST]],
            "is_cut": len(rows) > MOST,
        }
        for segment, rows in found.items()
    ]


def _line(row: Row, variant: Variant, *, links: Links) -> dict[str, Any]:
    narrowed: dict[str, Any] = {"segment": row.value}
    return {
        **behind(links, narrowed),
        "reopened_href": links.contacts(**narrowed, reopened_at__isnull="False"),
        "back_href": links.contacts(**narrowed, **returns_block.came_back(variant)),
        "done_href": links.contacts(**narrowed, **returns_block.came_back(variant, DONE)),
        "questions_href": links.contacts(**narrowed, **returns_block.came_back(variant, QUESTION)),
        "ended_href": links.contacts(**narrowed, **returns_block.could_be_judged(variant)),
        "name": name_of(row),
        "row": row,
        "response": span(row.response),
        "back": row.returns["repeat_contacts"],
        "at_once": row.returns["first_contact_resolution"],
    }


def name_of(row: Row) -> str:
    """The value without its attribute."""
    return row.value.partition("=")[2]


def in_file(found: Mapping[Segment, tuple[Row, ...]]) -> list[tables.Table]:
    promised = any(row.in_time for rows in found.values() for row in rows)
    shares = (
        _("Within the service level"), *([_("Solved within the service level")] if promised else []),
        _("Solved within 7 days"), _("Reopened"), _("Came back within 7 days"),
        _("Done at the first contact"),
    )  # fmt: skip
    columns = [_("Segment"), _("Contacts"), *SPREAD]
    for name in shares:
        columns += [name, *tables.NUMBER[2:], *tables.CHANGE]
    return [
        tables.Table(
            _("Served by %(segment)s") % {"segment": segment}, columns, [_cells(row, promised=promised) for row in rows]
        )
        for segment, rows in found.items()
    ]


def _cells(row: Row, *, promised: bool) -> tuple[Any, ...]:
    cells: list[Any] = [name_of(row), row.contacts, *spread(row.response)]
    told = (row.within, *([row.in_time] if promised else []), row.solved, row.reopened, row.returns["repeat_contacts"],
            row.returns["first_contact_resolution"])  # fmt: skip
    for metric in told:
        cells += [*tables.number(metric, unit="share")[1:], *tables.change(metric)]
    return tuple(cells)
