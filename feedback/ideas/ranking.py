"""Ideas in order of how many customers have them, and their numbers, from the comments that the reader may see.

A customer counts once for an idea, a comment without a known customer by itself.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone

from feedback import search, topics
from feedback.masking import masked
from feedback.models import Comment, CommentTopic, Idea, IdeaComment
from feedback.understanding import meaning
from ground import remembered
from ground.access import Scope
from surveys.questions import SCALES

TEAM, OWN = "comment__team", "comment__agent__user"
# The list goes no further: whoever looks deeper searches or filters.
MOST = 500
LATELY, BARS = 30, 10
LONGEST_TITLE = 120
# Ideas like another: so many around it are compared, and less like it than this is not like it.
LOOKED_AT, LEAST_LIKE = 400, 0.3
# A mean of fewer says nothing.
FEWEST = 5
ORDERS = {"customers": "-customers", "lately": "-lately", "last": "-last", "comments": "-comments"}


@dataclass(frozen=True)
class Standing:
    """An idea's place: customers, comments, those of the last thirty days, and when it was said first and last."""

    pk: int
    customers: int
    comments: int
    lately: int
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True)
class Score:
    """The mean score that came with an idea's comments on one scale."""

    scale: str
    mean: float
    n: int

    @property
    def highest(self) -> int:
        return SCALES[self.scale].high


