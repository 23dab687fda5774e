"""Mails are written in MJML. A source is compiled once a process into a Django template, which then escapes the values:
no text of a customer or manager ever meets the compiler.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.template import engines

FOLDER = settings.BASE_DIR / "templates" / "emails"
# Mail programs show the text after the preheader as well, unless something invisible stands between.
PADDING = "\u034f\u200c\u00a0" * 60


def render(name: str, context: dict[str, Any]) -> str:
    """The HTML of `templates/emails/<name>.mjml` with these values, in the language in force."""
    return str(_template(name).render(context | {"padding": PADDING}))


@cache
def _template(name: str) -> Any:
    from mjml import mjml2html  # native code that only those who write mails need

    html = mjml2html(_read(f"{name}.mjml"), include_loader=_read, fonts={})
    return engines["django"].from_string("{% load i18n %}" + html)


def _read(path: str) -> str:
    return (FOLDER / path).read_text(encoding="utf-8")
