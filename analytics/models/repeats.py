"""Counts of answers by customers who answered before, by the reporting day of the later answer."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Survey


class RepeatDay(Counted):
    """How many pairs of answers one customer gave of which the later one is of this day (`repeat_pairs`).

    `among` says which of survey, team and channel both answers share; the others are empty. `evidence` is empty where
    all counted answers are looked at. `pairs` has their distance and values, packed with their counts (`stored`).
    """

    among = models.CharField(max_length=3, blank=True)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True, db_index=False)
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12, blank=True)
    pairs = models.TextField(default="")

    class Meta:
        # Serve the sums over a period, and the recount of a day.
        indexes = [
            models.Index(fields=["cut", "among", "day", "team"], name="analytics_repeatday_among"),
            models.Index(fields=["cut", "day"], name="analytics_repeatday_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.among} {self.scale}: {self.count}"
