"""The filters of the reading lists: they live in the address, so that the indicators can link to their rows."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from feedback import (
    answer_filter,
    choices,
    complaining,
    ended_filter,
    exclusions,
    search,
    served_filter,
    topics,
    waited_filter,
)
from feedback.choices import COUNTED, EXCLUDED, ME, NONE, OWN, YES, Offers
from feedback.models import Comment, CommentTag, CommentTopic, ReadMark, Response, Topic
from ground.access import Scope
from ground.models import User
from ground.text import clean_line, is_key, is_storable
from surveys import segments
from surveys.models import Customer
from surveys.questions import SCALES

SEARCH, CUSTOMER, ANSWER, SEGMENT, WAITED, SERVED = "q", "customer", "answer", "segment", "waited", "served"
# Answers whose comments are about a topic.
ABOUT = "about"
# By what the days of answers are taken: the answer's own, or that on which the contact ended.
DATED, BY_CONTACT = "dated", "contact"
# Complaints in texts, by how far somebody has got with them.
LOOP = "loop"
COMMENT_FILTERS = (
    "state", "period", "class", "topic", "tag", "score", "band", "contact", "tone", "constructive", "team", "agent",
    "channel", "source", "language", "survey", "evidence", "checked", CUSTOMER, ANSWER, LOOP, SEARCH,
)  # fmt: skip
RESPONSE_FILTERS = (
    "period", "scale", "score", "band", "contact", "team", "agent", "channel", "language", "survey", "evidence", ANSWER,
    SEGMENT, WAITED, SERVED, ABOUT, DATED,
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """One choice in the address: its parameter, what may be chosen, and what is.

    `by_link` says that it cannot be chosen on the page: it comes with an address, and goes.
    """

    name: str
    label: Any
    options: list[tuple[str, Any]]
    value: str = ""
    by_link: bool = False

    @property
    def chosen(self) -> Any:
        """How the chosen value is called."""
        return dict(self.options).get(self.value, self.value)

    @property
    def is_cut(self) -> bool:
        """Whether there may be more to choose from than is offered."""
        return self.name == "agent" and len(self.options) >= choices.MOST_AGENTS

    @property
    def is_special(self) -> bool:
        """Whether the value came with a link and is none of the options."""
        return bool(self.value) and self.value not in dict(self.options)


@dataclass(frozen=True)
class Filters:
    """What the address asks for. Values that nobody could have chosen are left out.

    `since` and `until` are the first moment that the days or the period let in, and the first that they no longer do.
    """

    start: dt.date | None
    end: dt.date | None
    choices: tuple[Filter, ...]
    query: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

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

    @property
    def query_string(self) -> str:
        return self.address()[1:]

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
        condition = Q(**{f"{field}__gte": self.since}) if self.since else Q()
        return condition & Q(**{f"{field}__lt": self.until}) if self.until else condition


def read(params: Mapping[str, str], scope: Scope, *, names: tuple[str, ...], offers: Offers | None = None) -> Filters:
    """The filters called `names` as the address gives them, offering only what the reader may see.

    Days say more than a period: one that stands beside them is left out. `offers` serves many addresses at once.
    """
    offers = offers or Offers(scope, [params])
    start, end = _day(params, "from"), _day(params, "to")
    chosen = []
    for name in names:
        value = params.get(name, "")
        if name in BY_LINK:
            chosen.append(BY_LINK[name](value, scope))
        elif name != SEARCH:
            label, options = offers.of(name, team=params.get("team", ""))
            known = value in dict(options) or choices.is_special(name, value)
            is_beaten = name == "period" and (start or end)
            chosen.append(Filter(name, label, list(options), value=value if known and not is_beaten else ""))
    since, until = _moments(start, end, next((one.value for one in chosen if one.name == "period"), ""), offers)
    return Filters(
        start=start, end=end, choices=tuple(chosen), query=_query(params, names), since=since, until=until,
    )  # fmt: skip


def _moments(
    start: dt.date | None, end: dt.date | None, period: str, offers: Offers
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Midnight at which the days or the period begin, and midnight after their end."""
    if not (start or end or period):
        return None, None
    zone = offers.zone
    first = start or choices.first_day(period, zone)
    after = end + dt.timedelta(days=1) if end else None
    since, until = (dt.datetime.combine(day, dt.time(), zone) if day else None for day in (first, after))
    return since, until


