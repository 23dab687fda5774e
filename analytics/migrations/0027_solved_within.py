import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("analytics", "0026_count_other_scales")]

    operations = [
        migrations.AddField(
            model_name="servicelevel",
            name="solved_hours",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: nothing is promised. How much is solved within 7 days is told in any case.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(8784),
                ],
                verbose_name="solved within, hours",
            ),
        ),
    ]
