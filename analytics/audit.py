"""Every night the counts are held against their rows: all of the last days, and one in a hundred of the older ones.

So are one in ten sums of months, against the counts of their days.

Whatever differs is counted anew, and the administrators are told: a count that differs is a fault of the program.
"""

import datetime as dt
import random
import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from analytics import formats, month_sums, rollups
from analytics.models import RollupClock
from ground import jobs, notices
from ground.access import Scope
from ground.jobs import Progress
from ground.models import Change, Job, Notice, Organisation, Role, User
from ground.notices import Event, Line, Pace, Section

KIND = "audit"
# The hour of the reporting zone at which a night's look begins, or as soon as somebody is up again.
HOUR = 3
RECENT = dt.timedelta(days=3)
# So far the clocks of two hosts may be apart.
AHEAD = dt.timedelta(hours=1)
SHARE = 0.01
SHARE_OF_MONTHS = 0.1
# A month's sums are held against the counts of its days.
OF_MONTHS = "months of "
# One step looks at days for so long, seconds; a day of a busy service may take longer than that by itself.
STEP_SECONDS = 0.5


def begin_if_due() -> Job | None:
    """Begin this night's look, once, whoever asks; None while there is none to begin."""
    zone = Organisation.current().timezone
    local = timezone.now().astimezone(zone)
    begins = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    # One from the future was noted by a clock that has been set back since.
    unseen = RollupClock.objects.filter(Q(audited_at=None) | Q(audited_at__lt=begins) | Q(audited_at__gt=local + AHEAD))
    if local < begins or not unseen.exists():
        return None  # the usual tick takes no write lock
    buckets = rollups.buckets()  # of a large service long work, for which nobody who writes has to wait
    with transaction.atomic():
        return begin(buckets) if unseen.update(audited_at=timezone.now()) else None


def begin(buckets: Sequence[tuple[str, dt.date]]) -> Job:
    """Begin a look at the last of these days and a draw of the older ones."""
    month_sums.note(buckets)
    since = timezone.now().astimezone(Organisation.current().timezone).date() - RECENT
    chosen = [(scope, day) for scope, day in buckets if day >= since or random.random() < SHARE]
    sums = [(OF_MONTHS + scope, month) for scope, month in month_sums.holding() if random.random() < SHARE_OF_MONTHS]
    told = [[scope, day.isoformat()] for scope, day in (*chosen, *sums)]
    return jobs.start(KIND, params={"days": told}, author=None, total=len(told))


def last() -> Job | None:
    """The newest look that came to its end."""
    return Job.objects.filter(kind=KIND, finished_at__isnull=False).order_by("-pk").first()


def _step(job: Job) -> Progress:
    """Days from the cursor on, for as long as a step may take."""
    days, at, until = job.params["days"], job.cursor or 0, time.monotonic() + STEP_SECONDS
    result = {"waiting": job.result.get("waiting", 0), "differences": job.result.get("differences", [])}
    first = at
    while at < len(days) and (at == first or time.monotonic() < until):
        scope, day = days[at][0], parse_date(days[at][1])
        assert day is not None
        of_month = scope.removeprefix(OF_MONTHS) if scope.startswith(OF_MONTHS) else ""
        found = rollups.of_month(of_month, day) if of_month else rollups.differences(scope, day)
        if found is None:
            result["waiting"] += 1
        elif found:
            result["differences"].append([found[0].table, day.isoformat(), len(found)])
            if of_month:
                month_sums.let_go(of_month, day)
            else:
                Change.mark(scope, day)
        at += 1
    is_over = at == len(days)
    if is_over and result["differences"]:
        _alarm(job, result["differences"])
    return Progress(cursor=at, rows=at - first, finished=is_over, result=result)


def _told(job: Job) -> str:
    found = job.result.get("differences", [])
    if not found:
        return _("Every count equals its rows.")
    said = ngettext(
        "The counts of %d day differed from their rows; they are counted anew.",
        "The counts of %d days differed from their rows; they are counted anew.",
        len(found),
    )
    return said % len(found)


jobs.register(jobs.Kind(name=KIND, title=lambda job: _("Hold counts against their rows"), step=_step, told=_told))


# --- the alarm ---------------------------------------------------------------------------------------------------


def _alarm(job: Job, found: list[Any]) -> None:
    people = [user for user, scope in notices.audience([]) if _is_told(scope)]
    events = [Event(user=user, key=f"audit:{job.pk}", data={"differences": found}) for user in people]
    notices.tell_all(events, kind=COUNTS.name)


def _is_told(scope: Scope) -> bool:
    return scope.covers_all(least=Role.ADMINISTRATOR)


def _section(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    if not _is_told(scope):
        return None
    path = reverse("desk:jobs")
    lines = [
        Line(
            about=formats.day(day, year=True),
            text=ngettext("%(table)s: %(n)d number", "%(table)s: %(n)d numbers", number)
            % {"table": table, "n": number},
            at=row.created_at,
            path=path,
        )
        for row in rows
        for table, told, number in row.data["differences"]
        if (day := parse_date(told))
    ]
    count = ngettext_lazy(
        "%d day whose counts differed from their rows", "%d days whose counts differed from their rows"
    )
    return Section(count=count % len(lines), lines=tuple(lines[:most]), more=max(len(lines) - most, 0), path=path)


COUNTS = notices.register(
    notices.Kind(
        name="counts",
        title=gettext_lazy("Counts differed from their rows"),
        explains=gettext_lazy(
            "A nightly look found numbers of the indicators that were wrong, and had them counted anew."
        ),
        default=lambda scope: Pace.IMMEDIATE if _is_told(scope) else Pace.NEVER,
        section=_section,
        concerns=_is_told,
    )
)
