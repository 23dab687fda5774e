"""The organisation's logo: a small picture, checked by its first bytes, at an address that changes with it."""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ground import public
from ground.models import Organisation

LARGEST = 100 * 1024
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
FOR_EVER = "public, max-age=31536000, immutable"


class NotALogo(ValueError):
    """The picture cannot be taken; the message is for people."""


def kind_of(picture: bytes) -> str:
    """The picture's kind, told by its first bytes; raises NotALogo.

    SVG is refused: it can carry scripts, and few mail programs show it.
    """
    if len(picture) > LARGEST:
        raise NotALogo(_("The picture is larger than 100 kB."))
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    found = next((kind for beginning, kind in BEGINNINGS if picture.startswith(beginning)), None)
    if found is None:
        raise NotALogo(_("This is no PNG, JPEG, GIF or WebP picture."))
    return found


def put(organisation: Organisation, picture: bytes) -> None:
    """Set the logo of an organisation that is saved afterwards, or take it away with b""; raises NotALogo."""
    organisation.logo_type = kind_of(picture) if picture else ""
    organisation.logo = picture
    organisation.logo_digest = hashlib.sha256(picture).hexdigest()[:32] if picture else ""


def path(organisation: Organisation) -> str:
    """Where the logo stands, "" without one."""
    ending = ENDINGS.get(organisation.logo_type)
    return f"/brand/{organisation.logo_digest}.{ending}" if ending and organisation.logo_digest else ""


def url(organisation: Organisation) -> str:
    """The absolute address for mails, "" without a logo."""
    return settings.BASE_URL + own if (own := path(organisation)) else ""


@public.public
def show(request: HttpRequest, name: str) -> HttpResponse:
    """`/brand/<digest>.<ending>`: only the one that is set, so the address tells nothing that the mails do not."""
    digest, _dot, ending = name.partition(".")
    organisation = Organisation.objects.filter(logo_digest=digest).exclude(logo_digest="").first()
    if organisation is None or ENDINGS.get(organisation.logo_type) != ending:
        return public.message(request, "404.html", status=404)
    response = HttpResponse(bytes(organisation.logo), content_type=organisation.logo_type)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Mail programs fetch it through hosts of their own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
