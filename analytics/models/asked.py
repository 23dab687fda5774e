"""Counts of decisions by the reporting day on which they were made, and of invitations by that on which they left."""

from django.db import models

from analytics.models.counted import Counted
from analytics.models.slices import Slice
from surveys.models import Survey


class AskedDay(Counted):
    """Of how many invitations that left on this day a fact is true, by survey, team and channel (`asked_counts`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_askedday_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_askedday_team"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.fact}: {self.count}"


class AskedSliceDay(Slice):
    """Of how many invitations that left on this day a fact is true, by a slice of their customers (`asked_slices`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True, db_index=False)
    fact = models.CharField(max_length=12)

    class Meta:
        # Serve the sums over a period, and the recount of a day.
        indexes = [
            models.Index(fields=["cut", "kind", "day", "team"], name="analytics_askedslice_kind"),
            models.Index(fields=["cut", "day"], name="analytics_askedslice_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.value} {self.fact}: {self.count}"


class DecisionDay(Counted):
    """Decisions of this day whether to ask, by survey (None where no rule spoke), outcome and reason."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    outcome = models.CharField(max_length=8)
    reason = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team"], name="analytics_decisionday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.outcome} {self.reason}: {self.count}"
