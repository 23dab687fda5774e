from django.db import migrations, models


def forget(apps, schema_editor):
    """Counts of the old shape go; cut by no zone at all, everything is made anew by the worker."""
    apps.get_model("analytics", "ServedDay").objects.all().delete()
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [("analytics", "0006_scored_topics")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="servedday", name="analytics_servedday_day"),
        migrations.RemoveField(model_name="servedday", name="wait"),
        migrations.AddField(
            model_name="servedday", name="aspect", field=models.CharField(default="", max_length=12), preserve_default=False
        ),
        migrations.AddField(
            model_name="servedday", name="step", field=models.CharField(default="", max_length=100), preserve_default=False
        ),
        migrations.AddIndex(
            model_name="servedday",
            index=models.Index(fields=["aspect", "scale", "day"], name="analytics_servedday_aspect"),
        ),
        migrations.AddIndex(
            model_name="servedday", index=models.Index(fields=["day"], name="analytics_servedday_day")
        ),
        migrations.RemoveIndex(model_name="durationday", name="analytics_durationday_day"),
        migrations.AddIndex(
            model_name="durationday",
            index=models.Index(
                fields=["span", "day", "channel", "team", "bucket", "count"], name="analytics_durationday_span"
            ),
        ),
        migrations.AddIndex(
            model_name="durationday", index=models.Index(fields=["day"], name="analytics_durationday_day")
        ),
    ]
