"""Up to when the counts hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RollupClock(models.Model):
    """One row: up to when the counts hold and by which zone their days were cut; also the lock of the roll-up."""

    as_of = models.DateTimeField(_("as of"), null=True)
    timezone = models.CharField(max_length=64, blank=True)
    audited_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.as_of)
