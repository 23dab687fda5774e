from django.db import migrations, models

# Which roles the former setting meant: it named the lowest of them.
MEANT = {
    "administrator": ["administrator"],
    "manager": ["administrator", "manager"],
    "viewer": ["administrator", "manager", "viewer"],
    "agent": ["administrator", "manager", "viewer", "agent"],
}


def tell_roles(apps, schema_editor):
    organisations = apps.get_model("ground", "Organisation").objects
    for least, roles in MEANT.items():
        organisations.filter(second_factor_from=least).update(second_factor_roles=roles)


class Migration(migrations.Migration):

    dependencies = [
        ("ground", "0007_audit_whole"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="second_factor_roles",
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name="log in with a code as well"),
        ),
        # The release before goes on reading the column, and this one adds rows without it.
        migrations.AlterField(
            model_name="organisation",
            name="second_factor_from",
            field=models.CharField(blank=True, db_default="", max_length=16),
        ),
        migrations.RunPython(tell_roles, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="organisation", name="second_factor_from")]
        ),
    ]
