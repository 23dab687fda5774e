import django.db.models.deletion
from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with the marks of contacts packed and the cuts of agents."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0006_decisions_by_day'),
        ('ground', '0005_access'),
        ('surveys', '0001_tables'),
    ]

    operations = [
        migrations.DeleteModel(name='ReturnDay'),
        migrations.CreateModel(
            name='ReturnDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cut', models.CharField(blank=True, default='', max_length=8)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=16)),
                ('count', models.PositiveIntegerField()),
                ('reason', models.CharField(blank=True, max_length=100)),
                ('ended', models.DateField(null=True)),
                ('marks', models.TextField(default='')),
                ('agent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.agent')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ground.team')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['cut', 'day', 'team'], name='analytics_returnday_day'),
                    models.Index(fields=['cut', 'agent', 'day'], name='analytics_returnday_agent'),
                ],
            },
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
