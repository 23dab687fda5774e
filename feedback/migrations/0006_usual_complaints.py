from django.db import migrations

# What was always meant by it: detractors with a comment, and negative texts that ask for something.
USUAL = [("score", "csat_5", 2), ("score", "nps", 6), ("demand", "", None)]


def begin(apps, schema_editor):
    rules = apps.get_model("feedback", "ComplaintRule").objects
    rules.bulk_create(rules.model(kind=kind, scale=scale, at_most=most) for kind, scale, most in USUAL)


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0005_complaints'),
    ]

    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
