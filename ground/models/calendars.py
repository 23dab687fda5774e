"""Working hours as people keep them: a week, public holidays, and days that differ."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField


def working_week() -> dict[str, list[list[str]]]:
    return {str(day): [["09:00", "18:00"]] for day in range(5)}


class Calendar(models.Model):
    """When a team works. `week` maps a weekday, "0" for Monday, to its open intervals; "24:00" is a closing time.

    `days` maps a date to the intervals of that day alone, none of them for a day off; it outweighs holidays.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    timezone = TimeZoneField(_("time zone"), default="Europe/Moscow")
    week = models.JSONField(_("working hours"), default=working_week)
    holidays = models.CharField(
        _("public holidays of"), max_length=16, blank=True, default="RU", help_text=_("Empty: none are kept.")
    )
    days = models.JSONField(_("other days"), default=dict, blank=True)
    is_default = models.BooleanField(
        _("for everybody else"), default=False, help_text=_("Holds for teams without a calendar of their own.")
    )

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="ground_calendar_default_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> "Calendar":
        """The one for everybody else, or an unsaved one with the usual week before anybody has set one up."""
        return cls.objects.filter(is_default=True).first() or cls(name="", **_unsaved())


def _unsaved() -> dict[str, Any]:
    from ground.models.people import Organisation

    return {"timezone": Organisation.current().timezone}
