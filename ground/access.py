"""Who may see what: one scope per person, applied to every list, count and object. Deny by default."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from ground.models import ApiKey, Membership, Role, Team, User

Row = TypeVar("Row", bound=Model)

RANK = {Role.VIEWER: 0, Role.AGENT: 1, Role.MANAGER: 2, Role.ADMINISTRATOR: 3}


@dataclass(frozen=True)
class Scope:
    """The teams whose rows somebody may see, each with a role; `whole` is the role in the whole organisation."""

    teams: tuple[tuple[int, str], ...]
    whole: str | None

    def team_ids(self, *, least: str = Role.VIEWER) -> list[int]:
        return [team for team, role in self.teams if RANK[Role(role)] >= RANK[Role(least)]]

    def covers_all(self, *, least: str = Role.VIEWER) -> bool:
        return self.whole is not None and RANK[Role(self.whole)] >= RANK[Role(least)]

    def rows(self, path: str = "team", *, least: str = Role.VIEWER) -> Q:
        """The condition that keeps the rows this scope covers; rows without a team belong to the whole organisation."""
        return Q() if self.covers_all(least=least) else Q(**{f"{path}__in": self.team_ids(least=least)})

    def allows(self, team_id: int | None, *, least: str) -> bool:
        return self.covers_all(least=least) or (team_id is not None and team_id in self.team_ids(least=least))


NOTHING = Scope(teams=(), whole=None)
EVERYTHING = Scope(teams=(), whole=Role.ADMINISTRATOR)


def scope_of(user: Any) -> Scope:
    """The scope of a person, read from the database at every request: a changed role holds at once."""
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    if user.is_superuser:
        return EVERYTHING
    rows = Membership.objects.filter(user=user).values_list("team_id", "role")
    whole = next((role for team, role in rows if team is None), None)
    return Scope(teams=tuple((team, role) for team, role in rows if team is not None), whole=whole)


def scope_of_key(key: ApiKey) -> Scope:
    """What a program may touch: its team's rows as a manager, or everything."""
    if key.team_id is None:
        return EVERYTHING
    return Scope(teams=((key.team_id, Role.MANAGER),), whole=None)


def visible_teams(scope: Scope) -> QuerySet[Team]:
    return Team.objects.filter(scope.rows("pk"))


def visible(rows: QuerySet[Row], scope: Scope, *, path: str = "team") -> QuerySet[Row]:
    """Those rows that the scope covers; `path` leads from the row to its team."""
    return rows.filter(scope.rows(path))


def get_visible(rows: QuerySet[Row], scope: Scope, *, pk: Any, path: str = "team", least: str = Role.VIEWER) -> Row:
    """The one row, or Http404 when it does not exist or the scope does not cover it: the two look the same."""
    row = rows.filter(scope.rows(path, least=least), pk=pk).first()
    if row is None:
        raise Http404
    return row


def requires(least: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A staff view for people who have at least this role somewhere; the view reads `request.scope`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            scope = scope_of(request.user)
            if not scope.covers_all(least=least) and not scope.team_ids(least=least):
                raise PermissionDenied
            request.scope = scope  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return decorate
