"""A customer's way to what we hold about them: a link sent to their own address, and the wish to be erased."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ground.models import QueueRow
from surveys.models.customers import Customer


class OwnDataLink(QueueRow):
    """A link to a customer's own data: mailed to the address we have, short-lived, of no other use.

    Only its hash is stored. It is looked up, so it can be revoked. The queue of mails is `sent_at` null.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="own_data_links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    language = models.CharField(max_length=16, blank=True, default="")
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("link to one's own data")
        verbose_name_plural = _("links to one's own data")
        # Serves the bell's look for mails that wait.
        indexes = [models.Index(fields=["id"], name="surveys_own_data_waiting", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.expires_at}"


class ErasureRequest(models.Model):
    """A customer asked to be erased; a person sees to it until `due_at`."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="erasure_requests", verbose_name=_("customer"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    is_withdrawn = models.BooleanField(_("withdrawn by the customer"), default=False, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    outcome = models.CharField(_("what was done"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(closed_at=None), name="surveys_erasure_open_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.due_at:%Y-%m-%d}"
