"""The words behind the codes in conditions: names to show and to type, and values that have been seen lately."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _

from ground.models import Team
from surveys.conditions import ATTRIBUTE, CUSTOMER, VALUELESS, Condition, field_of
from surveys.models import Agent, Customer, Interaction
from surveys.models.customers import Channel

Names = dict[str, dict[str, str]]
# Values are suggested from so many of the newest rows, and so many for each field.
LOOKED_AT, SUGGESTED = 2000, 40
# A customer may speak any language; the CRM reports its code.
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE | re.ASCII)


@cache
def codes(choices: type[TextChoices]) -> dict[str, str]:
    """The codes of choices by themselves and by their names in every language of ours, all in small letters."""
    found = {value.lower(): value for value in choices.values}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(label).lower(): value for value, label in choices.choices}
    return found


def names() -> Names:
    """For each field whose values are codes, the name of each code in the reader's language."""
    agents = Agent.objects.values_list("pk", "name", "external_id")
    return {
        "channel": {code: str(name) for code, name in Channel.choices},
        "direction": {code: str(name) for code, name in Interaction.Direction.choices},
        "language": {code: str(name) for code, name in settings.LANGUAGES},
        "team": _told_apart(Team.objects.values_list("pk", "name", "code")),
        "agent": _told_apart(agents),
        "yes or no": {"yes": _("yes"), "no": _("no")},
    }


def _told_apart(rows: Iterable[tuple[int, str, str]]) -> dict[str, str]:
    """Names by primary key; of those that share one, each with its own code behind it."""
    rows = list(rows)
    many = Counter(name or code for _key, name, code in rows)
    return {
        str(key): name or code if many[name or code] == 1 else f"{name or code} ({code})" for key, name, code in rows
    }


def unknown(condition: Condition, names: Names) -> list[str]:
    """The values of a condition that its field never has; none where any text may come from the CRM."""
    name, value = condition["field"], condition["value"]
    field = field_of(name)
    if field is None or field.kind != "choice" or condition["op"] in VALUELESS:
        return []
    values = value if isinstance(value, list) else [value]
    return [
        one for one in values if one not in names[name] and not (name == "language" and LANGUAGE_CODE.fullmatch(one))
    ]


def suggestions(known: Names) -> dict[str, list[str]]:
    """What could be typed for each field, the most frequent first; the CRM's own attributes are fields as well."""
    seen: dict[str, Counter[str]] = {}
    served = Interaction.objects.order_by("-created_at").values_list(
        "reason", "tags", "source", "priority", "attributes"
    )
    for reason, tags, source, priority, attributes in served[:LOOKED_AT]:
        for name, value in (("reason", reason), ("source", source), ("priority", priority)):
            _note(seen, name, value)
        for tag in tags or []:
            _note(seen, "tag", tag)
        _note_all(seen, ATTRIBUTE, attributes)
    for attributes in Customer.objects.order_by("-pk").values_list("attributes", flat=True)[:LOOKED_AT]:
        _note_all(seen, CUSTOMER, attributes)
    found = {name: [value for value, _n in values.most_common(SUGGESTED)] for name, values in sorted(seen.items())}
    return {name: sorted(words.values())[:500] for name, words in known.items()} | found


def _note_all(seen: dict[str, Counter[str]], prefix: str, attributes: Any) -> None:
    for key, value in (attributes or {}).items() if isinstance(attributes, dict) else ():
        seen.setdefault(prefix + key, Counter())
        for one in value if isinstance(value, list) else [value]:
            _note(seen, prefix + key, one)


def _note(seen: dict[str, Counter[str]], name: str, value: Any) -> None:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, str | int | float) and value != "" and len(str(value)) <= 100:
        seen.setdefault(name, Counter())[str(value)] += 1
