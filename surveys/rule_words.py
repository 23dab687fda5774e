"""A rule in plain words: one sentence that says after what, whom, when, how many and by which way it asks."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from surveys.conditions import LISTS, OPS, VALUELESS, Condition, field_of
from surveys.models import SendingRule
from surveys.vocabulary import Names

Rule = SendingRule


def sentence(rule: SendingRule, names: Names) -> str:
    """The whole rule, ending with a full stop."""
    parts = [_asks(rule, names), *(part for part in (_through(rule), _share(rule, names), _limits(rule)) if part)]
    return capfirst("; ".join(parts)) + "."


def _asks(rule: SendingRule, names: Names) -> str:
    fitting = conditions_in_words(rule.conditions, names)
    if rule.is_scheduled:
        whom = _("customers with %s are asked") % fitting if fitting else _("all customers are asked")
        days = ngettext("every day", "every %(n)d days", rule.cadence_days) % {"n": rule.cadence_days}
        return _("%(whom)s “%(survey)s” %(days)s, spread evenly") % {"whom": whom, "survey": rule.survey, "days": days}
    what = happening(rule)
    what = f"{what} ({fitting})" if fitting else what
    return _("%(what)s, the customer is asked “%(survey)s” %(when)s") % {
        "what": what, "survey": rule.survey, "when": how_late(rule)
    }  # fmt: skip


def happening(rule: SendingRule) -> str:
    """The event that the rule waits for, as a clause."""
    once = rule.repeat == Rule.Repeat.INTERACTION
    clauses = {
        Rule.Event.CLOSED: _("when an interaction is closed for the first time")
        if once
        else _("when an interaction is closed"),
        Rule.Event.RESOLVED: _("when an interaction is resolved"),
        Rule.Event.ANSWERED: _("when an interaction is answered first"),
        Rule.Event.DELIVERED: _("when an order is delivered"),
    }
    other = _("when “%s” is reported") % (rule.event_name or "…")
    return clauses.get(Rule.Event(rule.event), other) if rule.event in Rule.Event.values else other


def how_late(rule: SendingRule) -> str:
    """How long after, as people say it."""
    if not rule.delay_minutes:
        return _("at once")
    length = lasting(rule.delay_minutes, in_days=not rule.delay_in_working_hours)
    return _("%s of working time later") % length if rule.delay_in_working_hours else _("%s later") % length


def lasting(minutes: int, *, in_days: bool = True) -> str:
    """A length of time in days, hours and minutes; working time is not told in days, which are no 24 hours then."""
    days, rest = divmod(minutes, 24 * 60) if in_days else (0, minutes)
    hours, rest = divmod(rest, 60)
    parts = [
        ngettext("%d day", "%d days", days) % days if days else "",
        ngettext("%d hour", "%d hours", hours) % hours if hours else "",
        ngettext("%d minute", "%d minutes", rest) % rest if rest else "",
    ]
    return " ".join(part for part in parts if part) or _("at once")


def ways() -> dict[str, str]:
    """What the ways to send are called."""
    return {
        "email": _("e-mail"),
        "sms": _("text message"),
        "messenger": pgettext("a way to send", "messenger"),
        "webhook": _("hand-over to the CRM"),
    }


def _through(rule: SendingRule) -> str:
    names = ways()
    first, *others = [names.get(way, way) for way in rule.send_through] or [names["email"]]
    found = _("by %s") % first
    if not others:
        return found
    instead = _("without an address there by %s") % ", ".join(others)
    return f"{found}, {instead}"


def _share(rule: SendingRule, names: Names) -> str:
    if rule.sample_by and rule.sample_cells:
        known = names.get(rule.sample_by, {})
        cells = ", ".join(f"{known.get(cell, cell)} {share} %" for cell, share in rule.sample_cells.items())
        share = _("%(cells)s, else %(share)d of a hundred") % {"cells": cells, "share": rule.sample_percent}
    elif rule.sample_percent >= 100:
        return ""
    else:
        share = _("every second one") if rule.sample_percent == 50 else _("%d of a hundred") % rule.sample_percent
    always = _("important customers always")
    return f"{share}, {always}" if rule.vip_unsampled else share


def _limits(rule: SendingRule) -> str:
    parts = []
    if rule.daily_maximum is not None:
        spread = _("at most %d a day, spread over it") if rule.spreads else _("at most %d a day")
        parts.append(spread % rule.daily_maximum)
    if rule.quota is not None:
        period = {"day": _("a day"), "week": _("a week"), "month": _("a month")}.get(rule.quota_period, "")
        answers = ngettext("until there is %d answer", "until there are %d answers", rule.quota) % rule.quota
        parts.append(f"{answers} {period}".strip())
    return ", ".join(parts)


def conditions_in_words(conditions: Iterable[Condition], names: Names) -> str:
    return "; ".join(condition_in_words(condition, names) for condition in conditions)


def condition_in_words(condition: Condition, names: Names) -> str:
    """Like “channel is one of phone, chat”; a field that is gone keeps its code."""
    field, op = field_of(str(condition["field"])), str(condition["op"])
    title = str(field.title) if field else str(condition["field"])
    known = _comparisons().get(op) or OPS.get(op, op)
    if op in VALUELESS:
        return f"{title} {known}"
    return f"{title} {known} {value_in_words(condition, names)}"


def _comparisons() -> dict[str, str]:
    """Those that read otherwise within a sentence than in a list to choose from, as in Russian."""
    return {
        "equals": pgettext("within a sentence", "is"),
        "not": pgettext("within a sentence", "is not"),
        "in": pgettext("within a sentence", "is one of"),
        "not_in": pgettext("within a sentence", "is none of"),
    }


def value_in_words(condition: Condition, names: Names) -> str:
    """The value as it is typed: names for codes, commas between several."""
    value = condition.get("value")
    values = value if condition["op"] in LISTS and isinstance(value, list) else [value]
    return ", ".join(_word(condition["field"], one, names) for one in values)


def _word(name: str, value: Any, names: Names) -> str:
    if isinstance(value, bool):
        return names["yes or no"]["yes" if value else "no"]
    if value is None:
        return ""
    return names.get(name, {}).get(str(value), str(value))
