"""The promised times of service."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ground.models import Team
from surveys.models.customers import Channel


class TellingSource(models.Model):
    """A source that has told of a first response of this team, or of none, in this channel: of others, none says
    nothing. What one team's source tells judges no other team's contacts."""

    source = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "channel", "team"], name="analytics_tellingsource_team"),
            models.UniqueConstraint(
                fields=["source", "channel"], condition=models.Q(team=None), name="analytics_tellingsource_none"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.channel}"


class ServiceLevel(models.Model):
    """How soon a first response has to come, and perhaps a solution (M18). The narrowest level that was in force when
    a contact began holds."""

    # Until when something is to be solved is looked for so far back; nobody promises more than a year.
    MOST_HOURS = 366 * 24

    channel = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices, blank=True, help_text=_("Empty: all channels.")
    )
    priority = models.CharField(
        _("priority"), max_length=32, blank=True, help_text=_("As the help desk writes it. Empty: all priorities.")
    )
    is_for_complaints = models.BooleanField(
        _("complaints only"), default=False, help_text=_("Other contacts keep the level without this mark.")
    )
    minutes = models.PositiveIntegerField(
        pgettext_lazy("of a service level", "first response within, minutes"), validators=[MinValueValidator(1)]
    )
    solved_hours = models.PositiveIntegerField(
        pgettext_lazy("of a service level", "solved within, hours"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
        help_text=_("Empty: nothing is promised. How much is solved within 7 days is told in any case."),
    )  # fmt: skip
    is_working_time = models.BooleanField(
        _("in working hours"), default=True, help_text=_("By the team’s calendar; otherwise by the clock on the wall.")
    )
    since = models.DateField(_("in force from"), help_text=_("Contacts that began earlier keep the level before it."))

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering = ["channel", "priority", "is_for_complaints", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "priority", "is_for_complaints", "since"],
                name="analytics_servicelevel_once",
                violation_error_message=_("There is a level for these contacts from this day already."),
            ),
        ]

    def __str__(self) -> str:
        channel = self.get_channel_display() or _("all channels")
        return f"{channel}: {self.minutes}"

    @property
    def seconds(self) -> int:
        """The longest that a first response may take."""
        return 60 * self.minutes

    @property
    def seconds_to_solve(self) -> int | None:
        """The longest that the solution may take; None where nothing is promised."""
        return None if self.solved_hours is None else 3600 * self.solved_hours
