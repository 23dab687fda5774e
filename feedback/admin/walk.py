"""From one comment to the next of the list that it was opened from, and back to the list where one was."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from feedback import filters, seeking
from feedback.admin.listing import PAGE, Sought, looked_through
from feedback.models import Comment
from ground.access import Scope
from ground.models import User

PARAMETER = "list"
LONGEST = 2000


@dataclass(frozen=True)
class Walk:
    """Addresses: the list at the page with this comment, and the comments beside it (empty at the ends).

    `query` is what the list was narrowed by, as its address says it.
    """

    query: str
    back: str
    newer: str
    older: str


def along(comment: Comment, query: str, *, reader: User, scope: Scope) -> Walk:
    """The way through the list of these filters; a comment that they leave out has neighbours all the same.

    Where the list would look no further at one go, the way ends.
    """
    query = query[:LONGEST]
    params = QueryDict(query)
    asked = tuple(name for name in filters.COMMENT_FILTERS if name in params)  # each costs a look at what it offers
    chosen = filters.read(params, scope, names=asked)
    way = seeking.comments(chosen, reader=reader, scope=scope)
    sought = Sought(way, shown=Comment.objects.all(), moment="said_at")
    # As many as a page holds: with fewer before it, the comment stands on the first page.
    newer = list(looked_through(sought, comment, "gt")[0].values_list("pk", flat=True)[:PAGE])
    older = looked_through(sought, comment, "lt")[0].values_list("pk", flat=True).first()
    place = {"before": str(newer[0])} if len(newer) == PAGE else {}
    back = f"{reverse('admin:feedback_comment_changelist')}{chosen.address(**place)}#c{comment.pk}"
    return Walk(query=query, back=back, newer=_page(newer[0], query) if newer else "", older=_page(older, query))


def _page(pk: int | None, query: str) -> str:
    return page_address(pk, query) if pk else ""


def page_address(pk: int, query: str) -> str:
    """A comment's page that knows which list one came from."""
    page = reverse("admin:feedback_comment_change", args=[pk])
    return f"{page}?{parameter(query)}" if query else page


def parameter(query: str) -> str:
    """What an address says of the list that one came from; `query` is the list's own, "" the whole list."""
    return urlencode({PARAMETER: query[:LONGEST]}) if query else ""
