"""Counts by reporting day: narrow, exact, and equal to a recount of the rows whenever no change waits."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ground.models import Team
from surveys.models import Survey


class ScoreDay(models.Model):
    """How many responses gave this score on this day, by survey, scale, team, channel and evidence."""

    day = models.DateField()
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    scale = models.CharField(max_length=16)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, blank=True)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        # Serves the sums over a period, with or without a team.
        indexes = [
            models.Index(fields=["day", "team", "scale"], name="analytics_scoreday_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.score}: {self.count}"


class CommentDay(models.Model):
    """How many comments of this class were said on this day, by source, survey, team and channel."""

    day = models.DateField()
    source = models.CharField(max_length=12)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, blank=True)
    derived_class = models.CharField(max_length=12)
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_commentday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.derived_class}: {self.count}"


class TopicDay(models.Model):
    """How many comments of this class mention this topic on this day, by source, survey, team and channel."""

    day = models.DateField()
    source = models.CharField(max_length=12)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, blank=True)
    topic = models.ForeignKey("feedback.Topic", models.CASCADE, related_name="+")
    derived_class = models.CharField(max_length=12)
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_topicday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.topic_id} {self.derived_class}: {self.count}"


class RollupClock(models.Model):
    """One row: up to when the counts hold and by which zone their days were cut; also the lock of the roll-up."""

    as_of = models.DateTimeField(_("as of"), null=True)
    timezone = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.as_of)
