
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0004_answers_of_agents'),
        ('ground', '0004_audit'),
        ('surveys', '0001_tables'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='servedday',
            name='analytics_servedday_aspect',
        ),
        migrations.AddIndex(
            model_name='servedday',
            index=models.Index(fields=['cut', 'aspect', 'scale', 'day', 'team'], name='analytics_servedday_aspect'),
        ),
    ]
