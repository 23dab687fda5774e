"""Whom we ask and about what: customers, agents and finished interactions as the CRM knows them."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from timezone_field import TimeZoneField

from ground.models import Team
from ground.personal import short_address


class Channel(models.TextChoices):
    """Through which door a contact came."""

    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    CHAT = "chat", _("chat")
    MESSENGER = "messenger", _("messenger")
    WEB = "web", _("web form")
    IN_PERSON = "in_person", _("in person")
    SOCIAL = "social", _("social network")


class Customer(models.Model):
    external_id = models.CharField(_("external id"), max_length=128, null=True, blank=True, unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    timezone = TimeZoneField(_("time zone"), blank=True, default="")
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    is_staff = models.BooleanField(_("own staff"), default=False, help_text=_("Own staff is never asked."))
    no_consent = models.BooleanField(_("no consent to be asked"), default=False)
    is_vip = models.BooleanField(
        _("important customer"), default=False, help_text=_("A rule may ask important customers without sampling.")
    )
    contract_start = models.DateField(_("contract since"), null=True, blank=True)
    contract_end = models.DateField(_("contract until"), null=True, blank=True)
    value = models.DecimalField(_("value a year"), max_digits=14, decimal_places=2, null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    # The team whose program or manager told of the customer first; without one the organisation did.
    told_by = models.ForeignKey(
        Team, models.PROTECT, related_name="+", null=True, editable=False, db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            # Two parallel reports that name a customer by address alone must find one and the same.
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(external_id__isnull=True) & ~Q(email=""),
                name="surveys_customer_address_once",
            ),
        ]
        indexes = [
            # Serve the look-up of a customer by address and by phone.
            models.Index(fields=["email"], name="surveys_customer_email"),
            models.Index(fields=["phone"], name="surveys_customer_phone", condition=~Q(phone="")),
            # Serves the search by a part of the name, which has to look at all names, but at nothing else.
            models.Index(fields=["name"], name="surveys_customer_name"),
            # Serves the look whether anybody's worth is known at all.
            models.Index(fields=["value"], name="surveys_customer_value", condition=Q(value__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id or _("without a name, no. %d") % self.pk


class Suppression(models.Model):
    """An address that gets no more mail: from this survey, or from all when no survey is named."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        HARD_BOUNCE = "hard_bounce", _("address does not exist")
        SPAM_REPORT = "spam_report", _("reported as spam")
        ERASED = "erased", _("data erased")
        MANUAL = "manual", _("entered by hand")

    address = models.CharField(_("address"), max_length=254)
    survey = models.ForeignKey(
        "surveys.Survey", models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("survey")
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    source = models.CharField(_("source"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("since"), default=now)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(fields=["address", "survey"], name="surveys_suppression_once"),
            models.UniqueConstraint(
                fields=["address"], condition=Q(survey__isnull=True), name="surveys_suppression_all_once"
            ),
        ]

    def __str__(self) -> str:
        return short_address(self.address)


class Pause(models.Model):
    """While it lasts, the customer is not asked: an open case, a mailbox that is full, or a word by hand."""

    class Reason(models.TextChoices):
        CASE = "case", _("an open case")
        SOFT_BOUNCE = "soft_bounce", _("mails do not get through")
        MANUAL = "manual", _("paused by hand")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="pauses", verbose_name=_("customer"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices, default=Reason.MANUAL)
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until it is ended by hand."))
    source = models.CharField(_("source"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("since"), default=now, editable=False)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_reason_display()}"


class Consent(models.Model):
    """One statement of a customer about being asked, kept with the words that were shown; only ever added to."""

    class Act(models.TextChoices):
        GRANTED = "granted", _("agreed to be asked")
        WITHDRAWN = "withdrawn", _("withdrew the consent")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        RESUBSCRIBED = "resubscribed", _("subscribed again")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents", verbose_name=_("customer"))
    act = models.CharField(_("statement"), max_length=16, choices=Act.choices)
    survey = models.ForeignKey(
        "surveys.Survey", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("survey")
    )
    text_version = models.CharField(_("version of the text"), max_length=32, blank=True)
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    at = models.DateTimeField(_("when"), default=now)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_act_display()}"


