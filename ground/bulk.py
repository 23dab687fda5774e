"""Many rows by one prepared statement, past the ORM, which would make an object or compile a statement for each."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import (
    CharField,
    IntegerField,
    Model,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
    TextField,
)

# Fields that keep such a value as it is; asking them is most of what a row costs.
PLAIN: Mapping[type[Any], type] = {CharField: str, TextField: str} | dict.fromkeys(
    (IntegerField, PositiveIntegerField, PositiveSmallIntegerField, SmallIntegerField), int
)


def insert_each(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as columns by name; what a row does not name has the column's default. Nothing is told of their keys."""
    insert_values(model, values(model, rows))


def values(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Rows as the database takes them: work that need not be done while others wait for the write lock."""
    told = list(rows)
    columns: list[list[Any]] = []
    for field in _inserted(model):
        name, default = str(field.column), field.get_default()
        columns.append(_stored(field, [row.get(name, default) for row in told]))
    return [list(row) for row in zip(*columns, strict=True)]


def insert_values(model: type[Model], rows: Iterable[list[Any]]) -> None:
    """Insert what `values` made."""
    columns = [_quoted(str(field.column)) for field in _inserted(model)]
    places = ", ".join(["%s"] * len(columns))
    _run(f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608


def _inserted(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]


def update_each(model: type[Model], rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Rows by key, all of them with the same columns, each to its own values."""
    first = next(iter(rows.values()), None)
    if first is None:
        return
    fields = [model._meta.get_field(name) for name in first]
    told = ", ".join(f"{_quoted(str(field.column))} = %s" for field in fields)  # type: ignore[union-attr]
    columns = [_stored(field, [row[field.name] for row in rows.values()]) for field in fields]
    _run(
        f"UPDATE {_table(model)} SET {told} WHERE {_quoted(str(model._meta.pk.column))} = %s",  # noqa: S608
        [list(row) for row in zip(*columns, rows, strict=True)],
    )


def _run(statement: str, rows: Iterable[list[Any]]) -> None:
    values = list(rows)
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _stored(field: Any, column: list[Any]) -> list[Any]:
    types = {*map(type, column)} - {type(None)}
    if field.is_relation or types <= {PLAIN.get(type(field))}:
        return column
    if types == {dt.date}:  # few days in many rows
        known = {day: field.get_db_prep_save(day, connection) for day in {*column}}
        return [known[day] for day in column]
    return [field.get_db_prep_save(value, connection) for value in column]


def _table(model: type[Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
