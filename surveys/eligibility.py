"""May we ask? One ordered list of small checks; the first refusal wins and every outcome has its reason.

Pure: the facts come in as values, the verdict goes out; no database, no clock. `surveys.facts` gathers the facts.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

# Every reason for not asking, in the words that managers read.
REASONS = {
    "no_rule": _("no sending rule fits"),
    "not_published": _("the survey is not published"),
    "no_address": _("no e-mail address"),
    "own_staff": _("own staff"),
    "no_consent": _("no consent"),
    "unsubscribed": _("unsubscribed"),
    "hard_bounce": _("the address does not exist"),
    "spam_report": _("reported us as spam"),
    "erased": _("data erased"),
    "manual": _("suppressed by hand"),
    "not_finished": _("not closed yet"),
    "abandoned": _("abandoned by the customer"),
    "already_asked": _("already asked about this closing"),
    "survey_rest": _("this survey asked not long ago"),
    "gap": _("another survey asked not long ago"),
    "expired": _("too late to ask"),
    "survey_closed": _("the survey is closed"),
}


@dataclass(frozen=True)
class Asked:
    """One earlier invitation of the customer: when it was due, of which survey, and whether it was answered."""

    survey_id: int
    at: dt.datetime
    answered_at: dt.datetime | None


@dataclass(frozen=True)
class Facts:
    """What the checks look at. `now` is when the mail would leave; `history` excludes the invitation in question."""

    now: dt.datetime
    survey_id: int
    rest_after_answer: dt.timedelta
    rest_after_silence: dt.timedelta
    gap: dt.timedelta
    has_address: bool
    is_own_staff: bool
    no_consent: bool
    suppressed: str | None
    is_finished: bool
    is_abandoned: bool
    asked_about_closing: bool
    history: tuple[Asked, ...]


@dataclass(frozen=True)
class Verdict:
    """`reason` is empty when we may ask; `trace` lists each check made: its name and whether it passed."""

    reason: str
    trace: tuple[tuple[str, bool], ...]

    @property
    def may_ask(self) -> bool:
        return not self.reason


def suppressed(facts: Facts) -> str:
    if facts.is_own_staff:
        return "own_staff"
    if facts.no_consent:
        return "no_consent"
    return facts.suppressed or ("" if facts.has_address else "no_address")


def eligible(facts: Facts) -> str:
    if not facts.is_finished:
        return "not_finished"
    return "abandoned" if facts.is_abandoned else ""


def already_asked(facts: Facts) -> str:
    return "already_asked" if facts.asked_about_closing else ""


def survey_rest(facts: Facts) -> str:
    """The survey's own clock: it rests longer after an answer than after silence."""
    for asked in facts.history:
        if asked.survey_id != facts.survey_id:
            continue
        rest = facts.rest_after_answer if asked.answered_at else facts.rest_after_silence
        if abs(facts.now - (asked.answered_at or asked.at)) < rest:
            return "survey_rest"
    return ""


def gap(facts: Facts) -> str:
    """Any two surveys keep a distance, whichever way they lie in time."""
    return "gap" if any(abs(facts.now - asked.at) < facts.gap for asked in facts.history) else ""


CHECKS: dict[str, Callable[[Facts], str]] = {
    "suppressed": suppressed,
    "eligible": eligible,
    "already_asked": already_asked,
    "survey_rest": survey_rest,
    "gap": gap,
}

CHECK_NAMES = {
    "suppressed": _("May this address be written to?"),
    "eligible": _("Is the interaction finished and fit to ask about?"),
    "already_asked": _("Not asked about this closing before?"),
    "survey_rest": _("Has this survey rested long enough for this customer?"),
    "gap": _("Enough distance to other surveys?"),
}


def decide(facts: Facts) -> Verdict:
    """Run the checks in order up to the first refusal."""
    trace: list[tuple[str, bool]] = []
    for name, check in CHECKS.items():
        reason = check(facts)
        trace.append((name, not reason))
        if reason:
            return Verdict(reason=reason, trace=tuple(trace))
    return Verdict(reason="", trace=tuple(trace))
