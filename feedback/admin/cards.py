"""What the queue shows of one comment: its text, and each label with its words, how sure it is and who said it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback import topics as taxonomy
from feedback.admin import rows, told
from feedback.admin.marks import Segment, evidence, segments
from feedback.admin.rows import CLASS_LOOK, Row
from feedback.admin.told import Told
from feedback.lanes import LANES
from feedback.masking import masked
from feedback.models import Check, Comment, Label, Topic
from feedback.models.comments import DOUBTFUL, TONE_SURE
from feedback.understanding.verdicts import SURE
from ground import personal
from ground.access import Scope
from ground.models import Role, User

Scheme = Label.Scheme
MOST_WORDS, EXCERPT = 4, 80


@dataclass(frozen=True)
class Said:
    """One label: how sure the machine is (None when a person said it), the words that decided it, and that person."""

    confidence: float | None = None
    is_sure: bool = True
    words: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class Choice:
    """Something to be chosen on a card; with `key`, by that key of the keyboard."""

    value: str
    label: Any
    look: str = ""
    key: str = ""
    is_on: bool = False
    said: Said = Said()


@dataclass(frozen=True)
class Card:
    """One comment to check. `topics` are those that it has, `more` the others; `seen` is its newest label's key,
    `language` names one that is not read."""

    row: Row
    text: list[Segment]
    lane: Any
    seen: int
    may_check: bool
    tones: list[Choice]
    tone: Said
    constructive: Choice
    topics: list[Choice]
    more: list[Choice]
    checked_by: str
    language: Any = ""


def cards(keys: Sequence[int], *, scope: Scope, lanes: Mapping[int, str]) -> list[Card]:
    """The cards of these comments in their order; `lanes` tells where each comes from."""
    loaded = Comment.objects.select_related("customer", "agent", "team", "response", "done_by", "checked_by")
    found = loaded.defer("lemmas").in_bulk(keys)
    comments = [found[key] for key in keys if key in found]
    people = _people(keys)
    topics = taxonomy.offered() if comments else []
    all_told = told.of([(comment, comment.response) for comment in comments])
    return [
        _card(comment, said, people=people, topics=topics, scope=scope, lane=lanes.get(comment.pk, ""))
        for comment, said in zip(comments, all_told, strict=True)
    ]


def _people(keys: Sequence[int]) -> dict[int, str]:
    """Who stated a label, by its key."""
    by_people = Label.objects.filter(comment__in=keys, source=Label.Source.HUMAN).select_related("author")
    return {label.pk: str(label.author) for label in by_people.only("author__name", "author__email")}


def _card(
    comment: Comment, shown: Told, *, people: Mapping[int, str], topics: Sequence[Topic], scope: Scope, lane: str
) -> Card:
    hidden = personal.find(comment.text)

    def said(scheme: str, topic: int | None, confidence: float, least: float) -> Said:
        label = shown.holding.get((scheme, topic))
        if label is None:
            return Said(confidence=None, is_sure=False)
        by = people.get(label.pk, "")
        spans = label.spans[:MOST_WORDS]
        words = [masked(comment.text, start=start, end=end, hidden=hidden) for start, end, _kind in spans]
        own = None if by else confidence
        return Said(confidence=own, is_sure=bool(by) or confidence >= least, words=tuple(words), by=by)

    has = {topic.pk: topic for topic in shown.topics}
    return Card(
        row=rows.comment_row(comment, shown, now=timezone.now()),
        text=segments(comment.text, evidence(comment, shown)),
        lane=Check.Lane(lane).label if lane in LANES else "",
        seen=shown.seen,
        may_check=scope.allows(comment.team_id, least=Role.MANAGER),
        tones=[
            Choice(tone.value, tone.label, look=CLASS_LOOK[tone], key=str(number), is_on=comment.tone == tone)
            for number, tone in enumerate(Comment.Tone, 1)
        ],
        tone=said(Scheme.TONE, None, comment.tone_confidence, TONE_SURE),
        constructive=Choice(
            "yes", _("Holds a suggestion"), look="con", key="c", is_on=bool(comment.constructive),
            said=said(Scheme.CONSTRUCTIVE, None, comment.constructive_confidence, DOUBTFUL),
        ),
        topics=[
            Choice(topic.code, topic.name, is_on=True, said=said(Scheme.TOPIC, topic.pk, topic.confidence, SURE))
            for topic in shown.topics
        ],
        more=[Choice(topic.code, str(topic)) for topic in topics if topic.pk not in has],
        checked_by=str(comment.checked_by) if comment.checked_by else "",
        language=rows.foreign(comment),
    )  # fmt: skip


def as_typed(card: Card, form: QueryDict) -> Card:
    """The card with what somebody has chosen on it, so that a refusal costs them nothing."""
    chosen, tone = form.getlist("topic"), form.get("tone")

    def kept(choices: Sequence[Choice]) -> list[Choice]:
        return [replace(choice, is_on=choice.value in chosen) for choice in choices]

    return replace(
        card,
        tones=[replace(choice, is_on=choice.value == tone) for choice in card.tones],
        constructive=replace(card.constructive, is_on=form.get("constructive") == "yes"),
        topics=kept(card.topics),
        more=kept(card.more),
    )


def drawn_by(checks: Sequence[Check]) -> dict[int, str]:
    """The lane that each comment was drawn from."""
    return {check.comment_id: check.lane for check in checks}


@dataclass(frozen=True)
class Note:
    """A comment that was checked, in a line."""

    key: str
    text: list[Segment]
    chip: rows.Chip
    lane: Any
    at: Any


def noted(person: User, scope: Scope, *, most: int) -> list[Note]:
    """What this person has checked last, the newest first."""
    checks = Check.objects.filter(scope.rows("comment__team", least=Role.MANAGER), user=person, state="checked")
    newest = checks.exclude(lane=Check.Lane.SAME).select_related("comment").defer("comment__lemmas")
    return [
        Note(
            key=str(check.comment_id),
            text=segments(check.comment.text, [], limit=EXCERPT),
            chip=replace(rows.class_chip(check.comment, {}), author=str(person)),
            lane=check.get_lane_display(),
            at=check.done_at,
        )
        for check in newest.order_by("-given_at", "-pk")[:most]
    ]
