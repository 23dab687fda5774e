"""Does a rule apply to this interaction or customer? Conditions as managers put them together, all of which must hold.

Pure: a condition is {"field", "op", "value"}; what it is held against comes in as a `Subject`. A condition that cannot
be read holds for nobody: a rule that nobody understands must not ask everybody.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Condition = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What conditions look at: a customer and, unless the survey is asked at intervals, an interaction of theirs.

    `at` is when the thing happened that the rule waits for, `now` when the decision is made.
    """

    customer: Any
    at: dt.datetime
    now: dt.datetime
    interaction: Any = None


@dataclass(frozen=True)
class Field:
    """`kind` decides which comparisons there are: choice, text, number, flag or many."""

    title: Any
    kind: str
    read: Callable[[Subject], Any]
    of_customer: bool = False


OPS = {
    "equals": _("is"),
    "not": _("is not"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "contains": _("contains"),
    "greater": _("is more than"),
    "less": _("is less than"),
    "set": _("is known"),
    "unset": _("is not known"),
}
VALUELESS = {"set", "unset"}
LISTS = {"in", "not_in"}
OPS_OF = {
    "choice": ("equals", "not", "in", "not_in", "set", "unset"),
    "text": ("equals", "not", "in", "not_in", "contains", "set", "unset"),
    "number": ("equals", "greater", "less", "set", "unset"),
    "flag": ("equals", "set", "unset"),
    "many": ("in", "not_in", "contains", "set", "unset"),
    "any": tuple(OPS),
}
MOST = 30


def _hours(start: dt.datetime | None, end: dt.datetime | None) -> float | None:
    return (end - start).total_seconds() / 3600 if start and end else None


def _duration(subject: Subject) -> float | None:
    served = subject.interaction
    hours = _hours(served.answered_at or served.created_at, served.closed_at or subject.at)
    return None if hours is None else hours * 60


def _replied(subject: Subject) -> bool:
    served = subject.interaction
    return bool(served.first_response_at or served.answered_at or served.replies)


def _key(name: str) -> Callable[[Subject], str]:
    def read(subject: Subject) -> str:
        key = getattr(subject.interaction, name)
        return "" if key is None else str(key)

    return read


def _of_interaction(name: str) -> Callable[[Subject], Any]:
    return lambda subject: getattr(subject.interaction, name)


def _of_customer(name: str) -> Callable[[Subject], Any]:
    return lambda subject: getattr(subject.customer, name)


def _languages(subject: Subject) -> Any:
    """Who speaks ru-RU speaks ru."""
    code = subject.customer.language
    return [code, code.split("-")[0]] if "-" in code else code


def _contract_days(subject: Subject) -> int | None:
    end = subject.customer.contract_end
    return (end - subject.now.date()).days if end else None


def _customer_days(subject: Subject) -> int | None:
    start = subject.customer.contract_start
    return (subject.now.date() - start).days if start else None


FIELDS: dict[str, Field] = {
    "channel": Field(_("channel"), "choice", _of_interaction("channel")),
    "team": Field(_("team"), "choice", _key("team_id")),
    "agent": Field(_("agent"), "choice", _key("agent_id")),
    "reason": Field(_("reason"), "text", _of_interaction("reason")),
    "tag": Field(pgettext_lazy("of an interaction", "tags"), "many", _of_interaction("tags")),
    "source": Field(_("source"), "text", _of_interaction("source")),
    "direction": Field(_("direction"), "choice", _of_interaction("direction")),
    "priority": Field(_("priority"), "text", _of_interaction("priority")),
    "resolved": Field(_("resolved?"), "flag", _of_interaction("is_resolved")),
    "complaint": Field(_("complaint"), "flag", _of_interaction("is_complaint")),
    "agent_replied": Field(_("somebody replied"), "flag", _replied),
    "replies": Field(_("replies"), "number", _of_interaction("replies")),
    "transfers": Field(_("transfers"), "number", _of_interaction("transfers")),
    "duration": Field(_("duration, minutes"), "number", _duration),
    "age": Field(
        _("hours since it began"), "number", lambda subject: _hours(subject.interaction.created_at, subject.at)
    ),
    "late": Field(_("reported late by, hours"), "number", lambda subject: _hours(subject.at, subject.now)),
    "language": Field(_("the customer's language"), "choice", _languages, of_customer=True),
    "vip": Field(_("important customer"), "flag", _of_customer("is_vip"), of_customer=True),
    "value": Field(_("value a year"), "number", _of_customer("value"), of_customer=True),
    "customer_days": Field(_("customer for, days"), "number", _customer_days, of_customer=True),
    "contract_days": Field(_("contract ends in, days"), "number", _contract_days, of_customer=True),
}
# A name of the CRM's own follows the colon.
ATTRIBUTE, CUSTOMER = "attribute:", "customer:"


def field_of(name: str) -> Field | None:
    """The field of this name; one for each attribute of an interaction or a customer; None for an unknown one."""
    for prefix, of_customer in ((ATTRIBUTE, False), (CUSTOMER, True)):
        if name.startswith(prefix) and (key := name.removeprefix(prefix)):
            return Field(key, "any", _attribute(key, of_customer=of_customer), of_customer=of_customer)
    return FIELDS.get(name)


def _attribute(key: str, *, of_customer: bool) -> Callable[[Subject], Any]:
    def read(subject: Subject) -> Any:
        return ((subject.customer if of_customer else subject.interaction).attributes or {}).get(key)

    return read


def fits(conditions: Iterable[Condition], subject: Subject) -> bool:
    """Whether all conditions hold; none at all fit everything."""
    return all(holds(condition, subject) for condition in conditions)


def explain(conditions: Iterable[Condition], subject: Subject) -> list[tuple[Condition, bool]]:
    """Each condition with whether it holds."""
    return [(condition, holds(condition, subject)) for condition in conditions]


def holds(condition: Condition, subject: Subject) -> bool:
    """Whether one condition holds; one that cannot be read does not."""
    field = field_of(str(condition.get("field", "")))
    compare = COMPARISONS.get(str(condition.get("op", "")))
    if field is None or compare is None or (subject.interaction is None and not field.of_customer):
        return False
    return compare(field.read(subject), condition.get("value"))


def _fold(value: Any) -> str:
    """Values of different makes as one text: programs send true and "yes", 7 and "7"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


def _several(value: Any) -> set[str]:
    return {_fold(one) for one in (value if isinstance(value, list | tuple) else [value])}


def _is_set(found: Any) -> bool:
    return found is not None and found != "" and found != []


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(str(value).replace(",", "."))
    except ValueError:
        return None


def _equals(found: Any, value: Any) -> bool:
    left, right = _number(found), _number(value)
    if left is not None and right is not None:
        return left == right
    return _is_set(found) and not _several(found).isdisjoint(_several(value))


def _contains(found: Any, value: Any) -> bool:
    return _is_set(found) and any(_fold(value) in one for one in _several(found))


def _greater(found: Any, value: Any) -> bool:
    left, right = _number(found), _number(value)
    return left is not None and right is not None and left > right


def _less(found: Any, value: Any) -> bool:
    left, right = _number(found), _number(value)
    return left is not None and right is not None and left < right


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": _equals,
    "not": lambda found, value: not _equals(found, value),
    "in": lambda found, value: _is_set(found) and not _several(found).isdisjoint(_several(value)),
    "not_in": lambda found, value: not _is_set(found) or _several(found).isdisjoint(_several(value)),
    "contains": _contains,
    "greater": _greater,
    "less": _less,
    "set": lambda found, value: _is_set(found),
    "unset": lambda found, value: not _is_set(found),
}


def faults(conditions: Any, *, of_customer_alone: bool = False) -> list[tuple[int, str]]:
    """What is wrong with which condition, counted from 0, in words for people."""
    if not isinstance(conditions, list):
        return [(0, gettext("Conditions are a list."))]
    found = [
        (place, fault)
        for place, condition in enumerate(conditions)
        if (fault := _fault(condition, of_customer_alone=of_customer_alone))
    ]
    if len(conditions) > MOST:
        found.append((MOST, gettext("At most %d conditions.") % MOST))
    return found


def _fault(condition: Any, *, of_customer_alone: bool) -> str:
    if not isinstance(condition, dict):
        return gettext("A condition has a field, a comparison and a value.")
    name, op, value = (condition.get(part) for part in ("field", "op", "value"))
    field = field_of(name) if isinstance(name, str) else None
    if field is None:
        return gettext("There is no field “%s”.") % name
    if of_customer_alone and not field.of_customer:
        return gettext("A survey at regular intervals has no interaction, so “%s” cannot be asked.") % field.title
    if op not in OPS_OF[field.kind]:
        return gettext("“%(field)s” cannot be compared by “%(op)s”.") % {
            "field": field.title, "op": OPS.get(op, op) if isinstance(op, str) else op
        }  # fmt: skip
    return "" if op in VALUELESS else _value_fault(field, op, value)


def _value_fault(field: Field, op: str, value: Any) -> str:
    if not _is_set(value) or (op in LISTS and not any(_is_set(one) for one in _listed(value))):
        return gettext("“%s” lacks a value to compare with.") % field.title
    if (field.kind == "number" or op in ("greater", "less")) and _number(value) is None:
        return gettext("“%(field)s”: “%(value)s” is not a number.") % {"field": field.title, "value": value}
    if field.kind == "flag" and not isinstance(value, bool):
        return gettext("“%s” is either yes or no.") % field.title
    return ""


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def may_overlap(one: Iterable[Condition], other: Iterable[Condition]) -> bool:
    """Whether something could fit both; False only when a field would have to be two things at once."""
    return not any(_exclude(left, right) for left in one for right in other if left["field"] == right["field"])


def _exclude(left: Condition, right: Condition) -> bool:
    field = field_of(left["field"])
    if field is None or field.kind == "many":
        return False
    ops = {left["op"], right["op"]}
    if ops <= {"equals", "in"}:
        return _several(left.get("value")).isdisjoint(_several(right.get("value")))
    if ops == {"set", "unset"} or ("unset" in ops and ops & {"equals", "in", "greater", "less", "contains"}):
        return True
    for asked, barred in ((left, right), (right, left)):
        if asked["op"] in ("equals", "in") and barred["op"] in ("not", "not_in"):
            return _several(asked.get("value")) <= _several(barred.get("value"))
    return False


def covers(wide: Iterable[Condition], narrow: Iterable[Condition]) -> bool:
    """Whether everything that fits `narrow` certainly fits `wide`: each condition of it is met by one of the other."""
    held = list(narrow)
    return all(any(_implies(one, condition) for one in held) for condition in wide)


def _implies(one: Condition, other: Condition) -> bool:
    if one["field"] != other["field"]:
        return False
    if one["op"] in ("equals", "in") and other["op"] in ("equals", "in"):
        return _several(one.get("value")) <= _several(other.get("value"))
    return one["op"] == other["op"] and _several(one.get("value")) == _several(other.get("value"))
