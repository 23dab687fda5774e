"""One question as a card of the builder: what its kind needs, its words in the languages shown, when it is asked."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from ground.text import clean_line
from surveys import codes, languages, questions, starters
from surveys.admin.item_rows import Row, RowsField, row
from surveys.models import Question
from surveys.questions import Scale, grid

LOOKS = [
    ("steps", _("named steps")),
    ("stars", _("stars")),
    ("smileys", _("smileys")),
    ("three", _("three steps")),
    ("thumbs", _("thumbs")),
]
ROW_LOOKS = [("five", _("1 to 5")), ("three", _("1 to 3"))]
BANDS = {"low": _("After a low score"), "mid": _("After a middle score"), "high": _("After a high score")}
# Where a scale has many steps, its ends are named.
ENDS = {"nps": (0, 10), "ces_7": (1, 7)}
OF_ITEMS = {"single": "choices", "multiple": "choices", "grid": "aspects"}
USUAL_CODES = {"text": "comment", "contact": "contact"}
LONGEST_TEXT = 500


class Listed(forms.Field):
    """Any number of values under one name."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return [str(one) for one in value or []]


def words_of_scale(kind: str, options: dict[str, Any]) -> Scale | None:
    """The scale whose steps a question of this kind may name."""
    return grid.row_scale(options) if kind == "grid" else questions.get(kind).scale(options) if kind else None


