"""What the counts of customers come to: shares by month, how long they stay, and whether the unhappy leave."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.churn import annual_churn
from analytics.comparisons import ShareChange, share_change
from analytics.display import DisplayState, display_state
from analytics.metrics import Metric, measure
from analytics.models import Staying
from analytics.quantiles import bucket_value
from analytics.scores import Share, share
from analytics.serving.spans import Spread, spread
from analytics.staying.tally import ACTIVE, BACK, CONTRACT, DAY_SECONDS, GROUPS, LOST, SILENCE, Frame
from analytics.survival import Step, still_open_of


@dataclass(frozen=True, kw_only=True)
class Month:
    """Of those who were customers as the month began, how many left in it; `back` came back in it after leaving."""

    first: dt.date
    lost: Metric
    back: int


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Churn of one kind; `last` is the last month against the one before, `yearly` what its rate makes of a year."""

    last: Metric
    yearly: float | None
    months: tuple[Month, ...]


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who came in one month: the share that is still there at the end of each month since, None where too few came."""

    first: dt.date
    size: int
    kept: tuple[float | None, ...]

    @property
    def state(self) -> DisplayState:
        return display_state(self.size)


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything of one scope on one day; `gap` is the churn of detractors less that of promoters.

    Silence is told of months that began at `told_from` or later: before, nobody could have been silent for so long.
    """

    told_from: dt.date | None
    contract: Leaving
    silence: Leaving
    cohorts: tuple[Cohort, ...]
    life: Spread
    curve: tuple[Step, ...]
    said: Mapping[str, Metric]
    gap: ShareChange | None


def leaving(counts: Staying) -> dict[str, Leaving]:
    """Churn by contract and by silence."""
    found, months, told_from = Counter(counts.found.get("months", {})), _months(counts), _told_from(counts)
    late = [first for first in months if told_from and first >= told_from]
    return {how: _leaving(found, how, of, as_of=counts.made_at) for how, of in ((CONTRACT, months), (SILENCE, late))}


def report(counts: Staying) -> Report:
    """The report of stored counts."""
    found = {name: Counter(counts.found.get(name, {})) for name in ("cohorts", "over", "open", "said")}
    months, kinds = _months(counts), leaving(counts)
    over = Counter({int(key): number for key, number in found["over"].items()})
    waits: Counter[float] = Counter({bucket_value(int(key)): number for key, number in found["open"].items()})
    life = spread(over, waits)
    shares = {group: share(found["said"][f"{group} {LOST}"], found["said"][f"{group} {ACTIVE}"]) for group in GROUPS}
    said = measure(shares, as_of=counts.made_at)
    shown = all(said[group].state != "hidden" for group in (GROUPS[0], GROUPS[2]))
    return Report(
        told_from=_told_from(counts),
        contract=kinds[CONTRACT],
        silence=kinds[SILENCE],
        cohorts=tuple(_cohort(found["cohorts"], months, at) for at in range(len(months))),
        life=life,
        curve=tuple(_curve(over, waits)) if life.state != "hidden" else (),
        said=said,
        gap=share_change(shares[GROUPS[0]], shares[GROUPS[2]]) if shown else None,
    )


def _months(counts: Staying) -> list[dt.date]:
    return [first for first, _last in Frame(last=counts.day, window=counts.window).months()]


def _told_from(counts: Staying) -> dt.date | None:
    since = counts.found.get("since")
    return dt.date.fromisoformat(since) + dt.timedelta(days=counts.window) if since else None


def _leaving(found: Counter[str], how: str, months: list[dt.date], *, as_of: dt.datetime) -> Leaving:
    shares: dict[dt.date, Share] = {
        first: share(found[f"{first} {how} {LOST}"], found[f"{first} {how} {ACTIVE}"]) for first in months
    }
    metrics, newest = measure(shares, as_of=as_of), [share(0, 0), share(0, 0), *shares.values()][-2:]
    last = measure({0: newest[1]}, before={0: newest[0]}, as_of=as_of)[0]
    return Leaving(
        last=last,
        yearly=annual_churn(last.value) if last.value is not None else None,
        months=tuple(
            Month(first=first, lost=metrics[first], back=found[f"{first} {how} {BACK}"])
            for first in months
            if shares[first].den
        ),
    )


def _cohort(found: Counter[str], months: list[dt.date], at: int) -> Cohort:
    first = months[at]
    size = found[f"{first} 0"]
    shown = display_state(size) != "hidden"
    kept = [found[f"{first} {number}"] / size if shown else None for number in range(len(months) - at)]
    return Cohort(first=first, size=size, kept=tuple(kept))


def _curve(over: Counter[int], waits: Mapping[float, int]) -> list[Step]:
    """The share of all who ever came that has not left yet, by days since they came."""
    ended = {bucket_value(key): number for key, number in over.items()}
    return [Step(step.time / DAY_SECONDS, step.share) for step in still_open_of(over=ended, open_yet=waits)]
