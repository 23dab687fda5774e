"""When the database is locked or gone: 503 with a sentence, never a stack trace."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)
RETRY_AFTER = "5"
# A PostgreSQL that takes no writes, as a standby does; the driver counts it among its own faults.
READ_ONLY = "25006"


class DatabaseUnavailableMiddleware:
    """Turns a lost or locked database into 503 for every page; a page with a form keeps the text by its own handler."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError) as error:
            return self.process_exception(request, error) or HttpResponse(status=503)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_unavailable(error):
            return None
        note_unavailable(error)
        return unavailable(request)


def note_unavailable(error: Exception) -> None:
    """Log the kind of failure alone and let go of connections that are of no more use."""
    log.error("database unavailable: %s", type(error).__name__)
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()


def is_unavailable(error: Exception) -> bool:
    """True for errors that pass when the database comes back: locked, gone, disk full, read-only."""
    return isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, DatabaseError)
        and ("disk" in str(error) or getattr(error.__cause__, "sqlstate", "") == READ_ONLY)
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """The bare 503 page, or its JSON twin under /api/."""
    if request.path.startswith("/api/"):
        detail = {"code": "unavailable", "detail": _("The database does not answer. Try again soon."), "attr": None}
        response: HttpResponse = JsonResponse({"type": "server_error", "errors": [detail]}, status=503)
    else:
        response = render(request, "unavailable.html", status=503)
    response.headers["Retry-After"] = RETRY_AFTER
    response.headers["Cache-Control"] = "no-store"
    return response
