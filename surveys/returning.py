"""Customers who come back: which days a changed contact may concern, and which contacts were followed by another."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, TruncDate

from ground.models import Organisation
from surveys.events import SCHEDULED
from surveys.models import Interaction

# Somebody came to us: no occasion of a regular survey, no answer through a public link, nothing that we began.
CONTACTS = (
    Q(direction=Interaction.Direction.INBOUND) & ~Q(source=SCHEDULED) & ~Q(source__startswith=Interaction.BY_LINK)
)
# Who comes again later than this after a contact has come with something else.
LONGEST = dt.timedelta(days=30)
# `Interaction.ended_at`, for the database.
ENDED = Case(When(~Interaction.open(), then=Coalesce("resolved_at", "closed_at", "created_at")))

# `Interaction.solved_at` for the database, and that it is known.
SOLVED_AT = Case(
    When(is_resolved=False, then=None),
    When(resolved_at__isnull=False, then="resolved_at"),
    When(is_resolved=True, then="closed_at"),
    output_field=DateTimeField(),
)
SOLVED = Q(resolved_at__isnull=False) & (Q(is_resolved=None) | Q(is_resolved=True))
SOLVED |= Q(closed_at__isnull=False, is_resolved=True)

# What a list of contacts keeps: those that were followed, all whose days are over, repeats, questions that are none,
# those that were done at once, and complaints that were followed by another.
FOLLOWED, OVER, REPEAT, QUESTION, DONE, COMPLAINED = "", "over", "repeat", "question", "done", "complaint"


class Seen(NamedTuple):
    """What of a contact decides whether it, or another contact of its customer, counts as a repeat."""

    pk: int
    customer: int
    team: int | None
    reason: str
    began: dt.datetime
    ended: dt.datetime | None
    is_contact: bool
    is_complaint: bool

    @property
    def until(self) -> dt.datetime:
        """The last moment at which another contact of the customer would be a repeat of this one."""
        return dt.datetime.max.replace(tzinfo=dt.UTC) if self.ended is None else max(self.began, self.ended) + LONGEST


def seen(row: Interaction) -> Seen:
    """A contact as its neighbours meet it."""
    came = row.direction == Interaction.Direction.INBOUND and row.source != SCHEDULED
    is_contact = came and not row.source.startswith(Interaction.BY_LINK)
    return Seen(
        row.pk, row.customer_id, row.team_id, row.reason, row.created_at, row.ended_at, is_contact, row.is_complaint
    )


class Anew(NamedTuple):
    """What is to be counted anew: reporting days of contacts, and moments at which others of them were answered."""

    days: set[dt.date]
    answered: set[dt.datetime | None]


def to_count_anew(before: Seen | None, after: Seen) -> Anew:
    """The days of this contact, and of those whose being a repeat or followed may hang on its change."""
    zone = Organisation.current().timezone
    known = [each for each in (before, after) if each]
    days = {each.began.astimezone(zone).date() for each in known}
    if before == after or not any(each.is_contact for each in known):
        return Anew(days, set())
    near = reaching(min(each.began for each in known)).filter(
        customer__in={each.customer for each in known}, created_at__lte=max(each.until for each in known)
    )
    on = near.exclude(pk=after.pk).annotate(on=TruncDate("created_at", tzinfo=zone))
    found = list(on.order_by().values_list("on", "invitations__answered_at").distinct())
    return Anew(days | {day for day, _answered in found}, {answered for _day, answered in found})


def reaching(moment: dt.datetime) -> QuerySet[Interaction]:
    """Contacts that a contact of this moment or a later one may be a repeat of, and the later ones."""
    since = moment - LONGEST
    reaches = Q(created_at__gte=since) | Q(resolved_at__gte=since) | Q(closed_at__gte=since)
    return Interaction.objects.filter(CONTACTS, reaches | Interaction.open())


def ended(rows: QuerySet[Interaction], before: dt.datetime) -> QuerySet[Interaction]:
    """Those of the rows that are contacts and ended before this moment."""
    return rows.filter(CONTACTS).annotate(over=ENDED).filter(over__lt=before)


def open_at(rows: QuerySet[Interaction], moment: dt.datetime) -> QuerySet[Interaction]:
    """Those of the rows that are contacts, had begun by then, and had not ended."""
    late = Q(resolved_at__gte=moment) | Q(closed_at__gte=moment) | Interaction.open()
    found = rows.filter(CONTACTS, late, created_at__lt=moment).annotate(over=ENDED)
    return found.filter(Q(over=None) | Q(over__gte=moment))


def followed(
    rows: QuerySet[Interaction],
    days: int,
    *,
    same_reason: bool,
    within_team: bool,
    before: dt.datetime,
    of_complaints: bool = False,
) -> QuerySet[Interaction]:
    """Those of `ended` that were followed by another in so many days; of complaints, by another complaint."""
    later = _later(same_reason=same_reason, within_team=within_team)
    if of_complaints:
        rows, later = rows.filter(is_complaint=True), later.filter(is_complaint=True)
    return ended(rows, before).annotate(until=_until(days)).filter(Exists(later))


def repeats(rows: QuerySet[Interaction], days: int, *, same_reason: bool, within_team: bool) -> QuerySet[Interaction]:
    """Those of the rows that are contacts and came while another was open, or in so many days after its end."""
    return rows.filter(CONTACTS).filter(is_repeat(days, same_reason=same_reason, within_team=within_team))


def questions(
    rows: QuerySet[Interaction], days: int, *, same_reason: bool, within_team: bool, before: dt.datetime
) -> QuerySet[Interaction]:
    """Those of `ended` that are no repeats themselves."""
    return ended(rows, before).exclude(is_repeat(days, same_reason=same_reason, within_team=within_team))


def done_at_once(
    rows: QuerySet[Interaction], days: int, *, same_reason: bool, within_team: bool, before: dt.datetime
) -> QuerySet[Interaction]:
    """Those of `questions` that were solved and not followed by another."""
    asked = questions(rows, days, same_reason=same_reason, within_team=within_team, before=before)
    later = _later(same_reason=same_reason, within_team=within_team)
    return asked.filter(SOLVED).annotate(until=_until(days)).exclude(Exists(later))


def _others(*, same_reason: bool, within_team: bool) -> QuerySet[Any]:
    """Contacts of the customer of an outer one; `place` tells apart those of one moment."""
    same: dict[str, Any] = {"customer": OuterRef("customer")}
    same |= {"reason": OuterRef("reason")} if same_reason else {}
    same |= {"team": OuterRef("team")} if within_team else {}
    return Interaction.objects.filter(CONTACTS, **same).annotate(place=Cast("pk", CharField()))


def _later(*, same_reason: bool, within_team: bool) -> QuerySet[Any]:
    """Those that came after the outer one, and until its `until`."""
    others = _others(same_reason=same_reason, within_team=within_team)
    later = others.filter(created_at__gte=OuterRef("created_at"), created_at__lte=OuterRef("until"))
    return later.filter(Q(created_at__gt=OuterRef("created_at")) | Q(place__gt=Cast(OuterRef("pk"), CharField())))


def _until(days: int) -> ExpressionWrapper:
    """Until when another contact would be a repeat of one that is `over`."""
    return ExpressionWrapper(Greatest("created_at", "over") + dt.timedelta(days=days), DateTimeField())


def is_repeat(days: int, *, same_reason: bool, within_team: bool) -> Exists:
    """The condition on a contact: another was open as it came, or had ended no more than so many days before."""
    earlier = _others(same_reason=same_reason, within_team=within_team).filter(created_at__lte=OuterRef("created_at"))
    earlier = earlier.filter(Q(created_at__lt=OuterRef("created_at")) | Q(place__lt=Cast(OuterRef("pk"), CharField())))
    reached = earlier.annotate(over=ENDED).annotate(until=_until(days))
    return Exists(reached.filter(Q(over=None) | Q(until__gte=OuterRef("created_at"))))
