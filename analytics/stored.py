"""How counts lie in their tables: by every column, once more for each cut, and durations as histograms.

Durations have hundreds of buckets: one row for each would be as many rows as there are contacts.
"""

import datetime as dt
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import Aggregate, DateField, F, Func, IntegerField, QuerySet, Sum, TextField, Value

from analytics.cuts import names, with_cuts
from analytics.models import (
    AgentDurationDay,
    DurationDay,
    DurationSliceDay,
    RepeatDay,
    ReturnDay,
    ReturnSliceDay,
    ServedDay,
)
from analytics.models.counted import Counted
from ground import bulk

# Where the last column of the key lies packed, with its counts.
PACKED: dict[type[Counted], str] = {
    DurationDay: "buckets", AgentDurationDay: "buckets", DurationSliceDay: "buckets",
    ReturnDay: "marks", ReturnSliceDay: "marks", RepeatDay: "pairs",
    ServedDay: "steps",
}  # fmt: skip
# Bits of a lane: as many contacts as no sum of them reaches.
LANE = 32
# Lanes are for as many keys, and where no more than so many lanes stand for each of them.
FEW, SPARSE = 20, 4

# The first of all.
MONDAY = dt.date.min

Counts = Counter[tuple[Any, ...]]
Key = tuple[str, ...]


class Total(Sum):
    """The sum of whole numbers, as the database gives it: a conversion of each costs more than fetching it."""

    @property
    def convert_value(self) -> Any:
        return self._convert_value_noop  # type: ignore[attr-defined]


class Joined(Aggregate):
    """The texts of several rows, with spaces between them."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **context)


class DaysSince(Func):
    """How many days a day is after the `first`."""

    output_field = IntegerField()
    # The day and the first one in between.
    template, arg_joiner = "(%(expressions)s)", " - "
    sqlite_template = "CAST(JULIANDAY(%(expressions)s) AS INTEGER)"

    def __init__(self, first: dt.date) -> None:
        super().__init__(F("day"), Value(first, DateField()))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template, between = self.sqlite_template, ") - JULIANDAY("
        return self.as_sql(compiler, connection, template=template, arg_joiner=between, **context)


class WeekOf(DaysSince):
    """The number of a day's week, from 0, among weeks of which the first begins on the day `first`."""

    template, sqlite_template = f"{DaysSince.template} / 7", f"{DaysSince.sqlite_template} / 7"


def weekday() -> Any:
    """That of a day, Monday 0."""
    return DaysSince(MONDAY) % 7


class Plain(Func):
    """A day or a moment as the database has it, SQLite as a text: the database layer takes longer than finding it."""

    output_field = TextField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s || '')", **context)


def day_of(plain: Any) -> dt.date:
    """What `Plain` tells of a day."""
    return dt.date.fromisoformat(plain) if isinstance(plain, str) else plain


def moment_of(plain: Any) -> Any:
    """What it tells of a moment, if of any."""
    return dt.datetime.fromisoformat(plain).replace(tzinfo=dt.UTC) if isinstance(plain, str) else plain


def write(table: type[Counted], day: dt.date, key: Key, counts: Counts) -> None:
    """Replace the day's rows; `key` names the columns of the counts."""
    table.cuts.filter(cut__in=names(table), **{table.COUNTED_BY: day}).delete()
    every = with_cuts(table, key, counts)
    columns = ("cut", *map(_column, key))
    if table in PACKED:
        hists: dict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
        for (*values, bucket), n in every.items():
            hists[tuple(values)][bucket] += n
        told = [({"count": hist.total(), PACKED[table]: packed(hist)}, values) for values, hist in hists.items()]
    else:
        told = [({"count": n}, values) for values, n in every.items()]
    # A day may have ten thousand of them.
    bulk.insert_each(
        table, [{table.COUNTED_BY: day} | number | dict(zip(columns, values, strict=False)) for number, values in told]
    )


