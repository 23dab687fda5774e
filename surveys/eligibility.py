"""May we ask, and when? One ordered list of small checks; the first refusal wins and every outcome has its reason.

Pure: the facts come in as values, the verdict goes out; no database, no clock. `surveys.facts` gathers the facts.
"""

import datetime as dt
from collections.abc import Callable, Set
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ground.working_time import WHOLE_DAY, Hours

# Every reason for not asking, or not yet, in the words that managers read.
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
    "skipped": _("a colleague asked not to ask"),
    "already_asked": _("already asked about this closing"),
    "survey_rest": _("this survey asked not long ago"),
    "gap": _("another survey asked not long ago"),
    "rolling_maximum": _("asked often enough of late"),
    "pause_case": _("a case of the customer is open"),
    "pause_soft_bounce": _("mails do not get through at present"),
    "pause_manual": _("asking is paused for this customer"),
    "quota_full": _("enough answers already"),
    "survey_quota_full": _("the survey has enough answers for now"),
    "sampled_out": _("not drawn for the sample"),
    "daily_maximum": _("enough were asked that day"),
    "window": _("not at this hour or on this day"),
    "expired": _("too late to ask"),
    "survey_closed": _("the survey is closed"),
}
TRANSACTIONAL = "transactional"
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
ALWAYS = Hours(zone=dt.UTC, week={day: ((0, WHOLE_DAY),) for day in range(7)})


@dataclass(frozen=True)
class Asked:
    """One earlier invitation of the customer: when it was due, of which survey, whether it was answered, and how far
    from any other its survey wants to be."""

    survey_id: int
    at: dt.datetime
    answered_at: dt.datetime | None
    kind: str = TRANSACTIONAL
    ignores_other_kind: bool = False
    gap: dt.timedelta = dt.timedelta()


@dataclass(frozen=True)
class Facts:
    """What the checks look at. `now` is when the mail would leave; `history` excludes the invitation in question.

    `draw` is this interaction's lot in [0, 1): below `share` it belongs to the sample. `full_days` are the days of the
    customer's clock for which the rule has planned enough; `spread` in [0, 1) is where in a day's hours it goes out,
    None as early as it may. After `latest` nobody would remember what we ask about.
    """

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
    kind: str = TRANSACTIONAL
    ignores_other_kind: bool = False
    is_skipped: bool = False
    rolling_maximum: int | None = None
    rolling: dt.timedelta = dt.timedelta()
    pause: str = ""
    quota: int | None = None
    answers: int = 0
    survey_quota: int | None = None
    survey_answers: int = 0
    share: float = 1.0
    draw: float = 0.0
    full_days: Set[dt.date] = frozenset()
    window: Hours = ALWAYS
    spread: float | None = None
    latest: dt.datetime = NEVER


@dataclass(frozen=True)
class Verdict:
    """`reason` is empty when we may ask; `trace` lists each check made: its name, and whether it passed.

    None in the trace means that the check moved the mail to another time: `due_at` is that time, or the one asked
    about; `postponed` is why, empty when it goes out as planned or is only spread over the day.
    """

    reason: str
    trace: tuple[tuple[str, bool | None], ...]
    due_at: dt.datetime | None = None
    postponed: str = ""

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
    if facts.is_abandoned:
        return "abandoned"
    return "skipped" if facts.is_skipped else ""


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
    """Any two surveys keep the distance that either wants, whichever way they lie in time; those of two kinds when
    neither is exempt."""
    near = [asked for asked in facts.history if abs(facts.now - asked.at) < max(facts.gap, asked.gap)]
    return "gap" if any(not _exempt(facts, asked) for asked in near) else ""


def _exempt(facts: Facts, asked: Asked) -> bool:
    return asked.kind != facts.kind and (facts.ignores_other_kind or asked.ignores_other_kind)


