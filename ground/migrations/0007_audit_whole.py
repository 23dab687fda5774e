from django.db import migrations

TABLES = ("ground_auditentry", "ground_auditseal")


def keep(apps, schema_editor):
    """The triggers on rows do not hear of a table that is emptied whole."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_keeps_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ground_audit_keeps()"
        )


def let_go(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER {table}_keeps_whole ON {table}")


class Migration(migrations.Migration):

    dependencies = [
        ("ground", "0006_request"),
    ]

    operations = [
        migrations.RunPython(keep, let_go),
    ]
