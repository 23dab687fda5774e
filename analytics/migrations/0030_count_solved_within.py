from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Days of contacts are counted anew by the worker, by agent and segment, since somebody promised to solve them."""
    promises = apps.get_model("analytics", "ServiceLevel").objects.filter(solved_hours__isnull=False)
    first = promises.aggregate(first=models.Min("since"))["first"]
    if first is None:
        return
    mark = apps.get_model("ground", "Change")
    days = apps.get_model("analytics", "ContactDay").objects.filter(cut="", day__gte=first)
    days = days.values_list("day", flat=True).distinct()
    mark.objects.bulk_create([mark(scope="interaction", day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0029_tones_of_suggestions")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
