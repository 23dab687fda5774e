"""Lists that are searched by keys, and whose rows are met soon where another table tells the team."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ground.admin import scope_for
from ground.unindexed import Unindexed
from surveys.seeking import is_vast


class Sought:
    """A page whose list is searched by `seek`, which finds the rows among those of the reader."""

    seek: ClassVar[Callable[[QuerySet[Any], str], QuerySet[Any]]]
    team_path: str | None
    own_path: str
    least_view: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        scope, path = scope_for(request), self.team_path or ""
        if "__" not in path or not is_vast(scope, self.least_view):
            return super().get_queryset(request)
        rows = ModelAdmin.get_queryset(self, request).annotate(of_team=Unindexed(path))
        return rows.filter(scope.rows("of_team", own=self.own_path, least=self.least_view))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        sought = search_term.strip()
        return (type(self).seek(queryset, sought) if sought else queryset), False
