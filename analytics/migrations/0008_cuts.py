import django.db.models.deletion
from django.db import migrations, models


def count_anew(apps, schema_editor):
    """Counts cut by no zone at all are made anew by the worker, with their cuts."""
    apps.get_model("analytics", "RollupClock").objects.update(timezone="")


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0007_served_by_aspect'),
        ('feedback', '0018_ideas_and_themes'),
        ('ground', '0004_mail_logo_digest'),
        ('surveys', '0017_sent_index'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='askedday',
            name='analytics_askedday_day',
        ),
        migrations.RemoveIndex(
            model_name='commentday',
            name='analytics_commentday_day',
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
            model_name='scoreday',
            name='analytics_scoreday_day',
        ),
        migrations.RemoveIndex(
            model_name='scoredtopicsday',
            name='analytics_scoredtopics_day',
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
            model_name='topicday',
            name='analytics_topicday_day',
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
            model_name='servedday',
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
            model_name='askedday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_askedday_day'),
        ),
        migrations.AddIndex(
            model_name='commentday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_commentday_day'),
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
            index=models.Index(fields=['cut', 'span', 'day', 'channel', 'team', 'bucket', 'count'], name='analytics_durationday_span'),
        ),
        migrations.AddIndex(
            model_name='durationday',
            index=models.Index(fields=['cut', 'day'], name='analytics_durationday_day'),
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
            model_name='servedday',
            index=models.Index(fields=['cut', 'aspect', 'scale', 'day'], name='analytics_servedday_aspect'),
        ),
        migrations.AddIndex(
            model_name='servedday',
            index=models.Index(fields=['cut', 'day'], name='analytics_servedday_day'),
        ),
        migrations.AddIndex(
            model_name='topicday',
            index=models.Index(fields=['cut', 'day', 'team'], name='analytics_topicday_day'),
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
