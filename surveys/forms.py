"""Forms of the desk: texts kept as JSON by language are edited as one field for each language."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from surveys import link_sites, starters, suppression, suppression_list
from surveys.models import Suppression, Survey

LANGUAGES = dict(settings.LANGUAGES)


def language_fields(name: str, label: Any, *, lines: int = 1, help_text: Any = "") -> dict[str, forms.Field]:
    """An optional text field for each language: `name_ru`, `name_en`."""
    widget = UnfoldAdminTextInputWidget if lines == 1 else UnfoldAdminTextareaWidget
    attrs = {} if lines == 1 else {"rows": lines}
    return {
        f"{name}_{code}": forms.CharField(
            label=format_lazy("{label} · {language}", label=label, language=language),
            widget=widget(attrs=attrs),
            required=False,
            help_text=help_text,
        )
        for code, language in LANGUAGES.items()
    }


def with_fields(fields: dict[str, forms.Field]) -> Callable[[type], type]:
    """A class decorator that declares fields which are made by a function."""

    def declare(form: Any) -> Any:
        form.declared_fields.update(fields)
        form.base_fields.update(fields)
        return form

    return declare


def by_language(form: forms.Form, name: str, known: dict[str, Any], parse: Callable[[str], Any]) -> dict[str, Any]:
    """What was typed into `name_ru`, `name_en`, parsed; languages that the desk does not edit stay as they are."""
    typed = {code: parse(form.cleaned_data.get(f"{name}_{code}") or "") for code in LANGUAGES}
    others = {code: value for code, value in known.items() if code not in LANGUAGES}
    return {code: value for code, value in typed.items() if value} | others


class SurveyForm(forms.ModelForm):
    class Meta:
        model = Survey
        fields: Sequence[str] = []
        widgets = {"kind": UnfoldAdminRadioSelectWidget}

    def clean_kind(self) -> str:
        """A rule means something else for the other kind: it would ask all its customers, or nobody."""
        kind = self.cleaned_data["kind"]
        if kind != self.instance.kind and self.instance.rules.exists():
            raise ValidationError(_("A sending rule asks this survey. Delete the rule first, or copy the survey."))
        return kind

    def clean_link_sites(self) -> str:
        """Hosts, one a line; an address that was pasted whole is taken for its host."""
        typed = [line.strip().lower() for line in self.cleaned_data["link_sites"].splitlines() if line.strip()]
        found = [re.sub(r"^https?://([^/]*)/?.*$", r"\1", line) for line in typed]
        for line in found:
            if not link_sites.HOST.fullmatch(line):
                raise ValidationError(_("“%s” is no name of a site.") % line)
        return "\n".join(dict.fromkeys(found))


class NewSurveyForm(forms.ModelForm):
    """A new survey begins with wording that works; a later version changes it."""

    start = forms.ChoiceField(
        label=_("Begin with"),
        choices=[
            (code, format_lazy("{name}. {about}", name=ready["name"], about=ready["about"]))
            for code, ready in starters.STARTERS.items()
        ],
        initial="csat",
        widget=UnfoldAdminRadioSelectWidget,
        help_text=_("A ready survey in Russian and English, published at once. Nobody is asked before a rule says so."),
    )

    class Meta:
        model = Survey
        fields = ["name", "code"]

    def starter(self) -> dict[str, Any]:
        return starters.STARTERS[self.cleaned_data["start"]]


class SuppressionForm(forms.ModelForm):
    class Meta:
        model = Suppression
        fields = ["address", "survey"]
        help_texts = {
            "address": _("The whole e-mail address; capital letters make no difference."),
            "survey": _("Empty: no mail of any survey."),
        }

    def clean_address(self) -> str:
        """What is neither would look as if it held somebody back."""
        address = suppression.fold(self.cleaned_data["address"])
        if not suppression_list.is_address(address):
            told = _("“%(word)s” is neither an e-mail address nor a telephone number")
            raise ValidationError(told % {"word": address[:60]})
        return address

    def save(self, commit: bool = True) -> Suppression:
        self.instance.reason = Suppression.Reason.MANUAL
        return super().save(commit)
