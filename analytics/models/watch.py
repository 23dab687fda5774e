"""What is watched for deviations, how easily it alarms, and the incidents that were found."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ground.models import Team
from surveys.models.customers import Channel


class Watch(models.Model):
    """One row: how easily deviations alarm, which metrics do not, and up to which reporting day all were judged."""

    class Profile(models.TextChoices):
        QUIET = "quiet", _("quiet")
        STANDARD = "standard", _("usual")
        SENSITIVE = "sensitive", _("sensitive")

    profile = models.CharField(max_length=12, choices=Profile.choices, default=Profile.STANDARD)
    left_out = models.JSONField(default=list)
    judged_until = models.DateField(null=True)
    # The Monday whose digest of the week before was told.
    digested_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.profile} {self.judged_until}"

    @classmethod
    def current(cls) -> "Watch":
        """The one row, or an unsaved one with the defaults before anything was judged."""
        return cls.objects.order_by("pk").first() or cls(pk=1)


class Metric(models.TextChoices):
    """What is watched. Positive comments mirror the negative ones and would alarm with them."""

    CSAT = "csat", "CSAT"
    NPS = "nps", "NPS"
    CES = "ces", "CES"
    ANSWERS = "answers", _("Number of answers")
    CONTACTS = "contacts", _("Number of contacts")
    NEGATIVE = "negative", _("Share of negative comments")
    CONSTRUCTIVE = "constructive", _("Share of constructive comments")
    TOPIC = "topic", _("Topics")
    WITHIN_LEVEL = "within_level", _("First response in time")
    FIRST_RESPONSE = "first_response", _("Time to first response")


class OfSeries(models.Model):
    """Of which series something is told: a metric of the organisation, of a team or of a channel."""

    metric = models.CharField(max_length=16, choices=Metric.choices)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", null=True)
    channel = models.CharField(max_length=16, choices=Channel.choices, blank=True)
    topic = models.ForeignKey("feedback.Topic", models.CASCADE, related_name="+", null=True)

    class Meta:
        abstract = True


class WatchedSeries(OfSeries):
    """A series as it was last judged: by the day or the week, how many a day, and its trend over the long run."""

    class By(models.TextChoices):
        DAY = "day", _("by the day")
        WEEK = "week", _("by the week")
        YOUNG = "young", _("too young")
        FEW = "few", _("too few")

    by = models.CharField(max_length=8, choices=By.choices)
    per_day = models.FloatField(default=0)
    quarter = models.CharField(max_length=8, blank=True)
    year = models.CharField(max_length=8, blank=True)

    def __str__(self) -> str:
        return f"{self.metric} {self.team_id} {self.channel} {self.topic_id}"


class Incident(OfSeries):
    """Alarms of one series in one direction, seven days apart at most: told of once.

    `days` are those that alarmed; `extent` says how much, where and what rose with it; `points` are the chart's.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        SNOOZED = "snoozed", _("put off")
        DISMISSED = "dismissed", _("not worth it")

    class Direction(models.TextChoices):
        UP = "up", _("higher")
        DOWN = "down", _("lower")

    class Kind(models.TextChoices):
        SHIFT = "shift", _("lasting")
        SPIKE = "spike", _("single days")

    direction = models.CharField(max_length=8, choices=Direction.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    is_weekly = models.BooleanField(default=False)
    began_on = models.DateField()
    first_day = models.DateField()
    last_day = models.DateField()
    over_on = models.DateField(null=True)
    days = models.JSONField(default=list)
    extent = models.JSONField(default=dict)
    points = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    snoozed_until = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            # Serves the page: what is going on, and what was lately.
            models.Index(fields=["-last_day"], name="analytics_incident_last"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.direction} {self.began_on}"
