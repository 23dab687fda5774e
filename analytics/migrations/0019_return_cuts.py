from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with the cuts of returns."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0018_people7_returns'),
        ('ground', '0006_watch7_targets'),
        ('surveys', '0019_complaint_index'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='returnday',
            name='analytics_returnday_agent',
        ),
        migrations.AddIndex(
            model_name='returnday',
            index=models.Index(fields=['cut', 'agent', 'day'], name='analytics_returnday_agent'),
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
