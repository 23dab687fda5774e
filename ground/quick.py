"""Statements about one row for what runs with every mail and answer; the ORM's compiler costs more than they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Field, Model


@dataclass(frozen=True)
class Statement:
    sql: str
    params: list[Any]


def update(model: type[Model], changes: dict[str, Any], *, where: str, params: Sequence[Any]) -> Statement:
    """Set these fields of the rows for which the SQL condition holds."""
    fields = [model._meta.get_field(name) for name in changes]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)  # type: ignore[union-attr]
    values = [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for field, value in zip(fields, changes.values(), strict=True)
    ]
    return Statement(f"UPDATE {model._meta.db_table} SET {assignments} WHERE {where}", [*values, *params])


def insert(row: Model, *, where: str = "", params: Sequence[Any] = (), unless_there: bool = False) -> Statement:
    """Store a row that is not there yet, if the SQL condition holds; the statement returns its key.

    With `unless_there`, one that breaks a unique constraint is left out and no key returned.
    """
    fields, columns, places = _columns(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    source = f"SELECT {places} WHERE {where}" if where else f"VALUES ({places})"
    otherwise = "ON CONFLICT DO NOTHING " if unless_there else ""
    sql = f'INSERT INTO {row._meta.db_table} ({columns}) {source} {otherwise}RETURNING "id"'
    return Statement(sql, [*values, *params])


@cache
def _columns(model: type[Model]) -> "tuple[list[Field[Any, Any]], str, str]":
    """The fields that a new row brings along, the names of their columns, and as many places."""
    fields = [one for one in model._meta.local_concrete_fields if not (one.primary_key or one.generated)]
    return fields, ", ".join(f'"{one.column}"' for one in fields), ", ".join(["%s"] * len(fields))


def stored(row: Model, key: int) -> None:
    """Tell a row that it is in the database under this key."""
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias


def together(statements: Sequence[Statement]) -> Any:
    """Do all of them or none, in their order; returns the first column of the first row that the last one returns.

    PostgreSQL gets them in one message, which is one transaction of its own where none is open: six times there and
    back, as many as it takes one by one with BEGIN and COMMIT, are half of what a mail costs.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            params = [value for one in statements for value in one.params]
            cursor.execute("; ".join(one.sql for one in statements), params)
            while cursor.nextset():
                pass
            found = cursor.fetchone() if cursor.description else None
        return found[0] if found else None
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one.sql, one.params)
        found = cursor.fetchone() if cursor.description else None
    return found[0] if found else None


def changed(statement: Statement) -> int:
    """How many rows a statement changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        return cursor.rowcount


def first(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row found, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    return found[0] if found else None
