"""What happened that a chart should be read with."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ground.models import Team


class Annotation(models.Model):
    """A note of one or more reporting days, drawn on every trend that covers them; without a team it is for all."""

    class Kind(models.TextChoices):
        RELEASE = "release", pgettext_lazy("kind of note", "release")
        CAMPAIGN = "campaign", pgettext_lazy("kind of note", "campaign")
        OUTAGE = "outage", pgettext_lazy("kind of note", "outage")
        OTHER = "other", pgettext_lazy("kind of note", "other")

    team = models.ForeignKey(
        Team, models.CASCADE, verbose_name=_("team"), related_name="+", null=True, blank=True,
        help_text=_("Empty: for all teams."),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OTHER)
    start = models.DateField(_("first day"))
    end = models.DateField(pgettext_lazy("of a note", "last day"), blank=True, help_text=_("Empty: that day alone."))
    text = models.CharField(_("text"), max_length=120, help_text=_("What happened, in a few words."))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("author"), related_name="+", null=True, editable=False
    )

    class Meta:
        verbose_name = _("note on the charts")
        verbose_name_plural = _("notes on the charts")
        ordering = ["-start", "-pk"]
        indexes = [models.Index(fields=["start"], name="analytics_annotation_start")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"

    def clean(self) -> None:
        self.end = self.end or self.start
        if self.start and self.end < self.start:
            raise ValidationError({"end": _("The last day lies before the first.")})
