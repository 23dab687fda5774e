"""The organisation's logo: a small picture, checked by its first bytes, at an address that changes with it."""

import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

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


@login_not_required
@require_safe
def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """`/brand/<digest>.<ending>`, kept for ever by whoever fetches it; older addresses lead to the logo of today."""
    organisation = Organisation.objects.exclude(logo_digest="").order_by("pk").first()
    if organisation is None:
        raise Http404
    if request.path != path(organisation):
        return HttpResponseRedirect(path(organisation))
    response = HttpResponse(bytes(organisation.logo), content_type=organisation.logo_type)
    response.headers["Cache-Control"] = FOR_EVER
    # Mail programs show it inside pages of their own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
