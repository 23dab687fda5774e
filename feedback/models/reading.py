"""Who has read what on the desk."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models.answers import AUTO_LINK
from feedback.models.comments import Comment


class ReadMark(models.Model):
    """One person has read one comment; without a mark it is unread to that person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), **AUTO_LINK)
    comment = models.ForeignKey(Comment, models.CASCADE, verbose_name=_("comment"), **AUTO_LINK)
    at = models.DateTimeField(_("read"), default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "comment"], name="feedback_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.comment_id}"