def rolling_maximum(facts: Facts) -> str:
    """No span of so many days that holds this moment holds more surveys than the maximum."""
    if facts.rolling_maximum is None:
        return ""
    times = [asked.at for asked in facts.history]
    begins = [at for at in times if facts.now - facts.rolling < at <= facts.now] + [facts.now]
    fullest = max(sum(begin <= at < begin + facts.rolling for at in times) for begin in begins)
    return "rolling_maximum" if fullest >= facts.rolling_maximum else ""


def pause(facts: Facts) -> str:
    return f"pause_{facts.pause}" if facts.pause else ""


def quota(facts: Facts) -> str:
    """The rule's own number first, then that of its survey through all rules."""
    if facts.quota is not None and facts.answers >= facts.quota:
        return "quota_full"
    is_full = facts.survey_quota is not None and facts.survey_answers >= facts.survey_quota
    return "survey_quota_full" if is_full else ""


def sampling(facts: Facts) -> str:
    return "" if facts.draw < facts.share else "sampled_out"


CHECKS: dict[str, Callable[[Facts], str]] = {
    "suppressed": suppressed,
    "eligible": eligible,
    "already_asked": already_asked,
    "survey_rest": survey_rest,
    "gap": gap,
    "rolling_maximum": rolling_maximum,
    "pause": pause,
    "quota": quota,
    "sampling": sampling,
}
# These move the mail instead of refusing it, and come last.
MOVES = ("daily_maximum", "window")
# A reminder belongs to an ask that was already weighed against the others.
NOT_FOR_REMINDERS = {"survey_rest", "gap", "rolling_maximum", "sampling", "daily_maximum"}

CHECK_NAMES = {
    "suppressed": _("May this address be written to?"),
    "eligible": _("Is the interaction finished and fit to ask about?"),
    "already_asked": _("Not asked about this closing before?"),
    "survey_rest": _("Has this survey rested long enough for this customer?"),
    "gap": _("Enough distance to other surveys?"),
    "rolling_maximum": _("Not asked too often of late?"),
    "pause": _("Is asking not paused for this customer?"),
    "quota": _("Are more answers needed?"),
    "sampling": _("Drawn for the sample?"),
    "daily_maximum": _("Is there room on that day?"),
    "window": _("May mail leave at that hour?"),
    "still_timely": _("Early enough to ask?"),
}


def decide(facts: Facts, *, for_reminder: bool = False) -> Verdict:
    """Run the checks in order up to the first refusal; then find the time. A reminder skips what held for its ask."""
    trace: list[tuple[str, bool | None]] = []
    for name, check in CHECKS.items():
        if for_reminder and name in NOT_FOR_REMINDERS:
            continue
        reason = check(facts)
        trace.append((name, not reason))
        if reason:
            return Verdict(reason=reason, trace=tuple(trace))
    return _placed(facts, trace, full_days=frozenset() if for_reminder else facts.full_days)


def _placed(facts: Facts, trace: list[tuple[str, bool | None]], *, full_days: Set[dt.date]) -> Verdict:
    due_at, moved = place(facts, full_days=full_days)
    trace += [(name, None if name in moved else True) for name in MOVES]
    postponed = next((name for name in MOVES if name in moved), "")
    if due_at is None or due_at > facts.latest:
        trace.append(("still_timely", False))
        return Verdict(reason=postponed if due_at is None else "expired", trace=tuple(trace))
    return Verdict(reason="", trace=tuple(trace), due_at=due_at, postponed=postponed)


def place(facts: Facts, *, full_days: Set[dt.date]) -> tuple[dt.datetime | None, Set[str]]:
    """The first allowed moment from `now` on and the checks that moved it; None when there is none within a year.

    Spread, it lies anywhere in what is left of that stretch of hours.
    """
    is_full = False
    for begins, ends in facts.window.opens_after(facts.now):
        if begins.astimezone(facts.window.zone).date() in full_days:
            is_full = True
            continue
        moved = {"daily_maximum"} if is_full else {"window"} if begins > facts.now else set()
        seconds = int((ends - begins).total_seconds() * (facts.spread or 0.0))
        return begins + dt.timedelta(seconds=seconds), moved
    return None, {"daily_maximum" if is_full else "window"}
