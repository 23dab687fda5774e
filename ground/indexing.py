"""Indexes of tables that are in use: on PostgreSQL they come and go while others write, and a kill leaves no half one.

For migrations that do nothing else and say `atomic = False`. SQLite knows no such way: there the migration is one
transaction, as any other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.migrations import operations

# Whoever waits for a lock makes all others wait behind it: rather give up soon, and try again.
LOCK_SECONDS = 2


class _Beside:
    """Writers pass whoever waits here, so there is no reason to give up."""

    atomic = False

    def add(self, editor: Any, model: Any, index: Any) -> None:
        if editor.connection.vendor != "postgresql":
            editor.add_index(model, index)
            return
        with _patience(editor):
            is_whole = _looked_up(editor, model._meta.db_table, index.name)
            if is_whole is False:
                editor.remove_index(model, index, concurrently=True)
            if not is_whole:
                editor.add_index(model, index, concurrently=True)

    def remove(self, editor: Any, model: Any, index: Any) -> None:
        if editor.connection.vendor != "postgresql":
            editor.remove_index(model, index)
            return
        with _patience(editor):
            editor.remove_index(model, index, concurrently=True)


class AddIndex(_Beside, operations.AddIndex):
    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.add(schema_editor, to_state.apps.get_model(app_label, self.model_name), self.index)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.remove(schema_editor, from_state.apps.get_model(app_label, self.model_name), self.index)


class RemoveIndex(_Beside, operations.RemoveIndex):
    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        self.remove(schema_editor, from_state.apps.get_model(app_label, self.model_name), index)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        self.add(schema_editor, to_state.apps.get_model(app_label, self.model_name), index)


@contextmanager
def _patience(editor: Any) -> Iterator[None]:
    editor.execute("SET lock_timeout = 0")
    yield
    editor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")


def _looked_up(editor: Any, table: str, name: str) -> bool | None:
    """Whether the index is whole, None without one; a killed run leaves one that is kept up and never read."""
    if editor.collect_sql:
        return None
    quote = editor.connection.ops.quote_name
    with transaction.atomic(using=editor.connection.alias), editor.connection.cursor() as cursor:
        # The server may still be at it for somebody who is gone. This waits for that without looking at any row, which
        # the other would wait for in turn.
        cursor.execute(f"LOCK TABLE {quote(table)} IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [quote(name)])
        found = cursor.fetchone()
    return None if found is None else bool(found[0])
