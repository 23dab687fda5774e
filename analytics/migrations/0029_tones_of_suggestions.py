from django.db import migrations


def count_anew(apps, schema_editor):
    """Days with suggestions are counted anew by the worker, by their tone."""
    said = apps.get_model("analytics", "CommentDay").objects.filter(cut="", derived_class="constructive")
    mark = apps.get_model("ground", "Change")
    days = said.values_list("day", flat=True).distinct()
    mark.objects.bulk_create([mark(scope="comment", day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0028_sums_of_agents")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
