"""The topic's form: names by language, cue words one a line."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.models import Topic
from ground.text import clean_line
from surveys.forms import by_language, language_fields, with_fields


def parse_cues(typed: str) -> list[str]:
    """The lines without white space around them, each once, in their order."""
    return list(dict.fromkeys(line for line in map(clean_line, typed.splitlines()) if line))


CUES_HELP = _(
    "One a line, in any form of the word. Several words may stand in any order; word* is a beginning, ?word counts "
    "half, -word speaks against it, {duration} and {money} stand for any time and sum."
)


@with_fields(
    language_fields("name", _("Name"))
    | language_fields("description", _("Description"), lines=3)
    | language_fields("cues", _("Cue words"), lines=12, help_text=CUES_HELP)
)
class TopicForm(forms.ModelForm):
    class Meta:
        model = Topic
        fields = ["code", "position", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topic = self.instance
        self.initial |= {f"name_{code}": name for code, name in topic.names.items()}
        self.initial |= {f"description_{code}": text for code, text in topic.descriptions.items()}
        self.initial |= {f"cues_{code}": "\n".join(cues) for code, cues in topic.cues.items()}

    def save(self, commit: bool = True) -> Topic:
        topic = self.instance
        topic.names = by_language(self, "name", topic.names, clean_line)
        topic.descriptions = by_language(self, "description", topic.descriptions, clean_line)
        topic.cues = by_language(self, "cues", topic.cues, parse_cues)
        return super().save(commit)
