"""Pages that differ in a few words alone: rendered once with marks in their places, then only filled in.

A survey's page is the same for everybody who is asked, but for the addresses and the seal it carries; rendering it
costs twenty times what filling it in does.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.utils.html import escape

# Private characters, which no text of ours holds, around the name of what stands there.
_MARK = re.compile("\ue000([a-z_]+)\ue001")
MOST = 500


@dataclass(frozen=True)
class Skeleton:
    """`parts` are words of the page and, at odd places, names of what stands between them."""

    parts: list[str]
    headers: dict[str, str]
    status: int


_kept: dict[Hashable, Skeleton] = {}


def page(alike: Hashable, own: Mapping[str, str], render: Callable[[Mapping[str, str]], HttpResponse]) -> HttpResponse:
    """The page that `render` makes of these values, rendered at the first time only.

    `alike` names everything else that the page depends on. `render` is given marks and must put them, escaped as
    text, where the values belong; it may ask whether one is empty, as a mark is exactly when its value is.
    """
    key = alike, tuple(name for name, value in own.items() if value)
    skeleton = _kept.get(key)
    if skeleton is None:
        skeleton = _made(render({name: f"\ue000{name}\ue001" if value else "" for name, value in own.items()}))
        if len(_kept) >= MOST:
            _kept.clear()
        if not settings.DEBUG:
            _kept[key] = skeleton
    parts = skeleton.parts.copy()
    parts[1::2] = [escape(own[name]) for name in parts[1::2]]
    return HttpResponse("".join(parts), status=skeleton.status, headers=skeleton.headers)


def _made(response: HttpResponse) -> Skeleton:
    parts = _MARK.split(response.content.decode())
    return Skeleton(parts=parts, headers=dict(response.headers), status=response.status_code)
