from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from feedback.understanding import embedding


class FeedbackConfig(AppConfig):
    name = "feedback"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        """Name the model that reads; it is loaded with the first text."""
        embedding.use(settings.UNDERSTANDING_MODEL)
