from django.db import migrations


def count_anew(apps, schema_editor):
    """Days with answers of agents are counted anew by the worker, with the ends of their contacts."""
    days = apps.get_model("analytics", "AgentScoreDay").objects.values_list("day", flat=True).distinct()
    mark = apps.get_model("ground", "Change")
    mark.objects.bulk_create([mark(scope="response", day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0018_agents_by_contact")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
