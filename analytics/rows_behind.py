"""Which invitations and contacts the numbers of the indicators count, for the lists that those numbers lead to.

The lists see one row at a time, where the counts by day are added up: both have to say the same.
"""

import datetime as dt
from functools import partial
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics import asked_counts
from analytics.asked_counts import ANSWERED, BOUNCED, COMMENTED, COMPLETED, CSATS, RECOMMENDED, SENT, STARTED
from analytics.asked_slices import HIGH, LOW, MIDDLE, NONE, in_mood
from analytics.completed import lacking
from analytics.contact_counts import CONTACTS, HORIZON, NO_REPLY, NO_TIMES, RESPONDED_TO
from analytics.funnel import DELIVERED
from analytics.levels import Levels, is_judged
from analytics.periods import Period, local_day
from analytics.unanswered import waiters
from analytics.unsolved import passed, promised
from ground import behind
from ground.behind import Number
from ground.models import Organisation
from surveys import returning
from surveys.models import Interaction, Invitation

# The numbers of contacts that have rows of their own.
ALL, QUEUED, RESPONDED, WITHIN, LATE, JUDGED, IN_TIME_YET, SOLVED, IN_TIME, OLD_ENOUGH, FINISHED = (
    "contacts", "queued", "responded", "within", "late", "judged", "waiting", "solved", "solved_in_time", "old_enough",
    "finished",
)  # fmt: skip
TRANSFERRED, WITHOUT_REASON, SKEWED = "transferred", "no_reason", "skewed"
# By the time in which they had to be solved.
SOLVED_WITHIN, SOLVED_TOO_LATE, SOLVED_JUDGED, DUE = "solved_within", "solved_late", "solved_judged", "due"

CAME_INTO_QUEUE = Q(enqueued_at__isnull=False) & (Q(answered_at__isnull=False) | Q(is_abandoned=True))
FINISHED_ONCE = Q(closed_at__isnull=False) | Q(reopened_at__isnull=False) | returning.SOLVED

# --- invitations -------------------------------------------------------------------------------------------------


def _reached(invitations: QuerySet[Invitation], fact: str) -> QuerySet[Invitation]:
    """Of surveys that are not anonymous: those do not keep who did it."""
    return invitations.filter(asked_counts.facts()[fact], survey__is_anonymous=False)


