"""What the page says of complaints in customers’ own words: states, how soon somebody reacted, who still waits."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics import formats, tables
from analytics.complaining.loop import Loop
from analytics.links import Links
from analytics.reports import Filters
from analytics.serving.words import span
from feedback import complaining
from feedback.masking import masked
from feedback.models import Comment
from ground.models import Role

LONGEST = 160


def block(found: Loop, *, filters: Filters, links: Links, as_of: dt.datetime) -> dict[str, Any]:
    names = {
        complaining.OPEN: _("Nobody has reacted"),
        complaining.ANSWERED: _("The customer was contacted"),
        complaining.CLOSED: _("Done"),
    }
    return {
        "n": found.n,
        "href": links.comments(loop=complaining.ALL),
        "is_cut": found.is_cut,
        "states": [(names[state], n, links.comments(loop=state)) for state, n in found.states.items()],
        "within": found.within,
        "within_href": links.comments(loop=complaining.IN_TIME),
        "due_href": links.comments(loop=complaining.DUE),
        "reacted_href": links.comments(loop=complaining.REACTED),
        "took": span(found.took),
        "rows": [_row(one, filters=filters, as_of=as_of) for one in found.waiting],
    }


def _row(comment: Comment, *, filters: Filters, as_of: dt.datetime) -> dict[str, Any]:
    age = as_of - comment.said_at
    text = masked(comment.text)
    return {
        "pk": comment.pk,
        "href": reverse("admin:feedback_comment_change", args=[comment.pk]),
        "text": text if len(text) <= LONGEST else f"{text[:LONGEST]}…",
        "score": comment.score,
        "team": str(comment.team) if comment.team else "",
        "owner": str(comment.agent) if comment.agent else "",
        "age": formats.duration(age.total_seconds()),
        "is_late": age > complaining.CLOSE_THE_LOOP,
        "may_act": filters.scope.allows(comment.team_id, least=Role.MANAGER),
    }


def table(block: dict[str, Any]) -> tables.Table:
    """For a file."""
    rows = [(name, n) for name, n, _href in block["states"]]
    return tables.Table(_("Complaints in texts"), (_("State"), _("Texts")), rows)
