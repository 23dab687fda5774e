"""Counts of answers and comments by reporting day."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Survey


class ScoreDay(Counted):
    """How many responses gave this score on this day, by survey, scale, team, channel and evidence."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()

    class Meta:
        # Serves the sums over a period, with or without a team.
        indexes = [
            models.Index(fields=["cut", "day", "team", "scale"], name="analytics_scoreday_day"),
            # Holds all that one score of each team is summed from.
            models.Index(fields=["cut", "scale", "day", "team", "score", "count"], name="analytics_scoreday_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.score}: {self.count}"


class EndedScoreDay(Counted):
    """How many responses gave this score about contacts that ended on this day, and were given on the day `answered`.

    Counted by the day of the answers, like `ScoreDay`, so that a day's answers are counted anew together.
    """

    COUNTED_BY = "answered"

    answered = models.DateField()
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True, db_index=False)
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()

    class Meta:
        # Serve the sums over a period, with or without a team, and the recount of a day.
        indexes = [
            models.Index(fields=["cut", "day", "team", "scale"], name="analytics_endedscore_day"),
            models.Index(fields=["cut", "answered"], name="analytics_endedscore_answered"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.score}: {self.count}"


class CommentDay(Counted):
    """How many comments of this class were said on this day, by source, survey, team and channel."""

    source = models.CharField(max_length=12)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    derived_class = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team"], name="analytics_commentday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.derived_class}: {self.count}"


class TopicDay(Counted):
    """How many comments of this class mention this topic on this day, by source, survey, team and channel."""

    source = models.CharField(max_length=12)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    topic = models.ForeignKey("feedback.Topic", models.CASCADE, related_name="+")
    derived_class = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_topicday_day"),
            models.Index(fields=["cut", "team", "day"], name="analytics_topicday_team"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.topic_id} {self.derived_class}: {self.count}"


class ScoredTopicsDay(Counted):
    """How many answers of this day gave this score and wrote about exactly these topics, "" when about none.

    `topics` are primary keys, the lowest first, between commas: what a topic costs is told with the others held fixed.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()
    topics = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["cut", "day", "team", "scale"], name="analytics_scoredtopics_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.score} {self.topics}: {self.count}"


class ServedDay(Counted):
    """How many responses of this day there are by score and how their contact was served.

    Each is counted once in every aspect of service that is known of its contact, by its step. `steps` are steps with
    scores, packed with their counts (`served_counts`, `stored`): of all aspects but the reason, which has its own rows.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True, db_index=False)
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    reason = models.CharField(max_length=100, blank=True)
    steps = models.TextField(default="")

    class Meta:
        # Serves the sums over a period and the recount of a day.
        indexes = [models.Index(fields=["cut", "day", "scale", "team"], name="analytics_servedday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.reason} {self.steps}: {self.count}"
