import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0023_count_service'),
        ('ground', '0007_audit_whole'),
    ]

    operations = [
        migrations.DeleteModel(name='TellingSource'),
        migrations.CreateModel(
            name='TellingSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=64)),
                ('channel', models.CharField(max_length=16)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ground.team')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'channel', 'team'), name='analytics_tellingsource_team'),
                    models.UniqueConstraint(condition=models.Q(('team', None)), fields=('source', 'channel'), name='analytics_tellingsource_none'),
                ],
            },
        ),
    ]
