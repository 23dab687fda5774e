from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0007_what_was_done'),
    ]

    operations = [
        migrations.AddField(
            model_name='label',
            name='subjectivity',
            field=models.FloatField(null=True, verbose_name='subjectivity'),
        ),
    ]
