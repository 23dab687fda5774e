"""How fast mail may leave: so many a minute in all, and so many to one mail provider.

Counters in the database, so that several workers share one limit. What goes beyond a provider's limit is put off to a
later minute, with what else waits for that provider, so that mail to others passes it; what goes beyond the limit for
all simply stays in its queue. Nothing fails by it.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from ground import limits
from ground.limits import Limit
from surveys.attempts import Ready
from surveys.models import AskingPolicy

MINUTE = dt.timedelta(minutes=1)
ALL = "all"


def room() -> int | float:
    """How many mails may leave in what is left of this minute; infinite without a limit."""
    limit = _limit(AskingPolicy.current().mails_a_minute, "mail")
    return math.inf if limit is None else max(0, limit.count - limits.counted(limit, ALL))


@dataclass(frozen=True)
class Shares:
    """Mails that may leave now, those that stay where they are, and those put off, each with its moment."""

    passed: list[Ready]
    staying: list[Ready]
    later: list[tuple[Ready, dt.datetime]]


def share_out(ready: Sequence[Ready], policy: AskingPolicy) -> Shares:
    """Count the mails against both limits."""
    passed, later = _by_domain(ready, domain_limit(policy))
    limit = _limit(policy.mails_a_minute, "mail")
    if limit is None or not passed:
        return Shares(passed=passed, staying=[], later=later)
    over = limits.count(limit, ALL, more=len(passed)) - limit.count
    free = max(0, len(passed) - max(0, over))
    return Shares(passed=passed[:free], staying=passed[free:], later=later)


def _by_domain(ready: Sequence[Ready], limit: Limit | None) -> tuple[list[Ready], list[tuple[Ready, dt.datetime]]]:
    if limit is None:
        return list(ready), []
    found = places(Counter(mail.domain for mail in ready), limit)
    placed = [(mail, found[mail.domain].pop(0)) for mail in ready]
    return [mail for mail, moment in placed if moment is None], [(mail, at) for mail, at in placed if at is not None]


def places(wanted: Counter[str], limit: Limit) -> dict[str, list[dt.datetime | None]]:
    """For each domain a place for each of its mails: None in this minute, or the moment of a later one.

    The counter goes on counting beyond its limit: it tells how many wait already, and so which minute is free.
    """
    now = timezone.now()
    start = limits.window_of(limit, now)
    found: dict[str, list[dt.datetime | None]] = {}
    for domain in sorted(wanted):  # in one order, so that two workers never wait for each other
        last = limits.count(limit, domain, more=wanted[domain], now=now)
        numbers = range(last - wanted[domain], last)
        found[domain] = [None if n < limit.count else start + MINUTE * (n // limit.count) for n in numbers]
    return found


def put_off(domain: str, keys: Sequence[int], limit: Limit) -> dict[dt.datetime, list[int]]:
    """A later minute for each of these rows, whose mails all go to one crowded provider."""
    found: dict[dt.datetime, list[int]] = {}
    if keys:
        for key, moment in zip(keys, places(Counter({domain: len(keys)}), limit)[domain], strict=True):
            if moment is not None:
                found.setdefault(moment, []).append(key)
    return found


def domain_limit(policy: AskingPolicy) -> Limit | None:
    """How many mails one provider gets a minute."""
    return _limit(policy.domain_mails_a_minute, "maildomain")


def _limit(count: int | None, name: str) -> Limit | None:
    return Limit(name, count=count, seconds=60) if count else None
