"""What managers put beside a comment: views they keep, private notes, tags, exclusions, and what a bulk act changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from feedback.models.answers import AUTO_LINK, Response
from feedback.models.comments import Comment, Label


class SavedView(models.Model):
    """Filters of the reading list under a name, one person's own or shared.

    `shared_from` are the teams that the owner saw at sharing, None for all: names and search words tell of their rows,
    so that only who belongs to every one of these teams is offered the view.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), **AUTO_LINK)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False)
    shared_from = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="feedback_view_once")]

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A private note on a comment: customers never see it; a removed one keeps its place, not its text."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="notes", verbose_name=_("comment"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("author"), **AUTO_LINK)
    text = models.TextField(_("text"), max_length=5000)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, verbose_name=_("mentions"), **AUTO_LINK)
    at = models.DateTimeField(_("written"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Tag(models.Model):
    """A word of the managers' own for comments; unlike a topic, nothing is read into it by a machine."""

    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="feedback_tag_folded")]

    def __str__(self) -> str:
        return self.name


class CommentTag(models.Model):
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="tags")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, **AUTO_LINK)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "tag"], name="feedback_comment_tag_once")]
        # Serves the filter "comments with this tag".
        indexes = [models.Index(fields=["tag", "-comment"], name="feedback_tag_comment")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.tag_id}"


class Exclusion(models.Model):
    """A response, or a text without one, that somebody took out of the scores, why, and who let it count again.

    Rows are kept; one without `lifted_at` holds. `feedback.exclusions` keeps `Response.is_excluded` and
    `Comment.is_counted` equal to them.
    """

    class Reason(models.TextChoices):
        TEST = "test", _("a test")
        STAFF = "staff", _("written by our own staff")
        WRONG_CUSTOMER = "wrong_customer", _("not this customer's contact")
        DUPLICATE = "duplicate", _("says the same twice")
        SPAM = "spam", _("advertising or nonsense")
        OTHER = "other", _("another reason")

    response = models.ForeignKey(Response, models.CASCADE, null=True, related_name="exclusions")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="exclusions")
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    note = models.CharField(_("explanation"), max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("author"), **AUTO_LINK)
    at = models.DateTimeField(_("since"), default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, **AUTO_LINK)
    lifted_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(response=None, comment__isnull=False) | Q(response__isnull=False, comment=None),
                name="feedback_exclusion_of_one",
            ),
            models.UniqueConstraint(
                fields=["response"], condition=Q(lifted_at=None), name="feedback_exclusion_response_once"
            ),
            models.UniqueConstraint(
                fields=["comment"], condition=Q(lifted_at=None), name="feedback_exclusion_comment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class BulkStep(models.Model):
    """What a bulk job changed on one comment, so that a repeated step changes nothing and the whole can be undone."""

    job = models.ForeignKey("ground.Job", models.CASCADE, **AUTO_LINK)
    comment = models.ForeignKey(Comment, models.CASCADE, **AUTO_LINK)
    label = models.ForeignKey(Label, models.CASCADE, null=True, **AUTO_LINK)
    # Of one that was opened again: who had done it, and when. To add a constraint would have held up writers.
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, db_constraint=False, **AUTO_LINK
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "comment"], name="feedback_bulk_step_once")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.comment_id}"
