"""Counts of interactions by the reporting day on which they began."""

from django.db import models

from analytics.models.counted import Counted


class ContactDay(Counted):
    """Of how many interactions that began on this day a fact is true, by team and channel."""

    fact = models.CharField(max_length=12)

    class Meta:
        # The last one holds all that a few facts of many teams are summed from.
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_contactday_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_contactday_team"),
            models.Index(fields=["cut", "fact", "day", "team", "count"], name="analytics_contactday_fact"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.fact}: {self.count}"


class ContactHour(Counted):
    """How many interactions began in this hour of this day's clock, by team and channel."""

    hour = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team"], name="analytics_contacthour_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour}: {self.count}"


class DurationDay(Counted):
    """How long interactions that began on this day took, by team and channel (`stored`)."""

    span = models.CharField(max_length=20)
    buckets = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "span", "team"], name="analytics_durationday_day"),
            models.Index(fields=["cut", "team", "span", "day"], name="analytics_durationday_team"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.span}: {self.count}"
