"""Forms of the desk: texts kept as JSON by language are edited as one field for each language."""

from collections.abc import Callable
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

from ground.text import clean_line, clean_text
from surveys import publishing, questions, starters, suppression
from surveys.models import Question, Suppression, Survey, SurveyVersion

LANGUAGES = dict(settings.LANGUAGES)
PARTS = {
    part: (label, 1 if part.endswith("subject") else 2 if part == "thanks" else 3)
    for part, label in publishing.NAMES.items()
}


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


@with_fields({name: field for part, (label, lines) in PARTS.items()
              for name, field in language_fields(part, label, lines=lines).items()})  # fmt: skip
class VersionForm(forms.ModelForm):
    class Meta:
        model = SurveyVersion
        fields = ["survey"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, parts in (self.instance.texts or {}).items():
            for part in PARTS:
                self.initial.setdefault(f"{part}_{language}", parts.get(part, ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for code, language in LANGUAGES.items():
            given = [part for part in PARTS if data.get(f"{part}_{code}")]
            if given and "subject" not in given:
                self.add_error(f"subject_{code}", _("A mail in this language (%s) needs a subject.") % language)
        if not any(data.get(f"subject_{code}") for code in LANGUAGES):
            raise ValidationError(_("Fill in the texts of at least one language."))
        return data

    def save(self, commit: bool = True) -> SurveyVersion:
        texts: dict[str, dict[str, str]] = {}
        for part in PARTS:
            known = {code: parts.get(part, "") for code, parts in self.instance.texts.items()}
            for language, wording in by_language(self, part, known, clean_text).items():
                texts.setdefault(language, {})[part] = wording
        self.instance.texts = texts
        return super().save(commit)


def parse_labels(typed: str) -> dict[str, str]:
    """`1 = Bad` lines as {"1": "Bad"}; raises ValidationError for a line without a number."""
    labels = {}
    for line in typed.splitlines():
        step, separator, name = line.partition("=")
        if not line.strip():
            continue
        if not separator or not step.strip().isdigit() or not name.strip():
            raise ValidationError(_("“%s”: write a step of the scale, = and its name.") % line.strip())
        labels[str(int(step))] = clean_line(name)
    return labels


def parse_bands(typed: str) -> dict[str, str]:
    """Up to four lines as the wordings before a choice and after a low, a middle and a high score."""
    lines = [clean_line(line) for line in typed.splitlines()]
    if len(lines) > len(questions.BANDS):
        raise ValidationError(_("Four lines at most."))
    return {band: line for band, line in zip(questions.BANDS, lines, strict=False) if line}


LABELS_HELP = _("For score questions, a line for each named step: 1 = Very bad")
BANDS_HELP = _("For free text, four lines: before a score is chosen, then after a low, a middle and a high score.")


@with_fields(
    language_fields("wording", _("Question"))
    | language_fields("labels", _("Names of the steps"), lines=5, help_text=LABELS_HELP)
    | language_fields("bands", _("Wording by score"), lines=4, help_text=BANDS_HELP)
)
class QuestionForm(forms.ModelForm):
    class Meta:
        model = Question
        fields = ["position", "code", "kind"]
        help_texts = {
            "position": _("Questions are asked in this order."),
            "code": _("A short name that stays the same in every version: score, comment."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in question_initial(self.instance).items():
            self.initial.setdefault(name, value)

    def has_changed(self) -> bool:
        """A question taken over from the last version counts as given, though nobody changed a letter of it."""
        return super().has_changed() or (not self.instance.pk and bool(self.initial.get("code")))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for code in LANGUAGES:
            for name, parse in (("labels", parse_labels), ("bands", parse_bands)):
                try:
                    parse(data.get(f"{name}_{code}") or "")
                except ValidationError as error:
                    self.add_error(f"{name}_{code}", error)
        return data

    def save(self, commit: bool = True) -> Question:
        question = self.instance
        question.texts = by_language(self, "wording", question.texts, clean_line)
        named = question.scale is not None
        name, field, parse = ("labels", "labels", parse_labels) if named else ("follow_up", "bands", parse_bands)
        worded = by_language(self, field, question.options.get(name, {}), parse)
        question.options = {name: worded} if worded else {}
        return super().save(commit)


def question_initial(question: Question) -> dict[str, Any]:
    """The values of QuestionForm's fields for a stored question."""
    values: dict[str, Any] = {f"wording_{code}": text for code, text in question.texts.items()}
    for code, names in question.options.get("labels", {}).items():
        values[f"labels_{code}"] = "\n".join(f"{step} = {name}" for step, name in names.items())
    for code, wordings in question.options.get("follow_up", {}).items():
        values[f"bands_{code}"] = "\n".join(wordings.get(band, "") for band in questions.BANDS).rstrip()
    return values


class NewSurveyForm(forms.ModelForm):
    """A new survey begins with wording that works; a later version changes it."""

    start = forms.ChoiceField(
        label=_("Begin with"),
        choices=[
            ("csat", _("CSAT: how satisfied with this contact, 1 to 5")),
            ("nps", _("NPS: would they recommend us, 0 to 10")),
        ],
        initial="csat",
        widget=UnfoldAdminRadioSelectWidget,
        help_text=_("A ready survey in Russian and English, published at once. Nobody is asked before a rule says so."),
    )

    class Meta:
        model = Survey
        fields = ["name", "code"]

    def starter(self) -> dict[str, Any]:
        return {"csat": starters.CSAT, "nps": starters.NPS}[self.cleaned_data["start"]]


class SuppressionForm(forms.ModelForm):
    class Meta:
        model = Suppression
        fields = ["address", "survey"]
        help_texts = {
            "address": _("The whole e-mail address; capital letters make no difference."),
            "survey": _("Empty: no mail of any survey."),
        }

    def clean_address(self) -> str:
        return suppression.fold(self.cleaned_data["address"])

    def save(self, commit: bool = True) -> Suppression:
        self.instance.reason = Suppression.Reason.MANUAL
        return super().save(commit)
