"""The numbers of the page about staying and leaving, as the tables of a file."""

from typing import Any

from django.utils.translation import gettext as _

from analytics.staying.report import Cohort, Leaving, Report
from analytics.staying.tally import DAY_SECONDS
from analytics.staying.words import NAMES
from analytics.tables import CHANGE, NUMBER, UNITS, Table, change, few, number


def tables(found: Report) -> list[Table]:
    """Both kinds of leaving, the last month and each; how long customers stay; and whether the unhappy leave."""
    kinds = {_("Lost by contract"): found.contract, _("Fell silent"): found.silence}
    last = [
        (name, kind.months[-1].first, *number(kind.last, unit="share"), *change(kind.last), kind.yearly)
        for name, kind in kinds.items()
        if kind.months
    ]
    longest = max((len(cohort.kept) for cohort in found.cohorts), default=0)
    said = [(NAMES[group], *number(metric, unit="share")) for group, metric in found.said.items()]
    if found.gap:
        said.append((_("Detractors less promoters"), UNITS["share"], found.gap.diff, found.gap.lo, found.gap.hi, None))
    return [
        Table(_("The last month"), ("", _("Month"), *NUMBER, *CHANGE, _("In a year at this rate")), last),
        *(_months(name, kind) for name, kind in kinds.items()),
        Table(
            _("Half stay at least"),
            (_("Days"), _("Interval from"), _("Interval to"), _("Have left"), _("Are still there")),
            [(*(_days(part) for part in found.life.half), few(found.life.n), found.life.open)] if found.life.n else [],
        ),
        Table(
            _("How long they stay"),
            (_("Days since they came"), _("Share still there")),
            [(round(step.time), step.share) for step in found.curve],
        ),
        Table(
            _("By the month they came in"),
            (_("Came in"), "n", *(str(month) for month in range(longest))),
            [_cohort(cohort) for cohort in found.cohorts if cohort.size],
        ),
        Table(_("By the last loyalty score"), (_("They were"), *NUMBER), said),
    ]


def _months(name: str, kind: Leaving) -> Table:
    rows = [(month.first, *number(month.lost, unit="share"), month.back) for month in kind.months]
    return Table(name, (_("Month"), *NUMBER, _("Came back")), rows)


def _days(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / DAY_SECONDS)


def _cohort(cohort: Cohort) -> tuple[Any, ...]:
    """Shares of the few are left out on the page, too."""
    return (cohort.first, few(cohort.size), *cohort.kept)
