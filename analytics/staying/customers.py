"""Which customers the numbers about staying and leaving count, for the lists that those numbers lead to.

A list asks the database about one customer at a time, where the job goes through the contacts of a bunch (`tally`):
both have to say the same.
"""

import datetime as dt
from typing import Any

from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.contact_counts import CONTACTS
from analytics.models import Staying
from analytics.periods import DAY, utc_range
from analytics.scores import SCALES
from analytics.staying import counting
from analytics.staying.tally import ACTIVE, BACK, CONTRACT, GROUPS, LOOK_BACK, LOST, SAID_WITHIN, SILENCE, Frame
from analytics.staying.words import NAMES, month
from ground import behind
from ground.access import Scope
from ground.addresses import address_of
from ground.behind import Number
from ground.models import Organisation, Role
from ground.text import is_key
from ground.unindexed import Unindexed
from surveys.models import Customer, Interaction

PREFIX = "stays"
HAS_CONTRACT = Q(contract_start__isnull=False) | Q(contract_end__isnull=False)
_NPS = SCALES["nps"]
SCORES = {
    GROUPS[0]: _NPS.bottom,
    GROUPS[1]: frozenset(range(11)) - _NPS.top - _NPS.bottom,
    GROUPS[2]: _NPS.top,
}


def address(team: int | None, *parts: dt.date | str) -> str:
    """Where the customers of a number are listed; a month is told by its first day."""
    told = [f"{part:%Y-%m}" if isinstance(part, dt.date) else part for part in parts]
    return f"{address_of('admin:surveys_customer_changelist')}?counted={'.'.join([PREFIX, str(team or 0), *told])}"


