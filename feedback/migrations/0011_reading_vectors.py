"""PostgreSQL keeps what a search compares: making it again for each row that a list walks along took most of a page.

The table is written anew once, half a minute for a million comments, in which it can be neither read nor written.
"""

from django.db import migrations

# Can be run again from the start, since tidying up is possible outside a transaction alone.
STORE = """
ALTER TABLE feedback_comment ADD COLUMN IF NOT EXISTS vector tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, lemmas)) STORED;
DROP INDEX IF EXISTS feedback_comment_search;
CREATE INDEX feedback_comment_search ON feedback_comment USING gin (vector);
"""
# A table written anew is not known to be visible to all, and lists would look up each row of their index in it.
TIDY = "VACUUM ANALYZE feedback_comment"
DROP = """
ALTER TABLE feedback_comment DROP COLUMN vector;
CREATE INDEX feedback_comment_search ON feedback_comment USING gin (to_tsvector('simple'::regconfig, lemmas));
"""


def store(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(STORE)
        schema_editor.execute(TIDY)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("feedback", "0010_public_device")]
    operations = [migrations.RunPython(store, drop)]