@dataclass
class Told:
    """What a list shows of an idea: its words, its scores (the scale with most first, none of fewer than five), and
    comments by three days."""

    title: str = ""
    scores: list[Score] = field(default_factory=list)
    bars: list[int] = field(default_factory=lambda: [0] * BARS)


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to."""

    status: str = ""
    topic: str = ""
    team: int | None = None
    days: int | None = None
    query: str = ""
    order: str = "customers"


def visible(scope: Scope) -> QuerySet[IdeaComment]:
    """The links of comments that count and that the reader may see."""
    links = IdeaComment.objects.filter(idea__isnull=False, comment__is_counted=True)
    return links.filter(scope.rows(TEAM, own=OWN)).order_by()


def ranked(wanted: Wanted, scope: Scope) -> list[Standing]:
    """The first ideas in the wanted order; where they take long to find, as they were a minute ago."""
    return remembered.while_costly(f"ideas {scope} {wanted}", lambda: _found(wanted, scope))


def _found(wanted: Wanted, scope: Scope) -> list[Standing]:
    links = visible(scope)
    if wanted.status:
        links = links.filter(idea__status=wanted.status)
    if wanted.team is not None:
        links = links.filter(comment__team=wanted.team)
    if wanted.days is not None:
        links = links.filter(comment__said_at__gte=timezone.now() - dt.timedelta(days=wanted.days))
    if wanted.topic:
        about = CommentTopic.objects.filter(comment=OuterRef("comment"), topic__in=topics.meant_by(wanted.topic))
        links = links.filter(Exists(about))
    if wanted.query:
        said = search.matching(Comment.objects.all(), wanted.query).values("pk")
        named = Idea.objects.filter(title__icontains=wanted.query).values("pk")
        links = links.filter(Q(comment__in=said) | Q(idea__in=named))
    rows = counted(links).order_by(ORDERS[wanted.order], "-last", "-idea")[:MOST]
    return [_standing(row) for row in rows]


def counted(links: QuerySet[IdeaComment]) -> QuerySet[Any]:
    """The numbers of each idea of these links."""
    since = timezone.now() - dt.timedelta(days=LATELY)
    return links.values("idea").annotate(
        customers=Count("comment__customer", distinct=True) + Count("pk", filter=Q(comment__customer=None)),
        comments=Count("pk"),
        lately=Count("pk", filter=Q(comment__said_at__gte=since)),
        first=Min("comment__said_at"),
        last=Max("comment__said_at"),
    )


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        pk=row["idea"], customers=row["customers"], comments=row["comments"], lately=row["lately"],
        first=row["first"], last=row["last"],
    )  # fmt: skip


def standing(idea: Idea, scope: Scope) -> Standing | None:
    """The numbers of one idea; None when the reader may see none of its comments."""
    return standings([idea], scope).get(idea.pk)


def standings(ideas: Sequence[Idea], scope: Scope) -> dict[int, Standing]:
    """The numbers of those of the ideas of which the reader may see a comment, in one statement."""
    rows = counted(visible(scope).filter(idea__in=ideas)).order_by("idea")
    return {row["idea"]: _standing(row) for row in rows}


def told(ideas: Sequence[Idea], scope: Scope) -> dict[int, Told]:
    """What a list shows of these ideas, in three statements whatever their number."""
    found: dict[int, Told] = defaultdict(Told)
    titles = titles_of(ideas, scope)
    for idea in ideas:
        found[idea.pk].title = titles[idea.pk]
    links = visible(scope).filter(idea__in=ideas)
    scored = links.filter(comment__response__score__isnull=False, comment__response__scale__in=SCALES)
    for row in (
        scored.values("idea", scale=F("comment__response__scale"))
        .annotate(mean=Avg("comment__response__score"), n=Count("pk"))
        .filter(n__gte=FEWEST)
    ):
        found[row["idea"]].scores.append(Score(scale=row["scale"], mean=float(row["mean"]), n=row["n"]))
    for one in found.values():
        one.scores.sort(key=lambda score: (-score.n, score.scale))
    today = timezone.localdate()
    lately = links.filter(comment__said_at__gte=timezone.now() - dt.timedelta(days=LATELY))
    by_day = lately.values_list("idea", TruncDate("comment__said_at")).annotate(n=Count("pk"))
    for pk, day, number in by_day:
        ago = min(LATELY - 1, max(0, (today - day).days))
        found[pk].bars[BARS - 1 - ago * BARS // LATELY] += number
    return found


def titles_of(ideas: Sequence[Idea], scope: Scope) -> dict[int, str]:
    """What each idea is called to this reader: by the title that a person gave, else by the most typical comment that
    the reader may see, personal data hidden."""
    typical = visible(scope).filter(idea=OuterRef("pk")).order_by("-closeness", "pk").values("pk")[:1]
    unnamed = Idea.objects.filter(pk__in=[idea.pk for idea in ideas if not idea.title])
    keys = dict(unnamed.annotate(typical=Subquery(typical)).values_list("pk", "typical"))
    links = IdeaComment.objects.select_related("comment").in_bulk([key for key in keys.values() if key])
    words = {pk: request(links[key]) for pk, key in keys.items() if key in links}
    return {idea.pk: idea.title or words.get(idea.pk, "") for idea in ideas}


def request(link: IdeaComment) -> str:
    """The words of a comment that ask for something, on one line and not too long, personal data hidden."""
    text, end = link.comment.text, link.end or len(link.comment.text)
    if end - link.start > LONGEST_TITLE:
        cut = text.rfind(" ", link.start + LONGEST_TITLE // 2, link.start + LONGEST_TITLE)
        end = cut if cut > 0 else link.start + LONGEST_TITLE
        return " ".join(masked(text, start=link.start, end=end).split()) + "…"
    return " ".join(masked(text, start=link.start, end=end).split())


def similar(vector: Sequence[float], near: Sequence[int], *, space: str, without: Sequence[int], scope: Scope,
            most: int = 5) -> list[tuple[Idea, float]]:  # fmt: skip
    """Ideas like this vector that the reader may see, the likest first, with the cosine. No model is loaded."""
    rows = Idea.objects.to_compare(space)
    rows = (rows.filter(cell__in=near) if rows.are_more_than(LOOKED_AT) else rows).exclude(pk__in=without)
    around = list(rows.select_related("merged_into").order_by("-pk")[:LOOKED_AT])
    best: dict[int, tuple[Idea, float]] = {}
    for row in around:
        idea, close = row.merged_into or row, meaning.cosine(vector, meaning.unpacked(bytes(row.centre)))
        if idea.pk not in without and close >= LEAST_LIKE and close > best.get(idea.pk, (idea, 0.0))[1]:
            best[idea.pk] = (idea, close)
    known = set(visible(scope).filter(idea__in=best).values_list("idea", flat=True).distinct())
    found = [pair for pk, pair in best.items() if pk in known]
    return sorted(found, key=lambda pair: -pair[1])[:most]
