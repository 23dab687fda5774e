"""Every labelled row was read twice, each time alone, and the guideline says how far the two readings agree."""

import csv
import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from feedback.understanding import labelled

GUIDELINE = Path(__file__).parents[3] / "docs/labelling.md"
SINGLE = ("polarity", "constructive", "mixed")
COMMENT = "comment"


def readings() -> dict[str, dict[str, str]]:
    with open(labelled.FOLDER / "readings.csv", encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def key(row: labelled.Labelled) -> str:
    return hashlib.sha256(f"{row.language} {row.text}".encode()).hexdigest()[:12]


def kappa(first: Sequence[str], again: Sequence[str]) -> float:
    """Cohen's: agreement beyond what the two would have by chance."""
    size, one, two = len(first), Counter(first), Counter(again)
    equal = sum(a == b for a, b in zip(first, again, strict=True)) / size
    chance = sum(one[label] * two[label] for label in one) / size**2
    return (equal - chance) / (1 - chance)


def topics(rows: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Mean overlap of the two sets, and F1 over all topics."""
    pairs = [(set(row.get("first_topics", row["topics"]).split()), set(row["again_topics"].split())) for row in rows]
    overlap = sum(len(a & b) / len(a | b) if a | b else 1 for a, b in pairs) / len(pairs)
    return overlap, 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


def plain(language: str) -> list[dict[str, str]]:
    """Plain rows with both readings in one file; sentences have no topics."""
    with open(labelled.FOLDER / f"plain_{language}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table_row(name: str, rows: Sequence[dict[str, str]]) -> str:
    cells, about = [name, f"{len(rows):,}"], [row for row in rows if row.get("kind", COMMENT) == COMMENT]
    for field in SINGLE:
        first, again = [row[field] for row in rows], [row[f"again_{field}"] for row in rows]
        equal = sum(a == b for a, b in zip(first, again, strict=True)) / len(rows)
        cells.append(f"{equal:.3f}, {kappa(first, again):.3f}")
    return f"| {' | '.join(cells)} | {', '.join(f'{each:.3f}' for each in topics(about))} |"


def agreement() -> str:
    """The lines of the guideline that tell of both readings."""
    read, rows = readings(), list(labelled.every())
    by_language = [
        (name, [read[key(row)] for row in rows if row.language == language])
        for name, language in (("Russian", "ru"), ("English", "en"))
    ]
    lines = [table_row(name, own) for name, own in by_language] + [table_row("both", [read[key(row)] for row in rows])]
    lines += [table_row("plain Russian", plain("ru")), table_row("plain English", plain("en"))]
    changed = [row for row in rows if label(read[key(row)]) != label_of(row)]
    tone = sum(row.polarity != read[key(row)]["polarity"] for row in changed)
    differed = sum(label(one) != label(one, "again_") for one in read.values())
    told = f"{differed} rows differed in some label; {len(changed)} were changed, {tone} of them in polarity."
    return "\n".join([*lines, "", told])


def label(read: dict[str, str], which: str = "") -> tuple[object, ...]:
    return *(read[which + field] for field in SINGLE), frozenset(read[f"{which}topics"].split())


def label_of(row: labelled.Labelled) -> tuple[object, ...]:
    return row.polarity, str(int(row.is_constructive)), str(int(row.is_mixed)), row.topics


def test_every_row_was_read_twice_and_the_guideline_tells_how_alike() -> None:
    read = readings()
    assert read.keys() == {key(row) for row in labelled.every()}
    assert agreement() in GUIDELINE.read_text(encoding="utf-8")


def test_what_both_readers_said_is_the_label() -> None:
    read = readings()
    for row in labelled.every():
        one = read[key(row)]
        if label(one) == label(one, "again_"):
            assert label_of(row) == label(one), row.text


def test_of_plain_rows_both_readings_stand_in_one_file() -> None:
    """Of those whose readings differ in more than topics the label is to be looked for here."""
    for language in labelled.LANGUAGES:
        for row in plain(language):
            assert [row[field] for field in SINGLE] == [row[f"again_{field}"] for field in SINGLE], row["text"]
            first, again, settled = (set(row[each].split()) for each in ("first_topics", "again_topics", "topics"))
            assert settled == first or first != again, row["text"]
