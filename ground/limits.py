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
    return count(limit, subject, now=now) <= limit.count


def count(limit: Limit, subject: str, *, more: int = 1, now: dt.datetime | None = None) -> int:
    """Count so many for the subject and return what the window's counter says then, which may be over the limit."""
    table = LimitCounter._meta.db_table
    start = window_of(limit, now or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table} ("key", "window", "count") VALUES (%s, %s, %s) '  # noqa: S608
            f'ON CONFLICT ("key", "window") DO UPDATE SET "count" = {table}."count" + excluded."count" '
            'RETURNING "count"',
            [_key(limit, subject), connection.ops.adapt_datetimefield_value(start), more],
        )
        return int(cursor.fetchone()[0])


def counted(limit: Limit, subject: str, *, now: dt.datetime | None = None) -> int:
    """What the window's counter says, without counting."""
    start = window_of(limit, now or timezone.now())
    rows = LimitCounter.objects.filter(key=_key(limit, subject), window=start)
    return rows.values_list("count", flat=True).first() or 0


def forget(limit: Limit, subject: str) -> None:
    """Begin to count anew."""
    LimitCounter.objects.filter(key=_key(limit, subject)).delete()


def window_of(limit: Limit, moment: dt.datetime) -> dt.datetime:
    """Where the window that this moment lies in begins."""
    return dt.datetime.fromtimestamp(moment.timestamp() // limit.seconds * limit.seconds, tz=dt.UTC)


def _key(limit: Limit, subject: str) -> str:
    return f"{limit.name}:{subject}"[:100]


def forget_old(*, days: int = 2) -> int:
    """Delete the counters of windows long over; returns how many."""
    return LimitCounter.objects.filter(window__lt=timezone.now() - dt.timedelta(days=days)).delete()[0]
