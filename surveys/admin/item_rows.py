"""Names in a small table: a row for each step, choice or aspect, a column for each language; works without script."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from ground.text import clean_line
from surveys import languages

Row = dict[str, Any]
LONGEST_NAME = 200


def row(code: str, names: dict[str, str]) -> Row:
    return {"code": code, "names": names}


class ItemRows(forms.Widget):
    """Lists of values of one length: `<name>-code` and a `<name>-<language>` each. `fixed` rows only get names."""

    template = "admin/surveys/version/rows.html"

    def __init__(self, codes: Sequence[str], *, fixed: bool) -> None:
        super().__init__()
        self.codes, self.fixed = codes, fixed

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        def listed(part: str) -> list[str]:
            key = f"{name}-{part}"
            return data.getlist(key) if isinstance(data, QueryDict | MultiValueDict) else data.get(key, [])

        typed = {language: listed(language) for language in self.codes}
        return [
            row(code, {language: names[place] for language, names in typed.items() if place < len(names)})
            for place, code in enumerate(listed("code"))
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-code" not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = list(value or []) + ([] if self.fixed else [row("", {})])
        shown = [
            {
                "code": one["code"],
                "cells": [(code, languages.name(code), one["names"].get(code, "")) for code in self.codes],
            }
            for one in rows
        ]
        columns = [(code, languages.name(code)) for code in self.codes]
        context = {"name": name, "id": f"id_{name}", "rows": shown, "columns": columns, "fixed": self.fixed}
        return render_to_string(self.template, context)


class RowsField(forms.Field):
    """Its value is the rows that have a name in some language; a fixed row without one is left out, too."""

    def __init__(self, codes: Sequence[str], *, fixed: bool) -> None:
        super().__init__(required=False, widget=ItemRows(codes, fixed=fixed))

    def clean(self, value: Any) -> list[Row]:
        tidy = [
            row(
                clean_line(one["code"])[:32],
                {code: clean_line(text)[:LONGEST_NAME] for code, text in one["names"].items()},
            )
            for one in value or []
        ]
        return [one for one in tidy if any(one["names"].values())]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.clean(initial) != self.clean(data)
