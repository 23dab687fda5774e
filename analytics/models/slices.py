"""Counts by one more thing that is told of an answer or a comment."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Survey


class Slice(Counted):
    """What `kind` says has this `value`; each row is counted once in every kind that is known of it."""

    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=140)

    class Meta:
        abstract = True


class ScoreSliceDay(Slice):
    """How many responses of this day gave this score, by language or by a segment of customers (`slices`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()

    class Meta:
        # Serve the sums over a period with what there is to choose from, and the recount of a day.
        indexes = [
            models.Index(fields=["cut", "kind", "day", "value"], name="analytics_scoreslice_kind"),
            models.Index(fields=["cut", "day"], name="analytics_scoreslice_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.value} {self.score}: {self.count}"


class CommentSliceDay(Slice):
    """How many comments of this class were said on this day, by language or agent (`slices`), suggestions by tone."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    source = models.CharField(max_length=12)
    derived_class = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["cut", "kind", "day", "value"], name="analytics_commentslice_kind"),
            models.Index(fields=["cut", "day"], name="analytics_commentslice_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.value} {self.derived_class}: {self.count}"
