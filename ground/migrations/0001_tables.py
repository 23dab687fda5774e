"""All tables as they are before the first release; `replaces` names the steps of installations older than that."""

import datetime
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import ground.models.calendars
import timezone_field.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("ground", "0001_initial"),
        ("ground", "0002_desk"),
        ("ground", "0003_asking"),
        ("ground", "0004_mail_logo_digest"),
        ("ground", "0005_joins7_mapping"),
        ("ground", "0006_watch7_targets"),
    ]
    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]
    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(default='Otklik', max_length=100, verbose_name='name')),
                ('legal_name', models.CharField(blank=True, max_length=200, verbose_name='legal name')),
                ('postal_address', models.CharField(blank=True, help_text='Stands at the foot of every mail.', max_length=300, verbose_name='postal address')),
                ('colour', models.CharField(default='#1d6b5a', help_text='Six hexadecimal digits, like #1d6b5a.', max_length=7, verbose_name='brand colour')),
                ('timezone', timezone_field.fields.TimeZoneField(default='Europe/Moscow', help_text='Days in reports begin at midnight here.', verbose_name='reporting time zone')),
                ('language', models.CharField(choices=[('ru', 'Russian'), ('en', 'English')], default='ru', max_length=5, verbose_name='language of last resort')),
                ('sender_email', models.EmailField(blank=True, help_text='Empty: the address of the settings.', max_length=254, verbose_name='mails come from')),
                ('reply_to', models.EmailField(blank=True, help_text='Empty: to the address that mails come from.', max_length=254, verbose_name='replies go to')),
                ('logo', models.BinaryField(blank=True, default=b'', verbose_name='logo')),
                ('logo_type', models.CharField(blank=True, editable=False, max_length=32)),
                ('logo_digest', models.CharField(blank=True, editable=False, max_length=32)),
            ],
            options={
                'verbose_name': 'organisation',
                'verbose_name_plural': 'organisation',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                ('name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                ('language', models.CharField(blank=True, choices=[('ru', 'Russian'), ('en', 'English')], help_text='Empty: as the browser asks.', max_length=5, verbose_name='language')),
                ('timezone', timezone_field.fields.TimeZoneField(blank=True, default='', help_text="Empty: the organisation's.", verbose_name='time zone')),
                ('is_active', models.BooleanField(default=True, verbose_name='may log in')),
                ('quiet_from', models.TimeField(blank=True, null=True, verbose_name='quiet from')),
                ('quiet_until', models.TimeField(blank=True, null=True, verbose_name='quiet until')),
                ('daily_at', models.TimeField(default=datetime.time(9, 0), verbose_name='daily summary at')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='since')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='ground_user_email_folded')],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=32)),
                ('day', models.DateField()),
            ],
            options={
                'indexes': [models.Index(fields=['scope', 'day'], name='ground_change_scope_day')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=128)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('body', models.JSONField()),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('caller', 'key'), name='ground_idempotency_once')],
            },
        ),
        migrations.CreateModel(
            name='LimitCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100)),
                ('window', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['window'], name='ground_limit_window')],
                'constraints': [models.UniqueConstraint(fields=('key', 'window'), name='ground_limit_once')],
            },
        ),
        migrations.CreateModel(
            name='InboundMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('lease', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='attempts')),
                ('quarantined_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='quarantined')),
                ('error', models.CharField(blank=True, default='', editable=False, max_length=300, verbose_name='error')),
                ('mailbox', models.CharField(max_length=200, verbose_name='mailbox')),
                ('uid', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='received')),
                ('raw', models.BinaryField(default=b'')),
                ('kind', models.CharField(blank=True, max_length=16, verbose_name='kind')),
                ('handled_at', models.DateTimeField(blank=True, null=True, verbose_name='handled')),
            ],
            options={
                'verbose_name': 'incoming mail',
                'verbose_name_plural': 'incoming mails',
                'indexes': [models.Index(condition=models.Q(('handled_at', None)), fields=['id'], name='ground_inbound_waiting'), models.Index(fields=['received_at'], name='ground_inbound_received')],
                'constraints': [models.UniqueConstraint(fields=('mailbox', 'uid'), name='ground_inbound_once')],
            },
        ),
        migrations.CreateModel(
            name='ColumnMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32)),
                ('source', models.CharField(max_length=64)),
                ('columns', models.JSONField(default=dict)),
                ('product', models.CharField(blank=True, default='', max_length=32)),
                ('zone', models.CharField(blank=True, default='', max_length=64)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'source'), name='ground_mapping_once')],
            },
        ),
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('timezone', timezone_field.fields.TimeZoneField(default='Europe/Moscow', verbose_name='time zone')),
                ('week', models.JSONField(default=ground.models.calendars.working_week, verbose_name='working hours')),
                ('holidays', models.CharField(blank=True, default='RU', help_text='Empty: none are kept.', max_length=16, verbose_name='public holidays of')),
                ('days', models.JSONField(blank=True, default=dict, verbose_name='other days')),
                ('is_default', models.BooleanField(default=False, help_text='Holds for teams without a calendar of their own.', verbose_name='for everybody else')),
            ],
            options={
                'verbose_name': 'working hours',
                'verbose_name_plural': 'working hours',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='ground_calendar_default_once')],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='How the help desk or CRM names this team.', max_length=64, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('calendar', models.ForeignKey(blank=True, help_text='Empty: those for everybody else.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='teams', to='ground.calendar', verbose_name='working hours')),
            ],
            options={
                'verbose_name': 'team',
                'verbose_name_plural': 'teams',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('lease', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='attempts')),
                ('quarantined_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='quarantined')),
                ('error', models.CharField(blank=True, default='', editable=False, max_length=300, verbose_name='error')),
                ('kind', models.CharField(max_length=32, verbose_name='kind')),
                ('params', models.JSONField(default=dict, editable=False)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('cursor', models.JSONField(editable=False, null=True)),
                ('total', models.PositiveIntegerField(help_text='Rows; empty while nobody has counted them.', null=True, verbose_name='of')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('result', models.JSONField(default=dict, editable=False)),
                ('file', models.CharField(blank=True, editable=False, max_length=100)),
                ('file_until', models.DateTimeField(editable=False, null=True, verbose_name='file kept until')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='cancelled')),
                ('undoes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='ground.job', verbose_name='undoes')),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('cancelled_at', None), ('finished_at', None)), fields=['id'], name='ground_job_waiting'), models.Index(condition=models.Q(('file_until__isnull', False)), fields=['file_until'], name='ground_job_file_until'), models.Index(fields=['author', '-id'], name='ground_job_author')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='when')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('verb', models.CharField(max_length=40, verbose_name='did')),
                ('subject', models.CharField(blank=True, help_text='Kind and key of the row.', max_length=80, verbose_name='to')),
                ('detail', models.JSONField(default=dict, verbose_name='details')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit log',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['subject'], name='ground_audit_subject')],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notice_choices', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(max_length=32)),
                ('pace', models.CharField(choices=[('immediate', 'at once'), ('daily', 'once a day'), ('weekly', 'once a week'), ('never', 'not at all')], max_length=12)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='ground_notice_choice_once')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(max_length=32)),
                ('key', models.CharField(max_length=64)),
                ('data', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('told_at', None)), fields=['due_at'], name='ground_notice_due')],
                'constraints': [models.UniqueConstraint(fields=('user', 'kind', 'key'), name='ground_notice_once')],
            },
        ),
        migrations.CreateModel(
            name='NoticeTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notice_targets', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('telegram', 'Telegram'), ('webhook', 'Slack-compatible webhook')], max_length=12)),
                ('address', models.CharField(blank=True, max_length=40)),
                ('secret', models.CharField(blank=True, max_length=500)),
                ('quiet_from', models.TimeField(null=True)),
                ('quiet_until', models.TimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='ground_notice_target_once'), models.UniqueConstraint(condition=models.Q(('user', None)), fields=('kind',), name='ground_notice_target_shared_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('team', models.ForeignKey(blank=True, help_text='Empty: the whole organisation.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='ground.team', verbose_name='team')),
                ('role', models.CharField(choices=[('viewer', 'viewer'), ('agent', 'agent'), ('manager', 'manager'), ('administrator', 'administrator')], max_length=16, verbose_name='role')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'constraints': [models.UniqueConstraint(fields=('user', 'team'), name='ground_membership_once'), models.UniqueConstraint(condition=models.Q(('team__isnull', True)), fields=('user',), name='ground_membership_whole_once'), models.CheckConstraint(condition=models.Q(models.Q(('role', 'administrator'), _negated=True), ('team__isnull', True), _connector='OR'), name='ground_administrator_is_whole', violation_error_message="An administrator's membership names no team.")],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.CharField(editable=False, max_length=150, primary_key=True, serialize=False, unique=True)),
                ('prefix', models.CharField(editable=False, max_length=8, unique=True)),
                ('hashed_key', models.CharField(editable=False, max_length=150)),
                ('created', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('name', models.CharField(default=None, help_text='A free-form name for the API key. Need not be unique. 50 characters max.', max_length=50)),
                ('revoked', models.BooleanField(blank=True, default=False, help_text='If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)')),
                ('expiry_date', models.DateTimeField(blank=True, help_text='Once API key expires, clients cannot use it anymore.', null=True, verbose_name='Expires')),
                ('team', models.ForeignKey(blank=True, help_text='Empty: the whole organisation. With a team, rows of other teams are refused.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ground.team', verbose_name='team')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'ordering': ('-created',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Outgoing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('lease', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='attempts')),
                ('quarantined_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='quarantined')),
                ('error', models.CharField(blank=True, default='', editable=False, max_length=300, verbose_name='error')),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('telegram', 'Telegram'), ('webhook', 'Slack-compatible webhook')], default='email', max_length=16, verbose_name='channel')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('target', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ground.noticetarget')),
                ('address', models.CharField(max_length=254, verbose_name='address')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(editable=False)),
                ('html', models.TextField(blank=True, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('sent_at', None)), fields=['id'], name='ground_outgoing_waiting')],
            },
        ),
    ]
