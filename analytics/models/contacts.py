"""Counts of interactions by the reporting day on which they began."""

from django.db import models

from analytics.models.counted import Counted


class ContactDay(Counted):
    """Of how many interactions that began on this day a fact is true, by team and channel."""

    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team"], name="analytics_contactday_day")]

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
    """How many interactions that began on this day took so long, by team and channel; `quantiles` knows the buckets."""

    span = models.CharField(max_length=20)
    bucket = models.SmallIntegerField()

    class Meta:
        # Holds all that a sum over a period reads: the rows are many, and none is looked up.
        indexes = [
            models.Index(
                fields=["cut", "span", "day", "channel", "team", "bucket", "count"], name="analytics_durationday_span"
            ),
            # Serves the recount of a day.
            models.Index(fields=["cut", "day"], name="analytics_durationday_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.span} {self.bucket}: {self.count}"
