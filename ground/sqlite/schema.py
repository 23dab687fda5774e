"""Changes of SQLite's tables that Django makes by writing a whole table anew, where SQLite itself need not."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.models.expressions import Value


class SchemaEditor(DatabaseSchemaEditor):
    def add_field(self, model: Any, field: Any) -> None:
        """A column with a constant default in the database is added at once, beside however many rows.

        Django does so for columns that may be null alone; of a million comments it would write the table and its
        nineteen indexes anew, while nobody can answer.
        """
        has_default = field.has_db_default() and isinstance(field._db_default_expression, Value)
        if has_default and not (field.primary_key or field.unique or field.remote_field):
            BaseDatabaseSchemaEditor.add_field(self, model, field)
        else:
            super().add_field(model, field)
