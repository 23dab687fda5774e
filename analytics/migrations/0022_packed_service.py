import django.db.models.deletion
from django.db import migrations, models


def let_months_go(apps, schema_editor):
    """Sums of months of answers hold no more: they have none of the new rows."""
    apps.get_model("analytics", "MonthSum").objects.filter(scope="response").update(holds=False)


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0021_count_segments'),
        ('ground', '0007_audit_whole'),
        ('surveys', '0008_unanswered_before'),
    ]

    operations = [
        migrations.DeleteModel(name='ServedDay'),
        migrations.CreateModel(
            name='ServedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cut', models.CharField(blank=True, default='', max_length=8)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=16)),
                ('count', models.PositiveIntegerField()),
                ('scale', models.CharField(max_length=16)),
                ('evidence', models.CharField(max_length=12)),
                ('reason', models.CharField(blank=True, max_length=100)),
                ('steps', models.TextField(default='')),
                ('survey', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.survey')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ground.team')),
            ],
            options={
                'indexes': [models.Index(fields=['cut', 'day', 'scale', 'team'], name='analytics_servedday_day')],
            },
        ),
        migrations.RunPython(let_months_go, migrations.RunPython.noop),
    ]
