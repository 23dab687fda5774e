import threading

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import trans_real


class GroundConfig(AppConfig):
    name = "ground"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        # A thread serves one request at a time, and no event loop does: the language of a thread's own is found in a
        # twentieth of the time, and a page asks for it thousands of times.
        trans_real._active = threading.local()  # type: ignore[attr-defined]
