from django.db import migrations, models


def gather(apps, schema_editor):
    """Channels, teams and reasons become conditions; a rule that has conditions already keeps them as well."""
    rules = apps.get_model("surveys", "SendingRule")
    for rule in rules.objects.all():
        teams = [str(key) for key in rule.teams.order_by("pk").values_list("pk", flat=True)]
        chosen = {"channel": rule.channels, "team": teams, "reason": rule.reasons}
        before = [{"field": name, "op": "in", "value": value} for name, value in chosen.items() if value]
        if before:
            rule.conditions = [*before, *rule.conditions]
            rule.save(update_fields=["conditions"])


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_ways_unmatched")]
    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
