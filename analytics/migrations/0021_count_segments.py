from django.db import migrations


def count_anew(apps, schema_editor):
    """Days of contacts are counted anew by the worker where customers have segments."""
    if not apps.get_model("surveys", "Segment").objects.exists():
        return
    mark = apps.get_model("ground", "Change")
    for scope, table in (("interaction", "ContactDay"), ("returns", "ReturnDay")):
        days = apps.get_model("analytics", table).objects.values_list("day", flat=True).distinct()
        mark.objects.bulk_create([mark(scope=scope, day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0020_contacts_by_segment")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
