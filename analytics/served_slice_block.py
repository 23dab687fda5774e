"""What pages show of how the contacts of one agent or of one segment are served: a cell for each number."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import focus_block, formats, returns_block, rows_behind, tables
from analytics.focus_block import Cell
from analytics.links import Links
from analytics.metrics import Metric
from analytics.returns import variant_of
from analytics.served_slice import Served
from analytics.service_block import behind_each, why
from analytics.serving.spans import Quantile, Spread
from surveys.returning import DONE, QUESTION

HOW_REOPENED = gettext_lazy("Of the contacts that were closed or solved, those that were opened again.")


def block(found: Served, *, links: Links) -> dict[str, Any]:
    """For the template; `links` lead to these contacts."""
    return {
        "found": found,
        "contacts_href": links.contacts(),
        "before_href": links.contacts(links.filters.before),
        "cells": cells(found, links=links) if found.contacts else [],
    }


def cells(found: Served, *, links: Links) -> list[Cell]:
    """Responses, in time, solving, reopened, who came back, done at once: what is known of them."""
    hrefs = behind_each(links, {}, {name: name for name in rows_behind.OF_CONTACTS})
    variant = variant_of(links.filters)
    judged = links.contacts(**returns_block.could_be_judged(variant))
    response = _times(
        found.response, _("First response: half within"), _("First response: nine in ten within"),
        key="first_response_time", n_href=hrefs[rows_behind.RESPONDED], rest=_("%(n)s without a response"),
    )  # fmt: skip
    solving = _times(
        found.resolution, _("Solved: half within"), _("Solved: nine in ten within"), key="resolution_time",
        n_href=hrefs[rows_behind.SOLVED], rest=_("%(n)s still open"),
    )  # fmt: skip
    within = _share(
        _("Within the service level"), "within_target", found.within, href=hrefs[rows_behind.WITHIN],
        n_href=hrefs[rows_behind.JUDGED],
    )  # fmt: skip
    in_time = _share(
        _("Solved within the service level"), "solved_within_target", found.in_time,
        href=hrefs[rows_behind.SOLVED_WITHIN], n_href=hrefs[rows_behind.SOLVED_JUDGED],
    )  # fmt: skip
    solved = _share(
        _("Solved within 7 days"), "resolved_share", found.solved, href=hrefs[rows_behind.IN_TIME],
        n_href=hrefs[rows_behind.OLD_ENOUGH],
    )  # fmt: skip
    reopened = _share(
        _("Reopened"), "resolved_share", found.reopened, href=links.contacts(reopened_at__isnull="False"),
        n_href=hrefs[rows_behind.FINISHED], good="down", how=HOW_REOPENED,
    )  # fmt: skip
    followed = _share(
        _("Came back within 7 days"), "repeat_contacts", found.followed,
        href=links.contacts(**returns_block.came_back(variant)), n_href=judged, good="down",
    )  # fmt: skip
    at_once = _share(
        _("Done at the first contact"), "first_contact_resolution", found.at_once,
        href=links.contacts(**returns_block.came_back(variant, DONE)),
        n_href=links.contacts(**returns_block.came_back(variant, QUESTION)),
    )  # fmt: skip
    return [*response, *within, *solving, *in_time, *solved, *reopened, *followed, *at_once]


def _share(name: str, key: str, metric: Metric | None, *, href: str = "", **more: Any) -> list[Cell]:
    """Nothing where it is not told."""
    return [focus_block.share(name, key, metric, href=href, **more)] if metric else []


def _times(span: Spread | None, half: str, nine: str, **more: Any) -> list[Cell]:
    if span is None:
        return []
    too_many_open = _("more than half are not over yet")
    return [
        _time(half, span, span.half, why=too_many_open, **more),
        _time(nine, span, span.nine, why=why(span), **more),
    ]


def _time(name: str, span: Spread, found: Quantile, *, key: str, n_href: str, rest: str, why: str) -> Cell:
    """The time within which a part was over; the `rest` is not, and lasts at least so long."""
    n, is_known = formats.number(span.n), found.value is not None
    return Cell(
        name=name,
        key=key,
        value=formats.duration(found.value) if is_known else "",
        limits=formats.duration_limits(*found),
        n=n if is_known else "",
        state=span.state if is_known else "hidden",
        change=None,
        href="",
        told=((name, _("seconds"), *found, tables.few(span.n)),),
        n_href=n_href,
        why=why if span.state != "hidden" else "",
        more=rest % {"n": formats.number(span.open)} if span.open else "",
    )


def table(told: Mapping[str, Any]) -> tables.Table:
    """What `block` shows, for a file."""
    found: Served = told["found"]
    counts = (
        (_("Contacts"), found.contacts), (_("In the comparison period"), found.contacts_before),
        (_("Without a response"), found.response and found.response.open),
        (_("Still open"), found.resolution and found.resolution.open),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [(name, _("contacts"), count) for name, count in counts if count is not None]
    rows += [line for cell in told["cells"] for line in cell.told]
    return tables.Table(_("Service"), (_("Indicator"), *tables.NUMBER, *tables.CHANGE), rows if found.contacts else [])
