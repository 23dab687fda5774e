"""Fields of the rule's form that no other form has: a delay with its unit, an order of choices, shares by cell."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import INPUT_CLASSES

from surveys import rule_words, vocabulary

UNITS = {1: gettext_lazy("minutes"), 60: gettext_lazy("hours"), 24 * 60: gettext_lazy("days")}
LONGEST_DELAY = 365 * 24 * 60


class DelayInput(forms.Widget):
    """A number and its unit, `<name>` and `<name>_unit`; without a unit it is minutes."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        number, unit = data.get(name), data.get(f"{name}_unit", "1")
        try:
            return int(str(number).strip()) * (int(unit) if int(unit) in UNITS else 1)
        except ValueError:
            return number

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        minutes = value if isinstance(value, int) else None
        unit = max((size for size in UNITS if minutes and minutes % size == 0), default=60 if minutes == 0 else 1)
        shown = value if minutes is None else minutes // unit
        context = {
            "name": name,
            "value": "" if shown is None else shown,
            "unit": unit,
            "units": UNITS,
            "id": (attrs or {}).get("id", ""),
            "described": (attrs or {}).get("aria-describedby", ""),
        }
        return render_to_string("admin/surveys/sendingrule/delay.html", context)


class DelayField(forms.IntegerField):
    widget = DelayInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=LONGEST_DELAY, **kwargs)

    def in_words(self, value: Any) -> str:
        return rule_words.lasting(value or 0)


class Order(forms.Widget):
    """Several selects of one name; the first chosen comes first."""

    def __init__(self, choices: Iterable[tuple[str, Any]] = (), places: int = 3) -> None:
        super().__init__()
        self.choices, self.places = list(choices), places

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return list(dict.fromkeys(value for value in values if value))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = [*(value or []), *[""] * self.places][: max(self.places, len(value or []))]
        context = {"name": name, "chosen": chosen, "choices": self.choices, "id": (attrs or {}).get("id", name)}
        return render_to_string("admin/surveys/sendingrule/order.html", context)


class OrderField(forms.Field):
    """Some of the choices in an order of their own, as a list of codes."""

    def __init__(self, *, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        self.choices = list(choices)
        super().__init__(widget=Order(self.choices, places=min(3, len(self.choices))), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return list(value or [])

    def clean(self, value: Any) -> list[str]:
        known = dict(self.choices)
        unknown = [code for code in value or [] if code not in known]
        if unknown:
            raise ValidationError(_("There is no choice “%s”.") % unknown[0])
        if self.required and not value:
            raise ValidationError(self.error_messages["required"])
        return list(value or [])

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != list(data or [])


class SharesField(forms.CharField):
    """`phone = 50` lines as {"phone": 50}; names of the chosen kind of cell are read as their codes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "class": " ".join(INPUT_CLASSES)}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{cell} = {share}" for cell, share in sorted(value.items()))
        return value

    def clean(self, value: Any) -> dict[str, int]:
        shares = {}
        for line in str(self.prepare_value(value) or "").splitlines():
            cell, separator, share = line.rpartition("=")
            number = share.strip().removesuffix("%").strip()
            if not line.strip():
                continue
            if not separator or not cell.strip() or not number.isdigit() or int(number) > 100:
                raise ValidationError(_("“%s”: write a value, = and a share from 0 to 100.") % line.strip())
            shares[cell.strip()] = int(number)
        return shares

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or {}) != self.clean(data)
        except ValidationError:
            return True


def by_code(shares: dict[str, int], kind: str) -> dict[str, int]:
    """The shares with the codes of teams, channels and languages for their names."""
    codes = {name.casefold(): code for code, name in vocabulary.names().get(kind, {}).items()}
    return {codes.get(cell.casefold(), cell): share for cell, share in shares.items()}


def by_name(shares: dict[str, int], kind: str) -> dict[str, int]:
    """The shares as people write them."""
    known = vocabulary.names().get(kind, {})
    return {known.get(cell, cell): share for cell, share in shares.items()}
