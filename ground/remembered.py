"""Answers that took long to find, kept for a short while by the process that found them."""

import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

Answer = TypeVar("Answer")
COSTLY_SECONDS, SHORT_SECONDS = 0.005, 60


def while_costly(question: str, find: Callable[[], Answer], *, seconds: int = SHORT_SECONDS) -> Answer:
    """The answer to a question: as it was found before, or found by `find`; kept only when that took long."""
    key = hashlib.sha256(question.encode()).hexdigest()
    known = cache.get(key)
    if known is None:
        began = time.monotonic()
        known = (find(),)
        if time.monotonic() - began >= COSTLY_SECONDS:
            cache.set(key, known, seconds)
    return known[0]
