"""Counts of customers who come back, by the reporting day on which a contact began."""

from django.db import models

from analytics.models.counted import Counted


class ReturnDay(Counted):
    """How many contacts that began on this day are alike in what came before and after them.

    `marks` are the bits of `return_counts`. A contact is judged so many days after `ended`, its last day; None while it
    is open.
    """

    reason = models.CharField(max_length=100, blank=True)
    ended = models.DateField(null=True)
    marks = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team"], name="analytics_returnday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason} {self.marks}: {self.count}"
