"""All tables as they are before the first release; `replaces` names the steps of installations older than that."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

MAKE = {
    "sqlite": ["CREATE VIRTUAL TABLE feedback_comment_search "
               "USING fts5(lemmas, tokenize = 'unicode61 remove_diacritics 0')"],
    # PostgreSQL keeps what a search compares: making it again for each row that a list walks along took most of a page.
    "postgresql": ["ALTER TABLE feedback_comment ADD COLUMN vector tsvector "
                   "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, lemmas)) STORED",
                   "CREATE INDEX feedback_comment_search ON feedback_comment USING gin (vector)"],
}


def make_search(apps, schema_editor):
    """The index that comments are searched by: a full-text table on SQLite, a column of its own on PostgreSQL."""
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_search(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE feedback_comment_search")


def add_rows(apps, schema_editor):
    """The taxonomy that a new installation starts with, which managers change as they like, and the rows of chores."""
    from feedback.topics import default_rows

    for row in default_rows():
        apps.get_model("feedback", "Topic").objects.create(**row)
    apps.get_model("feedback", "Learning").objects.create(pk=1)
    chores = apps.get_model("feedback", "Chore").objects
    chores.create(name="ideas")
    chores.create(name="themes", due_at=django.utils.timezone.now())


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("feedback", "0001_initial"),
        ("feedback", "0002_default_topics"),
        ("feedback", "0003_corrections_and_reading"),
        ("feedback", "0004_search"),
        ("feedback", "0005_desk"),
        ("feedback", "0006_reading"),
        ("feedback", "0007_answering"),
        ("feedback", "0008_kinds_texts"),
        ("feedback", "0009_evidence_program"),
        ("feedback", "0010_public_device"),
        ("feedback", "0011_reading_vectors"),
        ("feedback", "0012_reading_review_team"),
        ("feedback", "0013_checking_columns"),
        ("feedback", "0014_topics6_tree"),
        ("feedback", "0015_learning_models"),
        ("feedback", "0016_learning_quality"),
        ("feedback", "0017_checking_topicless"),
        ("feedback", "0018_ideas_and_themes"),
        ("feedback", "0019_results7_sealed"),
    ]
    dependencies = [
        ('ground', '0001_tables'),
        ('surveys', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='surveys.invitation')),
                ('score', models.SmallIntegerField(null=True, verbose_name='score')),
                ('is_trap', models.BooleanField(default=False, verbose_name='hidden link')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='opened')),
                ('seconds_since_handover', models.FloatField(null=True, verbose_name='seconds after the mail')),
                ('method', models.CharField(default='GET', max_length=8)),
                ('header_class', models.CharField(max_length=32, verbose_name='kind of client')),
                ('prefix_hash', models.CharField(max_length=32)),
                ('agent_hash', models.CharField(max_length=32)),
                ('verdict', models.CharField(blank=True, choices=[('clean', 'clean'), ('suspect', 'suspect')], max_length=8, verbose_name='verdict')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='settled')),
            ],
            options={
                'verbose_name': 'opened link',
                'verbose_name_plural': 'opened links',
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('settled_at', None)), fields=['at'], name='feedback_touch_unsettled')],
            },
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invitation', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.invitation')),
                ('survey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.survey', verbose_name='survey')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveyversion', verbose_name='version')),
                ('customer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.customer', verbose_name='customer')),
                ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ground.team', verbose_name='team')),
                ('agent', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.agent', verbose_name='agent')),
                ('channel', models.CharField(blank=True, choices=[('phone', 'phone'), ('email', 'e-mail'), ('chat', 'chat'), ('messenger', 'messenger'), ('web', 'web form'), ('in_person', 'in person'), ('social', 'social network')], max_length=16, verbose_name='channel')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('scale', models.CharField(max_length=16, verbose_name='scale')),
                ('score', models.SmallIntegerField(null=True, verbose_name='score')),
                ('evidence', models.CharField(choices=[('confirmed', 'confirmed'), ('presumed', 'presumed'), ('held', 'held'), ('unverified', 'unverified')], max_length=12, verbose_name='evidence')),
                ('held_for', models.CharField(blank=True, choices=[('trap', 'the hidden link was opened'), ('sweep', 'several scores were opened at once'), ('young', 'posted quicker than anybody reads'), ('decoy', 'filled in a field that nobody sees'), ('early', 'opened right after the mail'), ('program', 'opened by a program that is no browser'), ('domain', 'the mail domain opens links by itself'), ('unmatched', 'its contact is not reported yet'), ('duplicate', 'the same device answered before'), ('velocity', 'many answers at once')], default='', max_length=12, verbose_name='held because')),
                ('review', models.CharField(blank=True, choices=[('released', 'released'), ('rejected', 'rejected')], default='', max_length=8, verbose_name='decided')),
                ('reviewed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='decided at')),
                ('reviewed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('link', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='surveys.link')),
                ('device', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('wants_contact', models.BooleanField(default=False, verbose_name='asks to be contacted')),
                ('contact_noticed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('is_excluded', models.BooleanField(default=False, editable=False, help_text='Somebody took it out of the scores.', verbose_name='excluded')),
                ('answered_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='answered')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last changed')),
                ('edit_key_hash', models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                'verbose_name': 'response',
                'verbose_name_plural': 'responses',
                'ordering': ['-answered_at'],
                'indexes': [models.Index(fields=['-answered_at', '-id', 'team', 'survey', 'agent', 'channel', 'scale', 'score', 'evidence', 'wants_contact', 'is_excluded'], name='feedback_response_at'), models.Index(fields=['team', '-answered_at', '-id', 'survey', 'agent', 'channel', 'scale', 'score', 'evidence', 'wants_contact', 'is_excluded'], name='feedback_response_team_at'), models.Index(fields=['agent', '-answered_at', '-id'], name='feedback_response_agent_at'), models.Index(fields=['customer', '-answered_at'], name='feedback_response_customer'), models.Index(condition=models.Q(('wants_contact', True)), fields=['-answered_at', '-id'], name='feedback_response_contact'), models.Index(condition=models.Q(('is_excluded', True)), fields=['-answered_at', '-id'], name='feedback_response_excluded'), models.Index(condition=models.Q(('contact_noticed_at', None), ('wants_contact', True)), fields=['id'], name='feedback_contact_unnoticed'), models.Index(condition=models.Q(('evidence__in', ['held', 'unverified']), ('review', '')), fields=['-answered_at', '-id'], name='feedback_response_review'), models.Index(condition=models.Q(('evidence__in', ['held', 'unverified']), ('review', '')), fields=['team', '-answered_at', '-id'], name='feedback_response_review_team'), models.Index(condition=models.Q(('link__isnull', False)), fields=['link', 'evidence', 'answered_at'], name='feedback_response_through'), models.Index(condition=models.Q(('device', ''), _negated=True), fields=['link', 'device', 'answered_at'], name='feedback_response_device')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=32, unique=True, verbose_name='code')),
                ('names', models.JSONField(default=dict, help_text='By language.', verbose_name='name')),
                ('descriptions', models.JSONField(blank=True, default=dict, help_text='By language.', verbose_name='description')),
                ('cues', models.JSONField(blank=True, default=dict, help_text='By language.', verbose_name='cue words')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='feedback.topic', verbose_name='belongs to')),
                ('merged_into', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='feedback.topic', verbose_name='merged into')),
                ('brought', models.JSONField(default=dict, editable=False)),
                ('changed_at', models.DateTimeField(editable=False, null=True)),
                ('applied_at', models.DateTimeField(editable=False, null=True)),
                ('teams', models.ManyToManyField(blank=True, related_name='+', to='ground.team', verbose_name='only for teams')),
                ('surveys', models.ManyToManyField(blank=True, related_name='+', to='surveys.survey', verbose_name='only for surveys')),
            ],
            options={
                'verbose_name': 'topic',
                'verbose_name_plural': 'topics',
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('is_shared', models.BooleanField(default=False, verbose_name='shared')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='feedback_view_once')],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='feedback_tag_folded')],
            },
        ),
        migrations.CreateModel(
            name='Chore',
            fields=[
                ('name', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Idea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, help_text='Empty: the words of its most typical comment.', max_length=200, verbose_name='title')),
                ('status', models.CharField(choices=[('new', 'new'), ('planned', 'planned'), ('done', 'done'), ('declined', 'declined')], default='new', max_length=8, verbose_name='status')),
                ('note', models.TextField(blank=True, help_text='For colleagues; customers never see it.', max_length=2000, verbose_name='note')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='responsible')),
                ('merged_into', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='feedback.idea')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('space', models.CharField(blank=True, editable=False, max_length=32)),
                ('centre', models.BinaryField(default=b'')),
                ('weight', models.PositiveIntegerField(default=0, editable=False)),
                ('cell', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('near', models.JSONField(default=list, editable=False)),
            ],
            options={
                'verbose_name': 'idea',
                'verbose_name_plural': 'ideas',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['space', 'cell', '-weight', '-id'], name='feedback_idea_cell')],
            },
        ),
        migrations.CreateModel(
            name='ThemeRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.PositiveSmallIntegerField()),
                ('until', models.DateTimeField()),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ground.job')),
                ('in_window', models.PositiveIntegerField(default=0)),
                ('in_base', models.PositiveIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['days', '-id'], name='feedback_round_last')],
            },
        ),
        migrations.CreateModel(
            name='MutedPhrase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phrase', models.CharField(max_length=200, unique=True)),
                ('words', models.CharField(max_length=200)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='LearnedModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.CharField(choices=[('topic', 'topics'), ('tone', 'tone'), ('constructive', 'suggestions')], max_length=12, verbose_name='scheme')),
                ('weights', models.BinaryField()),
                ('manifest', models.JSONField(default=dict)),
                ('figures', models.JSONField(default=dict)),
                ('languages', models.JSONField(default=list)),
                ('difference', models.JSONField(default=dict)),
                ('newest_label', models.PositiveBigIntegerField(default=0)),
                ('trained_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='trained')),
                ('promoted_at', models.DateTimeField(null=True, verbose_name='promoted')),
                ('promoted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_at', models.DateTimeField(null=True, verbose_name='retired')),
                ('discarded_at', models.DateTimeField(null=True, verbose_name='discarded')),
                ('discarded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='error')),
            ],
            options={
                'verbose_name': 'learned model',
                'verbose_name_plural': 'learned models',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('promoted_at__isnull', False), ('retired_at', None)), fields=('scheme',), name='feedback_learned_active_once')],
            },
        ),
        migrations.CreateModel(
            name='Learning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('newest_label', models.PositiveBigIntegerField(default=0)),
                ('trained_at', models.DateTimeField(null=True)),
                ('is_automatic', models.BooleanField(default=False, verbose_name='promote without asking')),
            ],
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='feedback.response')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.question')),
                ('item', models.CharField(blank=True, default='', max_length=32)),
                ('value', models.SmallIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('response', 'question', 'item'), name='feedback_answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='feedback.response')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('score', models.SmallIntegerField(null=True, verbose_name='score')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('wants_contact', models.BooleanField(default=False, verbose_name='asks to be contacted')),
                ('evidence', models.CharField(choices=[('confirmed', 'confirmed'), ('presumed', 'presumed'), ('held', 'held'), ('unverified', 'unverified')], max_length=12, verbose_name='evidence')),
                ('answers', models.JSONField(blank=True, default=dict)),
                ('texts', models.JSONField(blank=True, default=dict)),
                ('prefix_hash', models.CharField(blank=True, default='', max_length=32)),
                ('agent_hash', models.CharField(blank=True, default='', max_length=32)),
                ('page_served_at', models.DateTimeField(blank=True, null=True)),
                ('is_decoyed', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'revisions',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('response', 'number'), name='feedback_revision_once')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('lease', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='attempts')),
                ('quarantined_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='quarantined')),
                ('error', models.CharField(blank=True, default='', editable=False, max_length=300, verbose_name='error')),
                ('source', models.CharField(choices=[('survey', 'survey answer'), ('review', 'public review'), ('complaint', 'complaint'), ('message', 'message')], max_length=12, verbose_name='source')),
                ('origin', models.CharField(blank=True, help_text='The site or system it came from.', max_length=64, verbose_name='origin')),
                ('external_key', models.CharField(blank=True, max_length=128, null=True, verbose_name='external id')),
                ('response', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='feedback.response', verbose_name='response')),
                ('question', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.question')),
                ('survey', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.survey', verbose_name='survey')),
                ('customer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.customer', verbose_name='customer')),
                ('interaction', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.interaction')),
                ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ground.team', verbose_name='team')),
                ('agent', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.agent', verbose_name='agent')),
                ('channel', models.CharField(blank=True, choices=[('phone', 'phone'), ('email', 'e-mail'), ('chat', 'chat'), ('messenger', 'messenger'), ('web', 'web form'), ('in_person', 'in person'), ('social', 'social network')], max_length=16, verbose_name='channel')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason')),
                ('text', models.TextField(verbose_name='text')),
                ('stars', models.PositiveSmallIntegerField(blank=True, help_text='Of a public review, 1 to 5; never part of a survey score.', null=True, verbose_name='stars')),
                ('said_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='said')),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='received')),
                ('is_counted', models.BooleanField(default=True, editable=False, help_text='False while its response is held or unverified.', verbose_name='counted')),
                ('classified_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='read by the machine')),
                ('language', models.CharField(blank=True, max_length=16, verbose_name='language')),
                ('tone', models.CharField(blank=True, choices=[('positive', 'positive'), ('negative', 'negative'), ('neutral', 'neutral'), ('mixed', 'mixed')], max_length=8, verbose_name='tone')),
                ('tone_confidence', models.FloatField(default=0)),
                ('polarity', models.FloatField(default=0)),
                ('constructive', models.BooleanField(null=True, verbose_name='constructive')),
                ('constructive_confidence', models.FloatField(default=0)),
                ('is_topicless', models.BooleanField(default=False, editable=False)),
                ('lemmas', models.TextField(blank=True, default='')),
                ('derived_class', models.GeneratedField(db_persist=True, expression=models.Case(models.When(constructive=True, constructive_confidence__gte=0.5, then=models.Value('constructive')), models.When(models.Q(('tone_confidence__gte', 0.5), models.Q(('tone', 'positive'), models.Q(('polarity__gt', 0), ('tone', 'mixed')), _connector='OR')), then=models.Value('positive')), models.When(models.Q(('tone_confidence__gte', 0.5), ('tone__in', ['negative', 'mixed'])), then=models.Value('negative')), models.When(models.Q(('tone_confidence__gte', 0.5), ('tone', 'neutral')), then=models.Value('neutral')), default=models.Value('unsure'), output_field=models.CharField(max_length=12)), output_field=models.CharField(choices=[('positive', 'positive'), ('negative', 'negative'), ('constructive', 'constructive'), ('neutral', 'neutral'), ('unsure', 'not sure')], max_length=12, verbose_name='class'))),
                ('score', models.SmallIntegerField(editable=False, null=True, verbose_name='score')),
                ('band', models.CharField(blank=True, default='', editable=False, max_length=4, verbose_name='score band')),
                ('evidence', models.CharField(blank=True, default='', editable=False, max_length=12)),
                ('wants_contact', models.BooleanField(default=False, editable=False, verbose_name='asks to be contacted')),
                ('waits_for_idea', models.BooleanField(default=False, editable=False)),
                ('is_sample', models.BooleanField(default=False, editable=False, help_text='Drawn by chance among all that come in; once checked it tells how good the machine is.', verbose_name='in the random sample')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='checked')),
                ('checked_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('done_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='done')),
                ('done_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'ordering': ['-said_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('classified_at', None)), fields=['id'], name='feedback_comment_waiting'), models.Index(condition=models.Q(('waits_for_idea', True)), fields=['id'], name='feedback_comment_idea'), models.Index(fields=['-said_at', '-id', 'team', 'derived_class', 'tone', 'constructive', 'language', 'channel', 'source', 'survey', 'agent', 'score', 'band', 'evidence', 'is_counted', 'wants_contact', 'done_at', 'classified_at'], name='feedback_comment_at'), models.Index(fields=['team', '-said_at', '-id', 'derived_class', 'tone', 'constructive', 'language', 'channel', 'source', 'survey', 'agent', 'score', 'band', 'evidence', 'is_counted', 'wants_contact', 'done_at', 'classified_at'], name='feedback_comment_team_at'), models.Index(fields=['agent', '-said_at', '-id'], name='feedback_comment_agent_at'), models.Index(fields=['customer', '-said_at', '-id'], name='feedback_comment_customer_at'), models.Index(condition=models.Q(('done_at', None)), fields=['-said_at', '-id'], name='feedback_comment_open'), models.Index(condition=models.Q(('done_at', None)), fields=['team', '-said_at', '-id'], name='feedback_comment_team_open'), models.Index(condition=models.Q(('wants_contact', True)), fields=['-said_at', '-id'], name='feedback_comment_contact'), models.Index(django.db.models.functions.comparison.Least('tone_confidence', 'constructive_confidence'), models.F('id'), models.F('team'), condition=models.Q(('checked_at', None), ('classified_at__isnull', False), ('is_sample', False), django.db.models.lookups.LessThan(django.db.models.functions.comparison.Least('tone_confidence', 'constructive_confidence'), 0.6)), name='feedback_comment_doubt'), models.Index(condition=models.Q(('checked_at__isnull', False), ('is_sample', True)), fields=['-checked_at', 'team'], name='feedback_comment_measured'), models.Index(condition=models.Q(('checked_at', None), ('classified_at__isnull', False), ('is_sample', True)), fields=['-said_at', '-id', 'team'], name='feedback_comment_sample'), models.Index(condition=models.Q(('checked_at', None), ('classified_at__isnull', False), ('is_sample', False), ('is_topicless', True)), fields=['-said_at', '-id', 'team'], name='feedback_comment_topicless'), models.Index(condition=models.Q(('checked_at', None), ('classified_at__isnull', False), ('is_sample', False), models.Q(models.Q(('band', 'high'), ('derived_class', 'negative')), models.Q(('band', 'low'), ('derived_class', 'positive')), _connector='OR')), fields=['-said_at', '-id', 'team'], name='feedback_comment_conflict'), models.Index(condition=models.Q(('checked_at', None), ('classified_at__isnull', False), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('lemmas'), 60), models.Q(('lemmas', ''), _negated=True)), fields=['lemmas'], name='feedback_comment_same')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_key__isnull', False)), fields=('source', 'origin', 'external_key'), name='feedback_comment_once'), models.UniqueConstraint(fields=('response', 'question'), name='feedback_comment_text_once')],
            },
        ),
        migrations.CreateModel(
            name='IdeaStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('merge', 'merged'), ('split', 'split off'), ('move', 'moved'), ('out', 'taken out')], max_length=8)),
                ('idea', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.idea')),
                ('into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.idea')),
                ('moved', models.JSONField(default=list)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Theme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='themes', to='feedback.themeround')),
                ('phrase', models.CharField(max_length=200)),
                ('words', models.CharField(max_length=200)),
                ('language', models.CharField(blank=True, max_length=8)),
                ('others', models.JSONField(default=list)),
                ('position', models.PositiveSmallIntegerField()),
                ('in_window', models.PositiveIntegerField()),
                ('in_base', models.PositiveIntegerField()),
                ('lift', models.FloatField()),
                ('p_adjusted', models.FloatField()),
                ('topic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='feedback.topic')),
            ],
            options={
                'verbose_name': 'new theme',
                'verbose_name_plural': 'new themes',
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Sealed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.surveyversion')),
                ('team', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ground.team')),
                ('agent', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='surveys.agent')),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='surveys.link')),
                ('channel', models.CharField(blank=True, max_length=16)),
                ('evidence', models.CharField(choices=[('confirmed', 'confirmed'), ('presumed', 'presumed'), ('held', 'held'), ('unverified', 'unverified')], max_length=12)),
                ('held_for', models.CharField(blank=True, choices=[('trap', 'the hidden link was opened'), ('sweep', 'several scores were opened at once'), ('young', 'posted quicker than anybody reads'), ('decoy', 'filled in a field that nobody sees'), ('early', 'opened right after the mail'), ('program', 'opened by a program that is no browser'), ('domain', 'the mail domain opens links by itself'), ('unmatched', 'its contact is not reported yet'), ('duplicate', 'the same device answered before'), ('velocity', 'many answers at once')], max_length=12)),
                ('score', models.SmallIntegerField(null=True)),
                ('text', models.TextField(blank=True)),
                ('answers', models.JSONField(default=dict)),
                ('texts', models.JSONField(default=dict)),
                ('response', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.response')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='feedback.comment', verbose_name='comment')),
                ('scheme', models.CharField(choices=[('language', 'language'), ('tone', 'tone'), ('constructive', 'constructive'), ('topic', 'topic')], max_length=12, verbose_name='scheme')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.topic', verbose_name='topic')),
                ('value', models.CharField(blank=True, max_length=16, verbose_name='value')),
                ('confidence', models.FloatField(verbose_name='confidence')),
                ('polarity', models.FloatField(null=True, verbose_name='polarity')),
                ('source', models.CharField(choices=[('human', 'person'), ('rule', 'rule'), ('model', 'model')], max_length=8, verbose_name='source')),
                ('version', models.CharField(blank=True, max_length=64, verbose_name='version')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('takes_back', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='taken_back_by', to='feedback.label', verbose_name='takes back')),
                ('spans', models.JSONField(default=list, verbose_name='evidence')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
            ],
            options={
                'verbose_name': 'label',
                'verbose_name_plural': 'labels',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('source', 'human')), fields=['id'], name='feedback_label_human')],
            },
        ),
        migrations.CreateModel(
            name='CommentTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='feedback.comment')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.topic')),
                ('confidence', models.FloatField()),
            ],
            options={
                'indexes': [models.Index(fields=['topic', '-comment'], name='feedback_topic_comment')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'topic'), name='feedback_comment_topic_once')],
            },
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='feedback.comment', verbose_name='comment')),
                ('lane', models.CharField(choices=[('doubt', 'least sure'), ('topicless', 'without topic'), ('sample', 'random sample'), ('conflict', 'score and text disagree'), ('same', 'same text as another'), ('direct', 'opened by hand')], max_length=10, verbose_name='lane')),
                ('state', models.CharField(choices=[('given', 'given'), ('checked', 'checked'), ('skipped', 'skipped'), ('taken_back', 'taken back')], default='given', max_length=10, verbose_name='state')),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='given')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('done_at', models.DateTimeField(null=True, verbose_name='checked')),
                ('labels', models.JSONField(default=list, verbose_name='labels')),
                ('origin', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='feedback.check')),
            ],
            options={
                'verbose_name': 'check',
                'verbose_name_plural': 'checks',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['user', '-given_at'], name='feedback_check_user'), models.Index(condition=models.Q(('state__in', ['given', 'skipped'])), fields=['until'], name='feedback_check_held')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'given')), fields=('comment',), name='feedback_check_given_once')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='feedback.comment', verbose_name='comment')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('text', models.TextField(max_length=5000, verbose_name='text')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='removed')),
                ('mentions', models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='mentions')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='CommentTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='feedback.comment')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.tag')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['tag', '-comment'], name='feedback_tag_comment')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'tag'), name='feedback_comment_tag_once')],
            },
        ),
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('response', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='exclusions', to='feedback.response')),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='exclusions', to='feedback.comment')),
                ('reason', models.CharField(choices=[('test', 'a test'), ('staff', 'written by our own staff'), ('wrong_customer', "not this customer's contact"), ('duplicate', 'says the same twice'), ('spam', 'advertising or nonsense'), ('other', 'another reason')], max_length=16, verbose_name='reason')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='explanation')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'exclusion',
                'verbose_name_plural': 'exclusions',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('response', None)), models.Q(('comment', None), ('response__isnull', False)), _connector='OR'), name='feedback_exclusion_of_one'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('response',), name='feedback_exclusion_response_once'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('comment',), name='feedback_exclusion_comment_once')],
            },
        ),
        migrations.CreateModel(
            name='IdeaComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='idea_link', to='feedback.comment')),
                ('idea', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='links', to='feedback.idea')),
                ('through', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='feedback.idea')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('start', models.PositiveIntegerField(default=0)),
                ('end', models.PositiveIntegerField(default=0)),
                ('space', models.CharField(blank=True, max_length=32)),
                ('vector', models.BinaryField(default=b'')),
                ('closeness', models.FloatField(default=0)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['idea', '-closeness', 'id'], name='feedback_idea_typical')],
            },
        ),
        migrations.CreateModel(
            name='ThemeComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='found', to='feedback.theme')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.comment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('theme', 'comment'), name='feedback_theme_comment_once')],
            },
        ),
        migrations.CreateModel(
            name='ReadMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.comment', verbose_name='comment')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='read')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'comment'), name='feedback_read_once')],
            },
        ),
        migrations.CreateModel(
            name='BulkStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ground.job')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.comment')),
                ('label', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='feedback.label')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'comment'), name='feedback_bulk_step_once')],
            },
        ),
        migrations.RunPython(make_search, drop_search),
        migrations.RunPython(add_rows, migrations.RunPython.noop),
    ]
