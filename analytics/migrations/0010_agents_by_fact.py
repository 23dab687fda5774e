from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with the invitations of agents without their channels."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0009_said_to_be_resolved'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='agentcontactday',
            index=models.Index(fields=['cut', 'fact', 'day', 'team', 'agent', 'count'], name='analytics_agentcontact_fact'),
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
