from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("analytics", "0027_solved_within")]

    operations = [
        indexing.AddIndex(
            model_name="agentscoreday",
            index=models.Index(
                fields=["cut", "scale", "day", "team", "agent", "channel", "reason", "score", "count"],
                name="analytics_agentscore_scale",
            ),
        ),
    ]
