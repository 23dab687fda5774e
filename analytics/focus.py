"""The few numbers to look at first beside the scores: in time, solved, at once, and complaints; and which team is late.

The focus set of the design: all others are one page deeper.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics import returns
from analytics.comparisons import flag_changes, share_change
from analytics.complaints import Rate, RateChange, complaint_rate, rate_change
from analytics.filters import BEFORE, NOW, Filters
from analytics.metrics import Metric, measure
from analytics.models import ContactDay
from analytics.scores import Share, share
from analytics.stored import Total
from analytics.unanswered import Unanswered, contacts_over_both
from ground.unindexed import Unindexed


@dataclass(frozen=True, kw_only=True)
class Focus:
    """`late` is the share within the service level by team, None without a level; `change` None without complaints.

    `behind` are the teams that are certainly below all others together, as one family of comparisons.
    """

    at_once: Metric
    complaints: Rate
    change: RateChange | None
    late: Mapping[int | None, Metric] | None
    behind: frozenset[int | None]


def focus(filters: Filters, waiting: Unanswered, *, as_of: dt.datetime) -> Focus:
    """What the strip under the scores shows, and the third sentence on top."""
    counts = _facts(filters)
    of: dict[str, Counter[str]] = {when: Counter() for when in (NOW, BEFORE)}
    for (when, _team, fact), count in counts.items():
        of[when][fact] += count
    now, past = of[NOW], of[BEFORE]
    kept = _kept(counts, waiting)
    return Focus(
        at_once=returns.rates_by(filters, "first_contact_resolution", "", as_of=as_of)[0].metric,
        complaints=complaint_rate(now["complaints"], now["contacts"]),
        change=rate_change(
            now=now["complaints"], exposure=now["contacts"], before=past["complaints"], exposure_before=past["contacts"]
        )
        if now["contacts"] and past["contacts"]
        else None,
        late=_late(kept, filters, as_of=as_of) if waiting.has_levels else None,
        behind=behind(kept[NOW]),
    )


def _facts(filters: Filters) -> Counter[tuple[str, Any, str]]:
    facts = ("contacts", "complaints", "met", "late")
    rows = contacts_over_both(ContactDay, filters, "team").filter(fact__in=facts)
    rows = rows.annotate(of_team=Unindexed("team"))
    sums = rows.values_list("when", "of_team", "fact").annotate(rows=Total("count")).order_by()
    return Counter({(when, team, fact): count for when, team, fact, count in sums})


def _kept(counts: Counter[tuple[str, Any, str]], waiting: Unanswered) -> dict[str, dict[int | None, Share]]:
    """Shares within the level by period and team, those with most contacts first.

    Whoever waits beyond the level has been let down too (M18).
    """
    found = counts.copy()
    for (when, team, _channel, state), count in waiting.counts.items():
        found[when, team, "late"] += count if state == "overdue" else 0
    teams = {team for when, team, fact in found if when == NOW and fact in ("met", "late")}
    order = sorted(teams, key=lambda team: (-found[NOW, team, "contacts"], str(team)))

    def of(when: str, team: int | None) -> Share:
        met, late = found[when, team, "met"], found[when, team, "late"]
        return share(met, met + late)

    return {when: {team: of(when, team) for team in order} for when in (NOW, BEFORE)}


def _late(
    kept: Mapping[str, Mapping[int | None, Share]], filters: Filters, *, as_of: dt.datetime
) -> dict[int | None, Metric]:
    before = kept[BEFORE] if filters.before else None
    return measure(kept[NOW], before=before, as_of=as_of, partition=len(kept[NOW]) > 1)


def behind(kept: Mapping[int | None, Share]) -> frozenset[int | None]:
    """Each team against the rest, never against a total that it is part of: of twenty alike, one is low by chance."""
    met, whole = sum(one.num for one in kept.values()), sum(one.den for one in kept.values())
    changes = {team: share_change(one, share(met - one.num, whole - one.den)) for team, one in kept.items()}
    return frozenset(team for team, flag in flag_changes(changes).items() if flag.direction == "down")
