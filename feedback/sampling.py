"""The random sample of comments, by which alone the machine's accuracy is told."""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from feedback.models import Comment

SHARE = 0.05


def is_drawn(key: int) -> bool:
    """Whether the comment of this key is in the sample: by chance, but the same however often it is read."""
    digest = hmac.new(settings.LINK_KEY.encode(), b"sample|%d" % key, hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) < SHARE * 2**64


def draw(keys: Iterable[int]) -> None:
    """Mark those of the comments that are in the sample; call in the transaction that labels them."""
    drawn = [key for key in keys if is_drawn(key)]
    if drawn:
        Comment.objects.filter(pk__in=drawn).update(is_sample=True)
