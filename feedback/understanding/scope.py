"""What the words around a tone word do to it: negation, emphasis, softening, wishing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from feedback.understanding import lexicon
from feedback.understanding.words import Token, Word, analyse

REACH = {"ru": 4, "en": 5}
STRANGERS = {"ru": 1, "en": 2}
FLIP_PRAISE = -0.8
FLIP_BLAME = -0.55
UNREAL_PRAISE = 0.15


class Role(NamedTuple):
    """What one word does to tone words after it."""

    negates: bool
    transparent: bool
    factor: float
    unreal: bool


@lru_cache(maxsize=64)
def listed(language: str, name: str) -> frozenset[str]:
    """Spellings and lemmas or stems of the words of one list in `modifiers.json`."""
    return frozenset(key for word in lexicon.table("modifiers")[language][name] for key in (word, analyse(word).lemma))


@lru_cache(maxsize=4)
def factors(language: str) -> dict[str, float]:
    """Emphasis (above 1) and softening (below 1) per spelling."""
    lists = lexicon.table("modifiers")[language]
    return {**lists["intensifiers"], **lists["diminishers"]}


def is_any(word: Word, name: str) -> bool:
    """Whether a word is in one list of `modifiers.json` of its language."""
    if not word.language:
        return False
    keys = listed(word.language, name)
    return word.text in keys or (word.language == "ru" and word.lemma in keys)


@lru_cache(maxsize=20_000)
def role(word: Word) -> Role:
    """The part a word plays before a tone word."""
    if not word.language:
        return Role(False, True, 1.0, False)
    weights = factors(word.language)
    factor = weights.get(word.text) or weights.get(word.lemma, 1.0)
    negates = is_any(word, "negators") or "negated" in word.grammar
    return Role(negates, is_any(word, "transparent"), factor, is_any(word, "unreal"))


class Shift(NamedTuple):
    """How a tone word is changed: a factor for its strength and whether its pole is turned."""

    factor: float
    turned: bool
    unreal: bool


def negation_holds(words: Sequence[Token], at: int) -> bool:
    """Whether the negator at a place really negates («не только», "not just" do not)."""
    return at + 1 >= len(words) or not is_any(words[at + 1].word, "not_negated_by")


def before(words: Sequence[Token], first: int, taken: set[int]) -> Shift:
    """The effect of the words in front of a tone word at `first`, inside its clause."""
    language = words[first].word.language or "en"
    factor, turned, strangers = 1.0, False, 0
    for at in range(first - 1, max(first - 1 - REACH[language], -1), -1):
        token = words[at]
        if token.clause != words[first].clause:
            break
        if at in taken:
            turned = turned or is_any(token.word, "lacking")
            break
        part = role(token.word)
        if part.negates:
            turned = turned != negation_holds(words, at)
        elif part.factor != 1.0:
            factor *= part.factor
        elif not part.transparent:
            strangers += 1
            if strangers > STRANGERS[language]:
                break
    return Shift(min(max(factor, 0.4), 1.8), turned, False)


def turned_after(words: Sequence[Token], last: int, taken: set[int]) -> bool:
    """Whether a Russian negation follows («проблем нет», «вопросов не возникло»)."""
    if words[last].word.language != "ru" or "NOUN" not in words[last].word.grammar:
        return False
    for at in (last + 1, last + 2):
        if at >= len(words) or words[at].clause != words[last].clause or at in taken:
            return False
        if is_any(words[at].word, "trailing"):
            return words[at].word.text != "не" or "genitive" in words[last].word.grammar
    return False


def wished(words: Sequence[Token], first: int, last: int) -> bool:
    """Whether a tone word stands in a wish or condition («хотелось бы», "would be") and so tells nothing about what is."""
    low, high = max(first - 5, 0), min(last + 3, len(words))
    clause = words[first].clause
    for at in range(low, high):
        token = words[at]
        if token.clause != clause or first <= at <= last:
            continue
        if at > last and token.word.text != "бы":
            continue
        if role(token.word).unreal:
            return True
    return False


def apply(weight: float, shift: Shift) -> float:
    """The weight of a tone word after its shift."""
    value = weight * shift.factor
    if shift.turned:
        return value * (FLIP_PRAISE if weight > 0 else FLIP_BLAME)
    return value * UNREAL_PRAISE if shift.unreal and weight > 0 else value
