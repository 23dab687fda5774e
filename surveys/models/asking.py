"""When we ask, what was decided, and what went out."""

import datetime as dt
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ground.models import QueueRow, Team
from surveys.models.customers import Agent, Channel, Customer, Interaction
from surveys.models.questionnaire import Survey, SurveyVersion


class SendingRule(models.Model):
    """Which finished interactions lead to which survey, and how long after their end."""

    name = models.CharField(_("name"), max_length=150)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="rules", verbose_name=_("survey"))
    is_active = models.BooleanField(_("active"), default=True)
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("When several rules apply, the highest number wins.")
    )
    channels = models.JSONField(_("channels"), default=list, blank=True, help_text=_("None chosen: all channels."))
    teams = models.ManyToManyField(
        Team, related_name="+", blank=True, verbose_name=_("teams"), help_text=_("None chosen: all teams.")
    )
    reasons = models.JSONField(_("reasons"), default=list, blank=True, help_text=_("None given: all reasons."))
    delay_minutes = models.PositiveIntegerField(
        _("delay, minutes"), default=60, help_text=_("From the end of the interaction to the mail.")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("sending rule")
        verbose_name_plural = _("sending rules")
        ordering = ["-priority", "pk"]

    def __str__(self) -> str:
        return self.name


class Decision(models.Model):
    """The stored outcome of "may we ask?" about one closing of one interaction, with every check that was made."""

    # The invitation planned with this decision, for whoever has just made it.
    planned: "Invitation | None" = None

    class Outcome(models.TextChoices):
        SEND = "send", _("send")
        REFUSE = "refuse", _("do not ask")

    interaction = models.ForeignKey(
        Interaction, models.CASCADE, related_name="decisions", verbose_name=_("interaction")
    )
    closing = models.PositiveSmallIntegerField(_("closing"))
    ordinal = models.PositiveSmallIntegerField(
        _("ordinal"),
        default=1,
        help_text=_("A recheck at the moment of sending adds a decision when it ends otherwise."),
    )
    rule = models.ForeignKey(SendingRule, models.SET_NULL, related_name="+", null=True, verbose_name=_("rule"))
    rule_version = models.PositiveIntegerField(_("rule version"), null=True)
    survey = models.ForeignKey(Survey, models.SET_NULL, related_name="+", null=True, verbose_name=_("survey"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    due_at = models.DateTimeField(_("due"), null=True)
    trace = models.JSONField(_("checks"), default=list)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["interaction", "closing", "ordinal"], name="surveys_decision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction}: {self.get_outcome_display()}"


class Invitation(QueueRow):
    """One customer asked once about one closing of one interaction; team, agent and channel as they were then.

    The waiting queue is `state` planned or postponed with `due_at` passed.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        POSTPONED = "postponed", _("postponed")
        SENDING = "sending", _("sending")
        SENT = "sent", _("sent")
        UNCERTAIN = "uncertain", _("uncertain")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")

    class AnswerState(models.TextChoices):
        NONE = "none", _("no answer")
        UNVERIFIED = "unverified", _("unverified")
        HELD = "held", _("held")
        PRESUMED = "presumed", _("presumed")
        CONFIRMED = "confirmed", _("confirmed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    epoch = models.PositiveSmallIntegerField(default=1, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    unsubscribe_hash = models.CharField(max_length=64, unique=True, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations", verbose_name=_("survey"))
    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="+", verbose_name=_("version"))
    interaction = models.ForeignKey(
        Interaction, models.PROTECT, related_name="invitations", verbose_name=_("interaction")
    )
    closing = models.PositiveSmallIntegerField(_("closing"))
    rule = models.ForeignKey(SendingRule, models.SET_NULL, related_name="+", null=True, verbose_name=_("rule"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invitations", verbose_name=_("customer"))
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", null=True, verbose_name=_("team"))
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", null=True, verbose_name=_("agent"))
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=16)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.PLANNED)
    answer_state = models.CharField(_("answer"), max_length=12, choices=AnswerState.choices, default=AnswerState.NONE)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("due"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    expires_at = models.DateTimeField(_("link lives until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["interaction", "survey", "closing"], name="surveys_invitation_once"),
        ]
        indexes = [
            # Serves the bell's look for mails that are due and the sweep's for those whose worker died. Whole, since
            # SQLite does not see that a list of bound states implies a partial index's condition.
            models.Index(fields=["state", "due_at"], name="surveys_invitation_due"),
            # Serves the eligibility checks: what was this customer asked, newest first.
            models.Index(fields=["customer", "-due_at"], name="surveys_invitation_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.survey}: {self.customer}"

    def is_open(self) -> bool:
        """Whether its link takes answers: sent or about to be, not expired, not called off, its survey not closed."""
        return (
            self.expires_at > timezone.now()
            and self.state not in (self.State.CANCELLED, self.State.EXPIRED)
            and not self.survey.is_closed()
        )

    def mark_answered(self, *, evidence: str, at: dt.datetime) -> bool:
        """Note that an answer came in and how sure it is; False when a confirmed one was there.

        `answered_at` is set by what counts alone: a held answer does not lengthen the rest between two surveys.
        """
        counts = evidence in (self.AnswerState.CONFIRMED, self.AnswerState.PRESUMED)
        changed = (
            Invitation.objects.filter(pk=self.pk)
            .exclude(answer_state=self.AnswerState.CONFIRMED)
            .update(answer_state=evidence, answered_at=at if counts else None)
        )
        return bool(changed)


class Message(models.Model):
    """One delivery attempt of an invitation, and how it ended."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("sending")
        ACCEPTED = "accepted", _("accepted by the mail server")
        UNCERTAIN = "uncertain", _("uncertain")
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("bounced")
        FAILED = "failed", _("failed")

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="messages", verbose_name=_("invitation"))
    channel = models.CharField(_("sent through"), max_length=16, default="email")
    address = models.CharField(_("address"), max_length=254)
    message_id = models.CharField(_("message id"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{dict(Channel.choices).get(self.channel, self.channel)}: {self.get_state_display()}"
