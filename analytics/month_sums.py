"""Keeping the sums of months: a day counted anew lets its month's sums go, and they are made again once it is quiet."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from analytics import months, stored
from analytics.contact_counts import HORIZON
from analytics.models import MonthSum
from analytics.models.counted import Counted
from analytics.months import SUMMED, cut_of, first_of, key_of
from analytics.periods import Period, last_of
from ground import bulk
from ground.models import reporting_day

# So long no day of the month was counted anew: late news of a month comes in heaps.
QUIET = dt.timedelta(minutes=10)
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Values = tuple[Any, ...]
# By what the columns are: how many, and what lies packed.
Sums = dict[Values, tuple[int, str]]
NOTHING = (0, "")


def let_go(scope: str, *days: dt.date) -> None:
    """The sums of these days' months hold no more; for the transaction that changes what they are sums of."""
    for month in {first_of(day) for day in days if day.year in months.YEARS_SUMMED} if scope in SUMMED else ():
        if not MonthSum.objects.filter(scope=scope, month=month).update(holds=False, changed_at=timezone.now()):
            MonthSum.objects.create(scope=scope, month=month, changed_at=timezone.now())


def note(buckets: Iterable[tuple[str, dt.date]]) -> None:
    """Months with counts are to be summed, those too that were counted before there were sums."""
    known = set(MonthSum.objects.values_list("scope", "month"))
    found = {(scope, first_of(day)) for scope, day in buckets if scope in SUMMED and day.year in months.YEARS_SUMMED}
    new = [MonthSum(scope=scope, month=month, changed_at=NEVER) for scope, month in sorted(found - known)]
    MonthSum.objects.bulk_create(new, ignore_conflicts=True)


def is_due() -> bool:
    return _due().exists()


def sum_next(*, quiet: dt.timedelta = QUIET) -> bool:
    """Sum one month of one scope; False where none waits. What is counted anew meanwhile leaves it to be done again."""
    row = _due(quiet).order_by("-month", "pk").first()
    if row is None:
        return False
    for table in SUMMED[row.scope]:
        for name in stored.names(table):
            sums = _of_days(table, name, row.month)  # work that need not be done while others wait for the write lock
            with transaction.atomic():
                if not list(_same(row).select_for_update().values_list("pk")):
                    return True
                _write(table, name, row.month, sums)
    _same(row).update(holds=True)
    return True


def sum_all() -> None:
    """Sum every month that may be summed."""
    while sum_next(quiet=dt.timedelta(0)):
        pass


def holding() -> list[tuple[str, dt.date]]:
    """The months whose sums hold."""
    return list(MonthSum.objects.filter(holds=True).order_by("month", "scope").values_list("scope", "month"))


def differences(scope: str, month: dt.date) -> list[tuple[str, dt.date, dict[str, Any], int, int]]:
    """What of a month's sums is not the sum of its days: table, month, key, what is stored and what the days give.

    Nothing of a month whose sums hold no more, or hold anew since.
    """
    held = MonthSum.objects.filter(scope=scope, month=month, holds=True)
    changed = held.values_list("changed_at", flat=True).first()
    if changed is None:
        return []
    found = [
        (
            table.__name__,
            month,
            {"cut": cut_of(name)} | dict(zip(_columns(table), values, strict=True)),
            kept.get(values, NOTHING)[0],
            true.get(values, NOTHING)[0],
        )
        for table in SUMMED[scope]
        for name in stored.names(table)
        for kept, true in [(_of_month(table, name, month), _of_days(table, name, month))]
        for values in kept.keys() | true.keys()
        if kept.get(values) != true.get(values)
    ]
    return found if held.filter(changed_at=changed).exists() else []


def _due(quiet: dt.timedelta = QUIET) -> QuerySet[MonthSum]:
    """Months that are over for so long that nothing told of them depends on the day that asks."""
    now = timezone.now()
    waiting = MonthSum.objects.filter(holds=False, month__lt=first_of(reporting_day(now) - HORIZON))
    # What changed in the future did so by a clock that has been set back since.
    return waiting.filter(Q(changed_at__lte=now - quiet) | Q(changed_at__gt=now))


def _same(row: MonthSum) -> QuerySet[MonthSum]:
    return MonthSum.objects.filter(pk=row.pk, holds=False, changed_at=row.changed_at)


def _columns(table: type[Counted]) -> list[str]:
    """The columns that tell one count from another, but for the day."""
    apart = {"id", "cut", "day", "count", stored.PACKED.get(table)}
    return [field.attname for field in table._meta.concrete_fields if field.attname not in apart]


def _of_days(table: type[Counted], name: str, month: dt.date) -> Sums:
    days = Period(month, last_of(month, "month"))
    rows = table.cuts.filter(cut=name, day__gte=days.start, day__lte=days.end).order_by()
    rows = rows.values_list(*_columns(table)).annotate(rows=stored.Total("count"))
    if table not in stored.PACKED:
        return {tuple(values): (count, "") for *values, count in rows}
    told = rows.annotate(joined=stored.Joined(stored.PACKED[table]))
    return {tuple(values): (count, stored.packed(stored.unpacked(joined))) for *values, count, joined in told}


def _of_month(table: type[Counted], name: str, month: dt.date) -> Sums:
    """The sums as they are stored; the same ones stored twice are no sums."""
    packed = stored.PACKED.get(table)
    rows = table.cuts.filter(cut=cut_of(name), day=key_of(month)).order_by()
    found: Sums = {}
    for row in rows.values(*_columns(table), "count", *([packed] if packed else [])):
        values = tuple(row[column] for column in _columns(table))
        found[values] = (found.get(values, NOTHING)[0] + row["count"], row[packed] if packed else "")
    return found


def _write(table: type[Counted], name: str, month: dt.date, sums: Mapping[Values, tuple[int, str]]) -> None:
    where: dict[str, Any] = {"cut": cut_of(name), "day": key_of(month)}
    table.cuts.filter(**where).delete()
    columns, packed = _columns(table), stored.PACKED.get(table)
    told = [
        where | dict(zip(columns, values, strict=True)) | {"count": count} | ({packed: text} if packed else {})
        for values, (count, text) in sums.items()
    ]
    bulk.insert_each(table, told)
