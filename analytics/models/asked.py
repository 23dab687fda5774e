"""Counts of invitations by the reporting day on which they left."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Survey


class AskedDay(Counted):
    """Of how many invitations that left on this day a fact is true, by survey, team and channel (`asked_counts`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team"], name="analytics_askedday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.fact}: {self.count}"
