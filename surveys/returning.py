"""Customers who come back: which days a changed contact may concern, and which contacts were followed by another."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Case, DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, Greatest, TruncDate

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
    rows: QuerySet[Interaction], days: int, *, same_reason: bool, within_team: bool, before: dt.datetime
) -> QuerySet[Interaction]:
    """Those of `ended` that were followed by another in so many days."""
    again: dict[str, Any] = {"customer": OuterRef("customer"), "created_at__gt": OuterRef("created_at")}
    again |= {"reason": OuterRef("reason")} if same_reason else {}
    again |= {"team": OuterRef("team")} if within_team else {}
    later = Interaction.objects.filter(CONTACTS, **again, created_at__lte=OuterRef("until"))
    until = Greatest("created_at", "over") + dt.timedelta(days=days)
    return ended(rows, before).annotate(until=ExpressionWrapper(until, DateTimeField())).filter(Exists(later))
