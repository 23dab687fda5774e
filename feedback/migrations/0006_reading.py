"""What the reading list filters by stands on the comment itself, in the index that the list walks."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, OuterRef, Subquery


# The lowest and the highest score of each band, by scale.
BANDS = {
    "csat_5": {"low": (1, 2), "mid": (3, 3), "high": (4, 5)},
    "nps": {"low": (0, 6), "mid": (7, 8), "high": (9, 10)},
}


def repeat_responses(apps: Any, schema_editor: Any) -> None:
    """Comments repeat what lists filter by of the response that they belong to."""
    comments = apps.get_model("feedback", "Comment").objects.exclude(response=None)
    own = apps.get_model("feedback", "Response").objects.filter(pk=OuterRef("response_id"))
    names = ("score", "evidence", "wants_contact")
    comments.update(**{name: Subquery(own.values(name)) for name in names})
    for scale, bands in BANDS.items():
        for band, bounds in bands.items():
            answers = own.filter(scale=scale, score__range=bounds)
            comments.filter(Exists(answers)).update(band=band)
    if schema_editor.connection.vendor == "postgresql":
        # It makes no index on a table whose deferred checks are still to come.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0005_desk"),
        ("ground", "0002_desk"),
        ("surveys", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="comment",
            name="feedback_comment_at",
        ),
        migrations.RemoveIndex(
            model_name="comment",
            name="feedback_comment_team_at",
        ),
        migrations.RemoveIndex(
            model_name="response",
            name="feedback_response_at",
        ),
        migrations.RemoveIndex(
            model_name="response",
            name="feedback_response_team_at",
        ),
        migrations.AddField(
            model_name="comment",
            name="band",
            field=models.CharField(blank=True, default="", editable=False, max_length=4, verbose_name="score band"),
        ),
        migrations.AddField(
            model_name="comment",
            name="derived_class",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(constructive=True, constructive_confidence__gte=0.5, then=models.Value("constructive")),
                    models.When(
                        models.Q(
                            ("tone_confidence__gte", 0.5),
                            models.Q(
                                ("tone", "positive"), models.Q(("polarity__gt", 0), ("tone", "mixed")), _connector="OR"
                            ),
                        ),
                        then=models.Value("positive"),
                    ),
                    models.When(
                        models.Q(("tone_confidence__gte", 0.5), ("tone__in", ["negative", "mixed"])),
                        then=models.Value("negative"),
                    ),
                    models.When(
                        models.Q(("tone_confidence__gte", 0.5), ("tone", "neutral")), then=models.Value("neutral")
                    ),
                    default=models.Value("unsure"),
                    output_field=models.CharField(max_length=12),
                ),
                output_field=models.CharField(
                    choices=[
                        ("positive", "positive"),
                        ("negative", "negative"),
                        ("constructive", "constructive"),
                        ("neutral", "neutral"),
                        ("unsure", "not sure"),
                    ],
                    max_length=12,
                    verbose_name="class",
                ),
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="evidence",
            field=models.CharField(blank=True, default="", editable=False, max_length=12),
        ),
        migrations.AddField(
            model_name="comment",
            name="score",
            field=models.SmallIntegerField(editable=False, null=True, verbose_name="score"),
        ),
        migrations.AddField(
            model_name="comment",
            name="wants_contact",
            field=models.BooleanField(default=False, editable=False, verbose_name="asks to be contacted"),
        ),
        migrations.AlterField(
            model_name="comment",
            name="agent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.agent",
                verbose_name="agent",
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="survey",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.survey",
                verbose_name="survey",
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ground.team",
                verbose_name="team",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="agent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.agent",
                verbose_name="agent",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="survey",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="surveys.survey",
                verbose_name="survey",
            ),
        ),
        migrations.AlterField(
            model_name="response",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ground.team",
                verbose_name="team",
            ),
        ),
        migrations.RunPython(repeat_responses, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=[
                    "-said_at",
                    "-id",
                    "team",
                    "derived_class",
                    "tone",
                    "constructive",
                    "language",
                    "channel",
                    "source",
                    "survey",
                    "agent",
                    "score",
                    "band",
                    "evidence",
                    "is_counted",
                    "wants_contact",
                    "done_at",
                    "classified_at",
                ],
                name="feedback_comment_at",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=[
                    "team",
                    "-said_at",
                    "-id",
                    "derived_class",
                    "tone",
                    "constructive",
                    "language",
                    "channel",
                    "source",
                    "survey",
                    "agent",
                    "score",
                    "band",
                    "evidence",
                    "is_counted",
                    "wants_contact",
                    "done_at",
                    "classified_at",
                ],
                name="feedback_comment_team_at",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["agent", "-said_at", "-id"], name="feedback_comment_agent_at"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["customer", "-said_at", "-id"], name="feedback_comment_customer_at"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("wants_contact", True)), fields=["-said_at", "-id"], name="feedback_comment_contact"
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                fields=[
                    "-answered_at",
                    "-id",
                    "team",
                    "survey",
                    "agent",
                    "channel",
                    "scale",
                    "score",
                    "evidence",
                    "wants_contact",
                    "is_excluded",
                ],
                name="feedback_response_at",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                fields=[
                    "team",
                    "-answered_at",
                    "-id",
                    "survey",
                    "agent",
                    "channel",
                    "scale",
                    "score",
                    "evidence",
                    "wants_contact",
                    "is_excluded",
                ],
                name="feedback_response_team_at",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["agent", "-answered_at", "-id"], name="feedback_response_agent_at"),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(("wants_contact", True)),
                fields=["-answered_at", "-id"],
                name="feedback_response_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(("is_excluded", True)),
                fields=["-answered_at", "-id"],
                name="feedback_response_excluded",
            ),
        ),
    ]
