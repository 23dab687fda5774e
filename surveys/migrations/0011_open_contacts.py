from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("surveys", "0010_customers_sought")]

    operations = [
        indexing.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("reopened_at__isnull", False), _connector="OR"),
                fields=["created_at"],
                name="surveys_interaction_open",
            ),
        ),
    ]
