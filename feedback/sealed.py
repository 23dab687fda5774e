"""Answers to an anonymous survey are told five at a time: no list, count, export or difference of two is about fewer.

Whoever may choose team, channel and days as they like could otherwise tell one answer from all others by asking twice.
So each is kept sealed until five of one kind have come; kinds are all that lists and counts can be narrowed by. The
five come out at once, of the day on which the last of them came, and from then on no filter parts them. Words are fewer
than scores: they wait until five of the kind have written, and come out of a later day.
"""

import random
from collections.abc import Sequence

from django.db.models import F, QuerySet

from feedback.models import Response, Sealed

TOGETHER = 5
KIND = ("version", "team", "agent", "link", "channel", "evidence", "held_for")


def ready(one: Sealed) -> list[Sealed]:
    """All of its kind that may come out, in no order; the caller holds the lock of the survey."""
    waiting = list(_of_kind(one).filter(response=None))
    scored = sum(other.score is not None for other in waiting)
    return _mixed(waiting) if len(waiting) >= TOGETHER and (scored == 0 or scored >= TOGETHER) else []


def ready_words(one: Sealed) -> list[Sealed]:
    """All of its kind whose words may come out, in no order."""
    # What was taken out of the scores meanwhile keeps its words to itself until it counts again.
    known = _of_kind(one).filter(response__evidence=F("evidence"), response__is_excluded=False)
    waiting = list(known.select_related("response"))
    return _mixed(waiting) if len(waiting) >= TOGETHER else []


def uninvited(survey_id: int, *, most: int) -> int:
    """How many of those that wait came through public links and will count, at most so many."""
    waiting = Sealed.objects.filter(version__survey=survey_id, response=None, link__isnull=False)
    return waiting.filter(evidence__in=Response.COUNTED)[:most].count()


def hold(link_id: int, *, why: str) -> int:
    """What waits of a link's answers will not count when it comes out, until a person has looked; returns how many."""
    waiting = Sealed.objects.filter(link=link_id, response=None, evidence__in=Response.COUNTED)
    return waiting.update(evidence=Response.Evidence.HELD, held_for=why)


def waits(survey_id: int) -> bool:
    """Whether somebody's answer waits for others."""
    return Sealed.objects.filter(version__survey=survey_id).exists()


def _of_kind(one: Sealed) -> QuerySet[Sealed]:
    alike = {f"{name}_id" if name in ("version", "team", "agent", "link") else name for name in KIND}
    known = {name: getattr(one, name) for name in alike}
    return Sealed.objects.filter(
        **{name: value for name, value in known.items() if value is not None},
        **{f"{name}__isnull": True for name, value in known.items() if value is None},
    )


def _mixed(rows: Sequence[Sealed]) -> list[Sealed]:
    """In an order that tells nothing of who came first."""
    return random.SystemRandom().sample(list(rows), len(rows))
