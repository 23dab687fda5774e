"""What the words around a tone word do to it: negation, emphasis, softening, wishing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from feedback.understanding import lexicon
from feedback.understanding.kept import Kept
from feedback.understanding.phrases import CACHED_KEYS, Match
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


def part_of(word: Word) -> Role:
    """The part a word plays before a tone word."""
    if not word.language:
        return Role(False, True, 1.0, False)
    weights = factors(word.language)
    factor = weights.get(word.text) or weights.get(word.lemma, 1.0)
    negates = is_any(word, "negators") or "negated" in word.grammar
    unreal = is_any(word, "unreal") or "imperative" in word.grammar
    return Role(negates, is_any(word, "transparent"), factor, unreal)


ROLES: Kept[Word, Role] = Kept(part_of, CACHED_KEYS)


class Shift(NamedTuple):
    """How a tone word is changed: a factor for its strength, whether its pole is turned, whether it is only wished."""

    factor: float
    turned: bool
    unreal: bool


def negation_holds(words: Sequence[Token], at: int) -> bool:
    """Whether the negator at a place really negates («не только», "not just" do not)."""
    return at + 1 >= len(words) or not is_any(words[at + 1].word, "not_negated_by")


def negated(words: Sequence[Token], match: Match) -> bool:
    """Whether a phrase has its own negation in it."""
    return any(ROLES[words[at].word].negates for at in match.positions)


def before(words: Sequence[Token], match: Match, owners: Mapping[int, Match], *, lasts: bool) -> tuple[float, bool]:
    """Emphasis and negation by the words in front of a tone phrase, inside its clause.

    Praise is also turned by the negation of a verb before it («не оказали помощи»), blame only by a negation that
    touches it; both by a phrase of lacking, but for a time that `lasts`: «не работает третью неделю» says for how long
    something is missing, not that the time is. A phrase with its own negation is turned by none.
    """
    first = match.positions[0]
    language = words[first].word.language or "en"
    strangers = STRANGERS[language] if match.phrase.weight > 0 else 0
    factor, turned = 1.0, False
    for at in range(first - 1, max(first - 1 - REACH[language], -1), -1):
        token = words[at]
        if token.clause != words[first].clause:
            break
        if at in owners:
            turned = turned or (not lasts and lacks(words, owners[at], token))
            break
        part = ROLES[token.word]
        if part.negates:
            holds = negation_holds(words, at)
            # Russian negations agree with each other («никогда не», «ни разу не»), English ones cancel out.
            turned = (turned or holds) if language == "ru" else turned != holds
        elif part.factor != 1.0:
            factor *= part.factor
        elif not part.transparent:
            strangers -= 1
            if strangers < 0:
                break
    return min(max(factor, 0.4), 1.8), turned and not negated(words, match)


def lacks(words: Sequence[Token], match: Match, token: Token) -> bool:
    """Whether a phrase before praise says that it is missing («не хватает», «не умеют», "lack of")."""
    return match.phrase.weight < 0 and (is_any(token.word, "lacking") or negated(words, match))


def turned_after(words: Sequence[Token], match: Match, owners: Mapping[int, Match]) -> bool:
    """Whether a Russian negation follows a noun («проблем нет», «вопросов не возникло»)."""
    last = match.positions[-1]
    noun = words[last].word
    if len(match.positions) > 1 or noun.language != "ru" or "NOUN" not in noun.grammar:
        return False
    for at in (last + 1, last + 2):
        if at >= len(words) or words[at].clause != words[last].clause or at in owners:
            return False
        if words[at].word.language == "ru" and is_any(words[at].word, "trailing"):
            return words[at].word.text != "не" or "genitive" in noun.grammar
    return False


def shift(words: Sequence[Token], match: Match, owners: Mapping[int, Match], *, lasts: bool = False) -> Shift:
    """All that the surroundings do to a tone phrase; `owners` tells which phrase a word belongs to, `lasts` that it is
    a stretch of time to be blamed."""
    factor, turned = before(words, match, owners, lasts=lasts)
    turned = turned != turned_after(words, match, owners)
    inside = [words[at].word for at in match.positions]
    wish = any(["imperative" in word.grammar for word in inside])
    if not wish and wished(words, match.positions[0], match.positions[-1]):
        wish = not any(is_any(word, "promise") for word in inside)
    return Shift(factor, turned, wish)


def wished(words: Sequence[Token], first: int, last: int) -> bool:
    """Whether a tone word stands in a wish or condition («хотелось бы», "would be"): it tells nothing about what is."""
    low, high = max(first - 5, 0), min(last + 3, len(words))
    clause = words[first].clause
    for at in range(low, high):
        token = words[at]
        if token.clause != clause or first <= at <= last:
            continue
        if at > last and token.word.text != "бы":
            continue
        if ROLES[token.word].unreal:
            return True
    return False


def apply(weight: float, shift: Shift) -> float:
    """The weight of a tone word after its shift."""
    value = weight * shift.factor
    if shift.turned:
        return value * (FLIP_PRAISE if weight > 0 else FLIP_BLAME)
    return value * UNREAL_PRAISE if shift.unreal and weight > 0 else value
