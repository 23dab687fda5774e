"""The filters of the reading lists: they live in the address, so that the indicators can link to their rows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from feedback import search
from feedback.models import Comment, CommentClass, ReadMark, Response, Topic
from ground.access import Scope, visible_teams
from ground.models import Organisation, User
from ground.text import clean_line
from surveys import questions
from surveys.models import Survey
from surveys.models.customers import Channel

COUNTED, NONE = "counted", "none"
SEARCH = "q"
EVIDENCE = [(COUNTED, _("counted")), *Response.Evidence.choices]
SCALES = [(scale.name, label) for kind, label in questions.CHOICES if (scale := questions.get(kind).SCALE)]
STATES = [("unread", _("unread")), ("read", _("read")), ("open", _("open")), ("done", _("done"))]
SCORES = [(str(score), str(score)) for score in range(11)]
COMMENT_FILTERS = (
    "class",
    "topic",
    "team",
    "channel",
    "source",
    "survey",
    "score",
    "evidence",
    "tone",
    "state",
    SEARCH,
)


@dataclass(frozen=True)
class Filter:
    """One choice in the address: its parameter, what may be chosen, and what is."""

    name: str
    label: Any
    options: list[tuple[str, Any]]
    value: str = ""

    @property
    def chosen(self) -> Any:
        """How the chosen value is called."""
        return dict(self.options).get(self.value, self.value)

    @property
    def is_special(self) -> bool:
        """Whether the value came with a link and is none of the options."""
        return bool(self.value) and self.value not in dict(self.options)


@dataclass(frozen=True)
class Filters:
    """What the address asks for. Values that nobody could have chosen are left out."""

    start: dt.date | None
    end: dt.date | None
    choices: tuple[Filter, ...]
    query: str = ""

    def get(self, name: str) -> str:
        return next((choice.value for choice in self.choices if choice.name == name), "")

    def params(self, *without: str) -> dict[str, str]:
        """The filters as parameters, in a fixed order, but for those named."""
        dates = {"from": self.start, "to": self.end}
        given = {name: day.isoformat() for name, day in dates.items() if day}
        given |= {choice.name: choice.value for choice in self.choices if choice.value}
        given |= {SEARCH: self.query} if self.query else {}
        return {name: value for name, value in given.items() if name not in without}

    @property
    def beside_search(self) -> dict[str, str]:
        """What a search keeps."""
        return self.params(SEARCH)

    @property
    def without_search(self) -> str:
        return self.address(SEARCH)

    def address(self, *without: str, **more: str) -> str:
        """A relative address with these filters, changed."""
        return "?" + urlencode(self.params(*without, *more) | {name: value for name, value in more.items() if value})

    def active(self) -> list[dict[str, Any]]:
        """Each filter in use: its label, its value in words, and the address without it."""
        days = [(name, label, day) for name, label, day in
                (("from", _("from"), self.start), ("to", _("until"), self.end)) if day]  # fmt: skip
        pills = [{"label": label, "value": date_format(day, "j E Y"), "drop": self.address(name)}
                 for name, label, day in days]  # fmt: skip
        if self.query:
            pills.append({"label": _("search"), "value": self.query, "drop": self.address(SEARCH)})
        return pills + [
            {"label": choice.label, "value": choice.chosen, "drop": self.address(choice.name)}
            for choice in self.choices
            if choice.value
        ]

    def period(self, field: str) -> Q:
        """The condition for moments within the days, which begin and end at midnight of the reporting zone."""
        condition, zone = Q(), Organisation.current().timezone
        if self.start:
            condition &= Q(**{f"{field}__gte": dt.datetime.combine(self.start, dt.time(), zone)})
        if self.end:
            after = self.end + dt.timedelta(days=1)
            condition &= Q(**{f"{field}__lt": dt.datetime.combine(after, dt.time(), zone)})
        return condition


def read(params: Mapping[str, str], scope: Scope, *, names: tuple[str, ...]) -> Filters:
    """The filters called `names` as the address gives them, offering only what the reader may see."""
    options: dict[str, tuple[Any, Sequence[tuple[str, Any]]]] = {
        "class": (_("class"), CommentClass.choices),
        "topic": (_("topic"), [(topic.code, str(topic)) for topic in _topics(names)]),
        "team": (_("team"), _teams(scope)),
        "channel": (_("channel"), [*Channel.choices, (NONE, _("No channel"))]),
        "source": (_("source"), Comment.Source.choices),
        "survey": (_("survey"), [(str(survey.pk), survey.name) for survey in Survey.objects.all()]),
        "scale": (_("scale"), SCALES),
        "score": (_("score"), SCORES),
        "evidence": (_("evidence"), EVIDENCE),
        "tone": (_("tone"), Comment.Tone.choices),
        "state": (_("state"), STATES),
    }
    choices = []
    for name in names:
        if name == SEARCH:
            continue
        label, offered = options[name]
        value = params.get(name, "")
        known = value in dict(offered) or (name == "score" and score_range(value) is not None)
        choices.append(Filter(name=name, label=label, options=list(offered), value=value if known else ""))
    return Filters(
        start=_day(params, "from"), end=_day(params, "to"), choices=tuple(choices), query=_query(params, names)
    )


def _query(params: Mapping[str, str], names: tuple[str, ...]) -> str:
    """What is looked for, on one line; what is too long for that stays so by one character."""
    return clean_line(params.get(SEARCH, ""))[: search.LONGEST + 1] if SEARCH in names else ""


def _teams(scope: Scope) -> list[tuple[str, Any]]:
    teams = [(str(team.pk), team.name) for team in visible_teams(scope)]
    return [*teams, (NONE, _("No team"))] if scope.covers_all() else teams


def _topics(names: tuple[str, ...]) -> list[Topic]:
    return list(Topic.objects.all()) if "topic" in names else []


def _day(params: Mapping[str, str], name: str) -> dt.date | None:
    """A usable day of a sensible century; the last day of the calendar has no next one."""
    try:
        day = parse_date(params.get(name, ""))
    except ValueError:
        return None
    return day if day and 1970 <= day.year <= 2200 else None


def score_range(value: str) -> tuple[int, int] | None:
    """`4` or `0-6` as the lowest and the highest score."""
    low, dash, high = value.partition("-")
    high = high if dash else low
    if all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (low, high)):
        return int(low), int(high)
    return None


def was_read(reader: User) -> Exists:
    """Whether this person has read a comment."""
    return Exists(ReadMark.objects.filter(comment=OuterRef("pk"), user=reader))


def of_comments(filters: Filters, *, reader: User) -> Q:
    """The condition on `Comment.objects.with_class()`; what is unread depends on the reader."""
    condition = filters.period("said_at")
    if state := filters.get("state"):
        states = {"unread": ~Q(was_read(reader)), "read": Q(was_read(reader)),
                  "open": Q(done_at=None), "done": Q(done_at__isnull=False)}  # fmt: skip
        condition &= states[state]
    plain = {
        "class": "derived_class", "topic": "topics__topic__code", "team": "team", "channel": "channel",
        "source": "source", "survey": "survey", "tone": "tone",
    }  # fmt: skip
    for name, field in plain.items():
        if value := filters.get(name):
            condition &= _equals(field, value)
    if bounds := score_range(filters.get("score")):
        condition &= Q(response__score__range=bounds)
    if evidence := filters.get("evidence"):
        condition &= Q(is_counted=True) if evidence == COUNTED else Q(response__evidence=evidence)
    return condition


def comments_found(params: Mapping[str, str], *, reader: User, scope: Scope) -> QuerySet[Comment]:
    """What the reading list shows this reader under these parameters, search included, in no order."""
    chosen = read(params, scope, names=COMMENT_FILTERS)
    found = Comment.objects.with_class().filter(scope.rows(), of_comments(chosen, reader=reader)).order_by()
    return search.matching(found, chosen.query) if chosen.query else found


def _equals(field: str, value: str) -> Q:
    """The condition for a chosen value; "none" is a row without a team, or without a channel."""
    if value == NONE:
        return Q(team=None) if field == "team" else Q(**{field: ""})
    return Q(**{field: value})


def of_responses(filters: Filters) -> Q:
    condition = filters.period("answered_at")
    for name in ("team", "channel", "survey"):
        if value := filters.get(name):
            condition &= _equals(name, value)
    if bounds := score_range(filters.get("score")):
        condition &= Q(score__range=bounds)
    if scale := filters.get("scale"):
        condition &= Q(scale=scale)
    if evidence := filters.get("evidence"):
        if scale and evidence == COUNTED:
            condition &= Q(score__isnull=False)  # an indicator of a scale counts scores
        condition &= Q(evidence__in=Response.COUNTED) if evidence == COUNTED else Q(evidence=evidence)
    return condition
