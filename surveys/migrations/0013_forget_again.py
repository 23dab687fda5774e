from django.db import migrations


def look_at_all(apps, schema_editor):
    """Answers through links that were held when their time came kept their words and their customers."""
    apps.get_model("surveys", "Survey").objects.update(forgotten_until=None)


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0012_worth'),
    ]

    operations = [
        migrations.RunPython(look_at_all, migrations.RunPython.noop, elidable=True),
    ]
