"""What all counts by reporting day have: narrow, exact, equal to a recount of the rows whenever no change waits."""

from django.db import models

from ground.models import Team


class Counted(models.Model):
    """How many rows of a reporting day are alike: of one team and channel, and in what else a table tells apart."""

    day = models.DateField()
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        abstract = True
