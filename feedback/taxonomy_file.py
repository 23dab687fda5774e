"""The tree of topics as a JSON file: taken away for another installation, or brought from there, in the format of the
taxonomy that every installation starts with."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback import topic_work, topics
from feedback.models import Topic
from feedback.understanding import cues as grammar
from ground import audit
from ground.models import User
from ground.text import clean_line

LANGUAGES = ("ru", "en")
LONGEST_NAME, LONGEST_TEXT, MOST_TOPICS = 100, 1000, 200
CODE = re.compile(r"[-\w]{1,32}", re.ASCII)


class Unusable(ValueError):
    """The file cannot be taken; the message is for people and names the topic."""


@dataclass(frozen=True)
class Taken:
    """How many topics a file added and changed; the rest of it was so already."""

    added: int
    changed: int


def written() -> str:
    """Every topic that is not merged into another."""
    rows = topics.in_order(Topic.objects.filter(merged_into=None).select_related("parent"))
    told = [
        {"code": topic.code, "parent": topic.parent.code if topic.parent else ""}
        | {language: topic.names.get(language, "") for language in LANGUAGES}
        | {f"def_{language}": topic.descriptions.get(language, "") for language in LANGUAGES}
        | {f"cues_{language}": topic.cues.get(language, []) for language in LANGUAGES}
        | ({} if topic.is_active else {"archived": True})
        for topic in rows
    ]
    return json.dumps({"version": 1, "topics": told}, ensure_ascii=False, indent=1) + "\n"


@transaction.atomic
def take(content: bytes, *, by: User) -> Taken:
    """Add the topics of a file, or bring those with the same codes to what it says; others stay. Raises Unusable."""
    rows = _read(content)
    parents = {row["code"]: row["parent"] for row in rows}
    known = Topic.objects.select_for_update(of=("self",)).in_bulk([row["code"] for row in rows], field_name="code")
    added = changed = 0
    for row in sorted(rows, key=lambda row: bool(row["parent"])):  # those on top first
        topic = known.get(row["code"]) or Topic(code=row["code"])
        if topic.merged_into_id or (row["parent"] and topic.pk and topic.children.exists()):
            raise Unusable(_("“%s” is merged, or has topics of its own, so that it cannot be brought.") % topic.code)
        was = (topic.names, topic.descriptions, topic.cues, topic.parent_id)
        is_fresh, old_cues = topic.pk is None, topic.cues
        topic.names, topic.descriptions, topic.cues = (topic_part(row, prefix) for prefix in ("", "def_", "cues_"))
        topic.parent = _parent(row["parent"], parents)
        topic.is_active = topic.is_active and not (is_fresh and row["archived"])
        if was == (topic.names, topic.descriptions, topic.cues, topic.parent_id):
            continue
        topic.position = topic.position if topic.pk else rows.index(row)
        topic.changed_at = timezone.now() if topic.cues != old_cues else topic.changed_at
        topic.save()
        added, changed = added + is_fresh, changed + (not is_fresh)
        if not is_fresh and was[3] != topic.parent_id:
            topic_work.recount(topic, by=by)
    audit.note("topic.imported", by=by, count=added + changed)
    return Taken(added, changed)


def topic_part(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """What a row says by language, without empty values."""
    return {language: row[prefix + language] for language in LANGUAGES if row[prefix + language]}


def _parent(code: str, parents: Mapping[str, str]) -> Topic | None:
    if not code:
        return None
    parent = Topic.objects.filter(code=code, parent=None, merged_into=None).first()
    if parent is None or parents.get(code):
        raise Unusable(_("There is no topic “%s” on top for another to belong to.") % code)
    return parent


def _read(content: bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(content.decode("utf-8-sig"))["topics"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unusable(_("This is no file of topics.")) from None
    if not isinstance(told, list) or not 0 < len(told) <= MOST_TOPICS:
        raise Unusable(_("A file has from one to %d topics.") % MOST_TOPICS)
    rows = [_row(entry, number) for number, entry in enumerate(told, 1)]
    if len({row["code"] for row in rows}) < len(rows):
        raise Unusable(_("Two topics of the file have the same code."))
    return rows


def _row(entry: Any, number: int) -> dict[str, Any]:
    """One topic of a file, tidied."""
    code = entry.get("code") if isinstance(entry, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise Unusable(_("Topic %d of the file has no usable code.") % number)
    row: dict[str, Any] = {"code": code, "parent": _text(entry, "parent", code, 32)}
    row["archived"] = entry.get("archived") is True
    for language in LANGUAGES:
        row[language] = _text(entry, language, code, LONGEST_NAME)
        row[f"def_{language}"] = _text(entry, f"def_{language}", code, LONGEST_TEXT)
        row[f"cues_{language}"] = _cues(entry.get(f"cues_{language}", []), code)
    if not any(row[language] for language in LANGUAGES):
        raise Unusable(_("The topic “%s” has no name.") % code)
    return row


def _text(entry: Mapping[str, Any], name: str, code: str, longest: int) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Unusable(_("The topic “%(code)s” has no usable “%(name)s”.") % {"code": code, "name": name})
    return clean_line(value)


def _cues(lines: Any, code: str) -> list[str]:
    if not isinstance(lines, list) or len(lines) > grammar.MOST_CUES or not all(isinstance(one, str) for one in lines):
        raise Unusable(_("The cue words of “%s” are no list of lines.") % code)
    cues = list(dict.fromkeys(map(clean_line, lines)))
    if wrong := next((cue for cue in cues if grammar.fault(cue)), None):
        raise Unusable(_("The topic “%(code)s” has an unusable cue: “%(cue)s”.") % {"code": code, "cue": wrong[:80]})
    return cues
