"""The chores of ideas and themes, and every suggestion that is known already waits for its idea."""

from django.db import migrations
from django.utils import timezone


def begin(apps, schema_editor):
    chores = apps.get_model("feedback", "Chore").objects
    chores.get_or_create(name="ideas")
    chores.get_or_create(name="themes", defaults={"due_at": timezone.now()})
    apps.get_model("feedback", "Comment").objects.filter(derived_class="constructive").update(waits_for_idea=True)


class Migration(migrations.Migration):
    dependencies = [("feedback", "0014_ideas_and_themes")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
