import django.db.models.deletion
from django.db import migrations, models


COUNTS = (
    "AgentAskedDay", "AgentContactDay", "AgentDurationDay", "AgentScoreDay", "AnswerDay", "AskedDay", "CommentDay",
    "CommentSliceDay", "ContactDay", "ContactHour", "DurationDay", "ReturnDay", "ScoreDay", "ScoreSliceDay",
    "ScoredTopicsDay", "ServedDay", "TextDay", "TopicDay",
)  # fmt: skip


def forget(apps, schema_editor):
    """Counts of the old shape go; cut by no zone at all, everything is made anew by the worker."""
    for name in COUNTS:
        apps.get_model("analytics", name).objects.all().delete()
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0015_watch7_digest'),
        ('feedback', '0018_ideas_and_themes'),
        ('ground', '0005_joins7_mapping'),
        ('surveys', '0018_segments'),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name='agentaskedday',
            name='analytics_agentasked_day',
        ),
        migrations.RemoveIndex(
            model_name='agentaskedday',
            name='analytics_agentasked_agent',
        ),
        migrations.RemoveIndex(
            model_name='agentcontactday',
            name='analytics_agentcontact_day',
        ),
        migrations.RemoveIndex(
            model_name='agentcontactday',
            name='analytics_agentcontact_agent',
        ),
        migrations.RemoveIndex(
            model_name='agentdurationday',
            name='analytics_agentduration_day',
        ),
        migrations.RemoveIndex(
            model_name='agentdurationday',
            name='analytics_agentduration_agent',
        ),
        migrations.RemoveIndex(
            model_name='agentscoreday',
            name='analytics_agentscore_day',
        ),
        migrations.RemoveIndex(
            model_name='agentscoreday',
            name='analytics_agentscore_agent',
        ),
        migrations.RemoveIndex(
            model_name='answerday',
            name='analytics_answerday_day',
        ),
        migrations.RemoveIndex(
            model_name='askedday',
            name='analytics_askedday_day',
        ),
        migrations.RemoveIndex(
            model_name='commentday',
            name='analytics_commentday_day',
        ),
        migrations.RemoveIndex(
            model_name='commentsliceday',
            name='analytics_commentslice_kind',
        ),
        migrations.RemoveIndex(
            model_name='commentsliceday',
            name='analytics_commentslice_day',
        ),
        migrations.RemoveIndex(
            model_name='contactday',
            name='analytics_contactday_day',
        ),
        migrations.RemoveIndex(
            model_name='contacthour',
            name='analytics_contacthour_day',
        ),
        migrations.RemoveIndex(
            model_name='durationday',
            name='analytics_durationday_span',
        ),
        migrations.RemoveIndex(
            model_name='durationday',
            name='analytics_durationday_day',
        ),
        migrations.RemoveIndex(
            model_name='returnday',
            name='analytics_returnday_day',
        ),
        migrations.RemoveIndex(
            model_name='scoreday',
            name='analytics_scoreday_day',
        ),
        migrations.RemoveIndex(
            model_name='scoredtopicsday',
            name='analytics_scoredtopics_day',
        ),
        migrations.RemoveIndex(
            model_name='scoresliceday',
            name='analytics_scoreslice_kind',
        ),
        migrations.RemoveIndex(
            model_name='scoresliceday',
            name='analytics_scoreslice_day',
        ),
        migrations.RemoveIndex(
            model_name='servedday',
            name='analytics_servedday_aspect',
        ),
        migrations.RemoveIndex(
            model_name='servedday',
            name='analytics_servedday_day',
        ),
        migrations.RemoveIndex(
            model_name='textday',
            name='analytics_textday_day',
        ),
        migrations.RemoveIndex(
            model_name='topicday',
            name='analytics_topicday_day',
        ),
        migrations.RemoveField(
            model_name='agentdurationday',
            name='bucket',
        ),
        migrations.RemoveField(
            model_name='durationday',
            name='bucket',
        ),
        migrations.AddField(
            model_name='agentaskedday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='agentcontactday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='agentdurationday',
            name='buckets',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='agentdurationday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='agentscoreday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='answerday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='askedday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='commentday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='commentsliceday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='contactday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='contacthour',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='durationday',
            name='buckets',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='durationday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='returnday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='scoreday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='scoredtopicsday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='scoresliceday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='servedday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='textday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='topicday',
            name='cut',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AlterField(
            model_name='scoreday',
            name='survey',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.survey'),
        ),
        migrations.AlterField(
            model_name='servedday',
            name='survey',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.survey'),
        ),
        migrations.AddIndex(
            model_name='agentaskedday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_agentasked_day'),
        ),
        migrations.AddIndex(
            model_name='agentaskedday',
            index=models.Index(fields=['cut', 'agent', 'day'], name='analytics_agentasked_agent'),
        ),
        migrations.AddIndex(
            model_name='agentcontactday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_agentcontact_day'),
        ),
        migrations.AddIndex(
            model_name='agentcontactday',
            index=models.Index(fields=['cut', 'agent', 'day'], name='analytics_agentcontact_agent'),
        ),
        migrations.AddIndex(
            model_name='agentdurationday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_agentduration_day'),
        ),
        migrations.AddIndex(
            model_name='agentdurationday',
            index=models.Index(fields=['cut', 'agent', 'day'], name='analytics_agentduration_agent'),
        ),
        migrations.AddIndex(
            model_name='agentscoreday',
            index=models.Index(fields=['cut', 'day', 'team', 'scale'], name='analytics_agentscore_day'),
        ),
        migrations.AddIndex(
            model_name='agentscoreday',
            index=models.Index(fields=['cut', 'agent', 'day'], name='analytics_agentscore_agent'),
        ),
        migrations.AddIndex(
            model_name='answerday',
            index=models.Index(fields=['cut', 'survey', 'day', 'team'], name='analytics_answerday_day'),
        ),
        migrations.AddIndex(
            model_name='askedday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_askedday_day'),
        ),
        migrations.AddIndex(
            model_name='commentday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_commentday_day'),
        ),
        migrations.AddIndex(
            model_name='commentsliceday',
            index=models.Index(fields=['cut', 'kind', 'day', 'value'], name='analytics_commentslice_kind'),
        ),
        migrations.AddIndex(
            model_name='commentsliceday',
            index=models.Index(fields=['cut', 'day'], name='analytics_commentslice_day'),
        ),
        migrations.AddIndex(
            model_name='contactday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_contactday_day'),
        ),
        migrations.AddIndex(
            model_name='contacthour',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_contacthour_day'),
        ),
        migrations.AddIndex(
            model_name='durationday',
            index=models.Index(fields=['cut', 'day', 'span', 'team'], name='analytics_durationday_day'),
        ),
        migrations.AddIndex(
            model_name='returnday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_returnday_day'),
        ),
        migrations.AddIndex(
            model_name='scoreday',
            index=models.Index(fields=['cut', 'day', 'team', 'scale'], name='analytics_scoreday_day'),
        ),
        migrations.AddIndex(
            model_name='scoredtopicsday',
            index=models.Index(fields=['cut', 'day', 'team', 'scale'], name='analytics_scoredtopics_day'),
        ),
        migrations.AddIndex(
            model_name='scoresliceday',
            index=models.Index(fields=['cut', 'kind', 'day', 'value'], name='analytics_scoreslice_kind'),
        ),
        migrations.AddIndex(
            model_name='scoresliceday',
            index=models.Index(fields=['cut', 'day'], name='analytics_scoreslice_day'),
        ),
        migrations.AddIndex(
            model_name='servedday',
            index=models.Index(fields=['cut', 'aspect', 'scale', 'day'], name='analytics_servedday_aspect'),
        ),
        migrations.AddIndex(
            model_name='servedday',
            index=models.Index(fields=['cut', 'day'], name='analytics_servedday_day'),
        ),
        migrations.AddIndex(
            model_name='textday',
            index=models.Index(fields=['cut', 'survey', 'day', 'team'], name='analytics_textday_day'),
        ),
        migrations.AddIndex(
            model_name='topicday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_topicday_day'),
        ),
    ]
