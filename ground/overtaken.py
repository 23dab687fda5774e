"""Two people in one form: what the page showed comes back with it, so that nobody overwrites what they have not seen.

The page carries a digest of every value. A field that only somebody else changed keeps their value; one that both
changed is refused once, with what it is by now, and the next save is a decision.
"""

import datetime as dt
import json
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import ModelChoiceField
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

SEEN = "as_seen"


def digests(form: forms.BaseForm) -> dict[str, str]:
    """A digest of the stored value of each field of a form, by name."""
    return {name: digest(stored(form, name)) for name in form.fields}


def stamp(form: forms.BaseForm, rows: dict[str, str]) -> str:
    """What a page shows, for its hidden field: the form's values and the digests of `rows` beside it."""
    return json.dumps({"at": timezone.now().isoformat(), "fields": digests(form), "rows": rows})


def read(typed: str) -> dict[str, Any] | None:
    """The stamp that came back, None when there is none that can be read."""
    try:
        seen = json.loads(typed)
        seen["at"] = dt.datetime.fromisoformat(seen["at"])
        whole = isinstance(seen["fields"], dict) and isinstance(seen["rows"], dict) and timezone.is_aware(seen["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return seen if whole else None


def guarded(form_class: type[forms.ModelForm], seen: dict[str, Any], rows: dict[str, str]) -> type[forms.ModelForm]:
    """The form class, refusing what somebody changed since `seen`; `rows` are today's digests of the rows beside it."""

    class Guarded(form_class):  # type: ignore[valid-type,misc]
        def clean(self) -> dict[str, Any]:
            data = super().clean() or self.cleaned_data
            for name, is_now in digests(self).items():
                if name in data and seen["fields"].get(name, is_now) != is_now:
                    self._meet(name, is_now)
            if any(seen["rows"].get(name, is_now) != is_now for name, is_now in rows.items()):
                self.add_error(None, changed_by(self.instance, since=seen["at"]))
            return data

        def _meet(self, name: str, is_now: str) -> None:
            typed = digest(self.fields[name].prepare_value(self.cleaned_data[name]))
            if typed == is_now:
                return
            value = stored(self, name)
            if typed == seen["fields"][name]:
                try:
                    self.cleaned_data[name] = self.fields[name].clean(value)
                    return
                except (ValidationError, TypeError):
                    pass  # a value in several parts: the person decides
            told = _("It is “%s” by now. Save again to keep yours.") % shown(self.fields[name], value)
            self.add_error(name, f"{changed_by(self.instance, since=seen['at'])} {told}")

    return Guarded


def stored(form: forms.BaseForm, name: str) -> Any:
    """A field's value as it is in the database, in the form that the field's widget takes."""
    field = form.fields[name]
    return field.prepare_value(form.get_initial_for_field(field, name))


def digest(value: Any) -> str:
    """The same for what means the same: the order of many does not count, nor does the time zone of a moment."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(dt.UTC) if timezone.is_aware(value) else value
    elif isinstance(value, list | tuple):
        value = sorted(map(str, value))
    return sha256(str("" if value is None else value).encode()).hexdigest()[:12]


def changed_by(row: Model, *, since: dt.datetime) -> str:
    """A sentence: who changed the row since then, as far as the desk's history knows."""
    kind = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk), action_time__gte=since)
    entry = entries.select_related("user").order_by("-action_time").first()
    if entry is None:
        return _("Changed by somebody else since you opened the page.")
    return _("Changed by %s since you opened the page.") % entry.user


def shown(field: forms.Field, value: Any) -> str:
    """A stored value in the reader's words, at most 80 characters of it; a field of our own may know them itself."""
    if in_words := getattr(field, "in_words", None):
        return in_words(value)[:80] or "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    values = value if isinstance(value, list | tuple) else [value]
    if isinstance(field, ModelChoiceField) and field.queryset is not None:
        words = [str(row) for row in field.queryset.filter(pk__in=[pk for pk in values if pk])]
    else:
        names = dict(getattr(field, "choices", ()))
        words = [str(names.get(one, localize(one))) for one in values if one not in (None, "")]
    return ", ".join(words)[:80] or "—"
