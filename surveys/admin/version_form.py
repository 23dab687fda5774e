"""The texts of a version in the languages shown, at most two beside each other; those of others stay as they are."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from ground.models import Organisation
from ground.text import clean_text
from surveys import languages, publishing
from surveys.models import SurveyVersion

PARTS = publishing.NAMES
MOST_SHOWN = 2
HELP = {
    "sms": _("Empty: the question. The link follows it."),
    "thanks": _("What everybody reads for whom there are no words below."),
}
GROUPS: list[tuple[Any, Any, Sequence[str]]] = [
    (_("The mail and the page"), "", ("subject", "intro", "reason", "thanks", "sms")),
    (
        _("Thanks by the score"),
        _("Where these are empty, everybody reads the same thanks. A link leads to one of the sites that the survey "
          "allows: to a page of reviews, or to help."),
        [f"thanks_{band}{part}" for band in ("high", "mid", "low") for part in ("", "_link", "_label")],
    ),
    (
        _("Reminders and the thank-you mail"),
        _("Needed when the survey sends them; the survey's own page says so."),
        [f"{mail}_{part}" for mail in ("reminder1", "reminder2", "thanks") for part in ("subject", "intro")],
    ),
]  # fmt: skip


def ordered(codes: Iterable[str]) -> list[str]:
    """The organisation's language first; a database may give JSON back in an order of its own."""
    own = Organisation.current().language
    return sorted(codes, key=lambda code: (code != own, code))


def shown_languages(request: HttpRequest, version: SurveyVersion | None) -> list[str]:
    """The two languages that the page shows: those that it was posted with or asked for, else the first two."""
    offered = version.languages() if version else []
    wished = request.POST.get("shown", "").split() if request.method == "POST" else []
    wished += [request.GET.get("base", ""), request.GET.get("compare", "")]
    chosen = [code for code in dict.fromkeys(wished) if code in offered]
    if len(chosen) < MOST_SHOWN:
        chosen = list(dict.fromkeys([*chosen, *ordered(offered)]))
    return chosen[:MOST_SHOWN] or [Organisation.current().language]


class VersionForm(forms.ModelForm):
    """A subclass for the languages shown is made by `version_form`."""

    shown: Sequence[str] = ()

    class Meta:
        model = SurveyVersion
        fields: Sequence[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in self.shown:
            for part in PARTS:
                self.initial.setdefault(f"{part}_{code}", self.instance.texts.get(code, {}).get(part, ""))

    def _post_clean(self) -> None:
        super()._post_clean()
        texts = dict(self.instance.texts)
        for code in self.shown:
            typed = {part: clean_text(self.cleaned_data.get(f"{part}_{code}") or "") for part in PARTS}
            others = {part: text for part, text in texts.get(code, {}).items() if part not in PARTS}
            texts[code] = {part: text for part, text in typed.items() if text} | others
        self.instance.texts = texts


def version_form(shown: Sequence[str]) -> type[VersionForm]:
    """The form of a version with its texts in these languages."""
    fields: dict[str, Any] = {
        f"{part}_{code}": _text_field(part, label, languages.name(code))
        for part, label in PARTS.items()
        for code in shown
    }
    return type("ShownVersionForm", (VersionForm,), fields | {"shown": tuple(shown)})


def _text_field(part: str, label: Any, language: Any) -> forms.CharField:
    is_line = part.endswith(("subject", "_link", "_label"))
    widget = UnfoldAdminTextInputWidget() if is_line else UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(
        label=format_lazy("{label} · {language}", label=label, language=language),
        widget=widget,
        required=False,
        max_length=500 if is_line else 5000,
        help_text=HELP.get(part, ""),
    )


def fieldsets(shown: Sequence[str]) -> list[tuple[Any, dict[str, Any]]]:
    """A row for each text, the languages beside each other."""
    return [
        (title, {"fields": [tuple(f"{part}_{code}" for code in shown) for part in parts], "description": description})
        for title, description, parts in GROUPS
    ]
