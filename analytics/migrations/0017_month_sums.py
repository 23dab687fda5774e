from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0016_count_anew'),
    ]

    operations = [
        migrations.CreateModel(
            name='MonthSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=16)),
                ('month', models.DateField()),
                ('holds', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('scope', 'month'), name='analytics_monthsum_once')],
            },
        ),
    ]
