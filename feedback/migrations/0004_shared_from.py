from django.db import migrations, models

# Whoever has one of these roles in the whole organisation sees all of it.
OVERSEEING = ("viewer", "manager", "administrator")


def remember(apps, schema_editor):
    """What was shared so far comes from the teams in which its owner has a role now."""
    Membership = apps.get_model("ground", "Membership")
    for view in apps.get_model("feedback", "SavedView").objects.filter(is_shared=True, owner__is_superuser=False):
        held = list(Membership.objects.filter(user=view.owner_id).values_list("team", "role"))
        if not any(team is None and role in OVERSEEING for team, role in held):
            view.shared_from = [team for team, _role in held if team is not None]
            view.save(update_fields=["shared_from"])


class Migration(migrations.Migration):

    dependencies = [
        ("feedback", "0003_checked_by_whom"),
        ("ground", "0006_request"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="shared_from",
            field=models.JSONField(editable=False, null=True),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
