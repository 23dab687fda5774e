"""What may be chosen in the filters of the reading lists: each with its values, as far as the reader may know them."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback import tags, topics
from feedback.models import Comment, CommentClass, Response, Topic
from ground.access import Scope, visible_teams
from ground.models import Organisation, Role, User
from ground.text import is_key
from surveys import languages
from surveys.models import Agent, Survey
from surveys.models.customers import Channel

Options = Sequence[tuple[str, Any]]

COUNTED, EXCLUDED, NONE, ME, YES, NO = "counted", "excluded", "none", "me", "yes", "no"
# From a comment or a response to the log-in of the agent whose work it is about.
OWN = "agent__user"
SCALES = [
    ("csat_5", _("CSAT: satisfaction, 1 to 5")),
    ("csat_3", _("CSAT: satisfaction, 1 to 3")),
    ("thumbs", _("CSAT: thumbs up or down")),
    ("nps", _("NPS: recommendation, 0 to 10")),
    ("ces_7", _("CES: effort, 1 to 7")),
    ("yes_no", _("yes or no")),
]
BANDS = [("low", _("low")), ("mid", _("middle")), ("high", _("high"))]
EVIDENCE = [(COUNTED, _("counted")), (EXCLUDED, _("excluded")), *Response.Evidence.choices]
STATES = [("unread", _("unread")), ("read", _("read")), ("open", _("open")), ("done", _("done"))]
PERIODS = [("today", _("today")), ("week", _("this week")), ("7d", _("7 days")), ("28d", _("28 days")),
           ("90d", _("90 days"))]  # fmt: skip
LANGUAGES = [("ru", _("Russian")), ("en", _("English")), ("other", _("another")), ("und", _("not known"))]
# Of Chinese Django names only its kinds.
NAMED = {code: name for code, name in LANGUAGES if code != "other"} | {"zh": _("Chinese")}
# A list of more agents is not read to its end: the team narrows it.
MOST_AGENTS = 300


def language_name(code: str) -> Any:
    """What the language that a comment is in is called, one that is not read too; its code when nobody knows it."""
    return NAMED.get(code) or languages.name(code)


def first_day(period: str, zone: dt.tzinfo) -> dt.date | None:
    """The day that a period begins on, as the calendar of the zone stands at this moment."""
    today = timezone.localdate(timezone=zone)
    if period == "week":
        return today - dt.timedelta(days=today.weekday())
    days = {"today": 1, "7d": 7, "28d": 28, "90d": 90}.get(period)
    return today - dt.timedelta(days=days - 1) if days else None


class Offers:
    """What one reader may choose, by filter; each list is looked up once. `addresses` are the parameters that are going
    to be read: of long lists they are offered what they name."""

    def __init__(self, scope: Scope, addresses: Iterable[Mapping[str, str]]) -> None:
        self.scope = scope
        asked = [(name, params[name]) for params in addresses for name in ("agent", "tag") if name in params]
        self.asked = {(name, value) for name, value in asked if is_key(value)}
        self.known: dict[tuple[str, str], tuple[Any, Options]] = {}

    @cached_property
    def zone(self) -> dt.tzinfo:
        """The reporting zone."""
        return Organisation.current().timezone

    def of(self, name: str, *, team: str = "") -> tuple[Any, Options]:
        """The label of a filter and its values; agents the first of the `team` if one is given."""
        key = (name, team if name == "agent" else "")
        if key not in self.known:
            label, values = OFFERED[name]
            if name == "agent":
                values = self._with_asked(name, _agents(self.scope, team), agents_of(self.scope))
            elif name == "tag":
                values = self._with_asked(name, _tags(self.scope), tags.seen_by(self.scope))
            self.known[key] = label, values(self.scope) if callable(values) else values
        return self.known[key]

    def _with_asked(self, name: str, first: Options, rows: QuerySet[Any]) -> Options:
        missing = {value for asked, value in self.asked if asked == name} - {value for value, _label in first}
        return [*first, *((str(row.pk), str(row)) for row in rows.filter(pk__in=missing))] if missing else first


def agents_of(scope: Scope) -> QuerySet[Agent]:
    """The agents whose work the reader may see."""
    return Agent.objects.filter(scope.rows(own="user"))


def _teams(scope: Scope) -> Options:
    teams = [(str(team.pk), team.name) for team in visible_teams(scope, least=Role.AGENT)]
    return [*teams, (NONE, _("No team"))] if scope.covers_all() else teams


def _agents(scope: Scope, team: str) -> Options:
    found = agents_of(scope).order_by("name", "pk")
    first = (found.filter(team=int(team)) if is_key(team) else found)[:MOST_AGENTS]
    return [(str(pk), name or key) for pk, name, key in first.values_list("pk", "name", "external_id")]


def _topics(scope: Scope) -> Options:
    every = Topic.objects.select_related("parent", "merged_into").defer("cues", "descriptions", "brought")
    return [*((topic.code, topics.path(topic)) for topic in topics.in_order(every)), (NONE, _("No topic"))]


def _tags(scope: Scope) -> Options:
    return [(str(pk), name) for pk, name in tags.offered(scope)]


def _surveys(scope: Scope) -> Options:
    return [(str(survey.pk), survey.name) for survey in Survey.objects.all()]


def _checkers(scope: Scope) -> Options:
    """The reader, nobody, and whoever has checked something that the reader may see."""
    checked = Comment.objects.filter(scope.rows(own=OWN), checked_by=OuterRef("pk"), checked_at__isnull=False)
    people = User.objects.filter(Exists(checked)).order_by("name", "pk")
    return [(ME, _("me")), (NONE, _("nobody")), *((str(person.pk), str(person)) for person in people)]


OFFERED: dict[str, tuple[Any, Options | Callable[[Scope], Options]]] = {
    "state": (_("state"), STATES),
    "period": (_("period"), PERIODS),
    "class": (_("class"), CommentClass.choices),
    "topic": (_("topic"), _topics),
    "tag": (_("tag"), ()),
    "agent": (_("agent"), ()),
    "score": (_("score"), [(str(score), str(score)) for score in range(11)]),
    "band": (_("score band"), BANDS),
    "scale": (_("scale"), SCALES),
    "contact": (_("asks to be contacted"), [(YES, _("yes"))]),
    "tone": (_("tone"), Comment.Tone.choices),
    "constructive": (_("suggestion"), [(YES, _("yes")), (NO, _("no"))]),
    "team": (_("team"), _teams),
    "channel": (_("channel"), [*Channel.choices, (NONE, _("No channel"))]),
    "source": (_("source"), Comment.Source.choices),
    "language": (_("language"), LANGUAGES),
    "survey": (_("survey"), _surveys),
    "evidence": (_("evidence"), EVIDENCE),
    "checked": (_("checked by"), _checkers),
}
