"""People and teams, and the rows that every room's machinery is made of."""

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from rest_framework_api_key.models import AbstractAPIKey
from timezone_field import TimeZoneField


class Organisation(models.Model):
    """Who asks: one row, the name and colours that customers see and the time zone that reports are cut by."""

    name = models.CharField(_("name"), max_length=100, default="Otklik")
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    postal_address = models.CharField(
        _("postal address"), max_length=300, blank=True, help_text=_("Stands at the foot of every mail.")
    )
    colour = models.CharField(
        _("brand colour"), max_length=7, default="#1d6b5a", help_text=_("Six hexadecimal digits, like #1d6b5a.")
    )
    timezone = TimeZoneField(
        _("reporting time zone"), default="Europe/Moscow", help_text=_("Days in reports begin at midnight here.")
    )
    language = models.CharField(
        _("language of last resort"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Organisation":
        """The one row, or an unsaved one with the defaults before anybody has set it up."""
        return cls.objects.order_by("pk").first() or cls()


class Accounts(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.create_user(email, password, is_superuser=True, **fields)
        Membership.objects.create(user=user, team=None, role=Role.ADMINISTRATOR)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who works here; logs in by e-mail. What they may see is told by their memberships."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, blank=True, help_text=_("Empty: as the browser asks.")
    )
    timezone = TimeZoneField(_("time zone"), blank=True, default="", help_text=_("Empty: the organisation's."))
    is_active = models.BooleanField(_("may log in"), default=True)
    date_joined = models.DateTimeField(_("since"), default=now, editable=False)

    objects = Accounts()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            # Log-in looks addresses up regardless of case.
            models.UniqueConstraint(Lower("email"), name="ground_user_email_folded"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Everybody with a membership may open the desk; each page then asks `ground.access`."""
        return self.is_active and (self.is_superuser or self.memberships.exists())

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email


class Team(models.Model):
    code = models.CharField(
        _("code"), max_length=64, unique=True, help_text=_("How the help desk or CRM names this team.")
    )
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    AGENT = "agent", _("agent")
    MANAGER = "manager", _("manager")
    ADMINISTRATOR = "administrator", _("administrator")


class Membership(models.Model):
    """One person's role in one team, or in the whole organisation when no team is named."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    team = models.ForeignKey(
        Team,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("team"),
        null=True,
        blank=True,
        help_text=_("Empty: the whole organisation."),
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="ground_membership_once"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(team__isnull=True), name="ground_membership_whole_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(role="administrator") | models.Q(team__isnull=True),
                name="ground_administrator_is_whole",
                violation_error_message=_("An administrator's membership names no team."),
            ),
        ]

    def __str__(self) -> str:
        where = self.team.name if self.team else _("whole organisation")
        return f"{self.user}: {self.get_role_display()}, {where}"


class ApiKey(AbstractAPIKey):
    """A program that may call the API, in one team's name or in the whole organisation's."""

    team = models.ForeignKey(
        Team,
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("team"),
        help_text=_("Empty: the whole organisation. With a team, rows of other teams are refused."),
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = _("API key")  # type: ignore[assignment]
        verbose_name_plural = _("API keys")  # type: ignore[assignment]


class QueueRow(models.Model):
    """A row that waits for a worker. Subclasses add the null timestamp that says "waiting" and its partial index.

    A worker owns the row while `lease` is its own and `leased_until` lies ahead; `ground.rowqueue` does the rest.
    """

    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease = models.CharField(max_length=32, blank=True, default="", editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    quarantined_at = models.DateTimeField(_("quarantined"), null=True, blank=True, editable=False)
    error = models.CharField(_("error"), max_length=300, blank=True, default="", editable=False)

    class Meta:
        abstract = True


class Change(models.Model):
    """A mark that rows of one day and scope changed; whoever keeps aggregates recounts that day and deletes the mark.

    Never unique: a mark written while a recount runs must survive that recount.
    """

    scope = models.CharField(max_length=32)
    day = models.DateField()

    class Meta:
        # Serves the roll-up's look for the oldest marks.
        indexes = [models.Index(fields=["scope", "day"], name="ground_change_scope_day")]

    def __str__(self) -> str:
        return f"{self.scope} {self.day}"

    @classmethod
    def mark(cls, scope: str, *days: dt.date | dt.datetime | None) -> None:
        """Say, inside the writing transaction, that rows of these days changed; moments are cut to reporting days."""
        dates = {reporting_day(day) if isinstance(day, dt.datetime) else day for day in days if day is not None}
        Change.objects.bulk_create([Change(scope=scope, day=date) for date in dates])


def reporting_day(moment: dt.datetime) -> dt.date:
    """The calendar day of a moment in the organisation's reporting time zone."""
    return moment.astimezone(Organisation.current().timezone).date()


class IdempotencyRecord(models.Model):
    """The first reply to a request that carried an Idempotency-Key; kept for seven days."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="ground_idempotency_once")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"


class LimitCounter(models.Model):
    """How often something happened in one window of time."""

    key = models.CharField(max_length=100)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="ground_limit_once")]
        indexes = [models.Index(fields=["window"], name="ground_limit_window")]

    def __str__(self) -> str:
        return f"{self.key} {self.count}"
