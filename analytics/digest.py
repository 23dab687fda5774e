"""The weekly digest: one mail on Monday of the week that is over, for each reader's own rows and language.

In a week without anything new it says once that it pauses, and then nothing until something new has come.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics import formats, impact_block, reports, wording
from analytics.impact import impact
from analytics.metrics import Metric
from analytics.models import CommentDay, ContactDay, Incident, ScoreDay, Watch
from analytics.periods import DAY, WEEK, Period
from analytics.reports import Filters, within
from analytics.service import service
from analytics.staying.last_month import PAGE as STAYING
from analytics.staying.last_month import last_month
from analytics.unanswered import unanswered
from analytics.watch import incidents, words
from feedback.models import Topic
from ground import notices
from ground.access import Scope
from ground.models import Notice, Organisation, Role, Team, User, reporting_day
from ground.notices import Event, Kind, Line, Pace, Section

HOUR = 5
# What costs most is told from so many days: a week's comments are too few to tell topics apart.
COST_DAYS = 28
MOST_INCIDENTS = 3
DASHBOARD, FIX_FIRST, DEVIATIONS = "analytics:dashboard", "analytics:fix_first", "analytics:deviations"


def begin_if_due() -> int:
    """Tell of the week that is over, once, whoever asks; returns how many people are told."""
    local = timezone.now().astimezone(Organisation.current().timezone)
    monday = local.date() - local.weekday() * DAY
    digested = Watch.objects.values_list("digested_on", flat=True).first()
    if (local.date() == monday and local.hour < HOUR) or digested == monday:
        return 0  # the usual tick looks at one row
    Watch.objects.get_or_create(pk=1)
    with transaction.atomic():
        waiting = Watch.objects.filter(~Q(digested_on=monday) | Q(digested_on=None), pk=1)
        # A digest that nobody was up to send on Monday is no news on Friday.
        return tell(monday) if waiting.update(digested_on=monday) and local.date() - monday <= DAY else 0


def tell(monday: dt.date) -> int:
    """Tell everybody who has something new, or had in the week before; returns how many."""
    week = week_before(monday)
    now, past = _teams_with_news(week), _teams_with_news(week.previous())
    people = notices.audience(Team.objects.values_list("pk", flat=True))
    events = [
        Event(user=user, key=f"digest:{monday}", data={"monday": monday.isoformat(), "is_quiet": not has_news})
        for user, scope in people
        for has_news in [_meets(scope, now)]
        if scope.oversees and (has_news or _meets(scope, past))
    ]
    return notices.tell_all(events, kind=DIGEST.name)


def week_before(monday: dt.date) -> Period:
    return Period(monday - WEEK, monday - DAY)


def told_at(moment: dt.datetime) -> dt.datetime:
    """When the week that the moment lies in is over and told of."""
    local = moment.astimezone(Organisation.current().timezone)
    monday = local.date() - local.weekday() * DAY
    return dt.datetime.combine(monday + WEEK, dt.time(HOUR), local.tzinfo)


def _teams_with_news(week: Period) -> set[int | None]:
    """The teams of which something was counted in the week; None for what has no team."""
    found: set[int | None] = set()
    for table in (ScoreDay, CommentDay, ContactDay):
        found |= set(table.objects.filter(within(week)).order_by().values_list("team", flat=True).distinct())
    return found


def _meets(scope: Scope, teams: set[int | None]) -> bool:
    return any(scope.allows(team, least=Role.VIEWER) for team in teams)


# --- what stands in it -------------------------------------------------------------------------------------------


def _section(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    """The newest of the weeks that wait."""
    newest = max(rows, key=lambda row: row.data["monday"])
    monday = parse_date(newest.data["monday"])
    return section(scope, week_before(monday), is_quiet=newest.data["is_quiet"]) if monday else None


def _preview(user: User, scope: Scope) -> Section | None:
    today = reporting_day(timezone.now())
    week = week_before(today - today.weekday() * DAY)
    return section(scope, week, is_quiet=False) if _meets(scope, _teams_with_news(week)) else None


def section(scope: Scope, week: Period, *, is_quiet: bool) -> Section:
    """The week in lines, each with the page that says more."""
    count = _("The week of %s") % formats.period(week.start, week.end)
    filters = Filters(scope=scope, period=week, before=week.previous())
    path = f"{reverse(DASHBOARD)}?{_days(week)}"
    if is_quiet:
        text = _("The next digest comes when there is something to tell of.")
        return Section(count=count, lines=(Line(about=_("Nothing new"), text=text, at=None, path=path),))
    lines = [
        *_scores(filters, path), *_served(filters, path), *_left(filters), *_cost(filters), *_incidents(scope),
    ]  # fmt: skip
    return Section(count=count, lines=tuple(lines), path=path)


def _days(period: Period) -> str:
    return urlencode({"from": period.start, "to": period.end})


def _scores(filters: Filters, path: str) -> Iterator[Line]:
    for card in reports.cards(filters, as_of=timezone.now()):
        if card.metric.n:
            yield Line(about=str(wording.NAMES[card.scale]), text=_said(card.metric, good="up"), at=None, path=path)


def _served(filters: Filters, path: str) -> Iterator[Line]:
    as_of = timezone.now()
    found = service(filters, unanswered(filters, as_of=as_of), as_of=as_of)
    if not found.contacts:
        return
    past = _("%(n)s, the week before %(past)s")
    told = past % {"n": formats.number(found.contacts), "past": formats.number(found.contacts_before or 0)}
    yield Line(about=_("Contacts"), text=told, at=None, path=path)
    if found.total.within is not None and found.total.within.n:
        yield Line(about=_("First response in time"), text=_said(found.total.within, good="up"), at=None, path=path)


def _left(filters: Filters) -> Iterator[Line]:
    """Who left in the last month that is over."""
    lost = last_month(filters)
    if lost and lost.lost.state != "hidden":
        yield Line(about=lost.name, text=_said(lost.lost, good="down"), at=None, path=reverse(STAYING))


def _said(metric: Metric, *, good: str) -> str:
    """Like "81% (78–84), n=512, −2 pp, not significant"."""
    if metric.state == "hidden":
        return _("too few answers (under 5)")
    parts = [f"{formats.value_of(metric)} ({formats.limits_of(metric)})", f"n={formats.number(metric.n)}"]
    moved = wording.delta(metric, good=good)  # type: ignore[arg-type]
    if metric.flag is not None:
        parts.append(" ".join(part for part in (moved.text, moved.spoken and f"({moved.spoken})") if part))
    return ", ".join(parts)


def _cost(filters: Filters) -> Iterator[Line]:
    """The topic that surely costs the most points."""
    longer = replace(
        filters, period=Period(filters.period.end - (COST_DAYS - 1) * DAY, filters.period.end), before=None
    )
    for scale in reports.USUAL_SCALES:
        sure = [one for one in impact(longer, scale).effects if one.points is not None and (one.hi or 0) < 0]
        worst = min(sure, key=lambda one: one.points or 0, default=None)
        topic = Topic.objects.filter(pk=worst.topic).first() if worst else None
        if worst and topic and worst.points is not None and worst.lo is not None and worst.hi is not None:
            text = _("%(topic)s: %(points)s points (%(limits)s) of %(name)s in %(days)d days, mentions: %(n)s") % {
                "topic": topic,
                "points": impact_block.points(worst.points),
                "limits": f"{impact_block.points(worst.lo)}…{impact_block.points(worst.hi)}",
                "name": wording.NAMES[scale],
                "days": COST_DAYS,
                "n": formats.number(worst.mentions),
            }
            path = f"{reverse(FIX_FIRST)}?{_days(longer.period)}"
            yield Line(about=_("What costs most"), text=text, at=None, path=path)
            return


def _incidents(scope: Scope) -> Iterator[Line]:
    rows = incidents.going_on(scope).select_related("team", "topic")
    found = list(rows.order_by("-last_day", "-pk"))
    shown = [row for row in found if row.state != Incident.State.SNOOZED and not incidents.is_part(row, found)]
    if shown:
        told = [f"{words.title(row)} ({words.place(row)})" for row in shown[:MOST_INCIDENTS]]
        more = len(shown) - len(told)
        if more:
            told.append(ngettext("and %d more", "and %d more", more) % more)
        yield Line(about=_("Deviations going on"), text="; ".join(told), at=None, path=reverse(DEVIATIONS))


DIGEST = notices.register(
    Kind(
        name="digest",
        title=gettext_lazy("The digest of the week"),
        explains=gettext_lazy(
            "On Monday: scores and contacts of your teams, what costs most, and the deviations that go on. It pauses "
            "by itself while there is nothing new."
        ),
        default=lambda scope: Pace.WEEKLY if notices.leads(scope) else Pace.NEVER,
        section=_section,
        concerns=lambda scope: scope.oversees,
        paces=(Pace.WEEKLY, Pace.NEVER),
        preview=_preview,
        ripe=told_at,
    )
)
