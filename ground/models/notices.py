"""What people are told of by themselves, and the messages to staff that wait to be delivered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ground.models.rows import QueueRow


class NoticeChoice(models.Model):
    """How soon one person wants to hear of one kind of event; without a row, the kind's own default holds."""

    class Pace(models.TextChoices):
        IMMEDIATE = "immediate", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NEVER = "never", _("not at all")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=32)
    pace = models.CharField(max_length=12, choices=Pace.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="ground_notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.pace}"


class Notice(models.Model):
    """One event that one person is to be told of once; `key` names the event. Notices that are due share a mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    # Before that nobody can know whether it is true, whatever the person chooses meanwhile.
    not_before = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="ground_notice_once")]
        indexes = [
            # Serves the bell's look for people who are to be told.
            models.Index(fields=["due_at"], name="ground_notice_due", condition=Q(told_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.key}"


class NoticeTarget(models.Model):
    """A chat in which a person is told beside the mail; without a person, one of the organisation.

    `secret` is the token of the bot, or the whole address of the webhook: written, never shown.
    """

    class Kind(models.TextChoices):
        TELEGRAM = "telegram", "Telegram"
        WEBHOOK = "webhook", _("Slack-compatible webhook")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_targets", null=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    address = models.CharField(max_length=40, blank=True)
    secret = models.CharField(max_length=500, blank=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    told_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="ground_notice_target_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(user=None), name="ground_notice_target_shared_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id or ''}".strip()


class Outgoing(QueueRow):
    """A message to a person who works here, rendered by whoever had something to say. The queue is `sent_at` null."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        TELEGRAM = "telegram", "Telegram"
        WEBHOOK = "webhook", _("Slack-compatible webhook")

    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices, default=Channel.EMAIL)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("person")
    )
    target = models.ForeignKey(NoticeTarget, models.CASCADE, null=True, related_name="+", editable=False)
    address = models.CharField(_("address"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(editable=False)
    html = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        indexes = [
            # Serves the bell's look for messages that wait.
            models.Index(fields=["id"], name="ground_outgoing_waiting", condition=Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
