from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("surveys", "0009_lists")]

    operations = [
        indexing.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="surveys_customer_phone"),
        ),
        indexing.AddIndex(
            model_name="customer",
            index=models.Index(fields=["name"], name="surveys_customer_name"),
        ),
    ]
