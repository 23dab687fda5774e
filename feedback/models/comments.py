"""Free text from customers, whatever its source, and every statement made about it."""

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Least, Length
from django.db.models.lookups import LessThan, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models.answers import AUTO_LINK, Response
from feedback.models.topics import Topic
from ground.models import QueueRow
from surveys.models.customers import Channel

# Below these confidences a label is "not sure": shown as such, counted apart, never forced.
TONE_SURE = 0.5
CONSTRUCTIVE_SURE = 0.5
# Below this somebody should look at a reading, whichever of the two it is less sure of. A request has two values only,
# so that one of them is always as likely as not: whether it is one is "not sure" below this, shown as such and looked
# at, while counts go by the likelier.
DOUBTFUL = 0.6
# Texts whose words take no more characters than these are compared with each other: longer ones hardly come twice.
COMPARED = 60


# What the reading list can be filtered by beside team and time.
FILTERED = (
    "derived_class", "tone", "constructive", "language", "channel", "source", "survey", "agent", "score", "band",
    "evidence", "is_counted", "wants_contact", "done_at", "classified_at",
)  # fmt: skip


class CommentClass(models.TextChoices):
    """The one class that lists and charts show: the database derives it, so that no correction can destroy a fact."""

    POSITIVE = "positive", _("positive")
    NEGATIVE = "negative", _("negative")
    CONSTRUCTIVE = "constructive", _("constructive")
    NEUTRAL = "neutral", _("neutral")
    UNSURE = "unsure", _("not sure")


class CommentQuerySet(QuerySet["Comment"]):
    def waiting(self) -> "CommentQuerySet":
        """The queue: comments that no worker has read."""
        return self.filter(classified_at=None)


def class_of_labels() -> Case:
    """The class as the database derives it from what counts; comments not read yet are "unsure"."""
    sure = Q(tone_confidence__gte=TONE_SURE)
    return Case(
        When(constructive=True, constructive_confidence__gte=CONSTRUCTIVE_SURE, then=Value("constructive")),
        When(sure & (Q(tone="positive") | Q(tone="mixed", polarity__gt=0)), then=Value("positive")),
        When(sure & Q(tone__in=["negative", "mixed"]), then=Value("negative")),
        When(sure & Q(tone="neutral"), then=Value("neutral")),
        default=Value("unsure"),
        output_field=models.CharField(max_length=12),
    )


def sureness() -> Least:
    """How sure a reading is of what it is less sure of, tone or suggestion."""
    return Least("tone_confidence", "constructive_confidence")


def is_contradictory() -> Q:
    """Whether the text says one thing and the score another."""
    return Q(band="high", derived_class="negative") | Q(band="low", derived_class="positive")


def is_short() -> Q:
    """Whether a text has words, and few enough to be compared with other texts."""
    return Q(LessThanOrEqual(Length("lemmas"), COMPARED)) & ~Q(lemmas="")


# What nobody has checked. Of the random sample only its own lane takes: what is picked for its faults would make the
# sample tell of more faults than there are.
UNCHECKED = Q(checked_at=None, classified_at__isnull=False)


