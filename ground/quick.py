"""Statements about one row for what runs with every mail; the ORM's compiler costs more than they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Model


@dataclass(frozen=True)
class Statement:
    """`follows`: done only when the statement before it changed a row; its SQL has a place for that condition."""

    sql: str
    params: list[Any]
    follows: bool = False


def update(model: type[Model], changes: dict[str, Any], *, where: str, params: Sequence[Any]) -> Statement:
    """Set these fields of the rows for which the SQL condition holds."""
    columns, prepared = _fields(model, tuple(changes))
    assignments = ", ".join(f"{column} = %s" for column in columns)
    values = [prepare(value, connection) for prepare, value in zip(prepared, changes.values(), strict=True)]
    return Statement(f"UPDATE {model._meta.db_table} SET {assignments} WHERE {where}", [*values, *params])


def insert(row: Model) -> Statement:
    """Store a row that is not there yet if the statement before changed a row; returns its key."""
    names = _names(type(row))
    columns, prepared = _fields(type(row), names)
    values = [prepare(getattr(row, name), connection) for prepare, name in zip(prepared, names, strict=True)]
    places = ", ".join(["%s"] * len(columns))
    sql = f'INSERT INTO {row._meta.db_table} ({", ".join(columns)}) SELECT {places} {{condition}} RETURNING "id"'
    return Statement(sql, values, follows=True)


@lru_cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.local_concrete_fields if not field.primary_key)


@lru_cache
def _fields(model: type[Model], names: tuple[str, ...]) -> tuple[list[str], list[Callable[..., Any]]]:
    """The quoted columns of these fields, and what makes of a value what the database takes."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    return [f'"{field.column}"' for field in fields], [field.get_db_prep_save for field in fields]


def stored(row: Model, key: int) -> None:
    """Tell a row that it is in the database under this key."""
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias


def together(statements: Sequence[Statement]) -> Any:
    """Do all of them or none; returns the first column of the first row that the last one returns, or None.

    They are about different rows: PostgreSQL gets them as one statement, where none sees what another does. Six times
    there and back, as many as it takes one by one with BEGIN and COMMIT, are half of what a mail costs.
    """
    if connection.vendor == "postgresql":
        return _ask(_as_one(tuple((one.sql, one.follows) for one in statements)), _params(statements))
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for one in statements:
            if one.follows and not cursor.rowcount:
                return None
            cursor.execute(one.sql.replace("{condition}", ""), one.params)
        return _first(cursor)


def _params(statements: Sequence[Statement]) -> list[Any]:
    return [value for one in statements for value in one.params]


@lru_cache
def _as_one(statements: tuple[tuple[str, bool], ...]) -> str:
    *before, last = [
        sql.replace("{condition}", f"FROM part{place - 1}" if follows else "")
        for place, (sql, follows) in enumerate(statements)
    ]
    parts = [
        f"part{place} AS ({sql}{' RETURNING 1' if statements[place + 1][1] else ''})"
        for place, sql in enumerate(before)
    ]
    return (f"WITH {', '.join(parts)} " if parts else "") + last


def first(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row found, or None."""
    if connection.vendor == "postgresql":
        return _ask(sql, params)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return _first(cursor)


def _ask(sql: str, params: Sequence[Any]) -> Any:
    """By psycopg's own cursor and a prepared statement, which is a quarter of what Django's cursor costs."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.Database.Cursor(connection.connection) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, params, prepare=True)
        return _first(cursor)


def _first(cursor: Any) -> Any:
    found = cursor.fetchone() if cursor.description else None
    return found[0] if found else None
