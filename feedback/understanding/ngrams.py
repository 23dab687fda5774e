"""What the student sees of a text: its words in order, and for each word a fixed list of hashed features."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from feedback.understanding.kept import Kept
from feedback.understanding.words import Token

WORD_BITS, CHARACTER_BITS = 16, 17
SHORTEST, LONGEST = 2, 5
MOST_WORDS = 400
MOST_CHARACTERS = 24
NEGATION_REACH = 3
NEGATORS = frozenset(
    ("не", "ни", "нет", "без", "никогда", "нету", "ничего", "not", "no", "never", "without", "nothing", "cannot")
)
SEEN = frozenset(("word", "number", "sign", "emoji", "face", "bracket", "end"))


class Piece(NamedTuple):
    """A word or mark: its spelling, its lemma or stem, whether a negation stands before it, and which token it is."""

    text: str
    lemma: str
    negated: bool
    token: int


def spelled(token: Token) -> str:
    """One spelling for all marks that mean the same; a word as it was normalised; nothing for a full stop."""
    if token.kind == "word":
        return token.word.text
    if token.kind == "end":
        mark = "?" if "?" in token.raw else "!" if "!" in token.raw else "…" if len(token.raw.strip()) > 1 else ""
        return mark + ("!" if token.raw.count("!") > 1 else "")
    return token.raw[:1] if token.kind == "emoji" else token.raw[:MOST_CHARACTERS]


def pieces(found: Sequence[Token]) -> list[Piece]:
    """The pieces of a text; of a long one its beginning and its end."""
    seen: list[Piece] = []
    negation, new = -1, tuple.__new__  # the class's own way takes twice as long
    for at, token in enumerate(found):
        kind, word = token.kind, token.word
        if kind == "word":
            seen.append(new(Piece, (word.text, word.lemma, negation >= 0, at)))
            negation = NEGATION_REACH if word.lemma in NEGATORS or "negated" in word.grammar else negation - 1
            continue
        if kind in SEEN and (text := spelled(token)):
            seen.append(Piece(text, text, False, at))
        if kind in ("end", "pause"):
            negation = -1
    half = MOST_WORDS // 2
    return seen if len(seen) <= MOST_WORDS else seen[:half] + seen[-half:]


def hashed(name: str, bits: int) -> int:
    return crc32(name.encode()) & ((1 << bits) - 1)


def grams(text: str) -> Iterator[str]:
    """The character 2- to 5-grams of a word with its borders marked."""
    marked = f"<{text[:MOST_CHARACTERS]}>"
    for size in range(SHORTEST, LONGEST + 1):
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]


def pair(neighbours: tuple[str, str]) -> int:
    """The place of two neighbouring lemmas or marks in the block of words."""
    return hashed("b {} {}".format(*neighbours), WORD_BITS)


PAIRS: Kept[tuple[str, str], int] = Kept(pair, 120_000)


def pairs(seen: Sequence[Piece]) -> list[int]:
    """The place of each piece with the one before it; the first stands after nothing."""
    lemmas = [piece.lemma for piece in seen]
    return [PAIRS[neighbours] for neighbours in zip(["", *lemmas], lemmas, strict=False)]


@lru_cache(maxsize=60_000)
def features(text: str, lemma: str, negated: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The places of a piece's word features and of its character features, each in its own block."""
    names = [f"w {text}", f"l {lemma}"]
    if negated:
        names += [f"n {lemma}", "n"]
    return (
        tuple(hashed(name, WORD_BITS) for name in names),
        tuple(hashed(gram, CHARACTER_BITS) for gram in grams(text)),
    )
