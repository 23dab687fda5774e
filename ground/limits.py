"""How often something may happen: counters in the database, written in the same transaction as what they limit."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from ground.models import LimitCounter


@dataclass(frozen=True)
class Limit:
    """At most `count` in each window of `seconds`."""

    name: str
    count: int
    seconds: int


def hit(limit: Limit, subject: str, *, now: dt.datetime | None = None) -> bool:
    """Count one for the subject; False once the window's count is used up. One atomic statement."""
    now = now or timezone.now()
    start = dt.datetime.fromtimestamp(now.timestamp() // limit.seconds * limit.seconds, tz=dt.UTC)
    table = LimitCounter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table} ("key", "window", "count") VALUES (%s, %s, 1) '
            f'ON CONFLICT ("key", "window") DO UPDATE SET "count" = {table}."count" + 1 RETURNING "count"',
            [f"{limit.name}:{subject}"[:100], connection.ops.adapt_datetimefield_value(start)],
        )
        return cursor.fetchone()[0] <= limit.count


def forget_old(*, days: int = 2) -> int:
    """Delete the counters of windows long over; returns how many."""
    return LimitCounter.objects.filter(window__lt=timezone.now() - dt.timedelta(days=days)).delete()[0]
