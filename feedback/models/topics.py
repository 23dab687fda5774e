"""What comments can be about: a tree of two levels that the managers keep."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from feedback.models.answers import AUTO_LINK
from surveys.models.questionnaire import in_language


class Topic(models.Model):
    """What a comment can be about; owned by the managers. Its code stays, so that addresses go on working.

    A topic counts for its parent as well. One that was merged stays with its labels, which count for `merged_into`
    instead; `brought` are the cues that the other one got from it. With teams or surveys it is read there alone.
    """

    code = models.SlugField(_("code"), max_length=32, unique=True)
    names = models.JSONField(_("name"), default=dict, help_text=_("By language."))
    descriptions = models.JSONField(_("description"), default=dict, blank=True, help_text=_("By language."))
    cues = models.JSONField(_("cue words"), default=dict, blank=True, help_text=_("By language."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged", verbose_name=_("merged into")
    )
    brought = models.JSONField(default=dict, editable=False)
    teams = models.ManyToManyField("ground.Team", blank=True, verbose_name=_("only for teams"), **AUTO_LINK)
    surveys = models.ManyToManyField("surveys.Survey", blank=True, verbose_name=_("only for surveys"), **AUTO_LINK)
    changed_at = models.DateTimeField(null=True, editable=False)
    applied_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return in_language(self.names, get_language() or settings.LANGUAGE_CODE) or self.code

    @property
    def is_ahead(self) -> bool:
        """Whether what it finds has changed since older comments were read for it."""
        return self.changed_at is not None and (self.applied_at is None or self.applied_at < self.changed_at)
