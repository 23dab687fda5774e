"""Counts of customers who come back, by the reporting day on which a contact began."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Agent


class ReturnDay(Counted):
    """How many contacts that began on this day are alike in what came before and after them.

    `marks` are the bits of `return_counts`, packed with their counts (`stored`). A contact is judged so many days after
    `ended`, its last day; None while it is open.
    """

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+", null=True, db_index=False)
    reason = models.CharField(max_length=100, blank=True)
    ended = models.DateField(null=True)
    marks = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_returnday_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_returnday_team"),
            models.Index(fields=["cut", "agent", "day"], name="analytics_returnday_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason} {self.marks}: {self.count}"
