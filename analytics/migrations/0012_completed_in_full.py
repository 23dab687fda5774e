from django.db import migrations


def count_anew(apps, schema_editor):
    """Days of sending of surveys that require more than a score: what is completed of them was counted by the score."""
    asked = apps.get_model("analytics", "AskedDay").objects.filter(survey__versions__questions__is_required=True)
    days = asked.order_by().values_list("day", flat=True).distinct()
    change = apps.get_model("ground", "Change")
    change.objects.bulk_create([change(scope="invitation", day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('analytics', '0011_telling_sources'),
        ('ground', '0001_tables'),
        ('surveys', '0001_tables'),
    ]

    operations = [
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
