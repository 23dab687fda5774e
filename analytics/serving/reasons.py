"""What customers contact us about: contacts of a period by reason, and how many of them are open yet."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, Sum

from analytics.metrics import Metric, measure
from analytics.models import ReturnDay
from analytics.reports import BEFORE, NOW, Filters
from analytics.scores import share
from analytics.unanswered import contacts


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason, "" for none: its contacts, their share of all with its change, and how many of them are open."""

    name: str
    contacts: int
    share: Metric
    open: int


def reasons(filters: Filters, *, as_of: dt.datetime) -> tuple[Reason, ...]:
    """Those with contacts in the period, the most frequent first; () where none is told."""
    rows = filters.of_both_periods(contacts(ReturnDay, filters, "reason"))
    rows = rows.annotate(is_open=Q(ended=None)).values_list("when", "reason", "is_open")
    counts: dict[str, Counter[str]] = {NOW: Counter(), BEFORE: Counter()}
    still: Counter[str] = Counter()
    for when, reason, is_open, count in rows.annotate(rows=Sum("count")).order_by():
        counts[when][reason] += count
        if when == NOW and is_open:
            still[reason] += count
    if not any(counts[NOW]):
        return ()
    names = [name for name, _count in sorted(counts[NOW].items(), key=lambda item: (-item[1], item[0]))]
    shares = {
        when: {name: share(found[name], found.total()) for name in names} for when, found in counts.items()
    }  # fmt: skip
    told = measure(shares[NOW], before=shares[BEFORE] if filters.before else None, as_of=as_of)
    return tuple(
        Reason(name=name, contacts=counts[NOW][name], share=told[name], open=still[name]) for name in names
    )  # fmt: skip
