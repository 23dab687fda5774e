"""Combinations of settings that must not run, each said with an id and a hint."""

import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from feedback.understanding import embedding
from ground import header_login

SHORTEST_KEY, FEWEST_LETTERS = 32, 8
EXAMPLES = ("change", "example", "secret", "django-insecure", "your-")


@register(Tags.security, deploy=True)
def public_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production links must lead to an https address and hosts must be named."""
    problems: list[CheckMessage] = []
    if not settings.BASE_URL.startswith("https://"):
        problems.append(
            Error("BASE_URL is not an https address.", hint="Set BASE_URL to the public address.", id="otklik.E001")
        )
    return problems


@register
def unsafe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What nothing starts with: no command, no web server, no worker."""
    problems: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        problems.append(Error("ALLOWED_HOSTS is a wildcard.", hint="Name the hosts.", id="otklik.E002"))
    if settings.DEBUG and settings.BASE_URL.startswith("https://"):
        hint = "It shows settings and source to customers. Take DEBUG out of the environment."
        problems.append(Error("DEBUG is on at a public address.", hint=hint, id="otklik.E004"))
    for name in ("SECRET_KEY", "LINK_KEY"):
        key = str(getattr(settings, name))
        if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_LETTERS or key.lower().startswith(EXAMPLES):
            hint = "Leave it out: a good one is made and kept in the data directory."
            problems.append(Error(f"{name} is short or taken from an example.", hint=hint, id="otklik.E005"))
    hint = "docs/install.md, “Log-in by a proxy”."
    return problems + [Error(fault, hint=hint, id="otklik.E006") for fault in header_login.faults()]


def refuse() -> None:
    """End a process that runs no checks of its own when the settings are unsafe."""
    problems = unsafe(None)
    if problems:
        sys.exit("\n".join(f"Does not start. {problem.msg} {problem.hint}" for problem in problems))


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
    trouble = embedding.trouble()
    return [Warning(trouble, hint="Comments are read without it.", id="otklik.W001")] if trouble else []
