"""Who may see what: one scope per person, applied to every list, count and object. Deny by default."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from ground.models import ApiKey, Membership, Role, Team, User

Row = TypeVar("Row", bound=Model)

# An agent stands below a viewer: whoever asks for at least a viewer gets no row because of an agent's role.
RANK = {Role.AGENT: 0, Role.VIEWER: 1, Role.MANAGER: 2, Role.ADMINISTRATOR: 3}


@dataclass(frozen=True)
class Scope:
    """The teams whose rows somebody may see, each with a role; `whole` is the role in the whole organisation.

    With the role of an agent a person sees only rows of the own work: `person` is whose, and the caller of `rows`
    names with `own` the path to the log-in of whoever did the work. Without that path agents see nothing.
    """

    teams: tuple[tuple[int, str], ...]
    whole: str | None
    person: int | None = None

    def team_ids(self, *, least: str = Role.VIEWER) -> list[int]:
        return [team for team, role in self.teams if RANK[Role(role)] >= RANK[Role(least)]]

    def covers_all(self, *, least: str = Role.VIEWER) -> bool:
        return self.whole is not None and RANK[Role(self.whole)] >= RANK[Role(least)]

    def rows(self, path: str = "team", *, own: str = "", least: str = Role.VIEWER) -> Q:
        """The condition that keeps the rows this scope covers; rows without a team belong to the whole organisation.

        `own` is the path to the log-in of the agent who did the work, for an agent's own rows.
        """
        if self.covers_all(least=least):
            return Q()
        teams = self.team_ids(least=least)
        covered = Q(**{f"{path}__in": teams})
        if not own or not self.has_own or least != Role.VIEWER:
            return covered
        mine = Q(**{own: self.person})
        if self.whole != Role.AGENT:
            mine &= Q(**{f"{path}__in": self._agent_teams()})
        return covered | mine if teams else mine

    def allows(self, team_id: int | None, *, least: str) -> bool:
        return self.covers_all(least=least) or (team_id is not None and team_id in self.team_ids(least=least))

    def owns(self, team_id: int | None, person_id: int | None) -> bool:
        """Whether a row of this team is an agent's own work: `person_id` is the log-in of whoever did it."""
        if person_id is None or person_id != self.person:
            return False
        return self.whole == Role.AGENT or team_id in self._agent_teams()

    @property
    def has_own(self) -> bool:
        """Whether this person is an agent somewhere."""
        return self.person is not None and (self.whole == Role.AGENT or bool(self._agent_teams()))

    @property
    def oversees(self) -> bool:
        """Whether more than the own work is seen: at least a viewer of some team."""
        return self.covers_all() or bool(self.team_ids())

    def _agent_teams(self) -> list[int]:
        return [team for team, role in self.teams if role == Role.AGENT]


NOTHING = Scope(teams=(), whole=None)
EVERYTHING = Scope(teams=(), whole=Role.ADMINISTRATOR)


def scope_of(user: Any) -> Scope:
    """The scope of a person, read from the database at every request: a changed role holds at once."""
    return scopes_of([user])[user.pk] if isinstance(user, User) else NOTHING


def scope_for(request: HttpRequest) -> Scope:
    """The reader's scope, looked up once per request."""
    found: Scope | None = getattr(request, "scope", None)
    if found is None:
        found = scope_of(request.user)
        request.scope = found  # type: ignore[attr-defined]
    return found


def scopes_of(users: Iterable[User]) -> dict[int, Scope]:
    """The scope of each of many people by primary key, in one statement."""
    people = {user.pk: user for user in users}
    roles: dict[int, list[tuple[int | None, str]]] = {pk: [] for pk, user in people.items() if not user.is_superuser}
    for pk, team, role in Membership.objects.filter(user__in=roles).values_list("user_id", "team_id", "role"):
        roles[pk].append((team, role))
    scopes = {
        pk: Scope(
            teams=tuple((team, role) for team, role in held if team is not None),
            whole=next((role for team, role in held if team is None), None),
            person=pk,
        )
        for pk, held in roles.items()
    }
    return {pk: scopes.get(pk, EVERYTHING) if user.is_active else NOTHING for pk, user in people.items()}


def scope_of_key(key: ApiKey) -> Scope:
    """What a program may touch: its team's rows as a manager, or everything."""
    if key.team_id is None:
        return EVERYTHING
    return Scope(teams=((key.team_id, Role.MANAGER),), whole=None)


def visible_teams(scope: Scope, *, least: str = Role.VIEWER) -> QuerySet[Team]:
    """The teams in which at least this role is held; `Role.AGENT` adds those where only the own work is seen."""
    return Team.objects.all() if scope.covers_all() else Team.objects.filter(pk__in=scope.team_ids(least=least))


def visible(rows: QuerySet[Row], scope: Scope, *, path: str = "team", own: str = "") -> QuerySet[Row]:
    """Those rows that the scope covers; `path` leads from the row to its team, `own` to its agent's log-in."""
    return rows.filter(scope.rows(path, own=own))


def get_visible(
    rows: QuerySet[Row], scope: Scope, *, pk: Any, path: str = "team", own: str = "", least: str = Role.VIEWER
) -> Row:
    """The one row, or Http404 when it does not exist or the scope does not cover it: the two look the same."""
    row = rows.filter(scope.rows(path, own=own, least=least), pk=pk).first()
    if row is None:
        raise Http404
    return row


def readers(*, team: int | None, agent: int | None = None, least: str = Role.VIEWER) -> QuerySet[User]:
    """Active people who may see a row of this team, each once; `agent` is the log-in of whoever did the work."""
    roles = [role for role, rank in RANK.items() if rank >= RANK[Role(least)]]
    here = Q(team=None) if team is None else Q(team=None) | Q(team=team)
    held = Membership.objects.filter(here, user=OuterRef("pk"))
    may = Q(Exists(held.filter(role__in=roles))) | Q(is_superuser=True)
    if agent is not None and least == Role.VIEWER:
        may |= Q(Exists(held.filter(role=Role.AGENT)), pk=agent)
    return User.objects.filter(may, is_active=True)


def requires(least: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A staff view for people who have at least this role somewhere; the view reads `request.scope`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            scope = scope_of(request.user)
            if not scope.covers_all(least=least) and not scope.team_ids(least=least):
                raise PermissionDenied
            request.scope = scope  # type: ignore[attr-defined]
            request.user.is_staff = True  # by this role: not asked for again
            return view(request, *args, **kwargs)

        return guarded

    return decorate
