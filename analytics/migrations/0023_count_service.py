from django.db import migrations


def count_anew(apps, schema_editor):
    """Days of answers are counted anew by the worker, by how their contacts were served."""
    mark = apps.get_model("ground", "Change")
    days = apps.get_model("analytics", "ScoreDay").objects.filter(cut="").values_list("day", flat=True).distinct()
    mark.objects.bulk_create([mark(scope="response", day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0022_packed_service")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