class _Rows:
    """Conditions on customers, as they stood when the counts of a scope were made."""

    def __init__(self, counts: Staying) -> None:
        self.scope, self.last, self.window = counts.scope, counts.day, counts.window * DAY
        self.zone = Organisation.current().timezone

    # --- contacts of the customer that is asked about ---

    def contacts(self, first: dt.date = dt.date.min, last: dt.date = dt.date.max) -> QuerySet[Any]:
        """Those of these days, none after the counts were made."""
        return self._of("pk").filter(created_at__lt=self._end(last), **self._since(first))

    def _of(self, customer: str) -> QuerySet[Any]:
        # A team's index leads past all its contacts, the customer's past a handful.
        own = Interaction.objects.annotate(of_team=Unindexed("team"))
        return own.filter(CONTACTS, counting.of_scope(self.scope, team="of_team"), customer=OuterRef(customer))

    def _since(self, first: dt.date) -> dict[str, dt.datetime]:
        return {"created_at__gte": utc_range(first, first, self.zone)[0]} if first > dt.date.min else {}

    def _end(self, last: dt.date) -> dt.datetime:
        """The first moment after a day."""
        day = min(last, self.last)
        return utc_range(day, day + DAY, self.zone)[1]

    def _by_day(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.annotate(on=TruncDate("created_at", tzinfo=self.zone))

    def _silent(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those that no other followed until silence meant leaving."""
        until = ExpressionWrapper(F("on") + self.window, output_field=DateField())
        later = self._of("customer").filter(created_at__gt=OuterRef("created_at"), created_at__lt=self._end(self.last))
        next_ones = self._by_day(later).filter(on__gt=OuterRef("on"), on__lte=OuterRef("until"))
        return self._by_day(rows).annotate(until=until).filter(~Exists(next_ones))

    def _after_silence(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those before which somebody had left by silence."""
        since = ExpressionWrapper(F("on") - self.window, output_field=DateField())
        earlier = self._by_day(self._of("customer").filter(created_at__lt=OuterRef("created_at")))
        within = earlier.filter(on__lt=OuterRef("on"), on__gte=OuterRef("since"))
        told = self._by_day(rows).annotate(since=since)
        return told.filter(Exists(earlier.filter(on__lt=OuterRef("since"))), ~Exists(within))

    # --- kinds of customers ---

    def kinds(self, of_contract: Q, of_silence: Q) -> Q:
        """One condition on those with a contract, the other on all others."""
        return HAS_CONTRACT & self.is_own() & of_contract | ~HAS_CONTRACT & of_silence

    def is_own(self) -> Q:
        """Contacts alone tell of which team somebody with a contract is a customer."""
        return Q() if self.scope == counting.WHOLE else Q(Exists(self.contacts()))

    def active(self, day: dt.date) -> tuple[Q, Q]:
        """Who is a customer on a day, by contract and by contacts."""
        came = Q(Exists(self.contacts(last=day)))
        if self.scope == counting.WHOLE:
            came |= Q(~Exists(self.contacts())) & Q(created_at__lt=self._end(day))
        goes_on = Q(contract_end=None) | Q(contract_end__gte=day)
        of_contract = goes_on & (Q(contract_start__lte=day) | Q(contract_start=None) & came)
        return of_contract, Q(Exists(self.contacts(day - self.window + DAY, day)))

    def lost(self, first: dt.date, last: dt.date) -> tuple[Q, Q]:
        """Who was a customer on the first of the days and left on one of them."""
        silent = self._silent(self.contacts(first - self.window + DAY, last - self.window))
        return self.active(first)[0] & Q(contract_end__lte=last), Q(Exists(silent))

    def back(self, first: dt.date, last: dt.date) -> Q:
        return ~HAS_CONTRACT & Q(Exists(self._after_silence(self.contacts(first, last))))

    def came(self, first: dt.date, last: dt.date) -> Q:
        """Who became a customer on these days, where that is known."""
        is_first, contacts = Q(~Exists(self.contacts(last=first - DAY))), self.contacts(first, last)
        told = Q(contract_start__gte=first, contract_start__lte=last) & self._is_in_order()
        by_contact = Q(contract_start=None) & is_first & self._under_contract(contacts)
        return self.kinds(told | by_contact, is_first & Q(Exists(contacts)))

    def left(self) -> Q:
        """Whose first stay is over, where its beginning is known."""
        known = Q(contract_start__isnull=False) & self._is_in_order()
        known |= Q(contract_start=None) & self._under_contract(self.contacts())
        silent = self._silent(self.contacts(last=self.last - self.window))
        return self.kinds(Q(contract_end__lt=self.last) & known, Q(Exists(silent)))

    def said(self, group: str, *, is_lost: bool) -> Q:
        """Who was a customer some time ago and had scored so before; and has left since."""
        start = self.last - LOOK_BACK * DAY
        of_contract, of_silence = self.active(start)
        if is_lost:
            of_contract &= Q(contract_end__lt=self.last)
            of_silence = Q(Exists(self._silent(self.contacts(start - self.window + DAY, self.last - self.window))))
        return self.kinds(of_contract, of_silence) & Q(pk__in=self._scored(start, group))

    def _scored(self, end: dt.date, group: str) -> QuerySet[Any]:
        """Customers by the last loyalty score before a day."""
        first, after = utc_range(end - SAID_WITHIN * DAY, end, self.zone)
        own = counting.scored(self.scope).filter(answered_at__gte=first, answered_at__lt=after)
        later = Q(answered_at__gt=OuterRef("answered_at"))
        later |= Q(answered_at=OuterRef("answered_at"), score__gt=OuterRef("score"))
        newer = own.filter(later, customer=OuterRef("customer"))
        return own.filter(~Exists(newer), score__in=SCORES[group]).values("customer")

    def _is_in_order(self) -> Q:
        return Q(contract_end=None) | Q(contract_end__gte=F("contract_start"))

    def _under_contract(self, contacts: QuerySet[Any]) -> Q:
        return Q(Exists(self._by_day(contacts).filter(on__lte=OuterRef("contract_end"))))


# --- the numbers by their names ----------------------------------------------------------------------------------

NOBODY = Q(pk__in=[])
OF_MONTH: dict[tuple[str, str], Any] = {
    (ACTIVE, CONTRACT): gettext_lazy("under contract as %(month)s began"),
    (LOST, CONTRACT): gettext_lazy("lost by contract in %(month)s"),
    (ACTIVE, SILENCE): gettext_lazy("without a contract, customers as %(month)s began"),
    (LOST, SILENCE): gettext_lazy("fell silent in %(month)s"),
    (BACK, SILENCE): gettext_lazy("came back in %(month)s"),
}


def read(value: str, scope: Scope) -> Number | None:
    """The number that an address names; nobody is behind one that there is not, or not for this reader."""
    prefix, *parts = value.split(".")
    if prefix != PREFIX:
        return None
    label, chosen = _told(parts, scope) or (_("no such number"), NOBODY)
    return Number(label, lambda rows: rows.filter(chosen))


def _told(parts: list[str], scope: Scope) -> tuple[str, Q] | None:
    if not parts or not (parts[0] == "0" or is_key(parts[0])):
        return None
    team = int(parts[0]) or None
    if team and not scope.allows(team, least=Role.VIEWER):
        return None
    counts = counting.newest(counting.name_of(scope, team))
    return _named(parts[1:], counts) if counts else None


def _named(parts: list[str], counts: Staying) -> tuple[str, Q] | None:
    rows = _Rows(counts)
    months = {f"{first:%Y-%m}": (first, last) for first, last in Frame(last=counts.day, window=counts.window).months()}
    match parts:
        case [what, how, text] if text in months and (what, how) in OF_MONTH:
            first, last = months[text]
            return OF_MONTH[what, how] % {"month": month(first)}, _of_month(rows, what, how, first, last)
        case ["came", text] if text in months:
            return _("came in %(month)s") % {"month": month(months[text][0])}, rows.came(*months[text])
        case ["came", text, later] if text in months and later in months:
            words = {"month": month(months[text][0]), "later": month(months[later][0])}
            still = rows.kinds(*rows.active(months[later][1]))
            return _("came in %(month)s, still there at the end of %(later)s") % words, rows.came(*months[text]) & still
        case ["left"]:
            return _("have left at least once"), rows.left()
        case ["said", group] if group in GROUPS:
            return str(NAMES[group]), rows.said(group, is_lost=False)
        case ["said", group, "lost"] if group in GROUPS:
            return _("%(group)s: left since") % {"group": NAMES[group]}, rows.said(group, is_lost=True)
    return None


def _of_month(rows: _Rows, what: str, how: str, first: dt.date, last: dt.date) -> Q:
    if what == BACK:
        return rows.back(first, last)
    of_contract, of_silence = rows.active(first) if what == ACTIVE else rows.lost(first, last)
    return rows.kinds(of_contract, NOBODY) if how == CONTRACT else rows.kinds(NOBODY, of_silence)


behind.register_reader(Customer, read)