def _customer(value: str, scope: Scope) -> Filter:
    """A customer is known to a reader by what the customer said to the reader's teams."""
    options: list[tuple[str, Any]] = []
    if is_key(value):
        said = Comment.objects.filter(scope.rows(own=OWN), customer=OuterRef("pk"))
        options = [(str(who.pk), str(who)) for who in Customer.objects.filter(Exists(said), pk=value)]
    return Filter(
        name=CUSTOMER, label=_("customer"), options=options, value=value if options else "", by_link=True
    )  # fmt: skip


def _answer(value: str, _scope: Scope) -> Filter:
    asked = answer_filter.read(value) if value else None
    words = answer_filter.words(asked) if asked else ""
    return Filter(
        name=ANSWER, label=_("answered"), options=[(value, words)], value=value if words else "", by_link=True
    )  # fmt: skip


def _segment(value: str, _scope: Scope) -> Filter:
    """Customers with this value of one of the attributes that are segments: "attribute=value"."""
    segment, told = segments.read(value)
    return Filter(
        name=SEGMENT, label=segment or _("segment"), options=[(value, told)], value=value if segment else "",
        by_link=True,
    )  # fmt: skip


def _waited(value: str, _scope: Scope) -> Filter:
    asked = waited_filter.read(value)
    options = [(value, waited_filter.words(asked))] if asked else []
    return Filter(name=WAITED, label=_("first response"), options=options, value=value if asked else "", by_link=True)


def _served(value: str, scope: Scope) -> Filter:
    step = served_filter.read(value, sees_all=scope.covers_all())
    options = [(value, step.label)] if step else []
    return Filter(name=SERVED, label=_("its contact"), options=options, value=value if step else "", by_link=True)


def _topic(value: str, _scope: Scope) -> Filter:
    topic = Topic.objects.filter(code=value).first() if value and is_storable(value) else None
    options = [(value, str(topic))] if topic else []
    return Filter(name=ABOUT, label=_("topic"), options=options, value=value if topic else "", by_link=True)


def _loop(value: str, _scope: Scope) -> Filter:
    known = value if value in dict(complaining.LOOPS) else ""
    return Filter(name=LOOP, label=_("complaints"), options=complaining.LOOPS, value=known, by_link=True)


def _dated(value: str, _scope: Scope) -> Filter:
    options = [(BY_CONTACT, _("when the contact ended"))]
    return Filter(
        name=DATED, label=_("days"), options=options, value=value if value == BY_CONTACT else "", by_link=True
    )


# Filters that come with an address.
BY_LINK: dict[str, Callable[[str, Scope], Filter]] = {
    CUSTOMER: _customer, ANSWER: _answer, SEGMENT: _segment, WAITED: _waited, SERVED: _served, ABOUT: _topic,
    LOOP: _loop, DATED: _dated,
}  # fmt: skip


def _in_language(language: str) -> Q:
    known = [code for code, _label in choices.LANGUAGES if code != "other"]
    return ~Q(language__in=["", *known]) if language == "other" else Q(language=language)


def _query(params: Mapping[str, str], names: tuple[str, ...]) -> str:
    """What is looked for, on one line; what is too long for that stays so by one character."""
    return clean_line(params.get(SEARCH, ""))[: search.LONGEST + 1] if SEARCH in names else ""


def _day(params: Mapping[str, str], name: str) -> dt.date | None:
    """A usable day of a sensible century; the last day of the calendar has no next one."""
    try:
        day = parse_date(params.get(name, ""))
    except ValueError:
        return None
    return day if day and 1970 <= day.year <= 2200 else None


def was_read(reader: User) -> Exists:
    """Whether this person has read a comment."""
    return Exists(ReadMark.objects.filter(comment=OuterRef("pk"), user=reader))


def of_comments(filters: Filters, *, reader: User) -> Q:
    """The condition on comments; what is unread depends on the reader."""
    condition = filters.period("said_at") & _of_both(filters)
    if state := filters.get("state"):
        states = {"unread": ~Q(was_read(reader)), "read": Q(was_read(reader)),
                  "open": Q(done_at=None), "done": Q(done_at__isnull=False)}  # fmt: skip
        condition &= states[state]
    for name in ("source", "tone", "band", CUSTOMER):
        if value := filters.get(name):
            condition &= Q(**{name: value})
    if derived := filters.get("class"):
        condition &= Q(derived_class=derived)
    if constructive := filters.get("constructive"):
        condition &= Q(constructive=constructive == YES)
    if language := filters.get("language"):
        condition &= _in_language(language)
    if evidence := filters.get("evidence"):
        condition &= _evidence(evidence)
    if checker := filters.get("checked"):
        condition &= _checked(checker, reader)
    if asked := answer_filter.read(filters.get(ANSWER)):
        condition &= answer_filter.of_comments(asked)
    return condition & _about(filters)


