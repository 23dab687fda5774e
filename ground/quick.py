"""Statements about one row for what runs with every mail; the ORM's compiler costs more than they do."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def update(model: type[Model], changes: dict[str, Any], *, where: str, params: Sequence[Any]) -> int:
    """Set these fields of the rows for which the SQL condition holds; returns how many."""
    fields = [model._meta.get_field(name) for name in changes]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)  # type: ignore[union-attr]
    values = [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for field, value in zip(fields, changes.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {assignments} WHERE {where}", [*values, *params])
        return int(cursor.rowcount)


def insert(row: Model) -> None:
    """Store a row that is not there yet; it gets its key."""
    fields = [field for field in row._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO {row._meta.db_table} ({columns}) VALUES ({places}) RETURNING "id"', values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def first(sql: str, params: Sequence[Any]) -> Any:
    """The first column of the first row found, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    return found[0] if found else None
