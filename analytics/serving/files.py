"""What the pages of service show, as tables of a file; times are in seconds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import tables
from analytics.service_block import day_name, slot_name
from analytics.serving.load import Load
from analytics.serving.spans import Spread
from analytics.serving.staff import Staff

SPREAD = (
    gettext_lazy("Half within, s"), gettext_lazy("from, s"), gettext_lazy("to, s"),
    gettext_lazy("Nine in ten within, s"), gettext_lazy("from, s"), gettext_lazy("to, s"),
    gettext_lazy("95 of 100 within, s"), "n",
)  # fmt: skip


def spread(found: Spread) -> tuple[Any, ...]:
    """The cells under `SPREAD`."""
    n = tables.few(found.n) if found.state == "hidden" else found.n
    return (*found.half, *found.nine, found.most.value, n)


def times(
    channels: Iterable[Mapping[str, Any]], teams: Iterable[Mapping[str, Any]], queues: Iterable[Mapping[str, Any]]
) -> list[tables.Table]:
    """First responses by channel and team, solving, what is open, and the queues."""
    channels = list(channels)
    found = [_responses(_("First response by channel"), channels)]
    if teams := list(teams):
        found.append(_responses(_("First response by team"), teams))
    found.append(_solving(channels))
    if queues := list(queues):
        found.append(_queues(queues))
    return found


def _responses(name: str, lines: Sequence[Mapping[str, Any]]) -> tables.Table:
    columns = (_("Contacts"), *SPREAD, *tables.NUMBER, _("still waiting"), *tables.CHANGE)
    rows = [
        (line["name"], line["row"].contacts, *spread(line["row"].response),
         *tables.number(line["row"].within, unit="share"), line["row"].pending, *tables.change(line["row"].within))
        for line in lines
    ]  # fmt: skip
    return tables.Table(name, (name, *columns), rows)


def _solving(lines: Sequence[Mapping[str, Any]]) -> tables.Table:
    columns = (_("Channel"), *SPREAD, *tables.NUMBER, *tables.CHANGE, _("Open contacts"))
    rows = [
        (line["name"], *spread(line["row"].resolution), *tables.number(line["row"].solved, unit="share"),
         *tables.change(line["row"].solved), line["row"].backlog.open)
        for line in lines
    ]  # fmt: skip
    return tables.Table(_("Solving by channel"), columns, rows)


def _queues(lines: Sequence[Mapping[str, Any]]) -> tables.Table:
    columns = (_("Channel"), _("Came into the queue"), *tables.NUMBER, *tables.CHANGE, *SPREAD)
    rows = [
        (line["name"], line["came"], *tables.number(line["waits"].level, unit="share"),
         *tables.change(line["waits"].level), *spread(line["waits"].wait))
        for line in lines
    ]  # fmt: skip
    return tables.Table(_("Waiting by channel"), columns, rows)


def load(found: Load, staff: Staff, *, names: Mapping[Any, str]) -> list[tables.Table]:
    """The days behind and ahead, and the people needed by the hours of the week."""
    days = [(day, count, None, None) for day, count in found.behind]
    days += [(day, *expected) for day, expected in found.ahead]  # type: ignore[misc]
    people = [
        (names[channel], slot_name(hour.slot), hour.rate, hour.lo, hour.hi, hour.agents, hour.scheduled)
        for channel, hours in staff.live.items()
        for hour in hours
    ]
    written = [(day_name(day.weekday), day.contacts, day.work, day.agents, day.scheduled) for day in staff.written]
    limits = (_("Interval from"), _("Interval to"))
    told = [tables.Table(_("Contacts by day"), (_("Day"), _("Contacts"), *limits), days)]
    if people:
        columns = (_("Channel"), _("Hour"), _("Contacts"), *limits, _("At work"), _("On the roster"))
        told.append(tables.Table(_("Who is needed"), columns, people))
    if written:
        by_day = (_("Day"), _("Contacts"), _("Hours of work"), _("At work"), _("On the roster"))
        told.append(tables.Table(_("People for written contacts by weekday"), by_day, written))
    return told
