import datetime as dt

from django.db import migrations

from ground.calendars import working_hours
from ground.working_time import working_seconds

LONGEST = dt.timedelta(days=5 * 366)
AT_ONCE = 1000


def reckon(apps, schema_editor):
    """What is known of contacts that ended without a response, in the hours of their calendars as they are now."""
    Calendar, Organisation = apps.get_model("ground", "Calendar"), apps.get_model("ground", "Organisation")
    Interaction = apps.get_model("surveys", "Interaction")
    calendars = {calendar.pk: calendar for calendar in Calendar.objects.all()}
    usual = next((calendar for calendar in calendars.values() if calendar.is_default), None)
    if usual is None:
        organisation = Organisation.objects.first()
        usual = Calendar(name="", **({"timezone": organisation.timezone} if organisation else {}))
    hours = {key: working_hours(calendar) for key, calendar in calendars.items()} | {None: working_hours(usual)}
    rows = Interaction.objects.filter(first_response_at=None, answered_at=None, is_abandoned=False)
    rows = rows.exclude(closed_at=None, resolved_at=None).order_by("pk")
    rows = rows.only("calendar_id", "created_at", "closed_at", "resolved_at", "reopened_at", "is_resolved")
    last = 0
    while bunch := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        for row in bunch:
            row.unanswered_working_seconds = _seconds(row, hours)
        Interaction.objects.bulk_update(bunch, ["unanswered_working_seconds"])
        last = bunch[-1].pk


def _seconds(row, hours):
    solved = None if row.is_resolved is False else row.resolved_at
    if row.closed_at is None and (solved is None or (row.reopened_at or solved) > solved):
        return None
    end = min(moment for moment in (row.closed_at, solved) if moment)
    return int(working_seconds(hours[row.calendar_id], row.created_at, min(end, row.created_at + LONGEST)))


class Migration(migrations.Migration):
    """Without a transaction: the table's new column must not stay locked while every contact is gone through, and what
    is reckoned twice is the same."""

    atomic = False

    dependencies = [
        ('surveys', '0007_claims'),
    ]

    operations = [
        migrations.RunPython(reckon, migrations.RunPython.noop, elidable=True),
    ]
