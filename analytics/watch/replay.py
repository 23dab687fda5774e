"""What the watch would have told of in the last year under a profile: long work, one group of metrics a step."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Watch
from analytics.periods import DAY, Period, local_day
from analytics.watch import counted, incidents, nightly
from analytics.watch.judging import HISTORY, YEAR, Judgement
from ground import jobs
from ground.access import scope_of
from ground.jobs import Progress
from ground.models import Job, Organisation, User

KIND = "replay"
GROUPS = list(counted.READERS)
# So many series are judged before the job's lease is renewed: those of a second or two.
BUNCH = 20


def start(profile: str, *, by: User) -> Job:
    """Begin to replay the last year."""
    until = local_day(timezone.now(), Organisation.current().timezone) - DAY
    params = {"profile": profile, "until": until.isoformat(), "left_out": Watch.current().left_out}
    return jobs.start(KIND, params=params, author=by, total=len(GROUPS))


def last(person: User) -> Job | None:
    """The newest replay that this person began."""
    return Job.objects.filter(kind=KIND, author=person).order_by("-pk").first()


def _step(job: Job) -> Progress:
    """One group of metrics: judge its year, and keep what would have been told."""
    place, until = job.cursor or 0, dt.date.fromisoformat(job.params["until"])
    found = list(_judged(job, GROUPS[place], until=until))
    kept = list(job.result.get("found", []))
    for judgement in found:
        kept += [
            [*judgement.subject, one.direction, one.kind, one.began_on.isoformat(), one.last_day.isoformat()]
            for one in judgement.deviations
            if one.first_day > until - YEAR
        ]
    series = job.result.get("series", 0) + sum(one.by in ("day", "week") for one in found)
    result = {"found": kept, "count": len(kept), "series": series}
    return Progress(cursor=place + 1, rows=1, finished=place + 1 == len(GROUPS), result=result)


def _judged(job: Job, group: str, *, until: dt.date) -> Iterator[Judgement]:
    """The series of a group that the job's author may see; of many teams that takes far longer than a lease."""
    begins, scope = until - YEAR - HISTORY + DAY, scope_of(job.author)
    days = counted.read(Period(begins, until), groups=[group])
    told = [(subject, own) for subject, own in days.items() if incidents.may_see(scope, subject)]
    for at in range(0, len(told), BUNCH):
        if not jobs.renew(job):
            return  # cancelled, or another worker does it: nothing of this is kept
        yield from nightly.judge_all(
            dict(told[at : at + BUNCH]), until=until, since=begins, profile=job.params["profile"],
            left_out=job.params["left_out"],
        )  # fmt: skip


def _told(job: Job) -> str:
    count = job.result.get("count", 0)
    return ngettext("It would have told of %d deviation.", "It would have told of %d deviations.", count) % count


def found_by(job: Job) -> list[dict[str, Any]]:
    """What the job kept, the newest first."""
    names = ("metric", "team", "channel", "topic", "direction", "kind", "began_on", "last_day")
    rows = [dict(zip(names, row, strict=True)) for row in job.result.get("found", [])]
    return sorted(rows, key=lambda row: row["last_day"], reverse=True)


# It only reads: nobody who writes has to wait for it.
jobs.register(
    jobs.Kind(
        name=KIND,
        title=lambda job: _("Replay of a year of deviations"),
        step=_step,
        told=_told,
        outside=True,
    )
)
