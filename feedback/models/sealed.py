"""Anonymous answers that wait for others of their kind."""

from django.db import models

from feedback.models.answers import AUTO_LINK, Response


class Sealed(models.Model):
    """What one person answered to an anonymous survey; nobody sees it before four others of the kind have come.

    `response` is set once its score is out and only its words still wait (`feedback.sealed`).
    """

    version = models.ForeignKey("surveys.SurveyVersion", models.PROTECT, **AUTO_LINK)
    team = models.ForeignKey("ground.Team", models.PROTECT, null=True, db_index=False, **AUTO_LINK)
    agent = models.ForeignKey("surveys.Agent", models.PROTECT, null=True, db_index=False, **AUTO_LINK)
    link = models.ForeignKey("surveys.Link", models.SET_NULL, null=True, **AUTO_LINK)
    channel = models.CharField(max_length=16, blank=True)
    evidence = models.CharField(max_length=12, choices=Response.Evidence.choices)
    held_for = models.CharField(max_length=12, choices=Response.HeldFor.choices, blank=True)
    score = models.SmallIntegerField(null=True)
    text = models.TextField(blank=True)
    # The answers to the further questions, {question: {item: value}}, and the texts to them, {question: text}.
    answers = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    response = models.ForeignKey(Response, models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.version_id}"
