import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0017_month_sums"),
        ("ground", "0007_audit_whole"),
        ("surveys", "0008_unanswered_before"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgentEndedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cut", models.CharField(blank=True, default="", max_length=8)),
                ("day", models.DateField()),
                ("channel", models.CharField(blank=True, max_length=16)),
                ("count", models.PositiveIntegerField()),
                ("answered", models.DateField()),
                ("scale", models.CharField(max_length=16)),
                ("reason", models.CharField(blank=True, max_length=100)),
                ("evidence", models.CharField(max_length=12)),
                ("score", models.SmallIntegerField()),
                ("agent", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="surveys.agent")),
                ("survey", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="surveys.survey")),
                ("team", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ground.team")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["cut", "day", "team", "scale"], name="analytics_agentended_day"),
                    models.Index(fields=["cut", "agent", "day"], name="analytics_agentended_agent"),
                    models.Index(fields=["cut", "answered"], name="analytics_agentended_answered"),
                ],
            },
        ),
    ]
