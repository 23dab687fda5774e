"""Who stays and who leaves, as the API reads it: counted as of yesterday by a job that the first reader starts."""

from collections.abc import Iterable

from analytics.api.question import Question, Told, told
from analytics.metrics import measure
from analytics.scores import share
from analytics.staying import counting
from analytics.staying.report import Report, report
from analytics.staying.words import month


def leaving(asked: Question) -> Iterable[Told]:
    """The last month that is over against the one before, or each of the last twelve."""
    found = _report(asked)
    if found is None:
        return []
    kind = found.contract if asked.key == "contract_churn" else found.silence
    if asked.step:
        return [told(None, one.lost, one.first) for one in kind.months]
    return [told(None, kind.last, kind.months[-1].first if kind.months else None)]


def kept(asked: Question) -> Iterable[Told]:
    """Of those who came in a month, who is still there as each month since ended."""
    found = _report(asked)
    cohorts = found.cohorts if found else ()
    for at, cohort in enumerate(cohorts):
        parts = {
            cohorts[at + later].first: share(round((part or 0) * cohort.size), cohort.size)
            for later, part in enumerate(cohort.kept)
            if cohort.size
        }
        for first, metric in measure(parts, as_of=asked.as_of).items():
            yield told(f"{cohort.first:%Y-%m}", metric, first, name=month(cohort.first))


def _report(asked: Question) -> Report | None:
    """From the newest counts of the key's teams; older ones are told while newer ones are made."""
    name = counting.name_of(asked.filters.scope, asked.filters.team)
    counting.ask(name)
    counts = counting.newest(name)
    return report(counts) if counts else None
