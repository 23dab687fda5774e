from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feedback", "0011_reading_vectors")]
    operations = [
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                fields=["team", "-answered_at", "-id"],
                name="feedback_response_review_team",
                condition=models.Q(("evidence__in", ["held", "unverified"]), ("review", "")),
            ),
        )
    ]
