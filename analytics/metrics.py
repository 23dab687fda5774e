"""The number as pages and the API show it: a score with its state, its change and the arrow of its widget."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from analytics.comparisons import Change, Direction, Flag, Score, change, flag_changes
from analytics.display import DisplayState, Unit, display_state, segment_states

Key = TypeVar("Key", bound=Hashable)

_NO_FLAG = Flag(direction=None, p_adj=None)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number with its uncertainty. None is a dash on screen, never 0.

    `value`, limits and differences are in the unit: share 0..1, NPS points, or scale points of a mean. A hidden metric
    carries `n` and nothing that its value could be read from. `flag` is the direction of a proven change, not praise.
    `n_eff` is how many independent answers the limits go by, where they do not go by `n`, those of `customers`.
    """

    value: float | None
    num: int | None
    den: int | None
    n: int
    lo: float | None
    hi: float | None
    unit: Unit
    state: DisplayState
    prev: float | None
    diff: float | None
    diff_lo: float | None
    diff_hi: float | None
    p_adj: float | None
    flag: Direction | None
    as_of: datetime
    preliminary: bool
    definition_version: int
    n_eff: float | None = None
    customers: int | None = None


def _all_rows(_key: Any) -> None:
    """One family."""


def measure(
    now: Mapping[Key, Score],
    *,
    as_of: datetime,
    before: Mapping[Key, Score] | None = None,
    family: Callable[[Key], Any] = _all_rows,
    partition: bool | Callable[[Key], Any] = False,
    preliminary: bool = False,
    definition_version: int = 1,
) -> dict[Key, Metric]:
    """Metrics of one widget: all rows of one score, compared with `before` as one family of comparisons.

    `family` tells which rows are compared together where they are not all: a total above its parts is one by itself,
    so that it is significant here if it is so where it stands alone.
    `partition` says that the rows add up to a total shown beside them, so that a hidden one must not be subtracted
    out, or which of them do where they are of several kinds. `preliminary` numbers get no arrow.
    """
    past = before or {}
    states = _states(now, partition=partition)
    past_states = _states(past, partition=partition)
    comparable = [
        key for key, state in states.items() if state != "hidden" and past_states.get(key, "hidden") != "hidden"
    ]
    changes = {key: change(now[key], past[key]) for key in comparable}
    flags = {} if preliminary else _flags(changes, family)
    return {
        key: _metric(
            score,
            state=states[key],
            prev=past[key].value if past_states.get(key, "hidden") != "hidden" else None,
            found=changes.get(key),
            flag=flags.get(key, _NO_FLAG),
            as_of=as_of,
            preliminary=preliminary,
            definition_version=definition_version,
        )
        for key, score in now.items()
    }


def _flags(changes: Mapping[Key, Change | None], family: Callable[[Key], Any]) -> dict[Key, Flag]:
    families: dict[Any, dict[Key, Change | None]] = defaultdict(dict)
    for key, found in changes.items():
        families[family(key)][key] = found
    return {key: flag for compared in families.values() for key, flag in flag_changes(compared).items()}


def _states(scores: Mapping[Key, Score], *, partition: bool | Callable[[Key], Any]) -> dict[Key, DisplayState]:
    if not partition:
        return {key: display_state(score.n) for key, score in scores.items()}
    kinds: dict[Any, dict[Key, int]] = defaultdict(dict)
    for key, score in scores.items():
        kinds[partition(key) if callable(partition) else None][key] = score.n
    states = {key: state for counts in kinds.values() for key, state in segment_states(counts).items()}
    return {key: states[key] for key in scores}


def _metric(
    score: Score,
    *,
    state: DisplayState,
    prev: float | None,
    found: Change | None,
    flag: Flag,
    as_of: datetime,
    preliminary: bool,
    definition_version: int,
) -> Metric:
    shown = state != "hidden"
    return Metric(
        value=score.value if shown else None,
        num=score.num if shown else None,
        den=score.den if shown else None,
        n=score.n,
        lo=score.lo if shown else None,
        hi=score.hi if shown else None,
        unit=score.unit,
        state=state,
        prev=prev,
        diff=found.diff if found else None,
        diff_lo=found.lo if found else None,
        diff_hi=found.hi if found else None,
        p_adj=flag.p_adj,
        flag=flag.direction,
        as_of=as_of,
        preliminary=preliminary,
        definition_version=definition_version,
        n_eff=getattr(score, "n_eff", None) if shown else None,
        customers=getattr(score, "customers", None) if shown else None,
    )
