"""Mails are written in MJML. A source is compiled once a process into a Django template, which then escapes the values:
no text of a customer or manager ever meets the compiler.
"""

import re
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

    html = mjml2html(_source(f"{name}.mjml"), fonts={})
    # A mail shown on a page of its own is what that page is about: screen readers jump to it.
    return engines["django"].from_string("{% load i18n %}" + html.replace('role="article"', 'role="main"'))


def _source(path: str) -> str:
    """A source with what it includes put in its place: the compiler's own way forgets the width of the mail there."""
    text = (FOLDER / path).read_text(encoding="utf-8")
    return re.sub(r'<mj-include path="([\w.]+)" />', lambda found: _source(found.group(1)), text)
