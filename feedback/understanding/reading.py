"""Everything about a comment in one pass: rules first, then the models that are there, then both weighed together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from feedback.understanding import constructive, embedding, english, evidence, fusion, language, student, tone, words
from feedback.understanding import topics as taxonomy
from feedback.understanding.fusion import TONES, Judgement
from feedback.understanding.ngrams import Piece, pieces
from feedback.understanding.verdicts import CHECK, Reading, Span, TopicRule, TopicVerdict, Verdict
from feedback.understanding.words import Token

KINDS = {"negative": "tone-", "positive": "tone+"}


class Read(NamedTuple):
    """A text with its tokens and what the rules say."""

    text: str
    found: Sequence[Token]
    reading: Reading


class Told(NamedTuple):
    """A text's pieces, and what the student says of them."""

    pieces: Sequence[Piece]
    spoken: student.Spoken


def read(texts: Sequence[str], *, topics: Sequence[TopicRule] | None = None, deep: float = 0.0) -> list[Reading]:
    """A reading per text, in order; without `topics`, the default taxonomy.

    About the share `deep` of the texts, the least sure, also goes through the sentence embedding where that is
    installed. Of each text the first 5,000 characters are read. Never raises for any string.
    """
    rules = taxonomy.default_rules() if topics is None else tuple(topics)
    told = first(texts, rules)
    model, weights = student.load(), fusion.weights()
    if model is None or weights is None:
        return [each.reading for each in told]
    taught = frozenset(rule.code for rule in rules if fusion.is_taught(rule))
    return second(told, model, weights, taught=taught, deep=deep)


def by_rules(texts: Sequence[str], *, topics: Sequence[TopicRule] | None = None) -> list[Reading]:
    """What the rules alone say, with TextBlob as second opinion on English."""
    rules = taxonomy.default_rules() if topics is None else tuple(topics)
    return [each.reading for each in first(texts, rules)]


def first(texts: Sequence[str], rules: tuple[TopicRule, ...]) -> list[Read]:
    """The tier of the rules."""
    matcher = taxonomy.compile_rules(rules)
    return [read_one(text, matcher) for text in texts]


def read_one(text: str, matcher: taxonomy.Matcher) -> Read:
    """One text as the rules read it."""
    spoken = language.detect(text)
    found = words.tokens(text, translit=spoken.translit)
    if not spoken.readable:
        return Read(text, found, unread(spoken.verdict, found))
    asked = constructive.read(found)
    felt = tone.read(text[: words.LONGEST_TEXT], found, asked)
    opinion = english.second_opinion(text) if spoken.verdict.value == "en" else None
    reading = Reading(
        language=spoken.verdict,
        tone=felt.verdict if opinion is None else english.confirmed(felt.verdict, opinion),
        polarity=felt.polarity,
        constructive=asked.verdict,
        topics=taxonomy.read(found, matcher),
        second_opinion=opinion,
        lemmas=words.lemma_text(found),
    )
    return Read(text, found, reading)


def unread(spoken: Verdict, found: Sequence[Token]) -> Reading:
    """The reading of a text in a language that is not read: everything unsure, words kept for searching."""
    return Reading(
        language=spoken,
        tone=Verdict("", 0.0),
        polarity=0.0,
        constructive=Verdict("no", 0.0),
        topics=(),
        second_opinion=None,
        lemmas=words.lemma_text(found),
    )


def is_for_models(each: Read) -> bool:
    """Whether a text has words of a language that was learnt; marks and figures alone are the rules' business."""
    return bool(each.reading.tone.value) and any(token.kind == "word" for token in each.found)


