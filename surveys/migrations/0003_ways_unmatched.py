from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0002_asking"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                condition=models.Q(("is_matched", False)), fields=["id"], name="surveys_invitation_unmatched"
            ),
        ),
    ]
