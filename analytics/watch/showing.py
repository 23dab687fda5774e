"""Deviations and watched series as the page shows them: words, links and geometry."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics import formats
from analytics.links import Links
from analytics.models import Incident, Watch, WatchedSeries
from analytics.periods import Period
from analytics.reports import Filters
from analytics.watch import counted, incidents, words
from analytics.watch.chart import Chart, chart
from analytics.watch.subjects import (
    CES,
    CONSTRUCTIVE,
    CONTACTS,
    CSAT,
    METRICS,
    NEGATIVE,
    NPS,
    RESPONSE,
    TOPIC,
    WITHIN,
    Subject,
)
from feedback.models import Topic
from ground.access import Scope
from ground.models import Team

# False incidents a month of one series: the day's usual figure is M35's, the others were measured beside it.
FALSE_BY_DAY = {"quiet": 0.02, "standard": 0.06, "sensitive": 0.13}
FALSE_BY_WEEK = {"quiet": 0.006, "standard": 0.03, "sensitive": 0.07}
# A team and a channel, or neither.
Place = tuple[int | None, str]
ARROWS = {"up": "▲", "down": "▼", "same": "="}


@dataclass(frozen=True)
class Shown:
    """A deviation as a card. `parts` are the teams and channels that tell the same of themselves."""

    row: Incident
    title: str
    place: str
    look: str
    now: str
    limits: str
    before: str
    change: str
    change_limits: str
    counted: str
    since: str
    driver: str
    risen: tuple[dict[str, str], ...]
    chart: Chart | None
    href: str
    comments_href: str
    register: str
    parts: tuple[str, ...] = ()
    beside: str = ""


class Shower:
    """Looks the names up once for all deviations of a page."""

    def __init__(self, rows: Iterable[Incident], *, scope: Scope, beside: Mapping[Place, str]) -> None:
        self.rows, self.scope, self.beside = list(rows), scope, beside
        told = [row.extent for row in self.rows]
        drivers = {one["driver"]["team"] for one in told if one.get("driver", {}).get("team")}
        self.teams = dict(Team.objects.filter(pk__in=drivers).values_list("pk", "name"))
        risen = {each["topic"] for one in told for each in one.get("risen", [])}
        self.topics = {topic.pk: topic for topic in Topic.objects.filter(pk__in=risen)}

    def cards(self) -> list[Shown]:
        """Those of the whole organisation hold their parts."""
        wholes = [row for row in self.rows if not incidents.is_part(row, self.rows)]
        return [self.card(row) for row in wholes]

    def card(self, row: Incident) -> Shown:
        links = self._links(row)
        difference, both = words.change(row)
        parts = [one for one in self.rows if one is not row and incidents.is_part(one, [row])]
        return Shown(
            row=row,
            title=words.title(row),
            place=words.place(row),
            look=words.look(row),
            now=words.now(row),
            limits=words.limits(row),
            before=words.before(row),
            change=difference,
            change_limits=both,
            counted=words.counted(row),
            since=words.since(row),
            driver=self._driver(row.extent.get("driver", {})),
            risen=tuple(self._risen(row, links)),
            chart=chart(row),
            href=_rows_of(row, links),
            comments_href=_comments_of(row, links),
            register=METRICS[row.metric].shown,
            parts=tuple(words.place(one) for one in parts),
            beside=_beside(row, self.beside),
        )

    def _links(self, row: Incident) -> Links:
        told = row.extent
        first, last = (dt.date.fromisoformat(told[key]) if key in told else day
                       for key, day in (("from", row.began_on), ("to", row.last_day)))  # fmt: skip
        return Links(Filters(scope=self.scope, period=Period(first, last), team=row.team_id, channel=row.channel))

    def _driver(self, found: Mapping[str, Any]) -> str:
        """The team or channel that makes most of it; a channel's name is no secret, a team's is its own people's."""
        if found.get("team") in self.teams:
            where = self.teams[found["team"]]
        elif found.get("channel"):
            where = words.channel(found["channel"])
        else:
            return ""
        return _("%(place)s makes %(part)s of the change.") % {"place": where, "part": words.part(found["part"])}

    def _risen(self, row: Incident, links: Links) -> Iterable[dict[str, str]]:
        for one in row.extent.get("risen", []):
            topic = self.topics.get(one["topic"])
            if topic is not None:
                yield {
                    "name": str(topic),
                    "href": links.comments(topic=topic.code),
                    "now": formats.score(one["now"], unit="share", n=0),
                    "before": formats.score(one["before"], unit="share", n=0),
                }


def _rows_of(row: Incident, links: Links) -> str:
    if row.metric in (NEGATIVE, CONSTRUCTIVE):
        return links.comments(of_class=row.metric)
    if row.metric == TOPIC and row.topic:
        return links.comments(topic=row.topic.code)
    return links.contacts() if row.metric in (CONTACTS, WITHIN, RESPONSE) else links.responses()


