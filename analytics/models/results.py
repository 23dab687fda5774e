"""Counts of answers to single questions by reporting day."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Question, Survey


class AnswerDay(Counted):
    """How many responses of this day were asked a question, answered it, or gave this value to it or to its item.

    `fact` tells which (`analytics.results.counts`). A question belongs to one version, so each version has its own.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+", db_index=False)
    evidence = models.CharField(max_length=12)
    language = models.CharField(max_length=16)
    fact = models.CharField(max_length=8)
    item = models.CharField(max_length=32, blank=True)
    value = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["cut", "survey", "day", "team"], name="analytics_answerday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.question_id} {self.fact} {self.item} {self.value}: {self.count}"


class TextDay(Counted):
    """How many texts of this class were written on this day in answer to a question, by the page's language."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+", db_index=False)
    language = models.CharField(max_length=16)
    derived_class = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["cut", "survey", "day", "team"], name="analytics_textday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.question_id} {self.derived_class}: {self.count}"
