"""A page's numbers as a file: where the page offers it, what it is called, and the note that somebody took it."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from analytics.tables import Table, written
from ground import audit
from ground.models import User
from ground.sheets import FORMS


def offered(request: HttpRequest) -> list[tuple[str, str]]:
    """The forms of file that a page has, with this page's address that gives each."""
    given, found = request.GET.copy(), []
    for form in FORMS:
        given["format"] = form
        found.append((form.upper(), f"?{given.urlencode()}"))
    return found


def asked_for(request: HttpRequest) -> str:
    """The form of file that the address of a page without a period asks for. Raises BadRequest."""
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such form of file")
    return form


def file(
    request: HttpRequest, tables: Sequence[Table], *, form: str, title: Any, name: str, days: str,
    filters: Sequence[str] = (),
) -> HttpResponse:  # fmt: skip
    """The tables in a file that is called after the page and its days."""
    content = written(tables, form=form, language=get_language() or settings.LANGUAGE_CODE)
    person = cast(User, request.user)
    audit.note("indicators.exported", by=person, page=str(title), form=form, filters=list(filters))
    response = HttpResponse(content, content_type=FORMS[form].content_type)
    full = quote(f"{title} {days}.{form}")
    response["Content-Disposition"] = f"attachment; filename=\"otklik-{name}-{days}.{form}\"; filename*=UTF-8''{full}"
    response["Cache-Control"] = "private, no-store"
    return response
