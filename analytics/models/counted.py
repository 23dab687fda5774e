"""What all counts by reporting day have: narrow, exact, equal to a recount of the rows whenever no change waits."""

from typing import Any

from django.db import models

from ground.models import Team


class WholeRows(models.Manager[Any]):
    """The counts by every column, of which nothing is told twice."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(cut="")


class Counted(models.Model):
    """How many rows of a reporting day are alike: of one team and channel, and in what else a table tells apart.

    The same rows are counted once more for every `cut` of the table, which leaves some columns out (`analytics.cuts`).
    """

    cut = models.CharField(max_length=8, blank=True, default="")
    day = models.DateField()
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField()

    # The column of the day whose rows are counted anew together.
    COUNTED_BY = "day"

    objects = WholeRows()
    cuts: models.Manager[Any] = models.Manager()

    class Meta:
        abstract = True
