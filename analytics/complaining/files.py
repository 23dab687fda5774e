"""The numbers of the page of complaints, as the tables of a file; times are in seconds."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import blocks, formats, tables
from analytics.complaining import words
from analytics.complaining.report import Complaints
from analytics.complaining.unsolved import Unsolved
from analytics.metrics import Metric
from analytics.serving.files import SPREAD, spread


def of_page(
    found: Complaints, segments: Iterable[blocks.Where], met: Iterable[Mapping[str, Any]], *, as_of: dt.datetime
) -> list[tables.Table]:
    """What the page shows: how many, how they are met, which are open, the weeks, and where they come from."""
    return [
        _summary(found),
        tables.Table(
            _("How complaints are met"),
            (_("Indicator"), *SPREAD, _("Still open")),
            [
                (_("First response"), *spread(found.response), found.response.open),
                (_("Solved"), *spread(found.solving), found.solving.open),
            ],
        ),
        tables.weeks(_("Complaints per 1000 contacts, by week"), found.weeks, unit="per_1000"),
        *(tables.segments(block) for block in segments),
        *map(_met, met),
        _open(found, as_of=as_of),
    ]


def _summary(found: Complaints) -> tables.Table:
    shares = [
        (_("Responded to within the service level"), found.within),
        (_("The same customer complained again within 30 days"), found.again),
    ]
    beside = [
        (_("Complaints in texts about other contacts, per 1000 contacts"), found.in_texts),
        (_("Complaints of both kinds per 1000 contacts"), found.of_both),
    ]
    rows: list[tuple[Any, ...]] = [
        (words.NAME, *tables.number(found.rate, unit="per_1000"), *tables.change(found.rate)),
        *((name, *tables.number(metric, unit="per_1000"), *tables.change(metric)) for name, metric in beside),
        *tables.times_before(words.NAME, found.ratio if found.rate.flag else None),
    ]
    if found.rate.state != "hidden":
        rows.append((_("Complaints"), _("contacts"), found.complaints, None, None, found.contacts))
    return tables.Table(
        _("Complaints"),
        (_("Indicator"), *tables.NUMBER, *tables.CHANGE),
        [
            *rows,
            *((name, *tables.number(metric, unit="share"), *tables.change(metric)) for name, metric in shares),
        ],
    )


def _met(block: Mapping[str, Any]) -> tables.Table:
    """How complaints of each team or channel are met."""
    columns = (
        block["head"], *(_("First response: %s") % part for part in SPREAD), _("Responses that have not come"),
        _("Within the service level"), *tables.NUMBER[2:], *tables.CHANGE, *(_("Solved: %s") % part for part in SPREAD),
        _("Still open"), _("Complained again within 30 days"), *tables.NUMBER[2:], *tables.CHANGE,
    )  # fmt: skip
    rows = [
        (row["name"], *spread(part.response), part.response.open, *_share(part.within), *spread(part.solving),
         part.solving.open, *_share(part.again))
        for row in block["rows"]
        for part in (row["part"],)
    ]  # fmt: skip
    return tables.Table(_("Met: %s") % block["title"], columns, rows)


def _share(found: Metric | None) -> tuple[Any, ...]:
    return (*tables.number(found, unit="share")[1:], *tables.change(found))


def _open(found: Complaints, *, as_of: dt.datetime) -> tables.Table:
    """All that were looked at, where the page shows the first fifty."""
    columns = (
        _("Complaint"), _("Customer"), _("Reason"), _("Channel"), _("State"), _("Open for, s"), _("Whose"), _("Team"),
        _("Response due"), _("Overdue by, s"),
    )  # fmt: skip
    title = _("Open complaints")
    if found.is_cut:
        numbers = {"shown": formats.number(len(found.unsolved)), "all": formats.number(found.open)}
        title = _("Open complaints, the oldest %(shown)s of %(all)s") % numbers
    return tables.Table(title, columns, [_row(one, as_of=as_of) for one in found.unsolved])


def _row(one: Unsolved, *, as_of: dt.datetime) -> tuple[Any, ...]:
    contact, due = one.contact, one.deadline
    return (
        contact.external_id,
        words.customer_of(contact),
        contact.reason,
        contact.get_channel_display(),
        words.state_of(one),
        round((as_of - contact.created_at).total_seconds()),
        str(contact.agent or ""),
        str(contact.team or ""),
        timezone.localtime(due).replace(tzinfo=None) if due else None,
        round((as_of - due).total_seconds()) if due and one.is_overdue else None,
    )
