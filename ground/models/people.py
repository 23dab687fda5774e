"""People, teams and roles; the organisation that asks; the programs that call."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from rest_framework_api_key.models import AbstractAPIKey
from timezone_field import TimeZoneField

from ground.prepared import Prepared


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    AGENT = "agent", _("agent")
    MANAGER = "manager", _("manager")
    ADMINISTRATOR = "administrator", _("administrator")


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
    sender_email = models.EmailField(
        _("mails come from"), max_length=254, blank=True, help_text=_("Empty: the address of the settings.")
    )
    reply_to = models.EmailField(
        _("replies go to"), max_length=254, blank=True, help_text=_("Empty: to the address that mails come from.")
    )
    # Whoever has one of these roles, in whichever team, has to log in with a code as well.
    second_factor_roles = models.JSONField(_("log in with a code as well"), blank=True, default=list, db_default=[])
    # The picture itself, a small PNG, JPEG, GIF or WebP, and its kind: mails and pages link to it at our own address.
    logo = models.BinaryField(_("logo"), blank=True, default=b"", editable=False)
    logo_type = models.CharField(max_length=32, blank=True, editable=False)
    logo_digest = models.CharField(max_length=32, blank=True, editable=False)
    # Since when nothing leaves; null as long as everything does (ground.halting).
    sending_halted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that a page may show of it, to tell whether two pages show the same."""
        told = (field for field in self._meta.concrete_fields if field.name != "second_factor_roles")
        return tuple(self.__dict__.get(field.attname) for field in told)

    @classmethod
    def current(cls) -> "Organisation":
        """The one row, or an unsaved one with the defaults before anybody has set it up."""
        kept = _KEPT.get()
        if kept is None:
            return _CURRENT.first() or cls()
        if not kept:
            kept.append(_CURRENT.first() or cls())
        return kept[0]

    @classmethod
    @contextmanager
    def read_once(cls) -> Iterator[None]:
        """Meanwhile the row is read once: for a page that shows and changes nothing, and asks for it at ten places."""
        token = _KEPT.set([])
        try:
            yield
        finally:
            _KEPT.reset(token)


_KEPT: ContextVar[list[Organisation] | None] = ContextVar("organisation", default=None)
_CURRENT = Prepared(lambda: Organisation.objects.defer("logo").order_by("pk")[:1])


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
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    daily_at = models.TimeField(_("daily summary at"), default=dt.time(9))
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

    @cached_property
    def is_staff(self) -> bool:
        """Everybody with a membership may open the desk; each page then asks `ground.access`. A page asks thrice."""
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
    calendar = models.ForeignKey(
        "ground.Calendar",
        models.SET_NULL,
        related_name="teams",
        null=True,
        blank=True,
        verbose_name=_("working hours"),
        help_text=_("Empty: those for everybody else."),
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


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


class SecondFactor(models.Model):
    """An app on a person's phone that makes codes. Its secret is derived from `salt` and a key outside the database.

    `last_step` is the time step of the last code that was taken: none is taken twice. `codes` are the hashes of the
    codes for the day the phone is lost.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    salt = models.CharField(max_length=32)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    codes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Session(AbstractBaseSession):
    """An open log-in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", null=True)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    program = models.CharField(max_length=200, blank=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("session")  # type: ignore[assignment]
        verbose_name_plural = _("sessions")  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore


class Allowance(models.TextChoices):
    """What a key may be for."""

    REPORT = "report", _("report interactions and comments")
    CUSTOMERS = "customers", _("read and change customers")
    SUPPRESSIONS = "suppressions", _("read and change suppressed addresses")
    READ = "read", _("read indicators, decisions and ideas")


def everything() -> list[str]:
    return list(Allowance.values)


class ApiKey(AbstractAPIKey):
    """A program that may call the API, in one team's name or in the whole organisation's.

    It is the account of the program itself: no person's log-in is behind it, and none that ends takes it along.
    """

    allowances = models.JSONField(pgettext_lazy("of a key", "may"), default=everything)
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
