"""`Authorization: Api-Key ...`: the library keeps and checks the key, this class answers 401 and knows the scope."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ground import access
from ground.models import Allowance, ApiKey


class Program:
    """The caller behind an API key, in the place of a user."""

    is_authenticated = True

    def __init__(self, key: ApiKey) -> None:
        self.key = key
        self.scope = access.scope_of_key(key)

    def __str__(self) -> str:
        return f"key:{self.key.prefix}"


def program_of(request: Request) -> Program:
    """The program that calls; every API route requires one."""
    assert isinstance(request.user, Program)
    return request.user


class ApiKeyAuthentication(BaseAuthentication):
    keyword = "Api-Key"

    def authenticate(self, request: Request) -> tuple[Program, ApiKey] | None:
        kind, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != self.keyword.lower():
            return None
        try:
            key = ApiKey.objects.get_from_key(secret.strip())
        except ApiKey.DoesNotExist:
            key = None
        if not isinstance(key, ApiKey) or key.revoked or key.has_expired:
            raise AuthenticationFailed(_("This API key is unknown, expired or revoked."))
        note_use(key)
        return Program(key), key

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


def note_use(key: ApiKey) -> None:
    """Remember when the key was last used, to the hour: a write for each call would cost more than the call."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > dt.timedelta(hours=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


class Undeclared(BasePermission):
    """The default: a route that does not say what it needs is closed to every key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class Needs(BasePermission):
    """Of a route for keys with one allowance."""

    allowance: Allowance

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, Program):
            return False
        self.message = _("This key is not for this. What it may do is said in the admin: “%s” is missing.") % str(
            self.allowance.label
        )
        return self.allowance in request.user.key.allowances


class ToReport(Needs):
    allowance = Allowance.REPORT


class ToKeepCustomers(Needs):
    allowance = Allowance.CUSTOMERS


class ToSuppress(Needs):
    allowance = Allowance.SUPPRESSIONS


class ToRead(Needs):
    allowance = Allowance.READ


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "ground.api_keys.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Api-Key <key>`; keys are made in the admin.",
        }
