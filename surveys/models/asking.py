"""What was decided about asking, and what went out."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ground import quick
from ground.models import Change, Organisation, QueueRow, Team
from surveys.models.customers import Agent, Channel, Customer, Interaction
from surveys.models.questionnaire import Full, Survey, SurveyVersion
from surveys.models.rules import SendingRule


class Decision(models.Model):
    """The stored outcome of "may we ask?" about one closing of one interaction, with every check that was made."""

    # The invitation planned with this decision, for whoever has just made it.
    planned: "Invitation | None" = None

    class Outcome(models.TextChoices):
        SEND = "send", _("send")
        REFUSE = "refuse", _("do not ask")
        POSTPONE = "postpone", _("ask later")

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
    event = models.CharField(_("event"), max_length=32, blank=True, default="closed")
    # The sampling cell that it fell into, and how many customers one asked customer of it stands for.
    cell = models.CharField(_("sampling cell"), max_length=64, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=9, decimal_places=4, default=1)
    trace = models.JSONField(_("checks"), default=list)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["interaction", "closing", "ordinal"], name="surveys_decision_once"),
        ]
        # Serves the ledger: what was decided about this survey in a period, counted by reason.
        indexes = [
            models.Index(fields=["survey", "decided_at", "outcome", "reason"], name="surveys_decision_ledger"),
            models.Index(fields=["decided_at"], name="surveys_decision_at"),
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

    WAITING = (State.PLANNED, State.POSTPONED)
    COUNTED = (AnswerState.CONFIRMED, AnswerState.PRESUMED)

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
    sent_through = models.CharField(_("sent through"), max_length=16, blank=True, default="email")
    cell = models.CharField(_("sampling cell"), max_length=64, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=9, decimal_places=4, default=1)
    reminders_sent = models.PositiveSmallIntegerField(_("reminders sent"), default=0, editable=False)
    next_reminder_at = models.DateTimeField(_("next reminder"), null=True, blank=True, editable=False)
    thanks_due_at = models.DateTimeField(_("thank-you mail due"), null=True, blank=True, editable=False)
    is_test = models.BooleanField(_("test"), default=False, editable=False)
    # Came through a link that belongs to nobody yet: a QR code or a help desk's template.
    link = models.ForeignKey(
        "surveys.Link", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("link")
    )
    is_matched = models.BooleanField(
        _("interaction known"), default=True, help_text=_("No: the link named a number that nobody has reported yet.")
    )

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
            # Serves the bell's looks for reminders and thank-you mails.
            models.Index(
                fields=["next_reminder_at"],
                name="surveys_invitation_reminder",
                condition=models.Q(next_reminder_at__isnull=False),
            ),
            models.Index(
                fields=["thanks_due_at"],
                name="surveys_invitation_thanks",
                condition=models.Q(thanks_due_at__isnull=False),
            ),
            # Serves the look for links whose life is over.
            models.Index(fields=["state", "answer_state", "expires_at"], name="surveys_invitation_expiry"),
            # Serve the list of those in one state, newest first.
            models.Index(fields=["state", "-id"], name="surveys_invitation_state"),
            models.Index(fields=["answer_state", "-id"], name="surveys_invitation_answer"),
            # Serves the recount of what became of one day's invitations, and the list of them.
            models.Index(fields=["sent_at"], name="surveys_invitation_sent", condition=models.Q(sent_at__isnull=False)),
            # Serves the look for those whose interaction a report has named since.
            models.Index(fields=["id"], name="surveys_invitation_unmatched", condition=models.Q(is_matched=False)),
            # Serve the quotas: how many of a rule's or a survey's invitations were answered in a period.
            models.Index(
                fields=["rule", "answered_at"],
                name="surveys_invitation_quota",
                condition=models.Q(answered_at__isnull=False),
            ),
            models.Index(
                fields=["survey", "answered_at"],
                name="surveys_invitation_answered",
                condition=models.Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey}: {self.interaction if getattr(self, 'is_hidden', False) else self.customer}"

    @property
    def leaves_at(self) -> dt.datetime:
        """When it goes out: one that was due before it was planned, at the moment of planning."""
        return max(self.due_at, self.created_at)

    def is_open(self) -> bool:
        """Whether its link takes answers: sent or about to be, not expired, not called off, its survey not closed.

        One that was sent goes by its own end alone: a clock that once ran ahead may have called it expired.
        """
        is_off = self.state == self.State.CANCELLED or (self.state == self.State.EXPIRED and self.sent_at is None)
        return self.expires_at > timezone.now() and not is_off and not self.survey.is_closed()

    @classmethod
    def mark_days(cls, keys: Iterable[int]) -> None:
        """Say, inside the writing transaction, that what became of these changed: counts go by the day of sending."""
        sent = cls.objects.filter(pk__in=list(keys), sent_at__isnull=False)
        Change.mark("invitation", *sent.values_list("sent_at", flat=True))

    def mark_answered(self, *, evidence: str, at: dt.datetime) -> bool:
        """Note that an answer came in and how sure it is; False when a confirmed one was there."""
        is_noted = bool(quick.changed(self.answered(evidence=evidence, at=at)))
        if is_noted and evidence in self.COUNTED:
            self.survey.note_answer()
        return is_noted

    def answered(self, *, evidence: str, at: dt.datetime) -> quick.Statement:
        """What notes that an answer came in, unless a confirmed one was there.

        `answered_at` is set by what counts alone: a held answer does not lengthen the rest between two surveys. What
        counts ends the reminders, and the first confirmed answer makes the thank-you mail due.
        """
        counts = evidence in self.COUNTED
        changes: dict[str, Any] = {"answer_state": evidence, "answered_at": at if counts else None}
        if counts:
            changes["next_reminder_at"] = None
        if evidence == self.AnswerState.CONFIRMED and self.survey.sends_thanks:
            changes["thanks_due_at"] = at
        where, params = "id = %s AND answer_state <> %s", [self.pk, self.AnswerState.CONFIRMED]
        return quick.update(Invitation, changes, where=where, params=params)

    def take_anonymous_answer(self, day: dt.datetime) -> bool:
        """Note that an anonymous answer came on this day; False when one came before. Of two at once one is taken.

        Nothing else of the answer may show here, not even whether it counts; and no mail thanks for it, since the
        time of that mail would tell when it was given.
        """
        row = Invitation.objects.filter(pk=self.pk, answer_state=self.AnswerState.NONE)
        taken = {"answer_state": self.AnswerState.CONFIRMED, "answered_at": day, "next_reminder_at": None}
        is_taken = bool(row.update(**taken))
        if is_taken and not self.survey.note_answer():
            raise Full
        return is_taken

    def mark_unanswered(self, *, evidence: str, next_reminder_at: dt.datetime | None = None) -> None:
        """Note that what came in does not count after all: reminders go on, and thanks that wait are not sent."""
        Invitation.objects.filter(pk=self.pk).update(
            answer_state=evidence, answered_at=None, thanks_due_at=None, next_reminder_at=next_reminder_at
        )
        if self.survey.is_full:
            self.survey.count_answers()

    @classmethod
    def hold_answers(cls, keys: Iterable[int]) -> int:
        """Note that the answers to these invitations wait for a person's look after all; returns how many did not."""
        changes = {"answer_state": cls.AnswerState.HELD, "answered_at": None, "thanks_due_at": None}
        held = cls.objects.filter(pk__in=list(keys))
        full = list(Survey.objects.filter(is_full=True, pk__in=held.values("survey")))
        count = held.update(**changes)
        for survey in full:
            survey.count_answers()
        return count


