"""Addresses of pages that need no more than a name: looked up once, a page has hundreds of them."""

from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse


def address_of(name: str) -> str:
    """What `reverse` says, and NoReverseMatch where there is no such page."""
    return _reversed(name, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=1024)
def _reversed(name: str, _prefix: str, urlconf: str) -> str:
    return reverse(name, urlconf)
