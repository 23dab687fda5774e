"""The index that comments are searched by: a full-text table on SQLite, an index on the lemmas on PostgreSQL."""

from django.db import migrations

MAKE = {
    "sqlite": "CREATE VIRTUAL TABLE feedback_comment_search "
    "USING fts5(lemmas, tokenize = 'unicode61 remove_diacritics 0')",
    "postgresql": "CREATE INDEX feedback_comment_search ON feedback_comment USING gin "
    "(to_tsvector('simple'::regconfig, lemmas))",
}
DROP = {"sqlite": "DROP TABLE feedback_comment_search", "postgresql": "DROP INDEX feedback_comment_search"}


def make(apps, schema_editor):
    schema_editor.execute(MAKE[schema_editor.connection.vendor])


def drop(apps, schema_editor):
    schema_editor.execute(DROP[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [("feedback", "0003_corrections_and_reading")]
    operations = [migrations.RunPython(make, drop)]
