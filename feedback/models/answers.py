"""What came back: touches (opened links), responses with their answers, and every revision."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models.customers import Channel

if TYPE_CHECKING:
    from feedback.models.comments import Comment

# What the list of responses can be filtered by beside team and time.
FILTERED = ("survey", "agent", "channel", "scale", "score", "evidence", "wants_contact", "is_excluded")
AUTO_LINK: dict[str, Any] = {"related_name": "+"}  # rooms below never see what points at them


class Touch(models.Model):
    """One opened survey link: never an answer by itself. Kept raw, so that it can be judged again."""

    class Verdict(models.TextChoices):
        CLEAN = "clean", _("clean")
        SUSPECT = "suspect", _("suspect")

    invitation = models.ForeignKey("surveys.Invitation", models.CASCADE, **AUTO_LINK)
    score = models.SmallIntegerField(_("score"), null=True)
    is_trap = models.BooleanField(_("hidden link"), default=False)
    at = models.DateTimeField(_("opened"), default=timezone.now)
    seconds_since_handover = models.FloatField(_("seconds after the mail"), null=True)
    method = models.CharField(max_length=8, default="GET")
    header_class = models.CharField(_("kind of client"), max_length=32)
    prefix_hash = models.CharField(max_length=32)
    agent_hash = models.CharField(max_length=32)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        verbose_name = _("opened link")
        verbose_name_plural = _("opened links")
        ordering = ["at", "pk"]
        indexes = [
            # Serves the settlement's look for touches that wait.
            models.Index(fields=["at"], name="feedback_touch_unsettled", condition=Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} {self.score}"


class Response(models.Model):
    """What one invitation (or public link) brought: at most one per invitation, the last accepted revision counts."""

    class Evidence(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        PRESUMED = "presumed", _("presumed")
        HELD = "held", _("held")
        UNVERIFIED = "unverified", _("unverified")

    class HeldFor(models.TextChoices):
        TRAP = "trap", _("the hidden link was opened")
        SWEEP = "sweep", _("several scores were opened at once")
        YOUNG = "young", _("posted quicker than anybody reads")
        DECOY = "decoy", _("filled in a field that nobody sees")
        EARLY = "early", _("opened right after the mail")
        PROGRAM = "program", _("opened by a program that is no browser")
        DOMAIN = "domain", _("the mail domain opens links by itself")
        UNMATCHED = "unmatched", _("its contact is not reported yet")
        DUPLICATE = "duplicate", _("the same device answered before")
        VELOCITY = "velocity", _("many answers at once")

    class Review(models.TextChoices):
        RELEASED = "released", _("released")
        REJECTED = "rejected", _("rejected")

    COUNTED = (Evidence.CONFIRMED, Evidence.PRESUMED)

    invitation = models.OneToOneField("surveys.Invitation", models.PROTECT, null=True, blank=True, **AUTO_LINK)
    survey = models.ForeignKey(
        "surveys.Survey", models.PROTECT, db_index=False, verbose_name=_("survey"), **AUTO_LINK
    )  # fmt: skip
    version = models.ForeignKey("surveys.SurveyVersion", models.PROTECT, verbose_name=_("version"), **AUTO_LINK)
    customer = models.ForeignKey(
        "surveys.Customer", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("customer"),
        **AUTO_LINK,
    )  # fmt: skip
    team = models.ForeignKey(
        "ground.Team", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("team"), **AUTO_LINK
    )
    agent = models.ForeignKey(
        "surveys.Agent", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("agent"), **AUTO_LINK
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=16)
    scale = models.CharField(_("scale"), max_length=16)
    score = models.SmallIntegerField(_("score"), null=True)
    evidence = models.CharField(_("evidence"), max_length=12, choices=Evidence.choices)
    # Why it does not count, and what a person decided about it: a person's word outweighs every later judgement.
    held_for = models.CharField(_("held because"), max_length=12, choices=HeldFor.choices, blank=True, default="")
    review = models.CharField(_("decided"), max_length=8, choices=Review.choices, blank=True, default="")
    reviewed_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("decided by"),
        **AUTO_LINK,
    )  # fmt: skip
    # The public link that it came through, for the look at bursts; an invitation has its own.
    link = models.ForeignKey("surveys.Link", models.SET_NULL, null=True, blank=True, db_index=False, **AUTO_LINK)
    # Which device posted it through that link, as a keyed hash; "" where that says nothing.
    device = models.CharField(max_length=32, blank=True, default="", editable=False)
    wants_contact = models.BooleanField(_("asks to be contacted"), default=False)
    contact_noticed_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_excluded = models.BooleanField(
        _("excluded"), default=False, editable=False, help_text=_("Somebody took it out of the scores.")
    )
    answered_at = models.DateTimeField(_("answered"), default=timezone.now)
    changed_at = models.DateTimeField(_("last changed"), default=timezone.now)
    edit_key_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["-answered_at"]
        indexes = [
            # Serve the recount of one day and the list, newest first, whole or within teams: every filter is decided
            # in the index itself.
            models.Index(fields=["-answered_at", "-id", "team", *FILTERED], name="feedback_response_at"),
            models.Index(fields=["team", "-answered_at", "-id", *FILTERED], name="feedback_response_team_at"),
            models.Index(fields=["agent", "-answered_at", "-id"], name="feedback_response_agent_at"),
            models.Index(fields=["customer", "-answered_at"], name="feedback_response_customer"),
            # Serve the same list of what is rare and looked for.
            models.Index(
                fields=["-answered_at", "-id"], name="feedback_response_contact", condition=Q(wants_contact=True)
            ),
            models.Index(
                fields=["-answered_at", "-id"], name="feedback_response_excluded", condition=Q(is_excluded=True)
            ),
            # Serves the bell's look for requests that nobody has been told of.
            models.Index(
                fields=["id"],
                name="feedback_contact_unnoticed",
                condition=Q(wants_contact=True, contact_noticed_at=None),
            ),  # fmt: skip
            # Serves the queue of what waits for a person's decision.
            models.Index(
                fields=["-answered_at", "-id"],
                name="feedback_response_review",
                condition=Q(evidence__in=["held", "unverified"], review=""),
            ),
            models.Index(
                fields=["team", "-answered_at", "-id"],
                name="feedback_response_review_team",
                condition=Q(evidence__in=["held", "unverified"], review=""),
            ),
            # Serve the looks for bursts through one public link, and for a device that answered there before.
            models.Index(
                fields=["link", "evidence", "answered_at"],
                name="feedback_response_through",
                condition=Q(link__isnull=False),
            ),
            models.Index(
                fields=["link", "device", "answered_at"], name="feedback_response_device", condition=~Q(device="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.score if self.score is not None else '—'}"

    @property
    def comment(self) -> "Comment | None":
        """The text to show where there is room for one: that of the first question that has any."""
        return min(self.comments.all(), key=lambda text: (text.question_id or 0, text.pk), default=None)


class Answer(models.Model):
    """The value given to one question of a response, or to one item of it; free texts are comments instead.

    `item` is the code of a chosen option (`value` 1) or of a grid's aspect, "" for a plain value.
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question = models.ForeignKey("surveys.Question", models.PROTECT, **AUTO_LINK)
    item = models.CharField(max_length=32, blank=True, default="")
    value = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "question", "item"], name="feedback_answer_once")]

    def __str__(self) -> str:
        return f"{self.question_id}={self.value}"


class Revision(models.Model):
    """What a response said at one time; the first is the answer as given, later ones are edits."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField(_("number"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    score = models.SmallIntegerField(_("score"), null=True)
    text = models.TextField(_("text"), blank=True)
    wants_contact = models.BooleanField(_("asks to be contacted"), default=False)
    evidence = models.CharField(_("evidence"), max_length=12, choices=Response.Evidence.choices)
    # The other answers, {question: {item: value}}, and the other texts, {question: text}.
    answers = models.JSONField(default=dict, blank=True)
    texts = models.JSONField(default=dict, blank=True)
    # Who posted it and how, so that it can be judged again; empty for what was settled from touches or is anonymous.
    prefix_hash = models.CharField(max_length=32, blank=True, default="")
    agent_hash = models.CharField(max_length=32, blank=True, default="")
    page_served_at = models.DateTimeField(null=True, blank=True)
    is_decoyed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["response", "number"], name="feedback_revision_once")]

    def __str__(self) -> str:
        return f"{self.response_id} r{self.number}"
