"""The taxonomy that a new installation starts with; managers change it as they like."""

from django.db import migrations


def load(apps, schema_editor):
    from feedback.topics import default_rows

    Topic = apps.get_model("feedback", "Topic")
    for row in default_rows():
        Topic.objects.get_or_create(code=row["code"], defaults=row)


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
