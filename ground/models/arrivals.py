"""What comes in from outside and waits to be understood: mails of a mailbox, and how files name their columns."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ground.models.rows import QueueRow


class InboundMail(QueueRow):
    """One mail of the mailbox that we read; whoever knows its kind takes it up. The queue is `handled_at` null.

    The mail itself is kept for a week, then its row goes.
    """

    mailbox = models.CharField(_("mailbox"), max_length=200)
    uid = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"), default=now)
    raw = models.BinaryField(default=b"", editable=False)
    kind = models.CharField(_("kind"), max_length=16, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    class Meta:
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mails")
        constraints = [models.UniqueConstraint(fields=["mailbox", "uid"], name="ground_inbound_once")]
        indexes = [
            # Serves the bell's look for mails to understand.
            models.Index(fields=["id"], name="ground_inbound_waiting", condition=Q(handled_at=None)),
            # Serves housekeeping.
            models.Index(fields=["received_at"], name="ground_inbound_received"),
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} {self.uid}"


class ColumnMapping(models.Model):
    """How a file of one kind from one source is read, as last chosen: {"our field": "their column"}, the program that
    writes such files, and the time zone of its moments; "" where it is none that we know, and for the organisation's.
    """

    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    product = models.CharField(max_length=32, blank=True, default="")
    zone = models.CharField(max_length=64, blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="ground_mapping_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"
