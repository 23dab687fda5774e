"""Who stays and who leaves: counts of customers, kept as they were on a day."""

from django.db import models


class Staying(models.Model):
    """The customers of a scope up to the end of a day. Not counts by day: whoever came again changes older months, so
    a job counts all of them anew (`analytics.staying`). `window` is after how many days silence means leaving."""

    scope = models.CharField(max_length=1000, unique=True)
    day = models.DateField()
    version = models.PositiveSmallIntegerField()
    window = models.PositiveSmallIntegerField()
    found = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.scope} {self.day}"
