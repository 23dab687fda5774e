"""Which parts read comments here, and how well each combination read the frozen benchmark."""

import json
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from django.utils.translation import gettext_lazy as _

from feedback.understanding import VERSION, artefact, embedding, student

MEASURED = "measured"
LANGUAGES = {"ru": _("Russian"), "en": _("English")}
NAMES = {
    "textblob": _("TextBlob alone"),
    "rules": _("rules alone"),
    "student": _("student alone"),
    "embedding": _("embedding alone"),
    "rules+student": _("rules and student"),
    "rules+student+embedding": _("rules and student, the least sure 30 % with the embedding"),
}


def here(standing: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Each part with its version, empty where it is missing."""
    student_there = artefact.read_manifest(student.NAME) if find_spec("numpy") else None
    heads = artefact.read_manifest(embedding.NAME) if student_there and embedding.is_installed() else None
    student_version = str(student_there["sha256"])[:8] if student_there else ""
    learned = [own["active"] for own in standing.values() if "active" in own]
    return [
        {"key": "rules", "name": _("Rules over word forms"), "version": VERSION},
        {"key": "student", "name": _("Student model"), "version": student_version},
        {"key": "embedding", "name": _("Sentence embedding"), "version": str(heads["version"]) if heads else ""},
        {"key": "learned", "name": _("Learned here"), "version": ", ".join(row.version for row in learned),
         "broken": [row.version for row in learned if row.error]},
    ]  # fmt: skip


def combination() -> str:
    """The combination that reads here."""
    there = [part["key"] for part in here({}) if part["version"]]
    return "+".join(key for key in ("rules", "student", "embedding") if key in there)


@lru_cache(maxsize=1)
def measured() -> dict[str, Any] | None:
    """What `measure_understanding` has stored."""
    path = artefact.FOLDER / f"{MEASURED}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def frozen() -> dict[str, Any] | None:
    """The benchmark's figures as the page shows them; the row of the parts that read here is marked."""
    found = measured()
    if found is None:
        return None
    own = combination()
    rows = [
        {"name": NAMES[key], "is_here": key == own, "cells": [_cells(told[language]) for language in ("ru", "en")]}
        for key, told in ((key, found["combinations"][key]) for key in NAMES)
    ]
    return {"rows": rows, "n": found["n"]}


def _cells(told: dict[str, float]) -> dict[str, str]:
    return {name: f"{told[name]:.3f}".lstrip("0") if name in told else "" for name in ("tone", "constructive", "class")}
