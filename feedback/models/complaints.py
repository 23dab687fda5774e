"""What in customers' own words counts as a complaint, and when somebody reacted to one."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models.answers import AUTO_LINK
from feedback.models.comments import Comment
from feedback.models.topics import Topic
from surveys.questions import SCALES


class ComplaintRule(models.Model):
    """One way for a text to be a complaint; whatever any of the rules fits is one."""

    class Kind(models.TextChoices):
        SCORE = "score", _("a text with a low score")
        TOPIC = "topic", _("a negative text about a topic")
        DEMAND = "demand", _("a negative text that asks for something")

    STEPS = [
        ("csat_5", _("CSAT: satisfaction, 1 to 5")),
        ("csat_3", _("CSAT: satisfaction, 1 to 3")),
        ("thumbs", _("CSAT: thumbs up or down")),
        ("nps", _("NPS: recommendation, 0 to 10")),
        ("ces_7", _("CES: effort, 1 to 7")),
        ("yes_no", _("yes or no")),
    ]

    kind = models.CharField(_("what counts"), max_length=8, choices=Kind.choices)
    scale = models.CharField(_("scale"), max_length=16, choices=STEPS, blank=True)
    at_most = models.SmallIntegerField(_("score at most"), null=True, blank=True)
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, verbose_name=_("topic"), **AUTO_LINK)

    class Meta:
        verbose_name = _("complaint rule")
        verbose_name_plural = _("complaint rules")
        ordering = ["kind", "scale", "pk"]

    def __str__(self) -> str:
        low = f"{self.get_scale_display()}, ≤ {self.at_most}"
        about: Any = {"score": low, "topic": self.topic}.get(self.kind, "")
        return f"{self.get_kind_display()}: {about}" if about else str(self.get_kind_display())

    def clean(self) -> None:
        if self.kind == self.Kind.SCORE:
            scale = next((one for one in SCALES.values() if one.name == self.scale), None)
            if scale is None or self.at_most is None or self.at_most not in scale.values:
                raise ValidationError({"at_most": _("A low score needs a scale, and a score on it.")})
            self.topic = None
        elif self.kind == self.Kind.TOPIC:
            if self.topic is None:
                raise ValidationError({"topic": _("About which topic?")})
            self.scale, self.at_most = "", None
        else:
            self.scale, self.at_most, self.topic = "", None, None
        alike = ComplaintRule.objects.filter(kind=self.kind, scale=self.scale, topic=self.topic).exclude(pk=self.pk)
        if alike.exists():
            raise ValidationError(_("There is such a rule already."))


class Reaction(models.Model):
    """Somebody has contacted the customer about what was written; `Comment.done_at` says that the matter is closed."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="reaction", verbose_name=_("comment"))
    at = models.DateTimeField(_("contacted"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), **AUTO_LINK)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")

    def __str__(self) -> str:
        return f"#{self.comment_id}"