class Comment(QueueRow):
    """Any free text from a customer. Team, agent and the rest are as they were when it was said.

    `tone` to `lemmas` and `CommentTopic` repeat the effective labels for lists and counts; `feedback.labels` keeps
    them equal to the Label rows. The queue is `classified_at` null.
    """

    class Source(models.TextChoices):
        SURVEY = "survey", _("survey answer")
        REVIEW = "review", _("public review")
        COMPLAINT = "complaint", _("complaint")
        MESSAGE = "message", _("message")

    class Tone(models.TextChoices):
        POSITIVE = "positive", _("positive")
        NEGATIVE = "negative", _("negative")
        NEUTRAL = "neutral", _("neutral")
        MIXED = "mixed", _("mixed")

    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    origin = models.CharField(_("origin"), max_length=64, blank=True, help_text=_("The site or system it came from."))
    external_key = models.CharField(_("external id"), max_length=128, null=True, blank=True)
    # No index of its own: that of the constraint begins with it.
    response = models.ForeignKey(
        Response, models.CASCADE, related_name="comments", null=True, blank=True, db_index=False,
        verbose_name=_("response"),
    )  # fmt: skip
    question = models.ForeignKey("surveys.Question", models.PROTECT, null=True, blank=True, **AUTO_LINK)
    survey = models.ForeignKey(
        "surveys.Survey", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("survey"), **AUTO_LINK
    )
    customer = models.ForeignKey(
        "surveys.Customer", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("customer"),
        **AUTO_LINK,
    )  # fmt: skip
    interaction = models.ForeignKey("surveys.Interaction", models.PROTECT, null=True, blank=True, **AUTO_LINK)
    team = models.ForeignKey(
        "ground.Team", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("team"), **AUTO_LINK
    )
    agent = models.ForeignKey(
        "surveys.Agent", models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("agent"), **AUTO_LINK
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    text = models.TextField(_("text"))
    stars = models.PositiveSmallIntegerField(
        _("stars"), null=True, blank=True, help_text=_("Of a public review, 1 to 5; never part of a survey score.")
    )
    said_at = models.DateTimeField(_("said"), default=timezone.now)
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    is_counted = models.BooleanField(
        _("counted"), default=True, editable=False, help_text=_("False while its response is held or unverified.")
    )

    classified_at = models.DateTimeField(_("read by the machine"), null=True, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=16, blank=True)
    tone = models.CharField(_("tone"), max_length=8, choices=Tone.choices, blank=True)
    tone_confidence = models.FloatField(default=0)
    polarity = models.FloatField(default=0)
    constructive = models.BooleanField(_("constructive"), null=True)
    constructive_confidence = models.FloatField(default=0)
    is_topicless = models.BooleanField(default=False, editable=False)
    lemmas = models.TextField(blank=True, default="")
    derived_class = models.GeneratedField(
        expression=class_of_labels(), output_field=models.CharField(_("class"), max_length=12,
                                                                    choices=CommentClass.choices), db_persist=True,
    )  # fmt: skip

    # What lists filter by, repeated from the response; `feedback.repeated` says how.
    score = models.SmallIntegerField(_("score"), null=True, editable=False)
    band = models.CharField(_("score band"), max_length=4, blank=True, default="", editable=False)
    evidence = models.CharField(max_length=12, blank=True, default="", editable=False)
    wants_contact = models.BooleanField(_("asks to be contacted"), default=False, editable=False)

    # The queue of `feedback.ideas`: whether it suggests something, and what, is to be looked at.
    waits_for_idea = models.BooleanField(default=False, editable=False)

    is_sample = models.BooleanField(
        _("in the random sample"), default=False, editable=False,
        help_text=_("Drawn by chance among all that come in; once checked it tells how good the machine is."),
    )  # fmt: skip
    # A person has gone through all its labels: topics that nobody named then are not there.
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, db_index=False,
        verbose_name=_("checked by"), **AUTO_LINK,
    )  # fmt: skip

    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("done by"),
        **AUTO_LINK,
    )  # fmt: skip

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "origin", "external_key"],
                condition=Q(external_key__isnull=False),
                name="feedback_comment_once",
            ),
            models.UniqueConstraint(fields=["response", "question"], name="feedback_comment_text_once"),
        ]
        indexes = [
            # Serves the bell's look for comments that nobody has read.
            models.Index(fields=["id"], name="feedback_comment_waiting", condition=Q(classified_at=None)),
            # Serves the bell's look for comments that may belong to an idea.
            models.Index(fields=["id"], name="feedback_comment_idea", condition=Q(waits_for_idea=True)),
            # Serve the reading list, newest first, whole or within teams, and the recount of one day: every filter is
            # decided in the index itself, so that looking through many rows reads none of their texts.
            models.Index(fields=["-said_at", "-id", "team", *FILTERED], name="feedback_comment_at"),
            models.Index(fields=["team", "-said_at", "-id", *FILTERED], name="feedback_comment_team_at"),
            models.Index(fields=["agent", "-said_at", "-id"], name="feedback_comment_agent_at"),
            models.Index(fields=["customer", "-said_at", "-id"], name="feedback_comment_customer_at"),
            # Serve the same list of what is rare and looked for.
            models.Index(fields=["-said_at", "-id"], name="feedback_comment_open", condition=Q(done_at=None)),
            models.Index(
                fields=["team", "-said_at", "-id"], name="feedback_comment_team_open", condition=Q(done_at=None)
            ),
            models.Index(fields=["-said_at", "-id"], name="feedback_comment_contact", condition=Q(wants_contact=True)),
            # Serve the lanes of the queue of labels to check; the team is decided in the index.
            models.Index(
                sureness(),
                "id",
                "team",
                name="feedback_comment_doubt",
                condition=UNCHECKED & Q(is_sample=False) & Q(LessThan(sureness(), DOUBTFUL)),
            ),
            # Serves the reading list of what one person checked.
            models.Index(
                fields=["checked_by", "-said_at", "-id", "team"],
                name="feedback_comment_checked",
                condition=Q(checked_at__isnull=False),
            ),
            # Serves the quality of reading, which the checked part of the sample tells.
            models.Index(
                fields=["-checked_at", "team"],
                name="feedback_comment_measured",
                condition=Q(is_sample=True, checked_at__isnull=False),
            ),
            models.Index(
                fields=["-said_at", "-id", "team"],
                name="feedback_comment_sample",
                condition=UNCHECKED & Q(is_sample=True),
            ),
            models.Index(
                fields=["-said_at", "-id", "team"],
                name="feedback_comment_topicless",
                condition=UNCHECKED & Q(is_sample=False, is_topicless=True),
            ),
            models.Index(
                fields=["-said_at", "-id", "team"],
                name="feedback_comment_conflict",
                condition=UNCHECKED & Q(is_sample=False) & is_contradictory(),
            ),
            # Serves the look for others that say the same.
            models.Index(
                fields=["lemmas"], name="feedback_comment_same", condition=UNCHECKED & is_short()
            ),  # fmt: skip
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Label(models.Model):
    """One append-only statement about a comment: a later one never changes it, it only outweighs it."""

    class Scheme(models.TextChoices):
        LANGUAGE = "language", _("language")
        TONE = "tone", _("tone")
        CONSTRUCTIVE = "constructive", _("constructive")
        TOPIC = "topic", _("topic")

    class Source(models.TextChoices):
        HUMAN = "human", _("person")
        RULE = "rule", _("rule")
        MODEL = "model", _("model")

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="labels", verbose_name=_("comment"))
    scheme = models.CharField(_("scheme"), max_length=12, choices=Scheme.choices)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("topic"))
    value = models.CharField(_("value"), max_length=16, blank=True)
    confidence = models.FloatField(_("confidence"))
    polarity = models.FloatField(_("polarity"), null=True)
    # Only TextBlob tells it: how much of an English text is opinion, from 0 to 1.
    subjectivity = models.FloatField(_("subjectivity"), null=True)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    version = models.CharField(_("version"), max_length=64, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("author"), **AUTO_LINK
    )
    takes_back = models.OneToOneField(
        "self", models.CASCADE, related_name="taken_back_by", null=True, blank=True, verbose_name=_("takes back")
    )
    spans = models.JSONField(_("evidence"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["pk"]
        # Serves the look for what people have said since the machine last learned from them.
        indexes = [models.Index(fields=["id"], name="feedback_label_human", condition=Q(source="human"))]

    def __str__(self) -> str:
        return f"{self.scheme}={self.value}"


class CommentTopic(models.Model):
    """The effective topics of a comment, repeated from its labels for filters and counts."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="topics")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+")
    confidence = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "topic"], name="feedback_comment_topic_once")]
        # Serves the filter "comments of this topic".
        indexes = [models.Index(fields=["topic", "-comment"], name="feedback_topic_comment")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.topic_id}"
