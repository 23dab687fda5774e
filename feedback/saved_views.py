"""Filters under a name: those that everybody has, a person's own, and those that others share.

A view is an address of the reading list. Whoever opens it sees the own rows; one that comes from a team of others, or
names what the reader may not know of, is not offered.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from feedback import filters, seeking
from feedback.choices import OWN, Offers
from feedback.filters import COMMENT_FILTERS, CUSTOMER, Filters
from feedback.models import Comment, SavedView
from ground import remembered
from ground.access import Scope
from ground.models import Role, Team, User
from ground.text import clean_line

EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LONGEST_NAME, LONGEST_QUERY, MOST_OWN, MOST_SHARED = 60, 2000, 30, 30
# A count says no more than "99+", and looks through no more comments than these.
MOST_COUNTED, LOOKED = 99, 20_000
BUILT_IN: tuple[tuple[Any, dict[str, str]], ...] = (
    (_("Unread"), {"state": "unread"}),
    (_("Negative this week, unread"), {"state": "unread", "period": "week", "class": "negative"}),
    (_("Contact requests"), {"state": "open", "contact": "yes"}),
    (_("Not sure"), {"state": "open", "class": "unsure"}),
    (_("Suggestions"), {"state": "open", "class": "constructive"}),
)


class Refused(ValueError):
    """The view was not kept; the argument says why: unnamed, taken, long or many."""


@dataclass(frozen=True)
class View:
    """A view as a reader is offered it; without `row` it is one that everybody has."""

    name: Any
    chosen: Filters
    row: SavedView | None = None
    is_own: bool = False

    @property
    def kind(self) -> str:
        """Whose it is: built-in, own or shared."""
        return "own" if self.is_own else "shared" if self.row else "built-in"

    @property
    def query(self) -> str:
        return self.chosen.address()[1:]


def offered(reader: User, scope: Scope) -> list[View]:
    """The views of this reader: everybody's, the own ones, then those that others share."""
    own: list[SavedView] = []
    shared: list[SavedView] = []
    for row in SavedView.objects.filter(Q(owner=reader) | Q(is_shared=True, owner__is_active=True)).iterator():
        if row.owner_id == reader.pk:
            own.append(row)
        elif len(shared) < MOST_SHARED and _is_for(row, scope):
            shared.append(row)
    rows = [*own[:MOST_OWN], *shared]
    told = [(row, dict(parse_qsl(row.query))) for row in rows]
    offers = Offers(scope, [params for _row, params in told])
    found = [View(name, _read(params, offers)) for name, params in BUILT_IN]
    for row, params in told:
        chosen = _read(params, offers)
        if chosen.params() == params:
            found.append(View(row.name, chosen, row=row, is_own=row.owner_id == reader.pk))
    return found


def _read(params: Mapping[str, str], offers: Offers) -> Filters:
    asked = tuple(name for name in COMMENT_FILTERS if name in params)
    return filters.read(params, offers.scope, names=asked, offers=offers)


def _own(reader: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner=reader)


def _is_for(view: SavedView, scope: Scope) -> bool:
    """Whether the reader belongs to every team that the view may tell of."""
    return view.shared_from is None or scope.covers_all() or set(view.shared_from) <= set(_teams(scope))


def _teams(scope: Scope) -> list[int]:
    return [team for team, _role in scope.teams]


@dataclass(frozen=True)
class Counted:
    """How many comments a view shows; with `is_least`, as far as was looked."""

    number: int
    is_least: bool = False

    def __str__(self) -> str:
        if self.number > MOST_COUNTED:
            return f"{MOST_COUNTED}+"
        return f"{self.number}+" if self.is_least and self.number else str(self.number)


