"""Which comment comes next for whom in the queue of labels to check: lanes of comments that nobody has checked."""

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.lookups import In, LessThan
from django.utils import timezone

from feedback.models import Check, Comment
from feedback.models.comments import DOUBTFUL, UNCHECKED, is_contradictory, sureness
from feedback.search import Along
from ground import remembered
from ground.access import Scope
from ground.models import Role, User

Lane, State = Check.Lane, Check.State
MIXED = "mixed"
# Doubt alone would show the machine nothing but its faults, and chance alone tells how good it is.
MIX = (Lane.DOUBT, Lane.TOPICLESS, Lane.SAMPLE)
LANES = (MIXED, *MIX, Lane.CONFLICT)
# How long a comment is kept for whoever has it open, and how long one that was skipped stays away.
LEASE, AWAY = dt.timedelta(minutes=10), dt.timedelta(days=1)
MOST_COUNTED, MOST_HELD = 1000, 1000

Place = tuple[int, str]  # the key of a comment, and the lane that it comes from


def waiting(lane: str, scope: Scope, *, least: str = Role.MANAGER) -> QuerySet[Comment]:
    """The comments of one lane that this scope covers, the next one first. Raises ValueError on an unknown lane."""
    found = Comment.objects.filter(UNCHECKED, _of_teams(scope, least), is_sample=lane == Lane.SAMPLE)
    if lane == Lane.DOUBT:
        return found.filter(LessThan(sureness(), DOUBTFUL)).order_by(sureness(), "pk")
    if lane == Lane.TOPICLESS:
        found = found.filter(is_topicless=True)
    elif lane == Lane.CONFLICT:
        found = found.filter(is_contradictory())
    elif lane != Lane.SAMPLE:
        raise ValueError(lane)
    return found.order_by("-said_at", "-pk")


def _of_teams(scope: Scope, least: str) -> Q:
    """SQLite would look the teams up in another index and put all that they have in order."""
    if connection.vendor == "sqlite" and not scope.covers_all(least=least):
        return Q(In(Along("team"), scope.team_ids(least=least)))
    return scope.rows(least=least)


def left(lane: str, scope: Scope, *, least: str = Role.MANAGER) -> int:
    """How many comments wait in a lane, counted up to a thousand, as it was within the last minute."""
    if lane == MIXED:
        return sum(left(one, scope, least=least) for one in MIX)
    keys = waiting(lane, scope, least=least).values_list("pk", flat=True)[:MOST_COUNTED]
    return remembered.while_costly(f"lane {lane} {least} {scope}", lambda: len(keys))


def give(lane: str, *, to: User, scope: Scope, number: int, without: Collection[int] = ()) -> list[Check]:
    """The next comments for this person, kept for them for a while: first those that they were given before.

    Raises ValueError on an unknown lane.
    """
    if lane not in LANES:
        raise ValueError(lane)
    lanes = MIX if lane == MIXED else (Lane(lane),)
    has = Check.objects.filter(user=to, state=State.GIVEN, lane__in=lanes, until__gt=timezone.now())
    has = has.filter(scope.rows("comment__team", least=Role.MANAGER), comment__checked_at=None)
    kept = list(has.exclude(comment__in=without).order_by("pk").values_list("comment", "lane")[:number])
    without = {*without, *(key for key, _lane in kept)}
    return _keep([*kept, *_chosen(lanes, to=to, scope=scope, number=number - len(kept), without=without)], to=to)


def _chosen(
    lanes: Sequence[Check.Lane], *, to: User, scope: Scope, number: int, without: Collection[int]
) -> list[Place]:
    """From each lane in turn, beginning after the one that came last; what another one has has to wait."""
    out = [*without, *_out_of_reach(to)]
    heads = [
        [(key, lane) for key in waiting(lane, scope).exclude(pk__in=out).values_list("pk", flat=True)[:number]]
        for lane in _after_the_last(lanes, to)
    ]
    found: dict[int, Place] = {}
    for round_ in range(number):
        for head in heads:
            if round_ < len(head):
                found.setdefault(head[round_][0], head[round_])
    return list(found.values())[:number]


def _after_the_last(lanes: Sequence[Check.Lane], person: User) -> Sequence[Check.Lane]:
    last = Check.objects.filter(user=person, lane__in=lanes).order_by("-given_at", "-pk").first()
    at = lanes.index(Lane(last.lane)) + 1 if last else 0
    return [*lanes[at:], *lanes[:at]]


def _out_of_reach(person: User) -> list[int]:
    """The comments that others have just now, and those that this person has skipped."""
    held = Check.objects.filter(state__in=[State.GIVEN, State.SKIPPED], until__gt=timezone.now())
    others = held.filter(Q(state=State.GIVEN) & ~Q(user=person) | Q(state=State.SKIPPED, user=person))
    return list(others.order_by("-until").values_list("comment", flat=True)[:MOST_HELD])


@transaction.atomic
def _keep(places: Sequence[Place], *, to: User) -> list[Check]:
    """Claim these for a person; what somebody else has claimed meanwhile is left to them."""
    now, keys = timezone.now(), [key for key, _lane in places]
    given = Check.objects.filter(comment__in=keys, state=State.GIVEN)
    given.exclude(user=to).filter(until__lte=now).delete()
    Check.objects.bulk_create(
        [Check(user=to, comment_id=key, lane=lane, given_at=now, until=now + LEASE) for key, lane in places],
        ignore_conflicts=True,
    )
    given.filter(user=to).update(until=now + LEASE)
    ours = {check.comment_id: check for check in given.filter(user=to)}
    return [ours[key] for key in keys if key in ours]


def keep(comment: Comment, lane: str, *, to: User) -> list[Check]:
    """The same for one comment, whichever lane it is in; an empty list when somebody else has it."""
    return _keep([(comment.pk, lane)], to=to)