def _checked(checker: str, reader: User) -> Q:
    if checker == NONE:
        return Q(checked_at=None)
    return Q(checked_by=reader.pk if checker == ME else int(checker), checked_at__isnull=False)


def _about(filters: Filters) -> Q:
    """The condition for what hangs on a comment: topics and tags, and whether it is a complaint."""
    condition = complaining.in_state(state) if (state := filters.get(LOOP)) else Q()
    own = CommentTopic.objects.filter(comment=OuterRef("pk"))
    if topic := filters.get("topic"):
        has_none = Q(classified_at__isnull=False) & ~Q(Exists(own))
        condition &= has_none if topic == NONE else Q(Exists(own.filter(topic__in=topics.meant_by(topic))))
    if tag := filters.get("tag"):
        condition &= Q(Exists(CommentTag.objects.filter(comment=OuterRef("pk"), tag=int(tag))))
    return condition


def _evidence(evidence: str) -> Q:
    if evidence == COUNTED:
        return Q(is_counted=True)
    return Q(is_counted=False) & exclusions.of_comments() if evidence == EXCLUDED else Q(evidence=evidence)


def comments_found(params: Mapping[str, str], *, reader: User, scope: Scope) -> QuerySet[Comment]:
    """What the reading list shows this reader under these parameters, search included, in no order."""
    chosen = read(params, scope, names=COMMENT_FILTERS)
    found = Comment.objects.filter(scope.rows(own=OWN), of_comments(chosen, reader=reader)).order_by()
    return search.matching(found, chosen.query) if chosen.query else found


def responses_found(params: Mapping[str, str], *, scope: Scope) -> QuerySet[Response]:
    """What the list of responses shows under these parameters, in no order."""
    condition = of_responses(read(params, scope, names=RESPONSE_FILTERS))
    return Response.objects.filter(scope.rows(own=OWN), condition).order_by()


def _of_both(filters: Filters) -> Q:
    """The condition on the columns that comments and responses share."""
    condition = Q()
    for name in ("team", "channel", "survey", "agent"):
        if value := filters.get(name):
            condition &= _equals(name, value)
    if bounds := choices.score_range(filters.get("score")):
        condition &= Q(score__range=bounds)
    if filters.get("contact"):
        condition &= Q(wants_contact=True)
    return condition


def _equals(field: str, value: str) -> Q:
    """The condition for a chosen value; "none" is a row without a team, a survey or a channel."""
    if value == NONE:
        return Q(**{field: "" if field == "channel" else None})
    return Q(**{field: value})


def of_responses(filters: Filters) -> Q:
    by_contact = filters.get(DATED) == BY_CONTACT
    days = ended_filter.of_responses(filters.since, filters.until) if by_contact else filters.period("answered_at")
    condition = days & _of_both(filters)
    if scale := filters.get("scale"):
        condition &= Q(scale=scale)
    if band := filters.get("band"):
        condition &= in_band(band)
    if language := filters.get("language"):
        condition &= _in_language(language)
    if evidence := filters.get("evidence"):
        if scale and evidence in (COUNTED, *Response.COUNTED):
            condition &= Q(score__isnull=False, is_excluded=False)  # an indicator of a scale counts scores
        condition &= {
            COUNTED: Q(evidence__in=Response.COUNTED, is_excluded=False), EXCLUDED: Q(is_excluded=True),
        }.get(evidence, Q(evidence=evidence))  # fmt: skip
    return condition & _by_link(filters)


def _by_link(filters: Filters) -> Q:
    """The condition of the filters that come with an address alone."""
    condition = Q()
    if segment := filters.get(SEGMENT):
        of_customer = segments.having(segment, customer="invitation__customer")
        condition &= of_customer & Q(invitation__isnull=False, survey__is_anonymous=False)
    if waited := waited_filter.read(filters.get(WAITED)):
        condition &= waited_filter.of_responses(waited)
    if step := served_filter.read(filters.get(SERVED), sees_all=True):  # it was asked whether they may
        condition &= served_filter.of_responses(step)
    if topic := filters.get(ABOUT):
        said = CommentTopic.objects.filter(comment__response=OuterRef("pk"), comment__is_counted=True)
        condition &= Q(Exists(said.filter(topic__in=topics.meant_by(topic))))
    if asked := answer_filter.read(filters.get(ANSWER)):
        condition &= answer_filter.of_responses(asked)
    return condition


def in_band(band: str) -> Q:
    """The condition on answers whose score is low, middle or high on its scale."""
    condition = Q()
    for scale in SCALES.values():
        condition |= Q(scale=scale.name, score__in=[score for score in scale.values if scale.band(score) == band])
    return condition