class QuestionForm(forms.ModelForm):
    """A subclass for the languages shown is made by `question_form`; the words of others stay as they are."""

    shown: Sequence[str] = ()

    position = forms.IntegerField(label=_("place"), min_value=0, max_value=999, required=False)
    code = forms.SlugField(
        label=_("code"), max_length=32, required=False,
        help_text=_("Made from the wording by itself. Best the same in every version, so that answers stay together."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("kind"), choices=questions.CHOICES)
    is_required = forms.BooleanField(label=_("must be answered"), required=False)
    look = forms.ChoiceField(label=_("look"), choices=LOOKS, required=False, widget=forms.RadioSelect)
    row_look = forms.ChoiceField(label=_("scale"), choices=ROW_LOOKS, required=False, widget=forms.RadioSelect)
    most = forms.IntegerField(label=_("at most so many"), min_value=1, max_value=99, required=False)
    own_words = forms.BooleanField(required=False)
    asks_if_resolved = forms.BooleanField(required=False)
    when_question = forms.CharField(required=False, max_length=40)
    when_in = Listed(required=False)

    class Meta:
        model = Question
        fields = ["position", "code", "kind", "is_required"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self._known().items():
            self.initial.setdefault(name, value)

    def _known(self) -> dict[str, Any]:
        """The values of the fields that are made of the question's JSON."""
        texts, options = self.instance.texts, self.instance.options
        when, kind = options.get("when") or {}, self.initial.get("kind") or self.instance.kind
        wordings = options.get("follow_up", {})
        values = {f"wording_{code}": texts.get(code, "") for code in self.shown}
        values |= {f"{band}_{code}": wordings.get(code, {}).get(band, "") for band in BANDS for code in self.shown}
        return values | {
            "look": options.get("look", "steps") if kind == "csat" else "steps",
            "row_look": options.get("look", "five") if kind == "grid" else "five",
            "most": options.get("most"),
            "own_words": options.get("own_words", False),
            "asks_if_resolved": questions.asks_if_resolved(options),
            "steps": step_rows(kind, options),
            "items": item_rows(kind, options),
            "when_question": when.get("question", ""),
            "when_in": when.get("in", []),
        }

    def has_changed(self) -> bool:
        """A card that was added is a question, whatever is still missing on it."""
        return super().has_changed() if self.instance.pk else self.add_prefix("kind") in self.data

    def _post_clean(self) -> None:
        super()._post_clean()
        if "kind" in self.cleaned_data:
            question = self.instance
            question.texts = question.texts | {code: self._line(f"wording_{code}") for code in self.shown}
            question.texts = {code: text for code, text in question.texts.items() if text}
            question.options = self._options()

    def _line(self, name: str) -> str:
        return clean_line(self.cleaned_data.get(name) or "")

    def _options(self) -> dict[str, Any]:
        """What the chosen kind keeps; "when" is the formset's to say, which knows the other questions."""
        data, known, kind = self.cleaned_data, self.instance.options, self.cleaned_data["kind"]
        found: dict[str, Any] = {}
        look = data.get({"csat": "look", "grid": "row_look"}.get(kind, "")) or ""
        if look not in ("", "steps", "five"):
            found["look"] = look
        scale = words_of_scale(kind, found)
        if scale:
            steps = {str(value) for value in scale.values}
            if labels := self._names("steps", known.get("labels", {}), keep=steps):
                found["labels"] = labels
        if field := OF_ITEMS.get(kind):
            found[field] = self._item_codes()
            found["names"] = self._names("items", known.get("names", {}), keep=found[field])
        if kind == "multiple" and data.get("most"):
            found["most"] = data["most"]
        if kind in ("single", "multiple") and data.get("own_words"):
            found["own_words"] = True
        if kind == "yes_no" and data.get("asks_if_resolved"):
            found["asks"] = "resolved"
        if kind == "text" and (wordings := self._wordings(known.get("follow_up", {}))):
            found["follow_up"] = wordings
        return found

    def _item_codes(self) -> list[str]:
        """The codes of the rows in their order; a row without one gets it from its first name."""
        taken: list[str] = []
        for one in self.cleaned_data.get("items", []):
            name = next((text for text in one["names"].values() if text), "")
            if not one["code"] or one["code"] in taken:
                one["code"] = codes.make(name, taken=taken, otherwise="item")
            taken.append(one["code"])
        return taken

    def _names(self, field: str, known: dict[str, Any], *, keep: Sequence[str] | set[str]) -> dict[str, Any]:
        """{language: {code: name}}: as typed where shown, as it was elsewhere, of the codes that are still there."""
        rows: list[Row] = self.cleaned_data.get(field, [])
        typed = {
            code: {one["code"]: one["names"][code] for one in rows if one["names"].get(code)} for code in self.shown
        }
        both = {**known, **typed}
        kept = {code: {item: name for item, name in names.items() if item in keep} for code, names in both.items()}
        return {code: names for code, names in kept.items() if names}

    def _wordings(self, known: dict[str, Any]) -> dict[str, Any]:
        typed = {code: {band: self._line(f"{band}_{code}") for band in BANDS} for code in self.shown}
        found = {code: wordings for code, wordings in known.items() if code not in typed}
        for code, bands in typed.items():
            if any(bands.values()):
                found[code] = {"any": self._line(f"wording_{code}")} | {
                    band: text for band, text in bands.items() if text
                }
        return found

    # --- for the card ---

    def wordings(self) -> list[tuple[Any, str, forms.BoundField]]:
        return [(languages.name(code), code, self[f"wording_{code}"]) for code in self.shown]

    def bands(self) -> list[tuple[Any, list[tuple[Any, forms.BoundField]]]]:
        return [
            (label, [(languages.name(code), self[f"{band}_{code}"]) for code in self.shown])
            for band, label in BANDS.items()
        ]

    @property
    def has_bands(self) -> bool:
        return any(field.value() for _label, fields in self.bands() for _language, field in fields)

    @property
    def chosen_kind(self) -> str:
        return str(self["kind"].value() or "csat")


def step_rows(kind: str, options: dict[str, Any]) -> list[Row]:
    """A row for each step that has a name or should have one."""
    scale, labels = words_of_scale(kind, options), options.get("labels", {})
    if scale is None:
        return []
    named = {step for names in labels.values() for step in names}
    shown = [str(v) for v in scale.values if v in ENDS.get(scale.name, scale.values) or str(v) in named]
    return [row(step, {code: names.get(step, "") for code, names in labels.items()}) for step in shown]


def item_rows(kind: str, options: dict[str, Any]) -> list[Row]:
    names = options.get("names", {})
    items = options.get(OF_ITEMS.get(kind, ""), [])
    return [row(item, {code: own.get(item, "") for code, own in names.items()}) for item in items]


def question_form(shown: Sequence[str]) -> type[QuestionForm]:
    """The form of a question with its words in these languages."""
    text = forms.Textarea(attrs={"rows": 2})
    fields: dict[str, Any] = {
        f"{part}_{code}": forms.CharField(
            label=languages.name(code),
            required=False,
            max_length=LONGEST_TEXT,
            widget=text if part == "wording" else None,
        )
        for part in ("wording", *BANDS)
        for code in shown
    }
    fields |= {"steps": RowsField(shown, fixed=True), "items": RowsField(shown, fixed=False), "shown": tuple(shown)}
    return type("ShownQuestionForm", (QuestionForm,), fields)


class QuestionFormSet(BaseInlineFormSet):
    """All the questions: their order, codes that are made by themselves, and after which answers each is asked."""

    def clean(self) -> None:
        cards = self._in_order()
        self._give_codes(cards)
        for place, form in enumerate(cards):
            self._say_when(form, cards[:place])
        super().clean()

    def save(self, commit: bool = True) -> list[Question]:
        """A card that nobody touched moves all the same when others do, and follows the codes of others."""
        saved = super().save(commit)
        for question in self.cards() if commit else ():
            question.save(update_fields=["position", "options"])
        return saved

    def cards(self) -> list[Question]:
        """The questions as they are typed, in their order."""
        return [form.instance for form in self._in_order()]

    def _in_order(self) -> list[QuestionForm]:
        cards = [form for form in self.forms if self._is_given(form)]
        return sorted(cards, key=lambda form: form.cleaned_data.get("position") or 999)

    def _is_given(self, form: Any) -> bool:
        return "kind" in getattr(form, "cleaned_data", {}) and not self._should_delete_form(form) and (
            form.instance.pk or form.has_changed()
        )  # fmt: skip

    def _give_codes(self, cards: list[QuestionForm]) -> None:
        stored = {form.initial.get("code"): form for form in self.initial_forms}
        taken: set[str] = set()
        for place, form in enumerate(cards, start=1):
            form.instance.position = form.cleaned_data["position"] = place
            code = form.cleaned_data.get("code") or ""
            owner = stored.get(code)
            if code and (code in taken or owner not in (None, form)):
                form.add_error("code", _("Another question has this code."))
            taken |= {code} if code else set()
        for form in cards:
            if not form.cleaned_data.get("code"):
                code = self._made(form, taken | set(stored))
                taken.add(code)
                form.instance.code = form.cleaned_data["code"] = code

    def _made(self, form: QuestionForm, taken: set[Any]) -> str:
        kind = form.cleaned_data["kind"]
        usual = "score" if form.instance.scale else USUAL_CODES.get(kind, "")
        if usual and usual not in taken:
            return usual
        return codes.make(form.instance.text(form.shown[0] if form.shown else ""), taken=taken, otherwise=kind)

    def _say_when(self, form: QuestionForm, before: list[QuestionForm]) -> None:
        """The question named by its code, or by its card ("#3") while it has none; items by code or by name."""
        named, chosen = form.cleaned_data.get("when_question") or "", form.cleaned_data.get("when_in") or []
        if not named:
            return
        code = named
        for other in before:
            if named in (f"#{other.prefix.rsplit('-', 1)[-1]}", other.initial.get("code"), other.instance.code):
                code = other.instance.code
                names = other.instance.options.get("names", {})
                by_name = {name: item for own in names.values() for item, name in own.items()}
                chosen = [by_name.get(one, one) for one in chosen]
        scored = next((other for other in before if other.instance.scale), None)
        if scored and code == scored.instance.code:
            code = "score"
        form.instance.options["when"] = {"question": code, "in": list(dict.fromkeys(chosen))}

    def sources(self) -> list[dict[str, Any]]:
        """The stored questions that another may depend on, each with what can be chosen of it."""
        found, is_scored = [], False
        for form in self.initial_forms:
            question: Question = form.instance
            if question.scale and not is_scored:
                is_scored = True
                found.append({"code": "score", "title": question.text(""), "values": list(bands_in_words().items())})
            elif question.scale:
                values = [(str(value), _step_in_words(question, value)) for value in question.scale.values]
                found.append({"code": question.code, "title": question.text(""), "values": values})
            elif question.kind in ("single", "multiple"):
                names = next(iter(question.options.get("names", {}).values()), {})
                values = [(item, names.get(item, item)) for item in question.options.get("choices", [])]
                found.append({"code": question.code, "title": question.text(""), "values": values})
        return found


def _step_in_words(question: Question, value: int) -> str:
    """Its name, on a scale of two without names the word that the page has for it, else its number."""
    scale = question.scale
    usual = starters.USUAL_NAMES.get(scale.name, {}) if scale and len(scale.values) == 2 else {}
    return question.label(value, "") or usual.get(get_language() or "", {}).get(str(value)) or str(value)


def bands_in_words() -> dict[str, str]:
    return {
        "low": gettext("a low score"),
        "mid": gettext("a middle score"),
        "high": gettext("a high score"),
    }
