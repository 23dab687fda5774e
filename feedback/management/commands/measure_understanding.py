"""`manage.py measure_understanding`: how well each combination of parts reads the frozen comments, kept as data."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedback import understanding
from feedback.understanding import Reading, artefact, embedding, fusion, labelled, schemes, tiers
from feedback.understanding.labelled import LANGUAGES, Labelled
from feedback.understanding.reading import by_rules

NAME = "measured"


class Command(BaseCommand):
    help = "Measure the reading of the frozen comments by each combination of parts; the page of quality shows it."

    def handle(self, *args: Any, **options: Any) -> None:
        if not embedding.is_installed():
            raise CommandError("The sentence embedding is not installed: its figures would be missing.")
        found = measured(
            {language: [row for row in labelled.frozen() if row.language == language] for language in LANGUAGES}
        )
        artefact.write_manifest(NAME, found)
        for name, own in found["combinations"].items():
            self.stdout.write(f"{name:<30}" + "  ".join(f"{language} {own[language]}" for language in LANGUAGES))


def measured(rows: dict[str, list[Labelled]]) -> dict[str, Any]:
    """What is stored: figures by combination and language, how many comments, and which parts were measured."""
    combinations: dict[str, dict[str, Any]] = {}
    for language, own in rows.items():
        texts = [row.text for row in own]
        read = tiers.alone(texts)
        for name in ("rules", "student", "embedding"):
            combinations.setdefault(name, {})[language] = figures(own, read[name])
        combinations.setdefault("textblob", {})[language] = of_textblob(own, read["rules"])
        for deep, name in fusion.COMBINED.items():
            combinations.setdefault(name, {})[language] = figures(own, understanding.read(texts, deep=deep))
    return {
        "combinations": combinations,
        "n": {language: len(own) for language, own in rows.items()},
        "parts": tiers.active(),
        "rules_say": rules_say(),
    }


def rules_say() -> str:
    """Sixteen digits that tell what the rules say of the frozen comments: when these change, so must their name."""
    told = [
        f"{each.tone.value} {each.constructive.value} {' '.join(topic.code for topic in each.topics)}"
        for each in by_rules([row.text for row in labelled.frozen()])
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def truth(row: Labelled, scheme: str) -> str:
    """A labelled comment as a scheme writes it."""
    if scheme == "polarity3":
        return schemes.SHORT[row.polarity]
    if scheme == "constructive":
        return str(int(row.is_constructive))
    return "constructive" if row.is_constructive else row.polarity


def figures(rows: Sequence[Labelled], readings: Sequence[Reading]) -> dict[str, float]:
    """Macro-F1 of tone and class, F1 of suggestions, calibration error of the tone."""
    told = {
        scheme: schemes.measure(scheme, [truth(row, scheme) for row in rows], readings)
        for scheme in ("polarity3", "constructive", "class")
    }
    return {
        "tone": round(told["polarity3"]["macro_f1"], 3),
        "accuracy": round(told["polarity3"]["accuracy"], 3),
        "ece": round(told["polarity3"]["ece"], 3),
        "constructive": round(told["constructive"]["per_class"]["1"]["f1"], 3),
        "class": round(told["class"]["macro_f1"], 3),
    }


def of_textblob(rows: Sequence[Labelled], readings: Sequence[Reading]) -> dict[str, float]:
    """TextBlob knows no suggestions; of Russian it says that all is neutral."""
    told = {
        scheme: schemes.score(
            [truth(row, scheme) for row in rows], [schemes.textblob(scheme, reading) for reading in readings]
        )
        for scheme in ("polarity3", "class")
    }
    return {
        "tone": round(told["polarity3"]["macro_f1"], 3),
        "accuracy": round(told["polarity3"]["accuracy"], 3),
        "class": round(told["class"]["macro_f1"], 3),
    }
