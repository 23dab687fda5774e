"""Conditions as rows of a form: a field, a comparison and what is typed; works without script."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from surveys import conditions, rule_words, vocabulary
from surveys.conditions import ATTRIBUTE, CUSTOMER, FIELDS, LISTS, OPS, OPS_OF, VALUELESS, field_of
from surveys.vocabulary import Names

PARTS = ("field", "op", "value")
EMPTY_ROWS = 3


class ConditionRows(forms.Widget):
    """Three lists of values of the same length: `<name>_field`, `<name>_op`, `<name>_value`."""

    template = "admin/surveys/sendingrule/conditions.html"
    of_customer_alone = False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        def listed(part: str) -> list[str]:
            key = f"{name}_{part}"
            return data.getlist(key) if isinstance(data, QueryDict | MultiValueDict) else data.get(key, [])

        rows = zip(*(listed(part) for part in PARTS), strict=False)
        return [dict(zip(PARTS, row, strict=True)) for row in rows if row[0] or str(row[2]).strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_field" not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        names = vocabulary.names()
        known = vocabulary.suggestions(names)
        rows = [_shown(row, names) for row in value or []]
        rows += [dict.fromkeys(PARTS, "")] * EMPTY_ROWS
        context = {
            "name": name,
            "rows": rows,
            "groups": _groups(known, rows),
            "ops": OPS,
            "known": known,
            "of_customer_alone": self.of_customer_alone,
            "id": attrs.get("id") if attrs else name,
        }
        return render_to_string(self.template, context)


def _shown(row: dict[str, Any], names: Names) -> dict[str, Any]:
    """A stored condition as it is typed; what was typed and refused stays as it is."""
    value = row.get("value")
    text = value if isinstance(value, str) and row["op"] in LISTS else rule_words.value_in_words(row, names)
    return {"field": row["field"], "op": row["op"], "value": text}


def _groups(known: dict[str, list[str]], rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The fields to choose from: the interaction's, the customer's, and the CRM's own, seen or used already."""
    own = sorted({name for name in [*known, *(row["field"] for row in rows)] if name.startswith((ATTRIBUTE, CUSTOMER))})
    names = [
        (_("The interaction"), [name for name, field in FIELDS.items() if not field.of_customer]),
        (_("The customer"), [name for name, field in FIELDS.items() if field.of_customer]),
        (_("The CRM's own about the interaction"), [name for name in own if name.startswith(ATTRIBUTE)]),
        (_("The CRM's own about the customer"), [name for name in own if name.startswith(CUSTOMER)]),
    ]
    return [(title, [_option(name) for name in found]) for title, found in names if found]


def _option(name: str) -> dict[str, Any]:
    field = field_of(name)
    ops = OPS_OF[field.kind] if field else ()
    title = str(field.title) if field else name
    return {
        "name": name,
        "title": title[:1].upper() + title[1:],
        "kind": field.kind if field else "",
        "ops": " ".join(ops),
        "of_customer": field is None or field.of_customer,
    }


class ConditionsField(forms.Field):
    widget = ConditionRows

    def prepare_value(self, value: Any) -> Any:
        """The parts in one order: a database may give them back in another."""
        return [{part: row.get(part, "") for part in PARTS} for row in value or [] if isinstance(row, dict)]

    def clean(self, value: Any) -> list[dict[str, Any]]:
        names = vocabulary.names()
        found = [parse(row, names) for row in value or []]
        faults = [
            _("Condition %(number)d: %(fault)s") % {"number": place + 1, "fault": fault}
            for place, fault in conditions.faults(found) or _unknown(found, names)
        ]
        if faults:
            raise ValidationError(faults)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        names = vocabulary.names()
        return self.prepare_value(initial) != [parse(row, names) for row in data or []]

    def in_words(self, value: Any) -> str:
        """For people who meet somebody else's change."""
        return rule_words.conditions_in_words(value or [], vocabulary.names()) or "—"


def parse(row: dict[str, Any], names: Names) -> dict[str, Any]:
    """A row as typed, or as stored, as a condition: names become codes, numbers numbers, commas a list."""
    name, op = str(row.get("field", "")), str(row.get("op", ""))
    field = field_of(name)
    value = row.get("value")
    if op in VALUELESS or field is None:
        return {"field": name, "op": op, "value": ""}
    if op in LISTS:
        value = value if isinstance(value, list) else _split(str(value), names.get(name, {}))
        return {"field": name, "op": op, "value": [_code(one, names.get(name, {})) for one in value]}
    if field.kind == "flag":
        return {"field": name, "op": op, "value": _flag(value, names)}
    if field.kind == "number" or op in ("greater", "less"):
        return {"field": name, "op": op, "value": _number(value)}
    return {"field": name, "op": op, "value": _code(value, names.get(name, {}))}


def _split(typed: str, known: dict[str, str]) -> list[str]:
    """What stands between commas, unless the whole is one name with a comma in it."""
    whole = typed.strip()
    if whole.casefold() in {name.casefold() for name in known.values()}:
        return [whole]
    return list(dict.fromkeys(part.strip() for part in whole.split(",") if part.strip()))


def _code(typed: Any, known: dict[str, str]) -> str:
    text = " ".join(str(typed).split())[:200]
    if text in known:
        return text
    return next((code for code, name in known.items() if name.casefold() == text.casefold()), text)


def _unknown(found: list[dict[str, Any]], names: Names) -> list[tuple[int, str]]:
    """Values that a field with fixed choices never has: such a condition would hold for nobody, or for everybody."""
    return [
        (place, _("“%(field)s” is never “%(value)s”.") % {"field": FIELDS[row["field"]].title, "value": value})
        for place, row in enumerate(found)
        for value in vocabulary.unknown(row, names)
    ]


def _flag(typed: Any, names: Names) -> Any:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    words |= {name.casefold(): code == "yes" for code, name in names["yes or no"].items()}
    return words.get(str(typed).strip().casefold(), typed)


def _number(typed: Any) -> Any:
    try:
        number = float(str(typed).strip().replace(" ", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return typed
    return int(number) if number.is_integer() else number
