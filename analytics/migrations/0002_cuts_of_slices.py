import django.db.models.deletion
from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with the cuts of slices and of topics that were scored."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0001_tables'),
        ('surveys', '0001_tables'),
    ]

    operations = [
        migrations.AlterField(
            model_name='scoredtopicsday',
            name='survey',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.survey'),
        ),
        migrations.AlterField(
            model_name='scoresliceday',
            name='survey',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.survey'),
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
