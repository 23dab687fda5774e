from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("surveys", "0013_forget_again")]

    operations = [
        indexing.RemoveIndex(model_name="interaction", name="surveys_interaction_waiting"),
        indexing.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("answered_at", None), ("closed_at", None), ("first_response_at", None)),
                fields=["direction", "created_at"],
                name="surveys_interaction_waiting",
            ),
        ),
    ]
