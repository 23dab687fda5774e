"""Which parts read comments here, what each says alone, and whether the words they show are those that matter."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from feedback.understanding import artefact, embedding, student
from feedback.understanding.fusion import TONES
from feedback.understanding.ngrams import pieces
from feedback.understanding.reading import KINDS, Read, first, read
from feedback.understanding.topics import default_rules
from feedback.understanding.verdicts import VERSION, Reading, Span, Verdict


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
    found = {"rules": [each.whole() for each in told]}
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
    rules = each.whole()
    if not rules.tone.value:
        return rules
    said = {name: float(logits[at]) for at, name in enumerate(outputs)}
    powers = [math.exp(said[name]) for name in TONES]
    tones = tuple(power / sum(powers) for power in powers)
    sure = {name: 1 / (1 + math.exp(-logit)) for name, logit in said.items() if name not in TONES}
    asks = sure["constructive"]
    return replace(
        rules,
        tone=Verdict(TONES[tones.index(max(tones))], max(tones)),
        tones=tones,
        polarity=tones[2] - tones[0],
        constructive=Verdict("yes" if asks >= 0.5 else "no", max(asks, 1 - asks)),
    )


class Claim(NamedTuple):
    """Something that a reading says: the words shown for it, how sure it is, and how sure another reading is of it."""

    says: str
    spans: tuple[Span, ...]
    sure: float
    of: Callable[[Reading], float]


def of_tone(reading: Reading) -> list[Claim]:
    """The tone, if it is positive or negative."""
    best = max(range(len(reading.tones)), key=lambda at: reading.tones[at], default=1)
    if best == 1:
        return []
    name = TONES[best]
    spans = tuple(span for span in reading.tone.spans if span.kind == KINDS[name])
    return [Claim(name, spans, reading.tones[best], lambda other: other.tones[best] if other.tones else 0.0)]


def of_request(reading: Reading) -> list[Claim]:
    """That something is asked for."""
    asked = reading.constructive
    return [Claim("constructive", asked.spans, asked.confidence, chance_of_request)] if asked.value == "yes" else []


def chance_of_request(reading: Reading) -> float:
    """How much it is believed that something is asked for; nothing of a text that is not read."""
    asked = reading.constructive
    believed = asked.confidence if asked.value == "yes" else 1 - asked.confidence
    return believed if reading.tone.value else 0.0


def of_class(reading: Reading) -> list[Claim]:
    """What lists show: that something is asked for, else the tone."""
    return of_request(reading) or of_tone(reading)


def of_topics(reading: Reading) -> list[Claim]:
    """Each topic."""

    def sure_of(code: str) -> Callable[[Reading], float]:
        return lambda other: next((topic.confidence for topic in other.topics if topic.code == code), 0.0)

    return [Claim(topic.code, topic.spans, topic.confidence, sure_of(topic.code)) for topic in reading.topics]


CLAIMS = {"constructive": of_request, "class": of_class, "topics": of_topics}


def without(text: str, spans: Sequence[Span]) -> str:
    """A text less the words that were shown as evidence."""
    end = len(text)
    for span in sorted(spans, key=lambda span: (-span.start, -span.end)):
        text, end = text[: span.start] + text[min(span.end, end) :], span.start
    return text


def explained(scheme: str, texts: Sequence[str], readings: Sequence[Reading]) -> dict[str, Any]:
    """How often what a scheme says is less sure once the words shown for it are gone, of how many times it says it; the
    same by language and by what it says. What is neutral shows no words.

    Both times by rules and student alone: else whether the embedding reads one of the two would tell in it, too.
    """
    readings = read(texts) if any("heads-" in reading.tone.source for reading in readings) else readings
    claims_of = CLAIMS.get(scheme, of_tone)
    told = [
        (reading.language.value, claim, without(text, claim.spans))
        for text, reading in zip(texts, readings, strict=True)
        for claim in claims_of(reading)
    ]
    left = [rest for _language, _claim, rest in told if rest.strip()]
    again = dict(zip(left, read(left), strict=True))
    each: dict[str, dict[str, dict[str, int]]] = {}
    for language, claim, rest in told:
        counts = each.setdefault(language, {}).setdefault(claim.says, {"n": 0, "lower": 0})
        counts["n"] += 1
        counts["lower"] += int(rest not in again or claim.of(again[rest]) < claim.sure)
    every = [counts for own in each.values() for counts in own.values()]
    total = {name: sum(counts[name] for counts in every) for name in ("n", "lower")}
    return {**total, "by_language": each}
