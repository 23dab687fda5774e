"""The pages of the mail catcher: the list, one mail, its HTML part and its source."""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from config.mailbox import store

SHOWN = 200
# A survey page opened from a mail must be an ordinary page, so what leaves the sandbox is free of it.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
PAGE_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    f"sandbox {SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; font-src data:; "
    "img-src data: http://127.0.0.1:* http://localhost:*; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class Answer:
    """What the HTTP door sends back; `policy` is the Content-Security-Policy."""

    status: HTTPStatus
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    policy: str = PAGE_POLICY


def answer(directory: Path, *, path: str, languages: str) -> Answer:
    """The page at this path; `languages` is the value of Accept-Language."""
    with translation.override(_language(languages)):
        key, _, part = path.strip("/").partition("/")
        if not key:
            mails = list(store.newest(directory, limit=SHOWN))
            shown = _page("list", {"mails": mails, "total": store.count(directory), "shown": len(mails)})
            return replace(shown, policy=f"{PAGE_POLICY}; connect-src 'self'; script-src {_list_script()}")
        mail = store.read(directory, key)
        if mail is None or part not in {"", "html", "raw"} or (part == "html" and mail.html is None):
            return _page("missing", {}, status=HTTPStatus.NOT_FOUND)
        if part == "raw":
            return Answer(HTTPStatus.OK, mail.raw, content_type="text/plain; charset=utf-8")
        if part == "html":
            return Answer(HTTPStatus.OK, _opening_new_tabs(mail.html or "").encode(), policy=MAIL_POLICY)
        return _page("mail", {"mail": mail, "sandbox": SANDBOX})


def _page(name: str, context: dict[str, object], status: HTTPStatus = HTTPStatus.OK) -> Answer:
    context["language"] = translation.get_language()
    return Answer(status, render_to_string(f"mailbox/{name}.html", context).encode())


def _list_script() -> str:
    """The Content-Security-Policy source of the list's one script, which looks for mail that came since."""
    digest = hashlib.sha256(render_to_string("mailbox/list.js").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _language(languages: str) -> str:
    for code, _quality in parse_accept_lang_header(languages):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _opening_new_tabs(html: str) -> str:
    base = '<base target="_blank">'
    changed, found = re.subn(r"<head(\s[^>]*)?>", lambda head: head.group() + base, html, count=1, flags=re.IGNORECASE)
    return changed if found else base + html
