"""What one row of a reading list shows: a comment or a response as values, ready for the template."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import search
from feedback.admin.marks import Segment, evidence, segments
from feedback.admin.told import Labels, Statement, Told
from feedback.choices import language_name
from feedback.models import Comment, CommentClass, Label, Response
from feedback.models.comments import DOUBTFUL
from feedback.understanding.language import READ
from feedback.understanding.verdicts import SURE
from ground.access import Scope
from ground.models import Role
from surveys.models.customers import Channel
from surveys.questions import SCALES

LIST_LENGTH = 420
FAR_IN, BEFORE_HIT = 120, 40  # three lines of a telephone hold some 130 letters
CLASS_LOOK = {"positive": "pos", "negative": "neg", "constructive": "con", "neutral": "neu", "mixed": "neu"}
STARS = SCALES["csat_5"]
# Looked up here, since a model's own way to a choice in words takes ten times as long.
SOURCES, CHANNELS = dict(Comment.Source.choices), dict(Channel.choices)
ORIGINS = {"survey page": gettext_lazy("survey page")}


@dataclass(frozen=True, slots=True)
class Badge:
    """A score with its scale, always said together; `look` is hi, lo, no (no score) or empty."""

    value: str
    scale: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A word about a comment; hollow means "not sure", `author` is who said it when it was a person."""

    text: Any
    look: str = ""
    hollow: bool = False
    confidence: float | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """How far the desk is with a comment; `seen` is the key of its newest label, `topics` the codes of those it has."""

    may_change: bool
    is_read: bool
    is_done: bool
    is_constructive: bool
    seen: int
    topics: str


@dataclass(frozen=True, slots=True)
class Row:
    """`at` is on the reader's clock."""

    pk: int
    badge: Badge
    text: list[Segment]
    chips: list[Chip]
    customer: str
    about: list[str]
    flags: list[tuple[Any, str]]
    at: dt.datetime
    age: str
    work: Work | None = None

    @property
    def key(self) -> str:
        """The primary key as addresses have it, whatever the reader's language does to numbers."""
        return str(self.pk)

    @property
    def stamp(self) -> str:
        """The moment for machines."""
        return self.at.isoformat(timespec="seconds")

    @property
    def choice(self) -> str:
        """What the box that chooses the row is called."""
        return _("Choose: %(customer)s, %(age)s") % {"customer": self.customer, "age": self.age}


def badge(*, score: int | None, scale: str, stars: int | None = None) -> Badge:
    """The badge of a survey score, else of a review's stars, else of none."""
    if score is not None and scale in SCALES:
        known = SCALES[scale]
        return Badge(value=str(score), scale=_("of %d") % known.high, look=_look(known.band(score)))
    if stars is not None:
        return Badge(value=str(stars), scale=_("★ of 5"), look=_look(STARS.band(stars)))
    return Badge(value="", scale=_("no score"), look="no")


def _look(band: str) -> str:
    return {"low": "lo", "high": "hi"}.get(band, "")


def class_chip(comment: Comment, holding: Labels) -> Chip:
    """The derived class; a tone or a request that is not sure is shown hollow with a question mark, and of a language
    that is not read, which one it is."""
    derived = comment.derived_class
    if derived == CommentClass.CONSTRUCTIVE and comment.constructive_confidence < DOUBTFUL:
        return Chip(text=f"{CommentClass(derived).label} ?", look=CLASS_LOOK[derived], hollow=True)
    if derived != CommentClass.UNSURE:
        scheme = Label.Scheme.CONSTRUCTIVE if derived == CommentClass.CONSTRUCTIVE else Label.Scheme.TONE
        said = author_of(holding.get((scheme, None)))
        return Chip(text=CommentClass(derived).label, look=CLASS_LOOK[derived], author=said)
    if comment.classified_at is None:
        return Chip(text=_("not read yet"), look="neu", hollow=True)
    if comment.tone:
        return Chip(text=f"{comment.get_tone_display()} ?", look=CLASS_LOOK[comment.tone], hollow=True)
    language = foreign(comment)
    text: Any = _("not sure, language: %s") % language if language else CommentClass.UNSURE.label
    return Chip(text=text, look="neu", hollow=True)


def foreign(comment: Comment) -> Any:
    """What the language of a text is called that has no tone because it is not read; "" of others."""
    return "" if comment.tone or comment.language in ("", *READ) else language_name(comment.language)


def topic_chips(told: Told) -> list[Chip]:
    """The effective topics, the surest first."""
    return [
        Chip(
            text=topic.name if topic.confidence >= SURE else f"{topic.name} ?",
            look="tpc",
            hollow=topic.confidence < SURE,
            confidence=topic.confidence,
            author=author_of(told.holding.get((Label.Scheme.TOPIC, topic.pk))),
        )
        for topic in told.topics
    ]


def chips(comment: Comment, told: Told) -> list[Chip]:
    """The class, the topics and the tags."""
    tags = [Chip(text=f"#{name}", look="tag") for name in told.tags]
    return [class_chip(comment, told.holding), *topic_chips(told), *tags]


