import os
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# A file of the most that is imported (ground.uploads), and the form around it.
CHUNK, MOST, SECONDS = 65536, 52 * 1024 * 1024, 5.0
LIGHTS = {"/healthz", "/readyz", "/metrics"}


def reading_all(application: Application) -> Application:
    """The application, with what it left of the request's body read and dropped.

    A client that is still sending when the connection closes sees a broken pipe instead of our 413. Gives up after
    MOST bytes or SECONDS.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = application(environ, start_response)
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            _drop(environ["wsgi.input"])
        return response

    return wrapped


def _drop(body: Any) -> None:
    left, until = MOST, time.monotonic() + SECONDS
    while left > 0 and time.monotonic() < until:
        chunk = body.read(CHUNK)
        if not chunk:
            return
        left -= len(chunk)


def in_text(environ: dict[str, Any]) -> dict[str, Any]:
    """What came, without a charset that makes no text of bytes.

    To Python base64 is an encoding, too, and Django breaks on it while it makes the request, where no handler of ours
    could answer.
    """
    kind, params = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    try:
        b"a".decode(params.get("charset", "utf-8"), "replace")
    except (LookupError, ValueError):
        environ["CONTENT_TYPE"] = kind
    return environ


def reading_text(application: Application) -> Application:
    """The application, which is told of no charset that it cannot read."""
    return lambda environ, start_response: application(in_text(environ), start_response)


def showing_lights(application: Application) -> Application:
    """The application, of which a supervisor or balancer asks for the lights by the machine's own name, without TLS."""
    site = urlsplit(settings.BASE_URL)
    named = {"HTTP_HOST": site.netloc, "HTTP_X_FORWARDED_PROTO": site.scheme, "wsgi.url_scheme": site.scheme}

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return application(environ | named if environ.get("PATH_INFO") in LIGHTS else environ, start_response)

    return wrapped


def erasing_first(application: Application, *, is_done: bool) -> Application:
    """The application. Where the database was away when the process began, each page first asks it again whether
    erasures wait to be done once more: the database that comes back may be a restored one."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal is_done
        if not is_done and environ.get("PATH_INFO") not in LIGHTS:
            is_done = erasing.catch_up()
        return application(environ, start_response)

    return wrapped


pages = showing_lights(reading_text(get_wsgi_application()))

from ground import erasing  # noqa: E402  (models are there once the application is)

application = reading_all(erasing_first(pages, is_done=erasing.before_serving()))
