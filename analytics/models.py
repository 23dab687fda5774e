"""Counts by reporting day: narrow, exact, and equal to a recount of the rows whenever no change waits."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ground.models import Team
from surveys.models import Survey
from surveys.models.customers import Channel


class Counted(models.Model):
    """How many rows of a reporting day are alike: of one team and channel, and in what else a table tells apart."""

    day = models.DateField()
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        abstract = True


class ScoreDay(Counted):
    """How many responses gave this score on this day, by survey, scale, team, channel and evidence."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()

    class Meta:
        # Serves the sums over a period, with or without a team.
        indexes = [
            models.Index(fields=["day", "team", "scale"], name="analytics_scoreday_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.score}: {self.count}"


class CommentDay(Counted):
    """How many comments of this class were said on this day, by source, survey, team and channel."""

    source = models.CharField(max_length=12)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    derived_class = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_commentday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.derived_class}: {self.count}"


class TopicDay(Counted):
    """How many comments of this class mention this topic on this day, by source, survey, team and channel."""

    source = models.CharField(max_length=12)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", null=True)
    topic = models.ForeignKey("feedback.Topic", models.CASCADE, related_name="+")
    derived_class = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_topicday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.topic_id} {self.derived_class}: {self.count}"


class ScoredTopicsDay(Counted):
    """How many answers of this day gave this score and wrote about exactly these topics, "" when about none.

    `topics` are primary keys, the lowest first, between commas: what a topic costs is told with the others held fixed.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()
    topics = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["day", "team", "scale"], name="analytics_scoredtopics_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.score} {self.topics}: {self.count}"


class ServedDay(Counted):
    """How many responses of this day gave this score, by how soon their contact got its first response (`waits`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    scale = models.CharField(max_length=16)
    evidence = models.CharField(max_length=12)
    wait = models.CharField(max_length=8)
    score = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "team", "scale"], name="analytics_servedday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.scale} {self.wait} {self.score}: {self.count}"


class ContactDay(Counted):
    """Of how many interactions that began on this day a fact is true, by team and channel."""

    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_contactday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.fact}: {self.count}"


class ContactHour(Counted):
    """How many interactions began in this hour of this day's clock, by team and channel."""

    hour = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_contacthour_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour}: {self.count}"


class DurationDay(Counted):
    """How many interactions that began on this day took so long, by team and channel; `quantiles` knows the buckets."""

    span = models.CharField(max_length=20)
    bucket = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "team", "span"], name="analytics_durationday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.span} {self.bucket}: {self.count}"


class AskedDay(Counted):
    """Of how many invitations that left on this day a fact is true, by survey, team and channel (`asked_counts`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["day", "team"], name="analytics_askedday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.fact}: {self.count}"


class ServiceLevel(models.Model):
    """How soon a first response has to come (M18). The narrowest level that was in force when a contact began holds."""

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


class RollupClock(models.Model):
    """One row: up to when the counts hold and by which zone their days were cut; also the lock of the roll-up."""

    as_of = models.DateTimeField(_("as of"), null=True)
    timezone = models.CharField(max_length=64, blank=True)
    audited_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.as_of)