def second(
    told: Sequence[Read], model: student.Student, weights: Any, *, taught: frozenset[str], deep: float
) -> list[Reading]:
    """The rules' readings corrected by the models."""
    places = [at for at, each in enumerate(told) if is_for_models(each)]
    seen = [pieces(told[at].found) for at in places]
    spoken = dict(zip(places, map(Told, seen, model.read(seen)), strict=True))
    judged = {
        at: fusion.judge(told[at].reading, [each.spoken.logits], model.outputs, weights["student"][tongue(told[at])])
        for at, each in spoken.items()
    }
    names = dict.fromkeys(places, weights["source"]["student"])
    for at, judgement in deepened(told, spoken, judged, model, weights, deep=deep).items():
        judged[at], names[at] = judgement, weights["source"]["embedding"]
    readings = [each.reading for each in told]
    for at in places:
        readings[at] = fused(told[at], spoken[at], judged[at], model.outputs, taught=taught, source=names[at])
    return readings


def tongue(each: Read) -> str:
    """The language whose weights count: what is neither is weighed as English when in Latin letters."""
    return "en" if each.reading.language.value == "en" else "ru"


def deepened(
    told: Sequence[Read], spoken: dict[int, Told], judged: dict[int, Judgement], model: student.Student, weights: Any,
    *, deep: float,
) -> dict[int, Judgement]:  # fmt: skip
    """New judgements, with the sentence embedding, of those texts that are among the least sure share `deep`."""
    if not deep or "embedding" not in weights or not embedding.is_installed():
        return {}
    step = min(weights["unsure"], key=lambda share: abs(float(share) - deep))
    unsure = [at for at, each in judged.items() if max(each.tones) < weights["unsure"][step][tongue(told[at])]]
    logits = embedding.read([told[at].text for at in unsure]) if unsure else None
    if logits is None:
        return {}
    return {
        at: fusion.judge(
            told[at].reading, [spoken[at].spoken.logits, own], model.outputs, weights["embedding"][tongue(told[at])]
        )
        for at, own in zip(unsure, logits, strict=True)
    }


def fused(
    each: Read, told: Told, judged: Judgement, outputs: Sequence[str], *, taught: frozenset[str], source: str
) -> Reading:
    """The reading that the judgement makes of the rules' one."""
    rules, shares = each.reading, told.spoken.shares

    def own(name: str, kind: str, against: Sequence[str] = ()) -> tuple[Span, ...]:
        return evidence.of_student(evidence.towards(shares, outputs, name, against), told.pieces, each.found, kind)

    best = max(range(len(TONES)), key=lambda at: judged.tones[at])
    value, sure = TONES[best], judged.tones[best]
    spans = rules.tone.spans
    if value in KINDS and not any(span.kind == KINDS[value] for span in spans):
        spans = tuple(sorted((*spans, *own(value, KINDS[value], TONES)), key=lambda span: span.start))
    if judged.mixed >= 0.5:
        value, sure = "mixed", judged.mixed
    asks = judged.asks >= 0.5
    asked = rules.constructive.spans if asks and rules.constructive.value == "yes" else ()
    if asks and not asked:
        asked = own("constructive", "constructive")
    return replace(
        rules,
        tone=Verdict(value, round(sure, 3), spans, source),
        tones=tuple(round(p, 4) for p in judged.tones),
        polarity=round(judged.tones[2] - judged.tones[0], 3),
        constructive=Verdict("yes" if asks else "no", round(max(judged.asks, 1 - judged.asks), 3), asked, source),
        topics=about(rules, judged, taught, source, own),
    )


def about(
    rules: Reading, judged: Judgement, taught: frozenset[str], source: str, own: Any
) -> tuple[TopicVerdict, ...]:  # fmt: skip
    """The topics, surest first: those that were taught as judged, the others as the rules have them."""
    fired = {verdict.code: verdict for verdict in rules.topics}
    kept = [verdict for verdict in rules.topics if verdict.code not in taught]
    for code in sorted(taught):
        if judged.topics[code] >= CHECK:
            spans = fired[code].spans if code in fired else own(f"topic:{code}", f"topic:{code}")
            kept.append(TopicVerdict(code, round(judged.topics[code], 3), spans, source))
    return tuple(sorted(kept, key=lambda verdict: -verdict.confidence))
