"""A name for each request and each tick, so that the lines of all that it led to are found in the logs."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# As proxies make them. Nothing that a person could be called by fits.
SHAPE = re.compile(r"(?=[0-9a-f-]*[a-f])[0-9a-f-]{16,36}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The name of what goes on in this thread; empty outside of requests and tasks."""
    return _current.get()


def begin(given: str | None = None) -> str:
    """Go on under the given name where it is one, else under a new one."""
    name = given if given and SHAPE.fullmatch(given) else secrets.token_hex(8)
    _current.set(name)
    return name


class RequestIdMiddleware:
    """Takes the name that a trusted proxy gave, or makes one, and tells it in the reply."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = begin(request.headers.get(HEADER) if settings.TRUSTED_PROXIES else None)
        response = self.get_response(request)
        response.headers[HEADER] = name
        return response
