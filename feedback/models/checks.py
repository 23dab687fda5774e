"""Who was given which comment to check, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from feedback.models.answers import AUTO_LINK
from feedback.models.comments import Comment


class Check(models.Model):
    """One comment before one person. Until `until` nobody else is given it, or, once skipped, that person is not."""

    class Lane(models.TextChoices):
        DOUBT = "doubt", pgettext_lazy("comments", "least sure")
        TOPICLESS = "topicless", pgettext_lazy("comments", "without topic")
        SAMPLE = "sample", pgettext_lazy("comments", "random sample")
        CONFLICT = "conflict", pgettext_lazy("comments", "score and text disagree")
        SAME = "same", pgettext_lazy("comments", "same text as another")
        DIRECT = "direct", pgettext_lazy("comments", "opened by hand")

    class State(models.TextChoices):
        GIVEN = "given", _("given")
        CHECKED = "checked", _("checked")
        SKIPPED = "skipped", _("skipped")
        TAKEN_BACK = "taken_back", _("taken back")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, verbose_name=_("person"), **AUTO_LINK
    )
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="checks", verbose_name=_("comment"))
    lane = models.CharField(_("lane"), max_length=10, choices=Lane.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.GIVEN)
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    until = models.DateTimeField(_("until"))
    done_at = models.DateTimeField(_("checked"), null=True)
    # The keys of the labels that were added by it, which is what an undo takes back.
    labels = models.JSONField(_("labels"), default=list)
    origin = models.ForeignKey("self", models.SET_NULL, related_name="copies", null=True)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["comment"], condition=Q(state="given"), name="feedback_check_given_once")
        ]
        indexes = [
            # Serve what somebody has done today, and what is out of reach just now.
            models.Index(fields=["user", "-given_at"], name="feedback_check_user"),
            models.Index(fields=["until"], name="feedback_check_held", condition=Q(state__in=["given", "skipped"])),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
