from django.db import migrations, models

from ground import indexing


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("surveys", "0011_open_contacts")]

    operations = [
        indexing.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("value__isnull", False)), fields=["value"], name="surveys_customer_value"
            ),
        ),
    ]
