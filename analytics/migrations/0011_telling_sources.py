from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with contacts that ended without a response, and
    the invitations of agents without their channels."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0010_agents_by_fact'),
        ('surveys', '0008_unanswered_before'),
    ]

    operations = [
        migrations.CreateModel(
            name='TellingSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=64)),
                ('channel', models.CharField(max_length=16)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'channel'), name='analytics_tellingsource_once')],
            },
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