class Agent(models.Model):
    """The employee who served the customer, as the help desk names them; `user` when they also log in here."""

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=200, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("team"))
    user = models.OneToOneField(
        "ground.User", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("log-in")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or self.external_id


class Segment(models.Model):
    """An attribute of customers, as the CRM tells it, by whose values the indicators may be narrowed."""

    MOST = 3

    attribute = models.CharField(
        _("attribute"), max_length=64, unique=True, validators=[RegexValidator(r"^[\w .-]+$")],
        help_text=_("As the CRM calls it, for example tariff or region."),
    )  # fmt: skip
    name = models.CharField(
        _("called"), max_length=60, blank=True, help_text=_("On the pages. Empty: as the attribute.")
    )

    class Meta:
        verbose_name = _("segment of customers")
        verbose_name_plural = _("segments of customers")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name or self.attribute

    def clean(self) -> None:
        if not self.pk and Segment.objects.count() >= self.MOST:
            raise ValidationError(_("At most %d attributes can be segments.") % self.MOST)


# What is true of all that is open and of little else; said in so many words, since an index holds those alone.
UNFINISHED = models.Q(closed_at=None) | models.Q(reopened_at__isnull=False)


class Interaction(models.Model):
    """One contact as the CRM knows it; `source` and `external_id` together name it for ever."""

    # How the source begins of a contact that no system told, only an answer through one of our links.
    BY_LINK = "link:"

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("inbound")
        OUTBOUND = "outbound", _("outbound")

    source = models.CharField(_("source"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=128)
    updated_at = models.DateTimeField(_("updated at the source"))
    received_at = models.DateTimeField(_("received"), default=now, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="interactions", verbose_name=_("customer"))
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("team"))
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("agent"))
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction.choices, default=Direction.INBOUND)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    tags = models.JSONField(pgettext_lazy("of an interaction", "tags"), default=list, blank=True)
    priority = models.CharField(_("priority"), max_length=32, blank=True)
    created_at = models.DateTimeField(_("began"))
    enqueued_at = models.DateTimeField(_("entered the queue"), null=True, blank=True)
    answered_at = models.DateTimeField(_("picked up"), null=True, blank=True)
    first_response_at = models.DateTimeField(_("first response"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    replies = models.PositiveIntegerField(_("replies"), default=0)
    transfers = models.PositiveIntegerField(_("transfers"), default=0)
    # What the customer waited for us meanwhile, as the source adds it up: its states are not told here.
    requester_wait_seconds = models.PositiveIntegerField(_("seconds the customer waited for us"), null=True, blank=True)
    handle_seconds = models.PositiveIntegerField(_("seconds of work"), null=True, blank=True)
    is_abandoned = models.BooleanField(_("abandoned"), default=False)
    is_resolved = models.BooleanField(_("resolved?"), null=True, blank=True)
    is_complaint = models.BooleanField(_("complaint"), default=False)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    # Told by one team alone, of a customer whom it did not know: it opens nothing that others stored.
    is_claim = models.BooleanField(default=False, db_default=False, editable=False)
    closings = models.PositiveSmallIntegerField(
        _("closings"),
        default=0,
        editable=False,
        help_text=_("How often it was closed; each closing may be asked about."),
    )

    # The working hours that its times are told by, as they were when it was told of first.
    calendar = models.ForeignKey("ground.Calendar", models.SET_NULL, related_name="+", null=True, editable=False)
    response_working_seconds = models.PositiveIntegerField(
        _("working seconds to the first response"), null=True, editable=False
    )
    unanswered_working_seconds = models.PositiveIntegerField(
        _("working seconds to the end without a response"), null=True, editable=False
    )
    resolution_working_seconds = models.PositiveIntegerField(
        _("working seconds to the resolution"), null=True, editable=False
    )

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="surveys_interaction_once")]
        indexes = [
            # Serves the admin's list, newest first within the reader's teams.
            models.Index(fields=["team", "-created_at"], name="surveys_interaction_team_at"),
            models.Index(fields=["-created_at"], name="surveys_interaction_at"),
            # Serves the list of one channel.
            models.Index(fields=["channel", "-created_at"], name="surveys_interaction_channel"),
            # Serves the search for a reason: which there are, and the contacts of one that is rare.
            models.Index(fields=["reason"], name="surveys_interaction_reason"),
            # Serves the list of a team's customers; it holds all that their contacts are asked for.
            models.Index(fields=["team", "customer", "is_claim"], name="surveys_interaction_of_team"),
            # Serves the ledger's search by a number alone.
            models.Index(fields=["external_id"], name="surveys_interaction_number"),
            # Serves the list of open complaints, the oldest first.
            models.Index(
                fields=["created_at"],
                condition=models.Q(is_complaint=True) & UNFINISHED,
                name="surveys_interaction_complaint",
            ),
            # Serves the count of what is open and has to be solved within some time.
            models.Index(fields=["created_at"], condition=UNFINISHED, name="surveys_interaction_open"),
            # Serves the count of those who wait for a first response. By the moment alone SQLite took the other.
            models.Index(
                fields=["direction", "created_at"],
                condition=models.Q(first_response_at=None, answered_at=None, closed_at=None),
                name="surveys_interaction_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id if self.source.startswith(self.BY_LINK) else f"{self.source} {self.external_id}"

    @property
    def responded_at(self) -> dt.datetime | None:
        """When a person first responded; a call is responded to when it is picked up."""
        return self.first_response_at or self.answered_at

    @property
    def unanswered_until(self) -> dt.datetime | None:
        """When it ended without a response; None when one came or is still waited for, and of whom gave up."""
        if self.responded_at or self.is_abandoned or self.waits():
            return None
        return min(moment for moment in (self.closed_at, self.solved_at) if moment)

    def waits(self) -> bool:
        """Whether neither its closing nor its solution, unless it was reopened since, has ended it yet."""
        solved = self.solved_at
        return self.closed_at is None and (solved is None or (self.reopened_at or solved) > solved)

    @staticmethod
    def waiting() -> models.Q:
        """The condition on rows that a response is still waited for."""
        none = models.Q(first_response_at=None, answered_at=None, closed_at=None, is_abandoned=False)
        unsolved = models.Q(resolved_at=None) | models.Q(is_resolved=False)
        return none & (unsolved | models.Q(reopened_at__gt=models.F("resolved_at")))

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act: neither closed nor solved, or reopened since; nobody who gave up."""
        finished = max((moment for moment in (self.closed_at, self.solved_at) if moment), default=None)
        if self.is_abandoned:
            return False
        return finished is None or (self.reopened_at is not None and self.reopened_at > finished)

    @staticmethod
    def open() -> models.Q:
        """The condition on rows that says the same."""
        unsolved = models.Q(resolved_at=None) | models.Q(is_resolved=False)
        reopened = models.Q(closed_at=None) | models.Q(reopened_at__gt=models.F("closed_at"))
        reopened &= unsolved | models.Q(reopened_at__gt=models.F("resolved_at"))
        never = models.Q(closed_at=None) & unsolved
        return UNFINISHED & models.Q(is_abandoned=False) & (never | (models.Q(reopened_at__isnull=False) & reopened))

    @property
    def solved_at(self) -> dt.datetime | None:
        """When it was resolved; some programs say that it is and not when: then it was so when it was closed."""
        if self.is_resolved is False:
            return None
        return self.resolved_at or (self.closed_at if self.is_resolved else None)

    @property
    def ended_at(self) -> dt.datetime | None:
        """When nobody worked on it any more; None while it is open. Who hung up has ended it with that."""
        return None if self.is_open else self.resolved_at or self.closed_at or self.created_at


class Skip(models.Model):
    """An agent or manager said not to ask about one interaction, and why; counted beside the agent's score."""

    interaction = models.OneToOneField(Interaction, models.CASCADE, related_name="skip", verbose_name=_("interaction"))
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("agent"))
    by = models.ForeignKey(
        "ground.User", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("who")
    )
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("when"), default=now)

    class Meta:
        verbose_name = _("skipped ask")
        verbose_name_plural = _("skipped asks")
        # Serves the skip rates by agent and period.
        indexes = [models.Index(fields=["agent", "at"], name="surveys_skip_agent")]

    def __str__(self) -> str:
        return f"{self.interaction}: {self.reason}"


class InteractionEvent(models.Model):
    """Something that happened in an interaction: created, replied, transferred, resolved, closed, reopened."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["at", "pk"]
        constraints = [
            # A redelivered interaction tells the same events again.
            models.UniqueConstraint(fields=["interaction", "kind", "at"], name="surveys_event_once"),
        ]
        # Serves the trial of a rule, which walks through what happened in the order of time.
        indexes = [models.Index(fields=["kind", "at", "id"], name="surveys_event_walk")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
