"""What is hidden by default, shown to somebody who asks: by POST, noted in the audit log, for one page."""

from django.db.models import Model
from django.http import HttpRequest

from ground import audit

SHOWS, EDITS = "shows", "edits"


def ask(request: HttpRequest, row: Model, *, verb: str) -> None:
    """Note who asked for what; the next page of this row that the person opens may show it."""
    audit.note(verb, by=request.user, subject=row)  # type: ignore[arg-type]
    request.session[SHOWS] = _name(row)


def granted(request: HttpRequest, row: Model) -> bool:
    """Whether this page may show it: once after each time that somebody asked."""
    if request.method != "GET" or request.session.get(SHOWS) != _name(row):
        return False
    request.session[EDITS] = request.session.pop(SHOWS)
    return True


def was_granted(request: HttpRequest, row: Model) -> bool:
    """Whether the row is the last that was shown: its form may come back with what it showed."""
    return request.session.get(EDITS) == _name(row)


def _name(row: Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"
