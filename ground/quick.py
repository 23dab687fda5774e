"""Statements about one row for what runs with every mail; the ORM's compiler costs more than they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model


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


def insert(row: Model, *, where: str, params: Sequence[Any]) -> Statement:
    """Store a row that is not there yet, if the SQL condition holds; the statement returns its key."""
    fields = [field for field in row._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    sql = f'INSERT INTO {row._meta.db_table} ({columns}) SELECT {places} WHERE {where} RETURNING "id"'
    return Statement(sql, [*values, *params])


def stored(row: Model, key: int) -> None:
    """Tell a row that it is in the database under this key."""
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias


def together(statements: Sequence[Statement]) -> Any:
    """Do all of them or none, in their order; returns the first column of the first row that the last one returns.

    PostgreSQL gets them in one message, which is one transaction of its own: six times there and back, as many as it
    takes one by one with BEGIN and COMMIT, are half of what a mail costs.
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


def first(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row found, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    return found[0] if found else None
