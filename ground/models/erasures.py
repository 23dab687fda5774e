"""What was erased: when and by whom, never of whom."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """One finished erasure of a person. `code` is what the file of erasures calls it; `counts` are rows by table.

    Rows are gone at once; their bytes leave the database's file when it is written anew, which is `cleaned_at`.
    """

    code = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField(_("erased"), default=now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by whom")
    )
    counts = models.JSONField(default=dict)
    cleaned_at = models.DateTimeField(_("removed from the disk"), null=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.code
