"""The figures that the page of quality shows are those of the docs and of the parts that are in the repository."""

import json
import re
from pathlib import Path

from feedback.management.commands import measure_understanding
from feedback.understanding import VERSION, artefact, embedding, student

ROOT = Path(__file__).resolve().parents[3]
FOUND = artefact.read_manifest("measured")
ROWS = {
    "textblob": "TextBlob alone",
    "rules": "rules (",
    "student": "student alone",
    "embedding": "embedding with heads alone",
    "rules+student": "**rules and student, the default**",
    "rules+student+embedding@10": "the same, the least sure 10 % with the embedding",
    "rules+student+embedding": "**the same with 30 %",
    "rules+student+embedding@100": "all three on every comment",
}


def of_docs(beginning: str) -> list[tuple[str, ...]]:
    """The pairs of figures in a row of the table of docs/understanding.md."""
    lines = (ROOT / "docs" / "understanding.md").read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"| {beginning}"))
    return re.findall(r"(\.\d{3}) / (\.\d{3})", line)


def test_the_docs_say_the_same() -> None:
    assert FOUND is not None
    for name, beginning in ROWS.items():
        own = FOUND["combinations"][name]
        pairs = of_docs(beginning)
        told = {tuple(f"{own[language][key]:.3f}".lstrip("0") for language in ("ru", "en")) for key in own["ru"]}
        assert told <= set(pairs), f"{name}: run measure_understanding and update docs/understanding.md"


def test_they_were_measured_with_the_parts_that_are_here() -> None:
    assert FOUND is not None
    parts = {"rules": VERSION}
    parts["student"] = str((artefact.read_manifest(student.NAME) or {})["sha256"])[:8]
    parts["embedding"] = str((artefact.read_manifest(embedding.NAME) or {})["version"])
    assert FOUND["parts"] == parts, "run measure_understanding and update docs/understanding.md"
    assert json.dumps(FOUND)  # no figure is infinite or missing


def test_rules_that_read_otherwise_have_another_name() -> None:
    """Labels name the rules that made them: lists and code may not change under one name."""
    assert FOUND is not None
    told = "give the rules another VERSION, run distil_understanding and measure_understanding"
    assert FOUND["rules_say"] == measure_understanding.rules_say(), told
