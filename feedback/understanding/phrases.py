"""Finding weighted phrases in a text: ordered words, small gaps allowed, never across a sentence.

A phrase is words parted by spaces. A word matches by lemma (ru) or stem (en); `=word` as spelled; `a|b` either (the
`=` then holds for all); `{name}` by a class of words that the index is given; `...` lets up to four words stand
between. Otherwise one adverb, pronoun or preposition may. An English word that stands alone and is itself derived
(helpful, timely) matches as spelled, since its stem (help, time) means something else.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from feedback.understanding import lexicon
from feedback.understanding.kept import Kept
from feedback.understanding.typos import Spellings
from feedback.understanding.words import Token, Word, analyse, analyser

CACHED_KEYS = 30_000
NEAR = 1
FAR = 4
BRIDGES = frozenset(("ADVB", "PRCL", "NPRO", "PREP", "NUMR"))
Classes = Mapping[str, Callable[[Word], bool]]


class Element(NamedTuple):
    """One word of a phrase: the keys that satisfy it and how many words may stand before it."""

    keys: frozenset[str]
    gap: int


class Phrase(NamedTuple):
    """A phrase as written, its weight, its elements, which of them it is looked up by, how many count as spelled, and
    what must be in the text beside: keys that have to, and sets of which one has to."""

    text: str
    weight: float
    elements: tuple[Element, ...]
    anchor: int
    exact: int
    needs: frozenset[str]
    others: tuple[frozenset[str], ...]


class Match(NamedTuple):
    """A phrase found; the positions are indices into the words searched."""

    phrase: Phrase
    positions: tuple[int, ...]


def cue_keys(word: str) -> frozenset[str]:
    """The lemmas or stem that a word written in a list stands for, which may be written in an inflected form."""
    analysed = analyse(word)
    if analysed.language != "ru" or analysed.text in analysed.lemmas:
        return frozenset((analysed.text if analysed.language == "ru" else analysed.lemma,))
    parses = analyser().parse(analysed.text)
    best = parses[0].score
    return frozenset(p.normal_form.replace("ё", "е") for p in parses if p.score >= best * 0.5)


def element_keys(word: str) -> frozenset[str]:
    """The keys of one word of a phrase, marks included."""
    exact = word.startswith("=")
    keys: set[str] = set()
    for choice in word.removeprefix("=").split("|"):
        if choice.startswith("{"):
            keys.add(choice)
        elif exact:
            keys.add("=" + analyse(choice).text)
        else:
            keys |= cue_keys(choice)
    return frozenset(keys)


def derived(word: str) -> bool:
    """Whether an English word has lost more than a closing e or y in its stem."""
    analysed = analyse(word)
    if analysed.language != "en":
        return False
    return analysed.lemma not in (word, word.removesuffix("e"), word.removesuffix("y") + "i")


def phrase_keys(text: str) -> list[tuple[frozenset[str], int]]:
    """The keys of each word of a phrase with the gap allowed before it."""
    parts = text.split()
    if len(parts) == 1 and parts[0].isalpha() and derived(parts[0]):
        return [(element_keys("=" + text), NEAR)]
    found = []
    gap = NEAR
    for part in parts:
        if part == "...":
            gap = FAR
        else:
            found.append((element_keys(part), gap))
            gap = NEAR
    return found


def is_bridge(word: Word) -> bool:
    """Whether a word may stand inside a phrase: an adverb, pronoun, preposition, article or the like."""
    lists = lexicon.table("modifiers")[word.language or "en"]
    if word.text in lists["not_negated_by"]:
        return False
    if word.language == "ru":
        return not BRIDGES.isdisjoint(word.grammar)
    return word.text.endswith("ly") or any(
        word.text in lists[name] for name in ("transparent", "intensifiers", "diminishers")
    )


BRIDGING: Kept[Word, bool] = Kept(is_bridge, CACHED_KEYS)


def required(sets: Iterable[frozenset[str]]) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """What a text must have for a word of each of these sets of keys: keys that have to be in it, and the sets of which
    one has to."""
    told = list(sets)
    return frozenset().union(*(keys for keys in told if len(keys) == 1)), tuple(keys for keys in told if len(keys) > 1)


NOTHING: tuple[frozenset[str], tuple[Phrase, ...]] = (frozenset(), ())


class PhraseIndex:
    """Phrases by their anchor words."""

    def __init__(self, phrases: Iterable[tuple[str, float]], classes: Classes | None = None) -> None:
        listed = [(text, weight, tuple(Element(*pair) for pair in phrase_keys(text))) for text, weight in phrases]
        frequency = Counter(key for _, _, elements in listed for element in elements for key in element.keys)
        self.classes = dict(classes or {})
        self.spellings = Spellings(text for text, _, elements in listed if len(elements) == 1 and text.isalpha())
        self.listed = frozenset(frequency)
        self.single = frozenset(key for _, _, elements in listed if len(elements) == 1 for key in elements[0].keys)
        self.by_key: dict[str, list[Phrase]] = {}
        for text, weight, elements in listed:
            rarity = [max(frequency[key] for key in element.keys) for element in elements]
            anchor = rarity.index(min(rarity))
            exact = sum(any(key.startswith("=") for key in element.keys) for element in elements)
            beside = [element.keys for place, element in enumerate(elements) if place != anchor]
            phrase = Phrase(text, weight, elements, anchor, exact, *required(beside))
            for key in elements[phrase.anchor].keys:
                self.by_key.setdefault(key, []).append(phrase)
        self.keys_of = Kept(self.word_keys, CACHED_KEYS)

    def word_keys(self, word: Word) -> tuple[frozenset[str], tuple[Phrase, ...]]:
        """The keys that a word satisfies and the phrases that it anchors."""
        keys = {*word.likely, "=" + word.text}
        if word.language == "en" and word.text.endswith("ly"):
            keys.add("=" + word.text[:-2])
        keys |= {"{" + name + "}" for name, holds in self.classes.items() if holds(word)}
        if keys.isdisjoint(self.single):
            keys |= self.meant(word)
        keys &= self.listed
        if not keys:
            return NOTHING
        anchored = {id(phrase): phrase for key in keys for phrase in self.by_key.get(key, ())}
        return frozenset(keys), tuple(anchored.values())

    def meant(self, word: Word) -> set[str]:
        """The keys of the listed words that an unknown one is likely a misspelling of."""
        if word.language == "ru" and "unknown" in word.grammar:
            return {listed for lemma in word.likely[:3] for listed in self.spellings.russian(lemma)}
        if word.language == "en":
            return {
                key
                for listed in self.spellings.english(word.text)
                for key in (listed, "=" + listed, analyse(listed).lemma)
            }
        return set()

    def find(self, words: Sequence[Token]) -> list[Match]:
        """All matches, longest phrases first; no word is used by two of them."""
        keys_of = self.keys_of
        found: list[Match] = []
        known = {at: pair for at, token in enumerate(words) if (pair := keys_of[token.word]) is not NOTHING}
        anchors = [(at, anchored) for at, (_keys, anchored) in known.items() if anchored]
        if not anchors:
            return found
        keys = {at: own for at, (own, _anchored) in known.items()}
        present = frozenset().union(*keys.values())
        for at, anchored in anchors:
            for phrase in anchored:
                if not phrase.needs <= present or (phrase.others and any(map(present.isdisjoint, phrase.others))):
                    continue
                positions = (at,) if len(phrase.elements) == 1 else self.spread(phrase, at, keys, words)
                if positions:
                    found.append(Match(phrase, positions))
        if len(found) < 2:
            return found
        found.sort(key=preference)
        taken: set[int] = set()
        kept: list[Match] = []
        for match in found:
            if taken.isdisjoint(match.positions):
                taken.update(match.positions)
                kept.append(match)
        kept.sort(key=lambda match: match.positions)
        return kept

    def spread(
        self, phrase: Phrase, at: int, keys: Mapping[int, frozenset[str]], words: Sequence[Token]
    ) -> tuple[int, ...]:
        """Positions of the several words of a phrase around its anchor, or nothing; `keys` are of words with any."""
        elements, positions = phrase.elements, [at]
        for index in range(phrase.anchor - 1, -1, -1):
            place = self.near(elements[index].keys, positions[0], -elements[index + 1].gap - 1, keys=keys, words=words)
            if place is None:
                return ()
            positions.insert(0, place)
        for index in range(phrase.anchor + 1, len(elements)):
            place = self.near(elements[index].keys, positions[-1], elements[index].gap + 1, keys=keys, words=words)
            if place is None:
                return ()
            positions.append(place)
        return tuple(positions)

    @staticmethod
    def near(
        wanted: frozenset[str], at: int, reach: int, *, keys: Mapping[int, frozenset[str]], words: Sequence[Token]
    ) -> int | None:
        """The nearest word in one direction that satisfies an element; a gap of one stays inside the clause."""
        step = 1 if reach > 0 else -1
        for place in range(at + step, at + reach + step, step):
            if not 0 <= place < len(words) or words[place].sentence != words[at].sentence:
                return None
            if abs(reach) <= NEAR + 1 and words[place].clause != words[at].clause:
                return None
            if place in keys and not wanted.isdisjoint(keys[place]):
                return place
            if abs(reach) <= NEAR + 1 and not BRIDGING[words[place].word]:
                return None
        return None


def preference(match: Match) -> tuple[int, int, int, tuple[int, ...], str]:
    """Sorting key: more words first, then more of them as spelled, the closest together, the earliest, by alphabet."""
    exact = match.phrase.exact
    return -len(match.positions), -exact, match.positions[-1] - match.positions[0], match.positions, match.phrase.text
