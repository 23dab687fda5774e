"""The quickest way to the rows that a list asks for, since a database does not know how rare they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from feedback import exclusions, filters, search, topics
from feedback.choices import EXCLUDED, NONE, OWN
from feedback.filters import CUSTOMER, Filters
from feedback.models import Comment, CommentTag, CommentTopic, Response
from ground.access import Scope
from ground.models import User

# So few comments are taken by their keys; more are met soon enough by whoever walks along the list.
FEW = 1000
# So many rows are looked through at one go, fewer when each is looked up in another table or all are put in order.
WINDOW, NARROW = 200_000, 50_000


@dataclass(frozen=True)
class Way:
    """`found` are the rows that fit; `within` is what has to be looked through for them, newest first and so many rows
    at one go, None when an index leads straight to them; `teams` are those that it consists of when they are several.

    There are `least` of them at the least. With `is_sorted` they are put in order instead of met in it: PostgreSQL
    would walk along the list of all teams, where it may meet none in a million although it expects fifty soon.
    """

    found: QuerySet[Any]
    within: QuerySet[Any] | None
    window: int
    teams: tuple[int, ...] = ()
    least: int = 0
    is_sorted: bool = False


def comments(chosen: Filters, *, reader: User, scope: Scope) -> Way:
    """How to find the comments that these filters show this reader."""
    visible = Comment.objects.filter(scope.rows(own=OWN)).order_by()
    found: QuerySet[Comment] = visible.filter(filters.of_comments(chosen, reader=reader))
    is_everywhere = bool(chosen.query) and search.is_everywhere(chosen.query)
    hits = search.keys(chosen.query, most=FEW + 1) if chosen.query and not is_everywhere else []
    is_few = bool(chosen.query) and not is_everywhere and len(hits) <= FEW
    if is_everywhere:
        found = search.saying(found, chosen.query)
    elif is_few:
        found = found.filter(pk__in=hits, classified_at__isnull=False)
    elif chosen.query:
        found = search.matching(found, chosen.query, newest_first=True)
    few = [keys for keys in _hanging(chosen) if len(keys) <= FEW]
    for keys in few:
        found = found.filter(pk__in=keys)
    if few or is_few or is_direct(chosen, scope):
        return Way(found, None, window=0)
    named = chosen.query or chosen.get("topic") or chosen.get("tag") or chosen.get("checked")
    looks_up = bool(named) or chosen.get("state") in ("read", "unread")
    teams = _parts(chosen, scope)
    is_sorted = bool(teams) and not looks_up and connection.vendor == "postgresql"
    return Way(
        found, _of_team(visible, chosen), window=NARROW if looks_up or is_sorted else WINDOW, teams=teams,
        is_sorted=is_sorted,
        least=len(hits) if scope.covers_all() and list(chosen.params()) == [filters.SEARCH] else 0,
    )  # fmt: skip


def responses(chosen: Filters, *, scope: Scope) -> Way:
    """How to find the responses that these filters show."""
    visible = Response.objects.filter(scope.rows(own=OWN)).order_by()
    found = visible.filter(filters.of_responses(chosen))
    within = None if is_direct(chosen, scope) else _of_team(visible, chosen)
    return Way(found, within, window=WINDOW, teams=_parts(chosen, scope))


def _of_team(visible: QuerySet[Any], chosen: Filters) -> QuerySet[Any]:
    team = chosen.get("team")
    return visible.filter(team=team) if team not in ("", NONE) else visible


def _parts(chosen: Filters, scope: Scope) -> tuple[int, ...]:
    return () if chosen.get("team") else several_teams(scope)


def several_teams(scope: Scope) -> tuple[int, ...]:
    """The reader's teams, none when there is but one or when they are all."""
    teams = scope.team_ids()
    return tuple(teams) if len(teams) > 1 and not scope.covers_all() else ()


def is_direct(chosen: Filters, scope: Scope) -> bool:
    """Whether these filters have an index of their own, or leave nothing out."""
    if not set(chosen.params()) - {"from", "to", "period", "team"}:
        return True
    own_alone = scope.has_own and not scope.oversees
    by_key = own_alone or chosen.get("agent") or chosen.get(CUSTOMER) or chosen.get("contact")
    return bool(by_key or chosen.get("state") == "open" or chosen.get("checked") not in ("", NONE))


def _hanging(chosen: Filters) -> Iterator[list[int]]:
    """The keys of the comments with the topic, with the tag, or excluded, as asked for: all of them, or too many."""
    if (topic := chosen.get("topic")) and topic != NONE:
        about = CommentTopic.objects.filter(topic__in=topics.meant_by(topic))
        yield list(about.values_list("comment_id", flat=True)[: FEW + 1])
    if tag := chosen.get("tag"):
        yield list(CommentTag.objects.filter(tag=int(tag)).values_list("comment_id", flat=True)[: FEW + 1])
    if chosen.get("evidence") == EXCLUDED:
        yield exclusions.keys_of_comments(most=FEW + 1)