def author_of(label: Statement | None) -> str:
    """The person who said it; "" for the machine."""
    return (label.author or _("a person")) if label and label.source == Label.Source.HUMAN else ""


def flags(comment: Comment | None, response: Response | None, told: Told) -> list[tuple[Any, str]]:
    """What a reader should notice, each with its look."""
    found: list[tuple[Any, str]] = []
    if response and response.wants_contact:
        found.append((gettext_lazy("asks to be contacted"), "con"))
    if comment and response and _disagree(comment, response):
        found.append((gettext_lazy("score and text disagree"), "neg"))
    if response and response.evidence not in Response.COUNTED:
        found.append((gettext_lazy("not counted: %s") % response.get_evidence_display(), "neg"))
    if told.exclusion:
        found.append((gettext_lazy("excluded: %s") % told.exclusion, "neg"))
    if comment and comment.checked_at and comment.checked_by:
        found.append((_("✓ checked: %s") % comment.checked_by, ""))
    if comment and comment.done_at:
        found.append((_("✓ done: %s") % comment.done_by, "pos"))
    return found


def _disagree(comment: Comment, response: Response) -> bool:
    scale = SCALES.get(response.scale)
    if scale is None or response.score is None:
        return False
    against = {"high": CommentClass.NEGATIVE, "low": CommentClass.POSITIVE}
    return against.get(scale.band(response.score)) == comment.derived_class


def age(local: dt.datetime, *, now: dt.datetime) -> str:
    """How long ago, as short as it can be said; from yesterday on the day and time of the reader's clock."""
    minutes, today = int((now - local).total_seconds() // 60), timezone.localtime(now).date()
    if 0 <= minutes < 60:
        return _("%d min") % minutes
    if local.date() == today:
        return _("%d h") % max(0, minutes // 60)
    if local.date() == today - dt.timedelta(days=1):
        return _("yesterday, %s") % time_format(local, "H:i")
    if local.year == today.year:
        return f"{date_format(local, 'MONTH_DAY_FORMAT')}, {time_format(local, 'H:i')}"
    return date_format(local, "DATE_FORMAT")


def work(comment: Comment, told: Told, *, scope: Scope, is_read: bool) -> Work:
    return Work(
        may_change=scope.allows(comment.team_id, least=Role.MANAGER),
        is_read=is_read,
        is_done=comment.done_at is not None,
        is_constructive=bool(comment.constructive),
        seen=told.seen,
        topics=" ".join(topic.code for topic in told.topics),
    )


def excerpt(comment: Comment, told: Told, wanted: Sequence[search.Term]) -> list[Segment]:
    """The beginning of the text with its evidence and hits, or what stands around the first hit when that is far in."""
    found = search.hits(comment.text, wanted)
    first = min((start for start, _end, _kind in found), default=0)
    begin = comment.text.rfind(" ", 0, first - BEFORE_HIT) + 1 if first > FAR_IN else 0
    runs = segments(comment.text, evidence(comment, told) + found, begin=begin, limit=LIST_LENGTH)
    return [Segment(text="…"), *runs] if begin else runs


def comment_row(
    comment: Comment, told: Told, *, now: dt.datetime, state: Work | None = None, wanted: Sequence[search.Term] = ()
) -> Row:
    response = comment.response
    stars = comment.stars
    at = timezone.localtime(comment.said_at)
    return Row(
        pk=comment.pk,
        badge=badge(score=response.score if response else None, scale=response.scale if response else "", stars=stars),
        text=excerpt(comment, told, wanted),
        chips=chips(comment, told),
        customer=str(comment.customer) if comment.customer else _("anonymous"),
        about=_about(comment, origin=origin_name(comment)),
        flags=flags(comment, response, told),
        at=at,
        age=age(at, now=now),
        work=state,
    )


def response_row(response: Response, told: Told, *, now: dt.datetime) -> Row:
    comment = response.comment
    at = timezone.localtime(response.answered_at)
    chip = Chip(text=response.get_evidence_display(), look="tpc", hollow=response.evidence not in Response.COUNTED)
    return Row(
        pk=response.pk,
        badge=badge(score=response.score, scale=response.scale),
        text=segments(comment.text, evidence(comment, told), limit=LIST_LENGTH) if comment else [],
        chips=[chip, *(chips(comment, told) if comment else [])],
        customer=str(response.customer) if response.customer else _("anonymous"),
        about=_about(response, origin=response.survey.name),
        flags=flags(comment, response, told),
        at=at,
        age=age(at, now=now),
    )


def origin_name(comment: Comment) -> Any:
    """Where a text came from: the place told by its sender, our own places in words, else its kind."""
    return ORIGINS.get(comment.origin, comment.origin) or SOURCES[comment.source]


def _about(row: Comment | Response, *, origin: str) -> list[str]:
    agent = str(row.agent) if row.agent else ""
    team = row.team.name if row.team else ""
    channel = str(CHANNELS.get(row.channel, row.channel))
    return [part for part in (agent, team, channel, str(origin)) if part]
