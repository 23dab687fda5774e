"""Which parts read comments here, what each says alone, and whether the words they show are those that matter."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from feedback.understanding import artefact, embedding, student
from feedback.understanding.fusion import TONES
from feedback.understanding.ngrams import pieces
from feedback.understanding.reading import KINDS, Read, first, read
from feedback.understanding.topics import default_rules
from feedback.understanding.verdicts import VERSION, Reading, Verdict


def active() -> dict[str, str]:
    """The parts that are there, by name, with their versions."""
    found = {"rules": VERSION}
    if student.load() is not None:
        found["student"] = str((artefact.read_manifest(student.NAME) or {})["sha256"])[:8]
        manifest = artefact.read_manifest(embedding.NAME, embedding.folder())
        if manifest and embedding.is_installed() and embedding.is_fit():
            found["embedding"] = f"{manifest['version']}{embedding.version()}"
    return found


def alone(texts: Sequence[str]) -> dict[str, list[Reading]]:
    """What each part says of the texts without the others."""
    told = first(texts, default_rules())
    found = {"rules": [each.reading for each in told]}
    model = student.load()
    if model is None:
        return found
    spoken = model.read([pieces(each.found) for each in told])
    found["student"] = [of_logits(each, said.logits, model.outputs) for each, said in zip(told, spoken, strict=True)]
    logits = embedding.read(texts)
    if logits is not None:
        found["embedding"] = [of_logits(each, own, model.outputs) for each, own in zip(told, logits, strict=True)]
    return found


def of_logits(each: Read, logits: Any, outputs: Sequence[str]) -> Reading:
    """A reading by one model alone, topics apart; texts in other languages stay unread."""
    if not each.reading.tone.value:
        return each.reading
    said = {name: float(logits[at]) for at, name in enumerate(outputs)}
    powers = [math.exp(said[name]) for name in TONES]
    tones = tuple(power / sum(powers) for power in powers)
    sure = {name: 1 / (1 + math.exp(-logit)) for name, logit in said.items() if name not in TONES}
    asks = sure["constructive"]
    return replace(
        each.reading,
        tone=Verdict(TONES[tones.index(max(tones))], max(tones)),
        tones=tones,
        polarity=tones[2] - tones[0],
        constructive=Verdict("yes" if asks >= 0.5 else "no", max(asks, 1 - asks)),
    )


def without_evidence(text: str, reading: Reading, kind: str) -> str:
    """A text less the words that were shown as evidence of a kind."""
    for span in sorted(reading.tone.spans, key=lambda span: -span.start):
        if span.kind == kind:
            text = text[: span.start] + text[span.end :]
    return text


def explained(texts: Sequence[str], readings: Sequence[Reading]) -> dict[str, int]:
    """How often a positive or negative tone is less sure once the words shown for it are gone, of how many.

    Both times by rules and student alone: else whether the embedding reads one of the two would tell in it, too.
    """
    readings = read(texts) if any("heads-" in reading.tone.source for reading in readings) else readings
    told = [
        (without_evidence(text, reading, KINDS[TONES[at]]), reading.tones[at], at)
        for text, reading in zip(texts, readings, strict=True)
        if reading.tones and (at := max(range(3), key=lambda place: reading.tones[place])) != 1
    ]
    changed = [item for item in told if item[0].strip()]
    again = read([text for text, _sure, _at in changed])
    lower = sum(
        (reading.tones[at] if reading.tones else 0.0) < sure
        for reading, (_text, sure, at) in zip(again, changed, strict=True)
    )
    return {"n": len(told), "lower": lower + len(told) - len(changed)}
