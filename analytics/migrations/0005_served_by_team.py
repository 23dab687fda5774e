from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('analytics', '0004_answers_of_agents'),
        ('ground', '0004_audit'),
        ('surveys', '0001_tables'),
    ]

    operations = [
        indexing.RemoveIndex(
            model_name='servedday',
            name='analytics_servedday_aspect',
        ),
        indexing.AddIndex(
            model_name='servedday',
            index=models.Index(fields=['cut', 'aspect', 'scale', 'day', 'team'], name='analytics_servedday_aspect'),
        ),
    ]
