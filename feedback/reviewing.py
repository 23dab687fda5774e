"""The queue of answers that nobody counts yet: a person lets one count, or says that it never will.

That word outweighs every later judgement; only another answer, given by a person, goes over a rejected one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.utils import timezone

from feedback import counting
from feedback.models import Comment, Response
from ground import audit
from ground.access import Scope
from ground.models import Role, User


class Written(Value):
    """A word of ours that stands in the statement itself: SQLite takes a part's index for no parameter."""

    def as_sql(self, *_compiler: Any, **_connection: Any) -> Any:
        return f"'{self.value}'", []


WAITS = Q(
    evidence__in=[Written(Response.Evidence.HELD.value), Written(Response.Evidence.UNVERIFIED.value)],
    review=Written(""),
)
RELEASED, REJECTED, TAKEN_BACK = "response.released", "response.rejected", "response.review_undone"


@dataclass(frozen=True)
class Reviewed:
    """The answers that an act changed, how many were not as they had been seen, and how many have no single score."""

    done: tuple[int, ...]
    missed: int = 0
    without_score: int = 0


def waiting(scope: Scope, *, least: str = Role.VIEWER) -> QuerySet[Response]:
    """What waits for a decision in the teams of this scope, the newest first."""
    return Response.objects.filter(WAITS, scope.rows(least=least)).order_by("-answered_at", "-pk")


def decided(scope: Scope) -> QuerySet[Response]:
    """What was decided, the last decision first."""
    return Response.objects.filter(scope.rows()).exclude(review="").order_by("-reviewed_at", "-pk")


def release(keys: Iterable[int], *, scope: Scope, by: User) -> Reviewed:
    """Let answers count as confirmed. One of which neither a score nor a word is known cannot."""
    return _review(keys, _release, scope=scope, by=by)


def reject(keys: Iterable[int], *, scope: Scope, by: User) -> Reviewed:
    """Say of answers that they never count."""
    return _review(keys, _reject, scope=scope, by=by)


def take_back(keys: Iterable[int], *, scope: Scope, by: User) -> Reviewed:
    """Put decided answers back into the queue as they were; not one that a customer has changed since."""
    return _review(keys, _take_back, scope=scope, by=by)


@transaction.atomic
def _review(keys: Iterable[int], act: Callable[[Response, User], bool | None], *, scope: Scope, by: User) -> Reviewed:
    """Each act returns whether it was done, None for an answer without a single score."""
    wanted = sorted(set(keys))  # in one order, so that two people never wait for each other
    rows = Response.objects.filter(scope.rows(least=Role.MANAGER), pk__in=wanted)
    came = {row.pk: act(row, by) for row in rows.select_for_update(of=("self",)).order_by("pk")}
    done = tuple(pk for pk, result in came.items() if result)
    unscored = sum(result is None for result in came.values())
    return Reviewed(done=done, missed=len(wanted) - len(done) - unscored, without_score=unscored)


def _waits(response: Response) -> bool:
    return response.evidence not in Response.COUNTED and not response.review


def _sign(response: Response, review: str, by: User) -> None:
    response.review, response.reviewed_at, response.reviewed_by = review, timezone.now(), by


def _release(response: Response, by: User) -> bool | None:
    if not _waits(response):
        return False
    if response.score is None and not Comment.objects.filter(response=response).exists():
        return None
    audit.note(RELEASED, by=by, subject=response, reason=response.held_for)
    _sign(response, Response.Review.RELEASED, by)
    # Why it was held stays with the decision: it is what was decided about.
    counting.bring(response, evidence=Response.Evidence.CONFIRMED, held_for=response.held_for)
    return True


def _reject(response: Response, by: User) -> bool:
    if not _waits(response):
        return False
    audit.note(REJECTED, by=by, subject=response, reason=response.held_for)
    _sign(response, Response.Review.REJECTED, by)
    response.save(update_fields=["review", "reviewed_at", "reviewed_by"])
    return True


def _take_back(response: Response, by: User) -> bool:
    if not response.review or response.reviewed_at is None or response.changed_at > response.reviewed_at:
        return False
    was_released = response.review == Response.Review.RELEASED
    audit.note(TAKEN_BACK, by=by, subject=response, reason=response.held_for)
    response.review, response.reviewed_at, response.reviewed_by = "", None, None
    if was_released:
        counting.bring(response, evidence=_evidence_before(response), held_for=response.held_for)
    else:
        response.save(update_fields=["review", "reviewed_at", "reviewed_by"])
    return True


def _evidence_before(response: Response) -> str:
    """What it was when it was released; a burst is held without a revision that says so."""
    uncounted = response.revisions.exclude(evidence__in=Response.COUNTED).order_by("number").last()
    if uncounted:
        return uncounted.evidence
    was_posted = response.edit_key_hash or response.held_for in counting.NOT_OF_TOUCHES
    return Response.Evidence.HELD if was_posted else Response.Evidence.UNVERIFIED
