"""How the pages put stored codes, checks and details into words."""

from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from surveys import eligibility, languages
from surveys.admin import troubles
from surveys.models import Decision, Invitation, Message
from surveys.models.customers import Channel

CHECK_NAMES = eligibility.CHECK_NAMES | {
    "rule": _("Does a sending rule with a published survey fit?"),
}
# A check that moved the mail to another time has neither passed nor refused.
MARKS = {True: "✓", False: "✗", None: "→"}
EVENT_NAMES = {
    "created": _("began"),
    "enqueued": _("entered the queue"),
    "answered": _("picked up"),
    "first_response": _("first response"),
    "resolved": _("resolved"),
    "closed": _("closed"),
    "reopened": _("reopened"),
}
# The theme shows the raw value of a state that has no entry.
STATES = [*Invitation.State.values, *Invitation.AnswerState.values, *Message.State.values]
STATE_COLOURS = dict.fromkeys(STATES, "") | {
    "sent": "success",
    "accepted": "success",
    "delivered": "success",
    "confirmed": "success",
    "presumed": "success",
    "uncertain": "warning",
    "held": "warning",
    "failed": "danger",
    "bounced": "danger",
    "planned": "info",
}


def language_name(code: str) -> Any:
    """A language in the reader's words, its code when we have none."""
    return languages.name(code) or "—"


def channel_name(code: str) -> Any:
    return dict(Channel.choices).get(code, code)


def told(values: dict[Any, Any] | list[Any]) -> str:
    """What the CRM told besides the known columns, a line for each."""
    lines = (f"{name}: {value}" for name, value in values.items()) if isinstance(values, dict) else map(str, values)
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "—"


def checks(decision: Decision) -> str:
    """The decision's checks in their order, each with its outcome."""
    return format_html_join(
        "",
        "<div>{} {}</div>",
        (
            (MARKS.get(step.get("passed"), "✗"), CHECK_NAMES.get(step.get("check"), step.get("check")))
            for step in decision.trace
        ),
    )


def refusal(decision: Decision) -> str:
    return str(eligibility.REASONS.get(decision.reason, decision.reason)) if decision.reason else "—"


def trouble(row: Invitation | Message) -> str:
    """Why it did not go out; what has no words here stays as it was noted."""
    return str(troubles.read(row.error)) or "—"


def percent(share: float) -> str:
    """A share in [0, 1] with one decimal, as the reader's language writes it."""
    return _("%s%%") % number_format(round(share * 100, 1), decimal_pos=1)
