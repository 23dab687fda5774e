"""QR codes of public links, as pictures to print and as pictures to paste."""

import io

import segno
from django.conf import settings

from surveys import public_links
from surveys.models import Link

TYPES = {"svg": "image/svg+xml", "png": "image/png"}
# Pixels a module: a PNG of about a thousand pixels, sharp on paper up to ten centimetres.
SCALE = {"svg": 8, "png": 24}


def address(link: Link) -> str:
    """What the code leads to."""
    return settings.BASE_URL + public_links.path(link)


def picture(link: Link, form: str) -> bytes:
    """The code as "svg" or "png", black on white with the quiet zone that scanners need.

    Level M reads through a scratch or a fold of up to 15 % of the code.
    """
    code = segno.make(address(link), error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind=form, scale=SCALE[form], border=4, dark="#000000", light="#ffffff")
    return out.getvalue()
