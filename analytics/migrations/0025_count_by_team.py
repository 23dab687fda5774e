from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Sources tell by team, as contacts say. Days of contacts and answers are counted anew by the worker where one tells,
    or where customers have segments, of which each team keeps its own most frequent ones."""
    telling, contact = apps.get_model("analytics", "TellingSource"), apps.get_model("surveys", "Interaction")
    responded = models.Q(first_response_at__isnull=False) | models.Q(answered_at__isnull=False)
    ours = models.Q(source="schedule") | models.Q(source__startswith="link:")
    rows = contact.objects.filter(responded, ~ours, direction="inbound").order_by()
    told = set(rows.values_list("source", "channel", "team").distinct())
    telling.objects.all().delete()
    telling.objects.all().delete()  # of a run that was stopped
    telling.objects.bulk_create(
        telling(source=source, channel=channel, team_id=team) for source, channel, team in sorted(told, key=str)
    )
    has_segments = apps.get_model("surveys", "Segment").objects.exists()
    tables = [("interaction", "ContactDay"), ("response", "ScoreDay")] if told or has_segments else []
    tables += [("returns", "ReturnDay"), ("invitation", "AskedDay")] if has_segments else []
    mark = apps.get_model("ground", "Change")
    for scope, table in tables:
        days = apps.get_model("analytics", table).objects.filter(cut="").values_list("day", flat=True).distinct()
        mark.objects.bulk_create([mark(scope=scope, day=day) for day in days], batch_size=1000)


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("analytics", "0024_telling_by_team"), ("surveys", "0008_unanswered_before")]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
