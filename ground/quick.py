"""Statements about one row for what runs with every mail and answer; the ORM's compiler costs more than they do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
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
    here = _here()
    values = [prepare(value, here) for prepare, value in zip(prepared, changes.values(), strict=True)]
    return Statement(f"UPDATE {model._meta.db_table} SET {assignments} WHERE {where}", [*values, *params])  # noqa: S608


def insert(row: Model, *, follows: bool = False, unless_there: bool = False) -> Statement:
    """Store a row that is not there yet; returns its key. With `follows`, if the statement before changed a row.

    With `unless_there`, one that breaks a unique constraint is left out and no key returned.
    """
    names = _names(type(row))
    columns, prepared = _fields(type(row), names)
    here = _here()
    values = [prepare(getattr(row, name), here) for prepare, name in zip(prepared, names, strict=True)]
    places = ", ".join(["%s"] * len(columns))
    source = f"SELECT {places} {{condition}}" if follows else f"VALUES ({places})"
    otherwise = "ON CONFLICT DO NOTHING " if unless_there else ""
    sql = f'INSERT INTO {row._meta.db_table} ({", ".join(columns)}) {source} {otherwise}RETURNING "id"'
    return Statement(sql, values, follows)


def _here() -> BaseDatabaseWrapper:
    """The connection itself: Django's proxy for it looks it up again for each of its attributes."""
    return connections[DEFAULT_DB_ALIAS]


@lru_cache
def _names(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.local_concrete_fields
    return tuple(field.attname for field in fields if not (field.primary_key or field.generated))


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
        sql = _as_one(tuple((one.sql, one.follows) for one in statements))
        return first(sql, [value for one in statements for value in one.params])
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for one in statements:
            if one.follows and not cursor.rowcount:
                return None
            cursor.execute(one.sql.replace("{condition}", ""), one.params)
        return _first(cursor)


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
    with _asked(sql, params) as cursor:
        return _first(cursor)


def rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows found."""
    with _asked(sql, params) as cursor:
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def changed(statement: Statement) -> int:
    """Do one statement; how many rows it changed."""
    with _asked(statement.sql, statement.params) as cursor:
        return int(cursor.rowcount)


@contextmanager
def _asked(sql: str, params: Sequence[Any]) -> Iterator[Any]:
    """A cursor that has done this: on PostgreSQL psycopg's own, by a prepared statement, at a quarter of the cost.

    Whoever listens to Django's cursors or counts their statements hears of this one, too.
    """
    if connection.vendor != "postgresql" or connection.execute_wrappers or connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            yield cursor
        return
    here: Any = _here()
    here.ensure_connection()
    with here.wrap_database_errors, here.Database.Cursor(here.connection) as cursor:
        cursor.execute(sql, params, prepare=True)
        yield cursor


def _first(cursor: Any) -> Any:
    found = cursor.fetchone() if cursor.description else None
    return found[0] if found else None
