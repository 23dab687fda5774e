from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('analytics', '0009_said_to_be_resolved'),
    ]

    operations = [
        indexing.AddIndex(
            model_name='agentcontactday',
            index=models.Index(fields=['cut', 'fact', 'day', 'team', 'agent', 'count'], name='analytics_agentcontact_fact'),
        ),
    ]