class Number(Subquery):
    """How many rows a query that is cut off somewhere brings, as a part of a larger one."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def counts(views: Sequence[View], *, reader: User, scope: Scope) -> list[Counted | None]:
    """The counts of these views in one statement, None for those with a search; costly ones stand for a minute."""
    question = f"views {reader.pk} {scope} {[view.query for view in views]}"
    return remembered.while_costly(question, lambda: _count(views, reader=reader, scope=scope))


def _count(views: Sequence[View], *, reader: User, scope: Scope) -> list[Counted | None]:
    asked = {f"view{place}": view for place, view in enumerate(views) if not view.chosen.query}
    if not asked:
        return [None] * len(views)
    within = Comment.objects.filter(scope.rows(own=OWN))
    newest = _oldest_looked_at(within, scope)
    numbers: dict[str, Any] = {"newest": Subquery(newest)}
    for name, view in asked.items():
        found = within.filter(filters.of_comments(view.chosen, reader=reader))
        if not seeking.is_direct(view.chosen, scope):
            found = found.filter(said_at__gte=Coalesce(Subquery(newest), Value(EVER)))
        # In reading order, so that PostgreSQL walks along the list instead of joining whole tables.
        numbers[name] = Number(found.order_by("-said_at", "-pk").values("pk")[: MOST_COUNTED + 1])
    told = User.objects.annotate(**numbers).values(*numbers).get(pk=reader.pk)
    return [
        Counted(told[name], is_least=_is_cut(view, told["newest"], scope)) if (name := f"view{place}") in told else None
        for place, view in enumerate(views)
    ]


def _oldest_looked_at(within: QuerySet[Comment], scope: Scope) -> QuerySet[Any, Any]:
    """The moment, as a query of one row at most, beyond which nothing is counted; each of several teams gets a part."""
    ordered, teams = within.order_by("-said_at", "-pk").values("said_at"), seeking.several_teams(scope)
    if not teams:
        return ordered[LOOKED - 1 : LOOKED]
    part = max(1, LOOKED // len(teams))
    ends = Subquery(ordered.filter(team=OuterRef("pk"))[part - 1 : part])
    of_each = Team.objects.filter(pk__in=teams).annotate(end=ends).exclude(end=None)
    return of_each.order_by("-end").values("end")[:1]


def _is_cut(view: View, newest: dt.datetime | None, scope: Scope) -> bool:
    """Whether older comments than were looked at may fit as well."""
    if newest is None or seeking.is_direct(view.chosen, scope):
        return False
    return view.chosen.since is None or view.chosen.since < newest


def keep(name: str, query: str, *, is_shared: bool, by: User, scope: Scope) -> SavedView:
    """Put the filters of an address under a name; an own view of that name shows these from then on.

    Raises Refused.
    """
    name = clean_line(name)
    if not name or len(name) > LONGEST_NAME:
        raise Refused("unnamed")
    params = filters.read(dict(parse_qsl(query)), scope, names=COMMENT_FILTERS).params(CUSTOMER)
    kept = urlencode(params)
    if len(kept) > LONGEST_QUERY:
        raise Refused("long")
    if _own(by).exclude(name=name).count() >= MOST_OWN:
        raise Refused("many")
    shared = {"is_shared": is_shared and may_share(scope), "shared_from": _shared_from(scope)}
    return SavedView.objects.update_or_create(owner=by, name=name, defaults={"query": kept} | shared)[0]


def change(view: SavedView, name: str, *, is_shared: bool, scope: Scope) -> None:
    """Give an own view another name, and share it or keep it to oneself. Raises Refused."""
    if not view.is_shared:
        view.shared_from = _shared_from(scope)
    view.name, view.is_shared = clean_line(name), is_shared and may_share(scope)
    if not view.name or len(view.name) > LONGEST_NAME:
        raise Refused("unnamed")
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "is_shared", "shared_from"])
    except IntegrityError:
        raise Refused("taken") from None


def _shared_from(scope: Scope) -> list[int] | None:
    return None if scope.covers_all() else _teams(scope)


def may_share(scope: Scope) -> bool:
    """Whether this person manages some team: a shared view is on the desk of all of it."""
    return scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER))