def _delivered(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    return invitations.filter(~asked_counts.facts()[BOUNCED], sent_at__isnull=False)


def _in_mood(invitations: QuerySet[Invitation], mood: str) -> QuerySet[Invitation]:
    return in_mood(_delivered(invitations), mood)


# --- contacts ----------------------------------------------------------------------------------------------------


def took(*ends: str, since: str = "created_at") -> ExpressionWrapper:
    """From the beginning, or another moment, to the first of these that is known."""
    end = Coalesce(*ends) if len(ends) > 1 else F(ends[0])
    return ExpressionWrapper(end - F(since), output_field=DurationField())


RESPONSE, UNANSWERED = ("took", "response_working_seconds"), ("lasted", "unanswered_working_seconds")
SOLUTION = "solving", "resolution_working_seconds"


def _took(levels: Levels, end: tuple[str, str], *, in_time: bool) -> Q:
    """Responded to, ended without it, or solved, within the level that held, or later; neither where nobody knows."""
    sign = "lte" if in_time else "gt"
    wall, working = end
    found = Q(pk__in=[])
    for level, holds in levels.holding():
        seconds = level.seconds_to_solve if end == SOLUTION else level.seconds
        if seconds is None:
            continue
        took: dict[str, Any] = {f"{wall}__{sign}": dt.timedelta(seconds=seconds)}
        if level.is_working_time:
            took = {f"{working}__{sign}": seconds}
        found |= holds & Q(**{f"{wall}__isnull": False}, **took)
    return found


def _with_ends(rows: QuerySet[Interaction]) -> QuerySet[Any]:
    """How long each took, or lasted without a response where its source tells of them (`Interaction.waits`)."""
    tells = ExpressionWrapper(is_judged(), output_field=BooleanField())
    rows = rows.annotate(took=took("first_response_at", "answered_at"), solved=returning.SOLVED_AT, tells=tells)
    ended = Least(Coalesce("closed_at", "solved"), Coalesce("solved", "closed_at"))
    lasted = ExpressionWrapper(ended - F("created_at"), output_field=DurationField())
    is_ended = ~RESPONDED_TO & ~Interaction.waiting() & Q(is_abandoned=False, tells=True)
    return rows.annotate(lasted=Case(When(is_ended, then=lasted), default=None, output_field=DurationField()))


def _without(rows: QuerySet[Interaction], *, tells: bool) -> QuerySet[Any]:
    """Under a level, but in no share of it: ended without a response in time, or no responses are told of."""
    told, levels = _with_ends(rows.filter(CONTACTS)), Levels(Organisation.current().timezone)
    if tells:
        return told.filter(_took(levels, UNANSWERED, in_time=True))
    under = Q(pk__in=[])
    for level in levels:
        under |= levels.fits(level)
    return told.filter(~RESPONDED_TO & under, is_abandoned=False, tells=False)


def _judged(levels: Levels, *, met: bool, late: bool) -> Q:
    """Responded to within the level that held; and later than that, or ended late without a response."""
    chosen = Q(pk__in=[])
    if met:
        chosen |= _took(levels, RESPONSE, in_time=True)
    if late:
        chosen |= _took(levels, RESPONSE, in_time=False) | _took(levels, UNANSWERED, in_time=False)
    return chosen


def _by_level(rows: QuerySet[Interaction], *, met: bool = False, late: bool = False, open: bool = False) -> Any:
    """Contacts by the service level: met, late, or open and still in time."""
    rows, levels = rows.filter(CONTACTS), Levels(Organisation.current().timezone)
    found = waiters(rows, levels=levels, as_of=timezone.now()) if levels and (late or open) else []
    overdue: dict[bool | None, bool] = {True: late, False: open}
    chosen = Q(pk__in=[waiter.pk for waiter in found if overdue.get(waiter.is_overdue)])
    return _with_ends(rows).filter(chosen | _judged(levels, met=met, late=late))


def by_times(rows: QuerySet[Interaction], *, met: bool, late: bool, told: Q) -> QuerySet[Any]:
    """The same of those that are not open any more, or were responded to; with those of which it is `told`."""
    return _with_ends(rows).filter(told | _judged(Levels(Organisation.current().timezone), met=met, late=late))


def _old_enough(rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
    """Contacts of whom it can be told whether they were solved in time."""
    zone = Organisation.current().timezone
    young = local_day(timezone.now(), zone) - HORIZON
    return rows.filter(CONTACTS, created_at__lt=Period(young, young).moments(zone)[0])


def _solved_in_time(rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
    told = _old_enough(rows).annotate(solved=returning.SOLVED_AT)
    return told.annotate(solved_in=took("solved")).filter(solved_in__lte=HORIZON)


def _by_promise(rows: QuerySet[Interaction], *, met: bool = False, late: bool = False, due: bool = False) -> Any:
    """Contacts by the time in which they had to be solved: met, late, or open and still in time."""
    levels = Levels(Organisation.current().timezone)
    is_open, has_passed = Interaction.open(), passed(levels, as_of=timezone.now())
    chosen = Q(pk__in=[])
    if met:
        chosen |= ~is_open & _took(levels, SOLUTION, in_time=True)
    if late:
        chosen |= ~is_open & (_took(levels, SOLUTION, in_time=False) | Q(solving=None))
        chosen |= is_open & has_passed
    if due:
        chosen |= is_open & ~has_passed
    told = rows.annotate(solved=returning.SOLVED_AT).annotate(solving=took("solved"))
    return told.filter(CONTACTS, promised(levels), chosen, RESPONDED_TO | Q(is_abandoned=False))


def _completed(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    lack = [one.pk for one in lacking(asked_counts.invited())]
    return _reached(invitations, COMPLETED).exclude(pk__in=lack)


OF_INVITATIONS = {
    DELIVERED: Number(_("delivered"), _delivered),
    STARTED: Number(_("opened the page"), partial(_reached, fact=STARTED)),
    SENT: Number(_("sent, of surveys that are not anonymous"), partial(_reached, fact=SENT)),
    ANSWERED: Number(_("answered"), partial(_reached, fact=ANSWERED)),
    COMPLETED: Number(_("answered in full"), _completed),
    COMMENTED: Number(_("with a comment"), partial(_reached, fact=COMMENTED)),
    **{
        CSATS[scale][0]: Number(label, partial(_reached, fact=CSATS[scale][0]))
        for scale, label in (
            ("csat_5", _("answered on five steps")),
            ("csat_3", _("answered on three steps")),
            ("thumbs", _("answered with a thumb")),
        )
    },
    RECOMMENDED: Number(_("answered whether they would recommend"), partial(_reached, fact=RECOMMENDED)),
    **{
        f"mood_{mood}": Number(label, partial(_in_mood, mood=mood), is_of_family=True)
        for mood, label in (
            (HIGH, _("delivered to customers whose last score was high")),
            (MIDDLE, _("delivered to customers whose last score was in between")),
            (LOW, _("delivered to customers whose last score was low")),
            (NONE, _("delivered to customers who had given no score")),
        )
    },
}


def _skewed(rows: QuerySet[Interaction]) -> QuerySet[Any]:
    """Their time is 0 seconds; clocks that differ make it so."""
    return (
        rows.filter(CONTACTS).annotate(took=took("first_response_at", "answered_at")).filter(took__lte=dt.timedelta())
    )


OF_CONTACTS = {
    ALL: Number(_("contacts that customers began"), lambda rows: rows.filter(CONTACTS)),
    QUEUED: Number(
        _("came into a queue, until picked up or given up"), lambda rows: rows.filter(CONTACTS, CAME_INTO_QUEUE)
    ),
    RESPONDED: Number(_("responded to"), lambda rows: rows.filter(CONTACTS, RESPONDED_TO)),
    WITHIN: Number(_("responded to within the service level"), partial(_by_level, met=True)),
    LATE: Number(_("later than the service level"), partial(_by_level, late=True)),
    JUDGED: Number(_("within the service level or late"), partial(_by_level, met=True, late=True)),
    NO_REPLY: Number(_("ended without a reply, in time"), partial(_without, tells=True)),
    NO_TIMES: Number(_("of a source that tells no reply times"), partial(_without, tells=False)),
    IN_TIME_YET: Number(_("waiting, and still in time"), partial(_by_level, open=True)),
    SOLVED: Number(_("solved"), lambda rows: rows.filter(CONTACTS, returning.SOLVED)),
    IN_TIME: Number(_("solved within 7 days"), _solved_in_time),
    OLD_ENOUGH: Number(_("at least 7 days old"), _old_enough),
    SOLVED_WITHIN: Number(_("solved within the service level"), partial(_by_promise, met=True)),
    SOLVED_TOO_LATE: Number(_("not solved within the service level"), partial(_by_promise, late=True)),
    SOLVED_JUDGED: Number(_("solved within the service level or not"), partial(_by_promise, met=True, late=True)),
    DUE: Number(_("open, and still in time to be solved"), partial(_by_promise, due=True)),
    FINISHED: Number(_("closed or solved at least once"), lambda rows: rows.filter(CONTACTS, FINISHED_ONCE)),
    WITHOUT_REASON: Number(_("without a reason"), lambda rows: rows.filter(CONTACTS, reason="")),
    SKEWED: Number(_("responded to as they began, or before"), _skewed),
    TRANSFERRED: Number(_("transferred at least once"), lambda rows: rows.filter(CONTACTS, transfers__gt=0)),
}
behind.register(Invitation, OF_INVITATIONS)
behind.register(Interaction, OF_CONTACTS)
