"""What the pages of service show, as tables of a file; times are in seconds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import tables
from analytics.display import FULL_FROM
from analytics.service_block import day_name, slot_name
from analytics.serving import left_words
from analytics.serving.backlog import Backlog
from analytics.serving.load import Load
from analytics.serving.reasons import Reason
from analytics.serving.report import Row
from analytics.serving.spans import Spread
from analytics.serving.staff import Staff
from analytics.volume import Slot

HOURS = range(24)

SPREAD = (
    gettext_lazy("Half within, s"), gettext_lazy("from, s"), gettext_lazy("to, s"),
    gettext_lazy("Nine in ten within, s"), gettext_lazy("from, s"), gettext_lazy("to, s"),
    gettext_lazy("95 of 100 within, s"), "n",
)  # fmt: skip


def spread(found: Spread) -> tuple[Any, ...]:
    """The cells under `SPREAD`."""
    n = tables.few(found.n) if found.state == "hidden" else found.n
    return (*found.half, *found.nine, found.most.value, n)


def times(page: Mapping[str, Any]) -> list[tables.Table]:
    """First responses by channel and team, the queues, solving, the reasons, what is open and was."""
    channels, teams, queues = page["channel_rows"], page["team_rows"], page["queue_rows"]
    found = [_responses(_("First response by channel"), channels)]
    if teams:
        found.append(_responses(_("First response by team"), teams))
    if queues:
        found.append(_queues(queues))
    found += [_solving(channels), _in_all(page)]
    if page["solved_weeks"]:
        by_week = [row["week"] for row in page["solved_weeks"].weeks]
        found.append(tables.weeks(_("Solved within the service level by week"), by_week, unit="share"))
    if page["reasons"]:
        found.append(_reasons(page["reasons"]))
    left = [left_words.table(page["left"])] if page["left"] else []
    return [*found, *left, *_charts(page["charts"])]


def _charts(charts: Iterable[Any]) -> list[tables.Table]:
    """How long first responses took by channel, and the weeks."""
    steps = [(chart.name, upto, count) for chart in charts for upto, count in chart.spreading.rows]
    within = [
        (chart.name, row["week"].start, *tables.number(row["week"], unit="share"), row["week"].period.days)
        for chart in charts
        for row in (chart.within.weeks if chart.within else ())
    ]
    nine = [
        (chart.name, week.start, _("seconds"), week.value, week.lo, week.hi, tables.few(week.n), week.period.days)
        for chart in charts
        for week in ([row["week"] for row in chart.nine.weeks] if chart.nine else ())
    ]
    by_week = (_("Channel"), _("Week of"), *tables.NUMBER, tables.DAYS_OF_WEEK)
    told = [
        tables.Table(_("First responses by time"), (_("Channel"), _("Up to"), _("Responses")), steps),
        tables.Table(_("Within the service level by week"), by_week, within),
        tables.Table(_("Nine in ten responded to within, by week"), by_week, nine),
    ]
    return [table for table in told if table.rows]


def _in_all(page: Mapping[str, Any]) -> tables.Table:
    """What is told of all contacts alone."""
    spans = (
        (_("Until the first solution, half within, by the clock"), page["found"].total.first_solved),
        (_("The customer waited for us, half within"), page["found"].total.requester_wait),
    )
    rows: list[tuple[Any, ...]] = [
        (name, _("seconds"), *span.half, tables.few(span.n)) for name, span in spans if span.n
    ]
    said, gap = page["said"], page["gap_found"]
    rows.append((_("Solved, says the customer"), *tables.number(said, unit="share"), *tables.change(said)))
    if page["skewed"]:
        rows.append((_("Responded to as they began, or before"), _("contacts"), page["skewed"]))
    if page["gap"]:
        rows.append((_("Customers against our contacts"), tables.UNITS["share"], gap.diff, gap.lo, gap.hi))
    return tables.Table(_("Solving in all"), (_("Indicator"), *tables.NUMBER, *tables.CHANGE), rows)


def _reasons(found: Iterable[Reason]) -> tables.Table:
    rows = [
        (one.name or _("No reason"), one.contacts, *tables.number(one.share, unit="share"), *tables.change(one.share),
         one.open)
        for one in found
    ]  # fmt: skip
    columns = (_("Reason"), _("Contacts"), *tables.NUMBER, *tables.CHANGE, _("Still open"))
    return tables.Table(_("Contacts by reason"), columns, rows)


def _responses(name: str, lines: Sequence[Mapping[str, Any]]) -> tables.Table:
    columns = (_("Contacts"), *SPREAD, *tables.NUMBER, _("still waiting"), *tables.CHANGE)
    rows = [
        (line["name"], line["row"].contacts, *spread(line["row"].response),
         *tables.number(line["row"].within, unit="share"), line["row"].pending, *tables.change(line["row"].within))
        for line in lines
    ]  # fmt: skip
    return tables.Table(name, (name, *columns), rows)


def _solving(lines: Sequence[Mapping[str, Any]]) -> tables.Table:
    columns: tuple[Any, ...] = (
        _("Channel"), *SPREAD, *tables.NUMBER, *tables.CHANGE, _("Open contacts"), _("Half is at most, days"),
        _("Nine in ten are at most, days"), *_share(_("Older than 7 days")), *_share(_("Reopened")),
        *_share(_("Transferred")), *(_("Work: %s") % part for part in SPREAD),
    )  # fmt: skip
    promised = any(line["row"].in_time for line in lines)
    if promised:
        columns += (*_share(_("Solved within the service level")), *tables.CHANGE, _("Open, still in time"))
    rows = [
        (line["name"], *spread(line["row"].resolution), *tables.number(line["row"].solved, unit="share"),
         *tables.change(line["row"].solved), line["row"].backlog.open, *_left(line["row"].backlog),
         *tables.number(line["row"].reopened, unit="share")[1:],
         *tables.number(line["row"].transferred, unit="share")[1:], *spread(line["row"].handle),
         *(_in_time(line["row"]) if promised else ()))
        for line in lines
    ]  # fmt: skip
    return tables.Table(_("Solving by channel"), columns, rows)


def _in_time(row: Row) -> tuple[Any, ...]:
    return (*tables.number(row.in_time, unit="share")[1:], *tables.change(row.in_time), row.due)


def _share(name: Any) -> tuple[Any, ...]:
    return (name, _("Interval from"), _("Interval to"), "n")


def _left(backlog: Backlog) -> tuple[Any, ...]:
    """Ages of what is open, as the page shows them."""
    if backlog.state == "hidden":
        return (None,) * 6
    nine = backlog.nine if backlog.open >= FULL_FROM else None
    return (backlog.half, nine, *tables.number(backlog.old, unit="share")[1:])


def _queues(lines: Sequence[Mapping[str, Any]]) -> tables.Table:
    columns = (
        _("Channel"), _("Came into the queue"), *tables.NUMBER, *tables.CHANGE, *SPREAD, *_share(_("Gave up")),
        *tables.CHANGE, _("Mean until picked up, s"),
    )  # fmt: skip
    rows = [
        (line["name"], line["came"], *tables.number(line["waits"].level, unit="share"),
         *tables.change(line["waits"].level), *spread(line["waits"].wait),
         *tables.number(line["waits"].gave_up, unit="share")[1:], *tables.change(line["waits"].gave_up),
         line["waits"].wait.mean)
        for line in lines
    ]  # fmt: skip
    return tables.Table(_("Waiting by channel"), columns, rows)


def _hours(found: Load) -> tables.Table:
    """Contacts by weekday and hour."""
    told = {slot: cell.contacts for slot, cell in found.hours.items()}
    rows = [(day_name(day), *(told.get(Slot(day, hour), 0) for hour in HOURS)) for day in range(7)]
    return tables.Table(_("When customers contact us"), (_("Day"), *HOURS), rows)


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
    if found.hours:
        told.append(_hours(found))
    if people:
        columns = (_("Channel"), _("Hour"), _("Contacts"), *limits, _("At work"), _("On the roster"))
        told.append(tables.Table(_("Who is needed"), columns, people))
    if written:
        by_day = (_("Day"), _("Contacts"), _("Hours of work"), _("At work"), _("On the roster"))
        told.append(tables.Table(_("People for written contacts by weekday"), by_day, written))
    return told