def _comments_of(row: Incident, links: Links) -> str:
    """The comments behind a score that fell; what is about comments leads there anyway."""
    if row.metric in (CSAT, NPS, CES):
        return links.comments(of_class=NEGATIVE if row.direction == "down" else "positive")
    return links.comments() if row.metric in (CONTACTS, WITHIN, RESPONSE) else ""


def brief(scope: Scope, *, team: int | None = None, channel: str = "") -> list[dict[str, str]]:
    """The deviations that go on and that nobody has decided about, a line each; the widest alone, and none of what
    somebody looks after or has put off as a whole."""
    chosen = {name: value for name, value in (("team", team), ("channel", channel)) if value}
    rows = incidents.going_on(scope).filter(**chosen).select_related("team", "topic")
    found = list(rows.order_by("-last_day", "-pk"))
    return [
        {"title": words.title(row), "place": words.place(row), "said": words.sentence(row), "look": words.look(row),
         "anchor": f"#i{row.pk}"}
        for row in found
        if row.state == Incident.State.OPEN and not incidents.is_part(row, found)
    ]  # fmt: skip


# --- what is watched ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One watched series: how, how many a day, and its trend over a quarter and a year."""

    name: str
    row: WatchedSeries
    per_day: str
    trends: tuple[dict[str, str], ...]
    beside: str = ""


def scales(until: dt.date) -> dict[Place, str]:
    """By place, on which scale its CSAT is watched, where there are several."""
    found = counted.scales_of_csat(until)
    return {(place.team, place.channel): told for place, counts in found.items() if (told := words.scales(counts))}


def _beside(row: Incident | WatchedSeries, beside: Mapping[Place, str]) -> str:
    return beside.get((row.team_id, row.channel), "") if row.metric == CSAT else ""


def places(rows: Sequence[WatchedSeries], beside: Mapping[Place, str]) -> list[dict[str, Any]]:
    """The series by place, the organisation first, then teams, then channels."""
    order = list(METRICS)
    found: dict[str, list[WatchedSeries]] = {}
    for row in sorted(rows, key=lambda one: (bool(one.channel), bool(one.team_id), words.place(one))):
        found.setdefault(words.place(row), []).append(row)
    return [
        {
            "name": name,
            "lines": [
                _line(row, beside) for row in sorted(own, key=lambda one: (order.index(one.metric), -one.per_day))
            ],
            "watched": sum(row.by in (WatchedSeries.By.DAY, WatchedSeries.By.WEEK) for row in own),
        }
        for name, own in found.items()
    ]


def _line(row: WatchedSeries, beside: Mapping[Place, str]) -> Line:
    per_day = formats.number(round(row.per_day)) if row.per_day >= 1 or not row.per_day else "< 1"
    trends = tuple(_trend(row, found) for found in (row.quarter, row.year))
    return Line(words.name(row), row, per_day, trends, _beside(row, beside))


def _trend(row: WatchedSeries, found: str) -> dict[str, str]:
    better = METRICS[row.metric].better
    spoken = {"up": _("rises"), "down": _("falls"), "same": _("no trend")}
    look = "" if found in ("", "same") else "plain" if better == "none" else "good" if found == better else "bad"
    return {"arrow": ARROWS.get(found, formats.DASH), "spoken": spoken.get(found, _("too little to say")), "look": look}


def false_alarms(rows: Sequence[WatchedSeries]) -> list[dict[str, Any]]:
    """Each profile with the false incidents that as many series bring by chance alone."""
    daily, weekly = (sum(row.by == by for row in rows) for by in (WatchedSeries.By.DAY, WatchedSeries.By.WEEK))
    return [
        {
            "key": key,
            "label": label,
            "said": words.false_alarms(daily * FALSE_BY_DAY[key] + weekly * FALSE_BY_WEEK[key]),
        }
        for key, label in Watch.Profile.choices
    ]


def replayed(found: Sequence[Mapping[str, Any]], *, scope: Scope) -> list[dict[str, str]]:
    """What a replay would have told of, in words, as far as the reader may see it."""
    teams = {team.pk: team for team in Team.objects.filter(pk__in={row["team"] for row in found if row["team"]})}
    topics = {one.pk: one for one in Topic.objects.filter(pk__in={row["topic"] for row in found if row["topic"]})}
    shown = []
    for one in found:
        if not incidents.may_see(scope, Subject(one["metric"], one["team"], one["channel"], one["topic"])):
            continue
        row = Incident(
            metric=one["metric"], channel=one["channel"], direction=one["direction"], kind=one["kind"],
            team=teams.get(one["team"]), topic=topics.get(one["topic"]),
        )  # fmt: skip
        began, last = (dt.date.fromisoformat(one[name]) for name in ("began_on", "last_day"))
        shown.append({"title": words.title(row), "place": words.place(row), "look": words.look(row),
                      "days": formats.period(began, last)})  # fmt: skip
    return shown
