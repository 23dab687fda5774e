"""The topic's form: names by language, cue words one a line."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from feedback import taxonomy
from feedback.models import Topic
from feedback.understanding import cues as grammar
from ground.text import clean_line
from surveys.forms import LANGUAGES, by_language, language_fields, with_fields

MOST_FAULTS = 20
FAULTS = {
    grammar.SHORT: _("a beginning needs three letters before the *"),
    grammar.ENTITY: _("in braces only {duration} and {money} are known"),
    grammar.EMPTY: _("there is no word in it"),
    grammar.LONG: _("a cue has at most six words"),
}
LIMITS = {
    "teams": _("Empty: for all teams."),
    "surveys": _("Empty: for all surveys, reviews and messages too."),
}
CUES_HELP = _(
    "One a line, in any form of the word. Several words may stand in any order; word* is a beginning, ?word counts "
    "half, -word speaks against it, {duration} and {money} stand for any time and sum."
)


def parse_cues(typed: str) -> list[str]:
    """The lines without white space around them, each once, in their order."""
    return list(dict.fromkeys(line for line in map(clean_line, typed.splitlines()) if line))


def faults(typed: str) -> Iterator[str]:
    """What is wrong with the lines, a sentence each."""
    for number, line in enumerate(map(clean_line, typed.splitlines()), 1):
        if line and (fault := grammar.fault(line)):
            said = {"number": number, "line": line[: grammar.LONGEST_CUE], "fault": FAULTS[fault]}
            yield gettext("Line %(number)d, “%(line)s”: %(fault)s.") % said
    if len(parse_cues(typed)) > grammar.MOST_CUES:
        yield gettext("A topic has at most %d cue words in a language.") % grammar.MOST_CUES


@with_fields(
    language_fields("name", _("Name"))
    | language_fields("description", _("Description"), lines=3)
    | language_fields("cues", _("Cue words"), lines=12, help_text=CUES_HELP)
)
class TopicForm(forms.ModelForm):
    class Meta:
        model = Topic
        fields = ["code", "position", "parent", "teams", "surveys"]
        help_texts = {
            "code": _("For programs and addresses; made from the name when empty. It stays when the name changes."),
            "parent": _("Its comments count for that topic as well."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topic = self.instance
        self.initial |= {f"name_{code}": name for code, name in topic.names.items()}
        self.initial |= {f"description_{code}": text for code, text in topic.descriptions.items()}
        self.initial |= {f"cues_{code}": "\n".join(cues) for code, cues in topic.cues.items()}
        if "code" in self.fields:
            self.fields["code"].required = False
        for name, said in LIMITS.items():
            if name in self.fields:
                field = self.fields[name]
                field.widget, field.help_text = UnfoldAdminCheckboxSelectMultipleWidget(choices=field.choices), said
        if "parent" in self.fields:
            tops = Topic.objects.filter(parent=None, merged_into=None).exclude(pk=topic.pk)
            # Topics are kept on their own pages, not in a window over this one.
            self.fields["parent"].widget = getattr(self.fields["parent"].widget, "widget", self.fields["parent"].widget)
            self.fields["parent"].queryset = tops.filter(is_active=True) | tops.filter(pk=topic.parent_id)

    def is_valid(self) -> bool:
        """What is only tried is never saved: the page shows it again with what it would come to."""
        return super().is_valid() and "_try" not in self.data and "_add" not in self.data

    def clean(self) -> dict[str, Any] | None:
        for language in LANGUAGES:
            for said in islice(faults(self.cleaned_data.get(f"cues_{language}") or ""), MOST_FAULTS):
                self.add_error(f"cues_{language}", said)
        names = {language: self.cleaned_data.get(f"name_{language}") or "" for language in LANGUAGES}
        if not any(names.values()):
            self.add_error(f"name_{next(iter(LANGUAGES))}", gettext("A topic needs a name."))
        elif "code" in self.fields and not self.cleaned_data.get("code") and "code" not in self.errors:
            self.cleaned_data["code"] = self.instance.code = taxonomy.code_for(names)
        return super().clean()

    def clean_parent(self) -> Topic | None:
        """Two levels are enough."""
        parent: Topic | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and self.instance.children.exists():
            raise ValidationError(gettext("Other topics belong to this one, so that it cannot belong to another."))
        return parent

    def save(self, commit: bool = True) -> Topic:
        topic = self.instance
        topic.names = by_language(self, "name", topic.names, clean_line)
        topic.descriptions = by_language(self, "description", topic.descriptions, clean_line)
        topic.cues = by_language(self, "cues", topic.cues, parse_cues)
        return super().save(commit)