def read(table: type[Counted], day: dt.date, key: Key) -> Counts:
    """The day's counts as they are stored, by cut and key."""
    counts: Counts = Counter()
    kept = key[:-1] if table in PACKED else key
    told = PACKED.get(table, "count")
    rows = table.cuts.filter(cut__in=names(table), **{table.COUNTED_BY: day})
    for *values, number in rows.values_list("cut", *kept, told):
        if table in PACKED:
            counts.update({(*values, bucket): n for bucket, n in unpacked(number).items()})
        else:
            counts[tuple(values)] += number
    return counts


def histograms(rows: QuerySet[Any], *columns: str) -> dict[tuple[Any, ...], Counter[int]]:
    """What lies packed in rows by these columns, each the sum of its rows."""
    told = rows.order_by().values_list(*columns).annotate(joined=Joined(PACKED[rows.model]))
    return {tuple(values): Counter(unpacked(joined)) for *values, joined in told}


def packed(hist: Mapping[int, int]) -> str:
    """ "205:3 206:1": keys and how many there are; with most keys from one to another taken, "205#" and all numbers.

    Such a row of lanes is one whole number, which adds up at once however many lanes it has.
    """
    dense = [key for key in hist if key >= 0]
    first, last = min(dense, default=0), max(dense, default=-1)
    if len(dense) < FEW or (last - first + 1) > SPARSE * len(dense):
        return " ".join(f"{key}:{n}" for key, n in sorted(hist.items()))
    lanes = [hist.get(key, 0) for key in range(last, first - 1, -1)]
    rest = [f"{key}:{n}" for key, n in sorted(hist.items()) if key < 0]
    return " ".join([*rest, f"{first}#{struct.pack(f'>{len(lanes)}I', *lanes).hex()}"])


def unpacked(text: str) -> dict[int, int]:
    """The sum of one or more such texts, joined by spaces."""
    hist: dict[int, int] = {}
    rows: dict[str, int] = {}
    # Counted first: among many small rows most parts are alike.
    parts = Counter(text.split())
    if "#" in text:
        for part in [part for part in parts if "#" in part]:
            first, _, digits = part.partition("#")
            rows[first] = rows.get(first, 0) + parts.pop(part) * int.from_bytes(bytes.fromhex(digits), "big")
    for part, times in parts.items():
        at, number = _numbers(part)
        hist[at] = hist.get(at, 0) + times * number
    _add_lanes(hist, sum(row << LANE * int(first) for first, row in rows.items()))
    return hist


def up_to(rows: Iterable[tuple[str, int]]) -> dict[int, int]:
    """The sum of such texts, of each only the keys that are not negative and below its limit."""
    hist: dict[int, int] = {}
    lanes = 0
    for text, limit in rows:
        parts = text.split()
        if "#" in text:  # lanes stand last
            first, _, digits = parts.pop().partition("#")
            if limit > int(first):
                lanes += int(digits[-(limit - int(first)) * LANE // 4 :], 16) << LANE * int(first)
        for part in parts:
            at, number = _numbers(part)
            if at >= limit:
                break  # by key, the lowest first
            hist[at] = hist.get(at, 0) + number
    _add_lanes(hist, lanes)
    return hist


def _add_lanes(hist: dict[int, int], lanes: int) -> None:
    if lanes:
        size = lanes.bit_length() // LANE + 1
        numbers = enumerate(struct.unpack(f"<{size}I", lanes.to_bytes(size * LANE // 8, "little")))
        hist.update({at: number + hist.get(at, 0) for at, number in numbers if number})


@lru_cache(maxsize=50_000)  # the same few thousand in all rows
def _numbers(part: str) -> tuple[int, int]:
    key, _, number = part.partition(":")
    return int(key), int(number)


def _column(name: str) -> str:
    return f"{name}_id" if name in ("survey", "team", "topic", "agent", "question") else name
