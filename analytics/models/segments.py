"""Counts of interactions by a segment of their customers, by the reporting day on which they began."""

from django.db import models

from analytics.models.slices import Slice


class ContactSliceDay(Slice):
    """Of how many interactions that began on this day a fact is true (`contact_counts`)."""

    fact = models.CharField(max_length=12)

    class Meta:
        # Serve the sums over a period, and the recount of a day.
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_contactslice_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_contactslice_team"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.value} {self.fact}: {self.count}"


class DurationSliceDay(Slice):
    """How many interactions that began on this day took how long (`stored`)."""

    span = models.CharField(max_length=20)
    buckets = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_durationslice_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_durationslice_team"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.value} {self.span}: {self.count}"


class ReturnSliceDay(Slice):
    """How many contacts that began on this day are alike in what came before and after them, as in `ReturnDay`."""

    ended = models.DateField(null=True)
    marks = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_returnslice_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_returnslice_team"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.value} {self.marks}: {self.count}"
