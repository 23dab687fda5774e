"""What the page of complaints shows: the report with its words and links, ready for the template."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import blocks, formats, rows_behind
from analytics.annotations import Note
from analytics.complaining.met import Part, parts
from analytics.complaining.report import MARKED, PARTS, Complaints
from analytics.complaining.unsolved import Unsolved
from analytics.complaints import REPEAT_DAYS
from analytics.display import round_half_away
from analytics.links import Links
from analytics.periods import Period
from analytics.reports import Filters
from analytics.returns_block import HEADS, LEAD, MOST, narrowed
from analytics.serving.words import span
from surveys.models import Interaction
from surveys.returning import COMPLAINED, OVER

NAME = gettext_lazy("Complaints per 1000 contacts")
COMPLAINTS: dict[str, Any] = {"is_complaint__exact": "1"}
# So many open ones are shown; the list of interactions has them all.
MOST_SHOWN = 50
SURE = 0.05


def ratio_words(found: Complaints) -> str:
    """How the rate stands to the days before: "1.8 times the days before (1.0–3.5), not significant"."""
    ratio = found.ratio
    if ratio is None or ratio.ratio is None or found.rate.flag is None:
        return ""
    words = {"times": _times(ratio.ratio), "lo": _times(ratio.lo), "hi": _times(ratio.hi) if ratio.hi else "∞"}
    if ratio.p > SURE:
        return _("%(times)s times the rate before (%(lo)s–%(hi)s), not significant") % words
    return _("%(times)s times the rate before (%(lo)s–%(hi)s)") % words


def _times(number: float) -> str:
    return formats.number(round_half_away(number, digits=1) or Decimal(0))


def behind(links: Links, **more: Any) -> dict[str, str]:
    """The rows of how complaints are met; keyword arguments narrow them."""
    numbers = {
        "within": rows_behind.WITHIN, "judged": rows_behind.JUDGED, "responded": rows_behind.RESPONDED,
        "solved": rows_behind.SOLVED,
    }  # fmt: skip
    came = {"again": f"{REPEAT_DAYS}-{COMPLAINED}", "over": f"{REPEAT_DAYS}-{OVER}"}
    return {name: links.contacts(**COMPLAINTS, **more, counted=number) for name, number in numbers.items()} | {
        name: links.contacts(**COMPLAINTS, **more, came_back=kept) for name, kept in came.items()
    }


def weekly(found: Complaints, *, period: Period, links: Links, notes: Sequence[Note]) -> blocks.Weekly:
    return blocks.weekly(
        NAME, found.weeks, unit="per_1000", period=period, notes=notes,
        href=lambda week: links.contacts(week.period, **COMPLAINTS),
    )  # fmt: skip


def tables(found: Complaints, *, names: Mapping[str, Mapping[Any, str]], links: Links) -> list[blocks.Where]:
    """The rate by team, channel and reason, where there are several."""
    return [
        blocks.where(
            HEADS[column][0], segments[:MOST], lead=LEAD, head=HEADS[column][1], name=NAME,
            names=names.get(column) or {row.key: row.key or _("No reason") for row in segments},
            href=partial(_behind, column, links),
            is_compared=links.filters.before is not None, good="down", key=MARKED,
            n_href=partial(_contacts_of, column, links),
        )
        for column, segments in found.lines.items()
        if segments
    ]  # fmt: skip


def met_tables(
    found: Complaints, *, filters: Filters, names: Mapping[str, Mapping[Any, str]], links: Links, as_of: dt.datetime
) -> list[dict[str, Any]]:
    """How complaints are met by team and by channel, where there are several."""
    told = {
        column: parts(found, filters, column, as_of=as_of) for column in PARTS if not getattr(filters, column)
    }  # fmt: skip
    return [
        {"title": HEADS[column][0], "head": HEADS[column][1],
         "rows": [_met(part, names[column], behind(links, **narrowed(column, part.key))) for part in own[:MOST]]}
        for column, own in told.items()
        if own
    ]  # fmt: skip


def _met(part: Part, names: Mapping[Any, str], behind: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": names[part.key], "part": part, "behind": behind, "response": span(part.response),
        "solving": span(part.solving),
    }  # fmt: skip


def _behind(column: str, links: Links, key: Any) -> str:
    return links.contacts(**narrowed(column, key), **COMPLAINTS)


def _contacts_of(column: str, links: Links, key: Any) -> str:
    return links.contacts(**narrowed(column, key))


def rows(found: Complaints, *, as_of: dt.datetime) -> list[dict[str, Any]]:
    """The open complaints that come first."""
    return [_row(one, as_of=as_of) for one in found.unsolved[:MOST_SHOWN]]


def _row(one: Unsolved, *, as_of: dt.datetime) -> dict[str, Any]:
    contact = one.contact
    return {
        "href": reverse("admin:surveys_interaction_change", args=[contact.pk]),
        "number": contact.external_id,
        "customer": customer_of(contact),
        "about": contact.reason,
        "channel": contact.get_channel_display(),
        "state": state_of(one),
        "age": formats.duration((as_of - contact.created_at).total_seconds()),
        "owner": str(contact.agent) if contact.agent else _("nobody"),
        "team": str(contact.team) if contact.team else "",
        "deadline": formats.moment(one.deadline) if one.deadline else "",
        "late": formats.duration((as_of - one.deadline).total_seconds()) if one.deadline and one.is_overdue else "",
    }


def customer_of(contact: Interaction) -> str:
    """Whose it is, unless the reader must not know."""
    return "" if contact.is_hidden else str(contact.customer)  # type: ignore[attr-defined]


def state_of(one: Unsolved) -> str:
    if one.waits:
        return _("no response yet")
    return _("opened again") if one.is_reopened else _("responded to, not solved")
