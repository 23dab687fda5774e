"""Each person's language and time zone, and the looser script policy that the admin theme needs."""

from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from ground.models import Organisation


class PreferencesMiddleware:
    """Staff pages in the person's language and time zone, else as the browser and the organisation say."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        with Organisation.read_once() if request.method in ("GET", "HEAD") else nullcontext():
            return self._shown(request)

    def _shown(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        # Read once for all that stands before a page.
        request.organisation = organisation = SimpleLazyObject(Organisation.current)  # type: ignore[attr-defined]
        if user.is_authenticated:
            if user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            timezone.activate(user.timezone or organisation.timezone)
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        if user.is_authenticated and user.language:
            response.headers["Content-Language"] = user.language
        return response
