from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Asking")

    def ready(self) -> None:
        """The one receiver of a signal: anymail has no other way to hand over what mail services report."""
        from anymail.signals import tracking

        from surveys import reports

        tracking.connect(reports.receive, dispatch_uid="surveys.reports")
