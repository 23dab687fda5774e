"""Which parts read comments here, and how well each combination read the frozen benchmark."""

import json
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.understanding import VERSION, artefact, embedding, fusion, student

MEASURED = "measured"
LANGUAGES = {"ru": gettext_lazy("Russian"), "en": gettext_lazy("English")}
NAMES = {
    "textblob": gettext_lazy("TextBlob alone"),
    "rules": gettext_lazy("rules alone"),
    "student": gettext_lazy("student alone"),
    "embedding": gettext_lazy("embedding alone"),
    "rules+student": gettext_lazy("rules and student"),
    "rules+student+embedding@10": gettext_lazy("rules and student, the least sure 10 % with the embedding"),
    "rules+student+embedding": gettext_lazy("rules and student, the least sure 30 % with the embedding"),
    "rules+student+embedding@100": gettext_lazy("rules, student and embedding on every comment"),
}


def here(standing: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Each part with its version, empty where it is missing or reads nothing; `why` says which of them."""
    student_there = artefact.read_manifest(student.NAME) if find_spec("numpy") else None
    student_version = str(student_there["sha256"])[:8] if student_there else ""
    why = _why_not(is_student_there=student_there is not None)
    learned = [own["active"] for own in standing.values() if "active" in own]
    return [
        {"key": "rules", "name": _("Rules over word forms"), "version": VERSION},
        {"key": "student", "name": _("Student model"), "version": student_version,
         "why": _("missing: numpy is not installed")},
        {"key": "embedding", "name": _("Sentence embedding"), "version": "" if why else _embedding(), "why": why},
        {"key": "learned", "name": _("Learned here"), "version": ", ".join(row.version for row in learned),
         "broken": [row.version for row in learned if row.error], "why": _("nothing yet")},
    ]  # fmt: skip


def share() -> float:
    """The share of comments that go through the embedding too, where there is one: the nearest that can be told."""
    weights = fusion.weights()
    return float(fusion.step(weights, settings.UNDERSTANDING_DEEP)) if weights and settings.UNDERSTANDING_DEEP else 0.0


def _embedding() -> str:
    """The versions of the heads and of a model of one's own, and how many comments it reads."""
    heads = artefact.read_manifest(embedding.NAME, embedding.folder()) or {}
    percent = round(share() * 100)
    said = (
        _("%(version)s, for every comment") if percent == 100 else _("%(version)s, for the least sure %(percent)d %%")
    )
    return said % {"version": f"{heads['version']}{embedding.version()}", "percent": percent}


def _why_not(*, is_student_there: bool) -> str:
    """Why no comment goes through the embedding; "" where it reads."""
    if find_spec(embedding.PACKAGE) is None:
        return _("not installed; it would read the least sure comments better")
    if not is_student_there:
        return _("not used without the student model")
    if not (embedding.is_installed() and embedding.is_fit()):
        return _("not used: UNDERSTANDING_MODEL names no model that fits; “manage.py check” says more")
    return "" if share() else _("installed, but not used: UNDERSTANDING_DEEP is 0")


def combination() -> str:
    """The combination that reads here; none of the measured ones with another model or another share."""
    there = [part["key"] for part in here({}) if part["version"]]
    if "embedding" in there:
        return fusion.COMBINED.get(share(), "") if embedding.folder() == artefact.FOLDER else ""
    return "+".join(key for key in ("rules", "student") if key in there)


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
    return {"rows": rows, "n": found["n"], "has_here": own in NAMES}


def _cells(told: dict[str, float]) -> dict[str, str]:
    return {name: f"{told[name]:.3f}".lstrip("0") if name in told else "" for name in ("tone", "constructive", "class")}
