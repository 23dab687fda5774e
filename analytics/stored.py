"""How counts lie in their tables: by every column, once more for each cut, and durations as histograms.

Durations have hundreds of buckets: one row for each would be as many rows as there are contacts.
"""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

from django.db import connection
from django.db.models import DateField, QuerySet

from analytics.cuts import names, with_cuts
from analytics.models import AgentDurationDay, DurationDay
from analytics.models.counted import Counted

# The column that is not one, but lies in the row's histogram.
PACKED: dict[type[Counted], str] = {DurationDay: "bucket", AgentDurationDay: "bucket"}

Counts = Counter[tuple[Any, ...]]
Key = tuple[str, ...]


def write(table: type[Counted], day: dt.date, key: Key, counts: Counts) -> None:
    """Replace the day's rows; `key` names the columns of the counts."""
    table.cuts.filter(cut__in=names(table), day=day).delete()
    every = with_cuts(table, key, counts)
    columns = ("cut", *map(_column, key))
    if table in PACKED:
        hists: dict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
        for (*values, bucket), n in every.items():
            hists[tuple(values)][bucket] += n
        told = [({"count": hist.total(), "buckets": packed(hist)}, values) for values, hist in hists.items()]
    else:
        told = [({"count": n}, values) for values, n in every.items()]
    _insert(table, [{"day": day} | number | dict(zip(columns, values, strict=False)) for number, values in told])


def _insert(table: type[Counted], rows: list[dict[str, Any]]) -> None:
    """Past the ORM, whose objects would cost more than all the counting: a day may have ten thousand rows."""
    if not rows:
        return
    fields = [field for field in table._meta.concrete_fields if not field.primary_key]
    usual: dict[str, Any] = {str(field.column): field.get_default() for field in fields}
    names = ", ".join(connection.ops.quote_name(name) for name in usual)
    places = ", ".join(["%s"] * len(usual))
    dates = [str(field.column) for field in fields if isinstance(field, DateField)]
    for row in rows:
        row.update({name: connection.ops.adapt_datefield_value(row[name]) for name in dates})
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {connection.ops.quote_name(table._meta.db_table)} ({names}) VALUES ({places})"
        cursor.executemany(statement, [[row.get(name, usual[name]) for name in usual] for row in rows])


def read(table: type[Counted], day: dt.date, key: Key) -> Counts:
    """The day's counts as they are stored, by cut and key."""
    counts: Counts = Counter()
    kept = key[:-1] if table in PACKED else key
    told = "buckets" if table in PACKED else "count"
    rows = table.cuts.filter(cut__in=names(table), day=day)
    for *values, number in rows.values_list("cut", *kept, told):
        if table in PACKED:
            counts.update({(*values, bucket): n for bucket, n in unpacked(number).items()})
        else:
            counts[tuple(values)] += number
    return counts


def histograms(rows: QuerySet[Any], *columns: str) -> dict[tuple[Any, ...], Counter[int]]:
    """Durations of packed rows by these columns, each the sum of its rows."""
    found: dict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    for *values, buckets in rows.order_by().values_list(*columns, "buckets"):
        found[tuple(values)].update(unpacked(buckets))
    return found


def packed(hist: Counter[int]) -> str:
    """ "205:3 206:1": buckets and how many are in them."""
    return " ".join(f"{bucket}:{n}" for bucket, n in sorted(hist.items()))


def unpacked(text: str) -> dict[int, int]:
    numbers = list(map(int, text.replace(":", " ").split()))
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


def _column(name: str) -> str:
    return f"{name}_id" if name in ("survey", "team", "topic", "agent", "question") else name
