"""Querysets that are compiled once: the ORM's compiler costs ten times what a small statement does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from ground import quick

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """A queryset of whole objects with values left open, compiled at its first use.

    `make` is given a mark for each of the `types` (str or int) and returns the queryset; a mark may stand wherever a
    value is compared, as it is. `rows` puts values in their places.
    """

    def __init__(self, make: Callable[..., QuerySet[M]], *types: type[str] | type[int]) -> None:
        self._make, self._types = make, types
        self._compiled: _Compiled | None = None

    def rows(self, *values: Any) -> list[M]:
        """The objects found with these values."""
        compiled = self._compiled or self._compile()
        found = quick.rows(compiled.sql, [values[place] if is_open else place for is_open, place in compiled.places])
        return cast("list[M]", _objects(compiled, found)) if found else []

    def first(self, *values: Any) -> M | None:
        """The first of them, None when there is none."""
        return next(iter(self.rows(*values)), None)

    def _compile(self) -> "_Compiled":
        marks = [f"\x01{number}" if kind is str else -(10**9) - number for number, kind in enumerate(self._types)]
        compiler = self._make(*marks).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        places = [(True, marks.index(value)) if value in marks else (False, value) for value in params]
        if {place for is_open, place in places if is_open} != set(range(len(marks))):
            raise TypeError("a mark is not compared as it is")
        self._compiled = _Compiled.of(compiler, sql, places)
        return self._compiled


@dataclass(frozen=True)
class _Compiled:
    """The statement, what stands at its places, and how a queryset makes objects of its rows."""

    sql: str
    places: list[tuple[bool, Any]]
    compiler: SQLCompiler
    converters: dict[int, Any]
    model: type[Model]
    columns: slice
    names: list[str]
    populators: list[RelatedPopulator]

    @classmethod
    def of(cls, compiler: SQLCompiler, sql: str, places: list[tuple[bool, Any]]) -> "_Compiled":
        select, info = compiler.select, compiler.klass_info
        columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        return cls(
            sql=sql,
            places=places,
            compiler=compiler,
            converters=compiler.get_converters([column for column, _sql, _alias in select]),
            model=info["model"],
            columns=columns,
            names=[column.target.attname for column, _sql, _alias in select[columns]],
            populators=get_related_populators(info, select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]
        )


def _objects(compiled: _Compiled, found: Sequence[Sequence[Any]]) -> list[Model]:
    rows = compiled.compiler.apply_converters(found, compiled.converters) if compiled.converters else found
    objects = []
    for row in rows:
        one = compiled.model.from_db(DEFAULT_DB_ALIAS, compiled.names, row[compiled.columns])
        for populator in compiled.populators:
            populator.populate(row, one)
        objects.append(one)
    return objects
