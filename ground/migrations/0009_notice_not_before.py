from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ground", "0008_second_factor_by_role")]

    operations = [migrations.AddField("notice", "not_before", models.DateTimeField(null=True))]
