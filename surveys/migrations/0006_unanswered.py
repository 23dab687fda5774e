from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ground', '0006_request'),
        ('surveys', '0005_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='interaction',
            name='unanswered_working_seconds',
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name='working seconds to the end without a response'),
        ),
    ]
