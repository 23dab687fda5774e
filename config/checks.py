"""Combinations of settings that must not run, each said with an id and a hint."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from feedback.understanding import embedding


@register(Tags.security, deploy=True)
def public_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production links must lead to an https address and hosts must be named."""
    problems: list[CheckMessage] = []
    if not settings.BASE_URL.startswith("https://"):
        problems.append(
            Error("BASE_URL is not an https address.", hint="Set BASE_URL to the public address.", id="otklik.E001")
        )
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(Error("ALLOWED_HOSTS is a wildcard.", hint="Name the hosts.", id="otklik.E002"))
    return problems


@register
def bounce_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A return address that cannot be one would lose every bounce."""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    if not settings.BOUNCE_ADDRESS or (local and domain and len(local) <= 27 and not set(" <>@") & set(local + domain)):
        return []
    hint = "Something like bounces@example.org, with at most 27 characters before the @."
    return [Error("BOUNCE_ADDRESS is not an address.", hint=hint, id="otklik.E003")]


@register
def reading_model(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A model of the operator's own that cannot be used is left out, which would show in nothing but worse labels."""
    trouble = embedding.trouble() or embedding.misfit()
    return [Warning(trouble, hint="Comments are read without it.", id="otklik.W001")] if trouble else []
