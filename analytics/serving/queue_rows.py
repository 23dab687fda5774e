"""Which contacts the numbers of a queue count, for the lists behind those numbers: by target and formula (M15)."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import get_args

from django.db.models import Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analytics.contact_counts import CONTACTS
from analytics.queue_steps import TARGETS
from analytics.rows_behind import CAME_INTO_QUEUE, took
from analytics.waiting import SHORT_ABANDON, Formula
from ground import behind
from ground.behind import Number
from surveys.models import Interaction

GAVE_UP, WAITED, PICKED_UP = "gave_up", "waited", "picked_up"

_ANSWERED, _LEFT = Q(answered_at__isnull=False), Q(answered_at=None)
# Whoever hung up at once did not come to wait.
_AT_ONCE = _LEFT & Q(left_after__lt=dt.timedelta(seconds=SHORT_ABANDON))
# When somebody left is not always known, and NULL is in neither a condition nor its opposite.
_STAYED = _LEFT & (Q(left_after=None) | Q(left_after__gte=dt.timedelta(seconds=SHORT_ABANDON)))


def _in_queue(rows: QuerySet[Interaction], which: Q) -> QuerySet[Interaction]:
    after = {
        "picked_up_after": took("answered_at", since="enqueued_at"),
        "left_after": took("closed_at", since="enqueued_at"),
    }
    return rows.filter(CONTACTS, CAME_INTO_QUEUE).annotate(**after).filter(which)


def _served(formula: Formula, target: int) -> Q:
    """The part of `service_level`."""
    most = dt.timedelta(seconds=target)
    in_time = _ANSWERED & Q(picked_up_after__lte=most)
    if formula == "f1":
        return in_time | (_LEFT & Q(left_after__lte=most))
    return in_time | _AT_ONCE if formula == "f5" else in_time


def _offered(formula: Formula, target: int) -> Q:
    """The whole of `service_level`."""
    if formula == "f2":
        return _ANSWERED
    if formula == "f4":
        return _ANSWERED | (_LEFT & (Q(left_after=None) | Q(left_after__gt=dt.timedelta(seconds=target))))
    return _ANSWERED | _LEFT


def name(which: str, formula: Formula, target: int) -> str:
    """What the list of contacts calls the "part" or the "whole" of a service level."""
    return f"{which}_{formula}_{target}"


def _numbers() -> Mapping[str, Number]:
    found = {
        GAVE_UP: Number(_("gave up in the queue, not at once"), partial(_in_queue, which=_STAYED)),
        WAITED: Number(_("picked up, or gave up not at once"), partial(_in_queue, which=_ANSWERED | _STAYED)),
        PICKED_UP: Number(_("picked up from the queue"), partial(_in_queue, which=_ANSWERED)),
    }
    words = {"part": (_("in time in the queue"), _served), "whole": (_("judged in the queue"), _offered)}
    for which, (label, rows) in words.items():
        for formula in get_args(Formula):
            for target in TARGETS:
                called = format_lazy("{}: {} s, {}", label, target, formula)
                chosen = partial(_in_queue, which=rows(formula, target))
                found[name(which, formula, target)] = Number(called, chosen, is_of_family=True)
    return found


behind.register(Interaction, _numbers())
