"""What was opened when, in words: one line for each client's run of links."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import evidence
from feedback.admin.story import span
from feedback.evidence import Group
from feedback.models import Touch

MOST = 6


def lines(touches: Sequence[Touch]) -> list[str]:
    """ "9 s after the mail: 1, 2, 3 and the hidden link, by one program"; the oldest first, at most six."""
    groups = evidence.groups(touches)
    found = [_line(group) for group in groups[:MOST]]
    if len(groups) > MOST:
        more = len(groups) - MOST
        found.append(ngettext("and %d more time", "and %d more times", more) % more)
    return found


def _line(group: Group) -> str:
    first = group.touches[0]
    what = ", ".join(str(touch.score) for touch in group.touches if touch.score is not None)
    if any(touch.is_trap for touch in group.touches):
        what = _("%s and the hidden link") % what if what else _("the hidden link")
    words = {"what": what or _("the page"), "who": _client(group)}
    if first.seconds_since_handover is None:
        return _("opened: %(what)s, %(who)s") % words
    return _("%(when)s after the mail: %(what)s, %(who)s") % (words | {"when": span(first.seconds_since_handover)})


def _client(group: Group) -> str:
    if group.why:
        return _("by one program")
    return _("by something that is no browser") if group.is_program else _("by one browser")
