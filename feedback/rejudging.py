"""Judging stored touches and posts again after a rule or a setting has changed; a person's word stays untouched.

What was opened and posted is kept raw, so the answers come out as if the present rules had held all along. Running it
twice changes nothing more.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import settlement
from feedback.models import Response, Touch
from ground import access, jobs
from ground.jobs import Kind, Progress
from ground.models import Job, Role, User
from surveys.models import Invitation

# So many invitations are judged in one transaction.
STEP = 100
KIND = "rejudge"

# How many answers had which evidence before and after: {(old, new): count}.
Moves = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Which:
    """The answers that are judged again: of one survey, given since a moment, or all."""

    survey: int | None = None
    since: dt.datetime | None = None

    def invitations(self) -> QuerySet[Invitation]:
        """Those whose links were opened and that a person has not decided about.

        Of whom the clients were erased, or forgotten in time, nobody can tell any more who posted what: they stay.
        """
        opened = Touch.objects.filter(invitation=OuterRef("pk"))
        found = Invitation.objects.filter(Exists(opened)).exclude(Exists(opened.filter(agent_hash="")))
        answers = Response.objects.filter(invitation=OuterRef("pk"))
        found = found.exclude(Exists(answers.exclude(review="")))
        if self.survey is not None:
            found = found.filter(survey=self.survey)
        if self.since is not None:
            found = found.filter(Exists(opened.filter(at__gte=self.since)))
        return found.order_by("pk")


class _Undone(Exception):
    """Ends a transaction whose changes are only counted."""


def rejudge(keys: Sequence[int], *, is_dry: bool = False) -> Moves:
    """Judge these invitations again in one transaction; counts what changed and what stayed."""
    moves: Moves = Counter()
    try:
        with transaction.atomic():
            before = _evidence(keys)
            settlement.judge_again(keys)
            after = _evidence(keys)
            moves.update((before.get(key, ""), after.get(key, "")) for key in keys if key in before or key in after)
            if is_dry:
                raise _Undone
    except _Undone:
        pass
    return moves


def _evidence(keys: Sequence[int]) -> dict[int, str]:
    return dict(Response.objects.filter(invitation__in=keys).values_list("invitation_id", "evidence"))


# --- as a job ----------------------------------------------------------------------------------------------------


def start(*, by: User, which: Which | None = None) -> Job:
    """Begin to judge the answers again that this person manages."""
    total = _theirs(which or Which(), by).count()
    params = {"survey": which.survey, "since": which.since and which.since.isoformat()} if which else {}
    return jobs.start(KIND, params=params, author=by, total=total)


def _theirs(which: Which, person: User) -> QuerySet[Invitation]:
    return which.invitations().filter(access.scope_of(person).rows(least=Role.MANAGER))


def _step(job: Job) -> Progress:
    since = job.params.get("since")
    which = Which(job.params.get("survey"), dt.datetime.fromisoformat(since) if since else None)
    assert job.author is not None
    found = _theirs(which, job.author).filter(pk__gt=job.cursor or 0)
    keys = list(found.values_list("pk", flat=True)[:STEP])
    moves = rejudge(keys)
    changed = sum(count for (old, new), count in moves.items() if old != new)
    told = Counter(job.result.get("moves", {}))
    told.update({f"{old} {new}": count for (old, new), count in moves.items() if old != new})
    return Progress(
        cursor=keys[-1] if keys else job.cursor,
        rows=len(keys),
        finished=len(keys) < STEP,
        result={"judged_differently": job.result.get("judged_differently", 0) + changed, "moves": dict(told)},
    )


def _told(job: Job) -> str:
    count = job.result.get("judged_differently", 0)
    if not count:
        return _("Every answer is judged as before.")
    said = ngettext("%d answer is judged differently", "%d answers are judged differently", count) % count
    names: dict[str, Any] = dict(Response.Evidence.choices)
    moves = [(*move.partition(" ")[::2], number) for move, number in job.result["moves"].items()]
    return f"{said}: " + ", ".join(
        f"{names.get(old, '—')} → {names.get(new, '—')}: {number}" for old, new, number in moves
    )


jobs.register(Kind(name=KIND, title=lambda job: _("Judge answers again"), step=_step, told=_told))