class Message(models.Model):
    """One delivery attempt of an invitation, a reminder or a thank-you mail, and how it ended."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        REMINDER1 = "reminder1", _("first reminder")
        REMINDER2 = "reminder2", _("second reminder")
        THANKS = "thanks", _("thank-you mail")
        TEST = "test", _("test mail")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("sending")
        ACCEPTED = "accepted", _("accepted by the mail server")
        UNCERTAIN = "uncertain", _("uncertain")
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("bounced")
        FAILED = "failed", _("failed")

    # Who sends it, for a channel whose caller has read that already.
    organisation: "Organisation | None" = None

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="messages", verbose_name=_("invitation"))
    channel = models.CharField(_("sent through"), max_length=16, default="email")
    address = models.CharField(_("address"), max_length=254)
    message_id = models.CharField(_("message id"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.INVITATION)
    # What the mail service calls it, for its reports; of a bounce, the status code of RFC 3463.
    provider_id = models.CharField(_("number at the provider"), max_length=200, blank=True)
    status_code = models.CharField(_("status"), max_length=16, blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]
        indexes = [
            # Serves the search by an address.
            models.Index(fields=["address"], name="surveys_message_address"),
            # Serves the reports of a mail service.
            models.Index(fields=["provider_id"], name="surveys_message_provider", condition=~models.Q(provider_id="")),
            # Serves the sweep's look for reminders whose worker died.
            models.Index(fields=["state"], name="surveys_message_sending", condition=models.Q(state="sending")),
        ]

    def __str__(self) -> str:
        return f"{dict(Channel.choices).get(self.channel, self.channel)}: {self.get_state_display()}"
