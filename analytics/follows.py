"""Which of the chosen filters a block of the dashboard does not follow, and why: said beside it, lest its numbers be
taken for those of the choice."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.filters import Filters
from analytics.slice_counts import AGENT, LANGUAGE, SEGMENT, TOPIC
from analytics.slices import KINDS

SCORES, SERVICE, INVITATIONS, COMMENTS, TOPICS = BLOCKS = ("scores", "service", "invitations", "comments", "topics")
# By the filter: the blocks that it leaves as they are, and why it does.
UNCHANGED: Mapping[str, tuple[tuple[str, ...], Any]] = {
    "survey": ((SERVICE,), gettext_lazy("Of all contacts, whatever the survey: a contact belongs to none.")),
    "source": (
        (SCORES, SERVICE, INVITATIONS),
        gettext_lazy("Of all sources: a source is one of comments alone, scores come from surveys."),
    ),
    "evidence": (
        (SERVICE, INVITATIONS, COMMENTS),
        gettext_lazy("“Confirmed only” is said of scores: contacts, invitations and comments are not narrowed by it."),
    ),
    "dated": (
        (SERVICE, INVITATIONS, COMMENTS),
        gettext_lazy("By its own day: only scores can be told by the day on which the contact ended."),
    ),
}
# By the kind of slice: the blocks that have no counts of it. A topic is itself what topics are told by.
UNCOUNTED: Mapping[str, tuple[str, ...]] = {
    AGENT: (INVITATIONS, TOPICS),
    TOPIC: (INVITATIONS, SERVICE, TOPICS),
    LANGUAGE: (INVITATIONS, SERVICE, TOPICS),
    SEGMENT: (TOPICS, COMMENTS),
}
NAMES: Mapping[str, Any] = {
    SCORES: gettext_lazy("scores"), SERVICE: gettext_lazy("service"), INVITATIONS: gettext_lazy("invitations"),
    COMMENTS: gettext_lazy("comments"), TOPICS: gettext_lazy("topics"),
}  # fmt: skip


def missing(filters: Filters) -> tuple[str, ...]:
    """The blocks that stay away because of the slice."""
    return UNCOUNTED[filters.slice.kind] if filters.slice else ()


def notes(filters: Filters) -> dict[str, list[Any]]:
    """By block what it does not follow; a block that stays away because of a slice says that alone."""
    chosen = filters.slice
    told: dict[str, list[Any]] = {
        block: [why for name, (blocks, why) in UNCHANGED.items() if getattr(filters, name) and block in blocks]
        for block in BLOCKS
    }
    for block in missing(filters):
        words = {"what": NAMES[block], "kind": KINDS[chosen.kind]} if chosen else {}
        told[block] = [_("Not counted by %(kind)s, and left out: %(what)s.") % words]
    if chosen and chosen.kind == SEGMENT:
        told[INVITATIONS].append(
            _("Of surveys that are not anonymous. Who opened the page, answered in full or commented is not counted "
              "by segment.")
        )  # fmt: skip
    return told
