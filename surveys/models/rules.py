"""When we ask: what holds for everybody, and the rules that managers write."""

import datetime as dt

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaire import QuotaPeriod, Survey

# The trigger of rules that ask at regular intervals.
SCHEDULED = "schedule"


def working_days() -> list[int]:
    return [0, 1, 2, 3, 4]


class AskingPolicy(models.Model):
    """One row: what holds for every survey and rule, so that nobody is asked too often or at a wrong hour.

    `days` are the weekdays on which mail may leave, 0 for Monday; hours are the customer's own.
    """

    rolling_maximum = models.PositiveSmallIntegerField(
        _("at most so many surveys"), default=3, help_text=_("To one customer within the days below.")
    )
    rolling_days = models.PositiveSmallIntegerField(_("within so many days"), default=90)
    days = models.JSONField(_("on these weekdays"), default=working_days)
    send_from = models.TimeField(_("not before"), default=dt.time(9))
    send_until = models.TimeField(_("not after"), default=dt.time(18))
    skips_holidays = models.BooleanField(
        _("not on public holidays"), default=True, help_text=_("Those of the working hours of the customer's team.")
    )
    mails_a_minute = models.PositiveIntegerField(
        _("mails a minute, at most"), null=True, blank=True, help_text=_("Empty: as many as the mail server takes.")
    )
    domain_mails_a_minute = models.PositiveIntegerField(
        _("to one mail provider a minute, at most"),
        null=True,
        blank=True,
        help_text=_("Per domain of the recipient. Empty: no limit."),
    )

    class Meta:
        verbose_name = _("asking policy")
        verbose_name_plural = _("asking policy")

    def __str__(self) -> str:
        return str(capfirst(_("asking policy")))

    @classmethod
    def current(cls) -> "AskingPolicy":
        """The one row, or an unsaved one with the defaults."""
        return cls.objects.order_by("pk").first() or cls()


def email_alone() -> list[str]:
    return ["email"]


class SendingRule(models.Model):
    """Which interactions lead to which survey, when, how many of them, and through which channels.

    `conditions` are all to hold: [{"field", "op", "value"}], read by `surveys.conditions`. For a survey asked at
    regular intervals they describe the customers, who are asked every `cadence_days`, evenly spread.
    """

    class Event(models.TextChoices):
        CLOSED = "closed", _("it is closed")
        RESOLVED = "resolved", _("it is resolved")
        ANSWERED = "first_response", _("it is answered first")
        DELIVERED = "delivered", _("an order is delivered")
        OTHER = "other", _("another event")

    class Repeat(models.TextChoices):
        CLOSING = "closing", _("each time it is closed")
        INTERACTION = "interaction", _("once for each interaction")

    QuotaPeriod = QuotaPeriod

    class SampleBy(models.TextChoices):
        NOTHING = "", _("all alike")
        CHANNEL = "channel", _("channel")
        TEAM = "team", _("team")
        REASON = "reason", _("reason")
        LANGUAGE = "language", _("language")

    name = models.CharField(_("name"), max_length=150)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="rules", verbose_name=_("survey"))
    is_active = models.BooleanField(_("active"), default=True)
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("When several rules apply, the highest number wins.")
    )
    delay_minutes = models.PositiveIntegerField(
        _("delay, minutes"), default=60, help_text=_("From the end of the interaction to the mail.")
    )
    delay_in_working_hours = models.BooleanField(
        _("count working hours only"), default=False, help_text=_("Those of the team that served the customer.")
    )
    event = models.CharField(_("asks when"), max_length=16, choices=Event.choices, default=Event.CLOSED)
    event_name = models.SlugField(
        _("name of the other event"), max_length=32, blank=True, help_text=_("As the API reports it.")
    )
    repeat = models.CharField(_("asks"), max_length=12, choices=Repeat.choices, default=Repeat.CLOSING)
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    send_through = models.JSONField(
        _("send through"), default=email_alone, help_text=_("The first one that has an address for the customer.")
    )
    languages = models.JSONField(
        _("languages, in this order"),
        default=list,
        blank=True,
        help_text=_("For customers whose own language the survey lacks. None given: the organisation's."),
    )
    sample_percent = models.PositiveSmallIntegerField(_("ask so many of a hundred"), default=100)
    sample_by = models.CharField(
        _("with other shares by"), max_length=12, choices=SampleBy.choices, blank=True, default=SampleBy.NOTHING
    )
    sample_cells = models.JSONField(_("shares"), default=dict, blank=True)
    vip_unsampled = models.BooleanField(_("ask every important customer"), default=False)
    quota = models.PositiveIntegerField(
        _("enough answers"), null=True, blank=True, help_text=_("So many answers, then nobody else is asked.")
    )
    quota_period = models.CharField(
        _("in"), max_length=8, choices=QuotaPeriod.choices, default=QuotaPeriod.MONTH, blank=True
    )
    daily_maximum = models.PositiveIntegerField(
        _("at most so many a day"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    spreads = models.BooleanField(
        _("spread evenly over the day"), default=False, help_text=_("Instead of all at the first hour.")
    )
    cadence_days = models.PositiveSmallIntegerField(
        _("ask every so many days"), default=90, help_text=_("For surveys at regular intervals.")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("sending rule")
        verbose_name_plural = _("sending rules")
        ordering = ["-priority", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_scheduled(self) -> bool:
        """Whether it asks at regular intervals instead of after an event."""
        return self.survey.kind == Survey.Kind.RELATIONAL

    @property
    def trigger(self) -> str:
        """The kind of event that it waits for."""
        if self.is_scheduled:
            return SCHEDULED
        return self.event_name if self.event == self.Event.OTHER else self.event


class RuleSchedule(models.Model):
    """How far a rule that asks at regular intervals has got: customers whose turn came before `upto` are asked.

    `cursor` is the last customer dealt with of those whose turn comes between `upto` and `until`.
    """

    rule = models.OneToOneField(SendingRule, models.CASCADE, related_name="+")
    upto = models.DateTimeField()
    until = models.DateTimeField()
    cursor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.upto:%Y-%m-%d %H:%M}"


class RuleDay(models.Model):
    """How many invitations a rule has planned for one day; the row is locked while its daily maximum is checked."""

    rule = models.ForeignKey(SendingRule, models.CASCADE, related_name="+")
    day = models.DateField()
    planned = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="surveys_ruleday_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.day}: {self.planned}"
