"""Tone that is not in words: emoji, smileys, Russian bracket smiles, ratings."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from feedback.understanding import lexicon
from feedback.understanding.words import Token

BRACKET_SMILE = 0.8
BRACKET_FROWN = -1.2
FACES = {")": 1.5, "D": 1.8, "P": 1.0, "p": 1.0, "*": 1.5, "(": -1.8, "/": -1.2, "\\": -1.2, "|": -1.0, "O": -0.3}
LONGEST_RUN = 8
WORDLESS = frozenset(("emoji", "face", "bracket"))

OUT_OF = re.compile(
    r"(?<![\d/.,])(\d{1,3}(?:[.,]\d)?)\s?(?:/|из|out of|on|of)\s?(5|10|100|пяти|десяти|five|ten)(?![\d/.,])", re.I
)
STARS = re.compile(r"(?<![\d.,])([0-5])\s?(?:-?x)?\s?(?:звезд\w{0,3}|звёзд\w{0,3}|балл\w{0,3}|stars?)(?!\w)", re.I)
SCHOOL_MARK = re.compile(r"(?<![\w.,:/])([1-5])\s?([+\-]{1,3})(?![\w\d])")
BARE_MARK = re.compile(r"\s*(?:оценка\s*[:\-]?\s*)?(10|[0-9])\s*[.!)]{0,3}\s*", re.I)
SIGNS = re.compile(r"\s*(\++|-\+|\+-|\+/-)\s*[.!]{0,3}\s*")
RATED = re.compile(r"[\d+]")  # every rating has a figure or a plus
WORD_TOPS = {"пяти": 5, "десяти": 10, "five": 5, "ten": 10}


class Mark(NamedTuple):
    """Tone of the characters `start`..`end`."""

    start: int
    end: int
    weight: float


@lru_cache(maxsize=1)
def emoji_weights() -> dict[str, float]:
    """Weight per emoji character."""
    return {sign: float(weight) for sign, weight in lexicon.rows("emoji.tsv")}


def emoji_run(token: Token) -> float:
    """The weight of a run of emoji: the strongest one, a little more when repeated."""
    weights = [emoji_weights().get(sign, 0.0) for sign in token.raw[:LONGEST_RUN]]
    strongest = max(weights, key=abs, default=0.0)
    repeated = sum(weight == strongest for weight in weights) - 1
    return strongest * (1 + min(repeated, 4) * 0.08)


def face(raw: str) -> float:
    """The weight of a smiley made of signs."""
    if raw == "<3":
        return 2.0
    if raw[0] in "^xXхХ":
        return 1.2
    return FACES.get(raw[-1], 0.0)


def enumerates(found: Sequence[Token], at: int) -> bool:
    """Whether a bracket closes «1)» or «а)» at the beginning of a point."""
    if not at or found[at].raw != ")" or found[at - 1].end != found[at].start:
        return False
    before = found[at - 1]
    return before.end - before.start <= 2 and (before.kind == "number" or before.end - before.start == 1)


def opens_words(found: Sequence[Token], bracket: Token) -> bool:
    """Whether words follow a bracket at once, so that it is only one that nobody closed."""
    return any(token.start == bracket.end and token.kind in ("word", "number") for token in found)


def smiling_brackets(found: Sequence[Token]) -> list[Mark]:
    """Brackets that close or open nothing: «)))» smiles, «(((» frowns."""
    marks: list[Mark] = []
    opened: list[Token] = []
    for at, token in enumerate(found):
        if token.kind != "bracket" or enumerates(found, at):
            continue
        closing = token.raw.count(")")
        openings = token.raw.count("(")
        if openings == 1 and not closing:
            opened.append(token)
        elif openings:
            marks.append(Mark(token.start, token.end, BRACKET_FROWN - 0.15 * min(openings, LONGEST_RUN)))
        elif closing:
            spare = closing - bool(opened)
            if opened:
                opened.pop()
            if spare:
                marks.append(Mark(token.end - spare, token.end, BRACKET_SMILE + 0.15 * min(spare - 1, LONGEST_RUN)))
    frowns = [token for token in opened if not opens_words(found, token)]
    marks.extend(Mark(token.start, token.end, BRACKET_FROWN) for token in frowns)
    return marks


def rating_weight(value: float, top: float) -> float:
    """-3..3 for a mark out of `top`; the best fifth praises, under six tenths blames."""
    share = min(max(value / top, 0.0), 1.0)
    return 2.8 if share >= 0.95 else 2.0 if share >= 0.8 else 0.1 if share >= 0.6 else -2.0 if share >= 0.4 else -3.0


def ratings(text: str) -> list[Mark]:
    """«5+», «9/10», «1 звезда», and a comment that is nothing but a mark."""
    marks: list[Mark] = []
    if not RATED.search(text):
        return marks
    for match in OUT_OF.finditer(text):
        top = WORD_TOPS.get(match[2].lower()) or float(match[2])
        value = float(match[1].replace(",", "."))
        if value <= top:
            marks.append(Mark(*match.span(), rating_weight(value, top)))
    for match in STARS.finditer(text):
        marks.append(Mark(*match.span(), rating_weight(float(match[1]), 5)))
    for match in SCHOOL_MARK.finditer(text):
        marks.append(Mark(*match.span(), rating_weight(float(match[1]), 5)))
    if bare := BARE_MARK.fullmatch(text[:40]):
        value = float(bare[1])
        marks.append(Mark(*bare.span(1), rating_weight(value, 5 if value <= 5 else 10)))
    if sign := SIGNS.fullmatch(text[:40]):
        marks.append(Mark(*sign.span(1), 1.5 if set(sign[1]) == {"+"} else 0.0))
    return marks


def find(text: str, found: Sequence[Token]) -> list[Mark]:
    """All wordless tone marks of a text with its tokens, in no particular order."""
    if WORDLESS.isdisjoint([token.kind for token in found]):
        return [mark for mark in ratings(text) if mark.weight]
    marks = [Mark(token.start, token.end, emoji_run(token)) for token in found if token.kind == "emoji"]
    marks += [Mark(token.start, token.end, face(token.raw)) for token in found if token.kind == "face"]
    return [mark for mark in marks + smiling_brackets(found) + ratings(text) if mark.weight]
