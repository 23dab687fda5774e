from django.db import migrations


def count_anew(apps, schema_editor):
    """Who was asked by surveys of three steps and of thumbs is counted anew by the worker, with how they answered."""
    scored = apps.get_model("analytics", "ScoreDay").objects.filter(cut="", scale__in=("csat_3", "thumbs"))
    surveys = list(scored.values_list("survey", flat=True).distinct())
    asked = apps.get_model("analytics", "AskedDay").objects.filter(cut="", survey__in=surveys)
    mark = apps.get_model("ground", "Change")
    days = asked.values_list("day", flat=True).distinct()
    mark.objects.bulk_create([mark(scope="invitation", day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0025_count_by_team")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
