from django.db import migrations


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with pairs of answers, ends of contacts and who answers."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0015_asked_slices'),
    ]

    operations = [
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
