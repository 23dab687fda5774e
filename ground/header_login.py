"""Log-in by a proxy that knows who is there: off unless the header and the proxies that may set it are named.

The settings do not load when that is unsafe (`config/unsafe.py`).
"""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from ground import logins
from ground.models import User

BY_HEADER = "by_header"


class HeaderLoginMiddleware:
    """Follows the header at the desk: whoever it names is logged in, and out again once it names them no more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.LOGIN_HEADER:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.networks = [ipaddress.ip_network(network) for network in settings.LOGIN_HEADER_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/"):
            self._follow(request)
        return self.get_response(request)

    def _follow(self, request: HttpRequest) -> None:
        named = self._named(request)
        held = request.session.get(BY_HEADER)
        if held and held != named:
            logout(request)
        if not named or (request.user.is_authenticated and held == named):
            return
        person = User.objects.filter(email__iexact=named, is_active=True).first()
        if person and person.is_staff:
            logins.begin(request, person, with_code=True)  # a second factor is the proxy's to ask for
            request.session[BY_HEADER] = named

    def _named(self, request: HttpRequest) -> str:
        """The e-mail in the header; nobody's when the request does not come straight from one of the proxies."""
        try:
            address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
        except ValueError:
            return ""
        if not any(address in network for network in self.networks):
            return ""
        value = request.headers.get(settings.LOGIN_HEADER, "").strip()
        # Two values in one mean that somebody has added their own.
        return value.lower() if value.isascii() and len(value) <= 254 and not set(", ;") & set(value) else ""
