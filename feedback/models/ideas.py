"""What customers suggest, each suggestion once, and phrases that come up more than before."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models.answers import AUTO_LINK
from feedback.models.comments import Comment
from feedback.models.topics import Topic
from ground.models import Job


class Chore(models.Model):
    """Work that nobody asks for by hand, by name: the lock of whoever does it, and when it is due where it recurs."""

    IDEAS, THEMES = "ideas", "themes"

    name = models.CharField(max_length=16, primary_key=True)
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class IdeaQuerySet(models.QuerySet["Idea"]):
    def to_compare(self, space: str) -> "IdeaQuerySet":
        """Those that have a centre in this space."""
        return self.filter(space=space, weight__gt=0)

    def are_more_than(self, number: int) -> bool:
        return self.order_by()[number : number + 1].exists()


class Idea(models.Model):
    """One suggestion, however many customers have made it and in whatever words.

    `centre` is the sum of the vectors of its `weight` comments, as the space called `space` has them; `cell` is where
    that sum lies in it and `near` the cells around. A merged idea keeps its centre, so that what is like it is known.
    """

    class Status(models.TextChoices):
        NEW = "new", _("new")
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")
        DECLINED = "declined", _("declined")

    title = models.CharField(
        _("title"), max_length=200, blank=True, help_text=_("Empty: the words of its most typical comment.")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.NEW)
    note = models.TextField(
        _("note"), max_length=2000, blank=True, help_text=_("For colleagues; customers never see it.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("responsible"), **AUTO_LINK
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="merged")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    space = models.CharField(max_length=32, blank=True, editable=False)
    centre = models.BinaryField(default=b"", editable=False)
    weight = models.PositiveIntegerField(default=0, editable=False)
    cell = models.PositiveSmallIntegerField(default=0, editable=False)
    near = models.JSONField(default=list, editable=False)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        ordering = ["-pk"]
        # Serves the look for ideas that a comment may belong to.
        indexes = [models.Index(fields=["space", "cell", "-weight", "-id"], name="feedback_idea_cell")]

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"


class IdeaComment(models.Model):
    """Which idea a comment speaks for; what a person decided (`author`) no machine changes.

    `idea` null: a person said that it speaks for none. The words from `start` to `end` say it, `vector` is their
    meaning, `closeness` how typical they are of the idea. `through` is the idea whose centre they went into: another
    one than `idea` when that was merged into it.
    """

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="idea_link")
    idea = models.ForeignKey(Idea, models.SET_NULL, null=True, related_name="links")
    through = models.ForeignKey(Idea, models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, **AUTO_LINK)
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    space = models.CharField(max_length=32, blank=True)
    vector = models.BinaryField(default=b"")
    closeness = models.FloatField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Serves the title of an idea: the most typical of its comments.
        indexes = [models.Index(fields=["idea", "-closeness", "id"], name="feedback_idea_typical")]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.idea_id}"


class IdeaStep(models.Model):
    """What a person did to ideas, so that it can be taken back: `moved` are the links with where they were before."""

    class Verb(models.TextChoices):
        MERGE = "merge", _("merged")
        SPLIT = "split", _("split off")
        MOVE = "move", _("moved")
        OUT = "out", _("taken out")

    verb = models.CharField(max_length=8, choices=Verb.choices)
    idea = models.ForeignKey(Idea, models.CASCADE, null=True, related_name="+")
    into = models.ForeignKey(Idea, models.CASCADE, null=True, related_name="+")
    moved = models.JSONField(default=list)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, **AUTO_LINK)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


class ThemeRound(models.Model):
    """One look for phrases that the comments of the last `days` have more often than the ninety days before."""

    days = models.PositiveSmallIntegerField()
    until = models.DateTimeField()
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    in_window = models.PositiveIntegerField(default=0)
    in_base = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        # Serves the page: the last finished look of each length.
        indexes = [
            models.Index(fields=["days", "-id"], name="feedback_round_last", condition=Q(finished_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.days} {self.until:%Y-%m-%d}"


class Theme(models.Model):
    """A phrase that came up: `phrase` are its lemmas, `words` how customers say it, `others` what was said with it."""

    round = models.ForeignKey(ThemeRound, models.CASCADE, related_name="themes")
    phrase = models.CharField(max_length=200)
    words = models.CharField(max_length=200)
    language = models.CharField(max_length=8, blank=True)
    others = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField()
    in_window = models.PositiveIntegerField()
    in_base = models.PositiveIntegerField()
    lift = models.FloatField()
    p_adjusted = models.FloatField()
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("new theme")
        verbose_name_plural = _("new themes")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.words


class ThemeComment(models.Model):
    """A comment of the window that has a theme's phrase."""

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="found")
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["theme", "comment"], name="feedback_theme_comment_once")]

    def __str__(self) -> str:
        return f"{self.theme_id} {self.comment_id}"


class MutedPhrase(models.Model):
    """A phrase that nobody wants to hear of again."""

    phrase = models.CharField(max_length=200, unique=True)
    words = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, **AUTO_LINK)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.words
