"""What the machine has learned from corrections: models as rows, so that every worker and the backup have them."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models.answers import AUTO_LINK


class LearnedModelQuerySet(QuerySet["LearnedModel"]):
    def active(self) -> "LearnedModelQuerySet":
        """Those that comments are read with."""
        return self.filter(promoted_at__isnull=False, retired_at=None)

    def waiting(self) -> "LearnedModelQuerySet":
        """Candidates that nobody has decided about."""
        return self.filter(promoted_at=None, discarded_at=None)

    def former(self) -> "LearnedModelQuerySet":
        """Those that were active before and may be again, the last one first."""
        return self.filter(retired_at__isnull=False, discarded_at=None).order_by("-retired_at", "-pk")

    def light(self) -> "LearnedModelQuerySet":
        """Without their weights."""
        return self.defer("weights")


class LearnedModel(models.Model):
    """One trained model of a scheme: a candidate, then active until it is retired, or discarded.

    `figures` say per language how it reads comments it was not trained on, beside what held before; `languages` are
    those it is good enough for; `difference` says what it would change.
    """

    class Scheme(models.TextChoices):
        TOPIC = "topic", _("topics")
        TONE = "tone", _("tone")
        CONSTRUCTIVE = "constructive", _("suggestions")

    scheme = models.CharField(_("scheme"), max_length=12, choices=Scheme.choices)
    weights = models.BinaryField()
    manifest = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    difference = models.JSONField(default=dict)
    newest_label = models.PositiveBigIntegerField(default=0)
    trained_at = models.DateTimeField(_("trained"), default=timezone.now)
    promoted_at = models.DateTimeField(_("promoted"), null=True)
    promoted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, **AUTO_LINK)
    retired_at = models.DateTimeField(_("retired"), null=True)
    discarded_at = models.DateTimeField(_("discarded"), null=True)
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, **AUTO_LINK)
    error = models.CharField(_("error"), max_length=300, blank=True)

    objects = LearnedModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("learned model")
        verbose_name_plural = _("learned models")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme"],
                condition=Q(promoted_at__isnull=False, retired_at=None),
                name="feedback_learned_active_once",
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def version(self) -> str:
        """What labels name it by, like topics-12."""
        return f"{'topics' if self.scheme == self.Scheme.TOPIC else self.scheme}-{self.pk}"


class Learning(models.Model):
    """One row: when to look for new corrections again, how far they are learned, and who promotes."""

    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    newest_label = models.PositiveBigIntegerField(default=0)
    trained_at = models.DateTimeField(null=True)
    is_automatic = models.BooleanField(_("promote without asking"), default=False)

    def __str__(self) -> str:
        return str(self.trained_at)

    @classmethod
    def current(cls) -> "Learning":
        return cls.objects.get_or_create(pk=1)[0]

    def rest(self, seconds: float) -> None:
        """Look again after so long."""
        self.due_at = timezone.now() + dt.timedelta(seconds=seconds)
        self.save(update_fields=["due_at"])
