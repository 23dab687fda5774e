"""What a comment is about: cue words summed per topic."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from feedback.understanding import entities, lexicon
from feedback.understanding.kept import Kept
from feedback.understanding.phrases import CACHED_KEYS, cue_keys, required
from feedback.understanding.verdicts import Span, TopicRule, TopicVerdict
from feedback.understanding.words import Token, Word, tokens

SLACK = 2
WEAK = 0.5
FIRES = 1.0
SHORTEST_PREFIX = 3
LEAST_SURE, MOST_SURE = 0.62, 0.95
NONE: frozenset[str] = frozenset()
ENTITIES = ("{duration}", "{money}")


class Cue(NamedTuple):
    """One cue ready for matching: its topic's place, a signed weight, its words (sets of keys), the rarest of them, and
    what a text must have: keys that have to be in it, and sets of which one has to."""

    topic: int
    weight: float
    words: tuple[frozenset[str], ...]
    anchor: int
    needs: frozenset[str]
    others: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Cued:
    """What the cues of a taxonomy say of a text: their sum for each topic, and the words of those that speak for it."""

    sums: dict[str, float]
    spans: dict[str, tuple[Span, ...]]

    @cached_property
    def verdicts(self) -> tuple[TopicVerdict, ...]:
        """The topics whose cues sum up to 1 or more, surest first, with the cue words as evidence."""
        fired = sorted((item for item in self.sums.items() if item[1] >= FIRES), key=lambda item: -item[1])
        return tuple(TopicVerdict(code, round(sureness(total), 3), self.spans[code]) for code, total in fired)

    @property
    def hints(self) -> tuple[tuple[str, float], ...]:
        """The other topics that some cue spoke for or against."""
        return tuple((code, total) for code, total in self.sums.items() if total < FIRES)


class Evidence(NamedTuple):
    """A cue found at these word positions."""

    cue: Cue
    positions: tuple[int, ...]


def cue_words(text: str) -> tuple[frozenset[str], ...]:
    """The keys of each word of a cue; `word*` stays a prefix and `{name}` an entity. Empty when nothing is left."""
    found: list[frozenset[str]] = []
    for part in text.split():
        if part in ENTITIES:
            found.append(frozenset((part,)))
        elif part.endswith("*"):
            stems = [token.word.text for token in tokens(part[:-1]) if token.kind == "word"]
            if not stems or len(stems[-1]) < SHORTEST_PREFIX:
                return ()
            found.append(frozenset((stems[-1] + "*",)))
        else:
            found += [cue_keys(token.raw) for token in tokens(part) if token.kind in ("word", "number")]
    return tuple(found)


def read_cue(text: str) -> tuple[float, tuple[frozenset[str], ...]]:
    """Weight and words of a cue as typed: `?` halves it, a leading `-` makes it speak against the topic."""
    weight = FIRES
    rest = text.strip()
    while rest[:1] in ("-", "?"):
        weight *= -1 if rest[0] == "-" else WEAK
        rest = rest[1:].lstrip()
    return weight, cue_words(rest)


class Matcher:
    """The compiled cues of a taxonomy."""

    def __init__(self, rules: Sequence[TopicRule]) -> None:
        self.codes = [rule.code for rule in rules]
        read = {
            (place, words): weight
            for place, rule in enumerate(rules)
            for weight, words in map(read_cue, (*rule.cues_ru, *rule.cues_en))
            if words
        }
        frequency = Counter(key for _, words in read for keys in words for key in keys)
        self.listed = frozenset(frequency)
        self.anchored: dict[str, list[Cue]] = {}
        self.prefixes: set[str] = set()
        for (place, words), weight in read.items():
            rarity = [max(frequency[key] for key in keys) for keys in words]
            cue = Cue(place, weight, words, rarity.index(min(rarity)), *required(words))
            for key in words[cue.anchor]:
                self.anchored.setdefault(key, []).append(cue)
            self.prefixes |= {key for keys in words for key in keys if key.endswith("*")}
        self.keys_of = Kept(self.word_keys, CACHED_KEYS)

    def word_keys(self, word: Word) -> frozenset[str]:
        """The lemmas or stem of a word and the prefixes that it satisfies."""
        found = self.listed & word.lemmas | {prefix for prefix in self.prefixes if word.text.startswith(prefix[:-1])}
        return found or NONE

    def find(self, words: Sequence[Token], times: Sequence[entities.Stretch]) -> list[Evidence]:
        """Each cue that occurs, once, at its first place; `times` are the stretches of time among the words."""
        keys_of = self.keys_of
        keys = {at: own for at, token in enumerate(words) if (own := keys_of[token.word])}
        ends: dict[int, int] = {}
        for first, last, _, _ in times:
            keys[first], ends[first] = keys.get(first, NONE) | {"{duration}"}, last
        for first, last in entities.amounts(words):
            keys[first], ends[first] = keys.get(first, NONE) | {"{money}"}, last
        found: dict[int, Evidence] = {}
        present = frozenset().union(*keys.values())
        for at, own in sorted(keys.items()) if ends else keys.items():
            for key in own:
                for cue in self.anchored.get(key, ()):
                    if id(cue) in found or not cue.needs <= present or any(map(present.isdisjoint, cue.others)):
                        continue
                    if positions := (at,) if len(cue.words) == 1 else together(cue, at, keys):
                        found[id(cue)] = Evidence(cue, with_entities(cue, positions, ends) if ends else positions)
        return list(found.values())


def together(cue: Cue, at: int, keys: Mapping[int, frozenset[str]]) -> tuple[int, ...]:
    """Positions of the several words of a cue, in any order, in a window of its length + 2 around its anchor, else
    nothing; `keys` are of words with any."""
    width = len(cue.words) + SLACK
    for start in range(max(at - width + 1, 0), at + 1):
        used = [at]
        for place, wanted in enumerate(cue.words):
            if place == cue.anchor:
                continue
            window = (i for i in range(start, start + width) if i in keys and i not in used)
            spot = next((i for i in window if not wanted.isdisjoint(keys[i])), None)
            if spot is None:
                break
            used.append(spot)
        else:
            return tuple(sorted(used))
    return ()


def with_entities(cue: Cue, positions: tuple[int, ...], ends: dict[int, int]) -> tuple[int, ...]:
    """The positions of a cue, each entity in it followed by the place of its last word."""
    if not any(key in ENTITIES for keys in cue.words for key in keys):
        return positions
    return tuple(sorted({*positions, *(ends[at] for at in positions if at in ends)}))


def sureness(total: float) -> float:
    """Confidence for a sum of cues: .62 when it just fires, rising to .95."""
    return MOST_SURE - (MOST_SURE - LEAST_SURE) * math.exp(-(total - FIRES))


@lru_cache(maxsize=1)
def default_rules() -> tuple[TopicRule, ...]:
    """The taxonomy shipped in `feedback/lexicon/topics.json`."""
    return tuple(
        TopicRule(topic["code"], tuple(topic["cues_ru"]), tuple(topic["cues_en"]), is_shipped=True)
        for topic in lexicon.table("topics")["topics"]
    )


@lru_cache(maxsize=32)
def compile_rules(rules: tuple[TopicRule, ...]) -> Matcher:
    """A matcher for a taxonomy.

    A cue is one or more words as lemmas (ru) or stems (en), any inflected form will do, in any order within its
    length + 2 words; `?` in front weighs 0.5, `-` speaks against; `word*` is a prefix of three letters or more;
    `{duration}` and `{money}` are entities. Unusable cues match nothing.
    """
    return Matcher(rules)


def weigh(words: Sequence[Token], times: Sequence[entities.Stretch], matcher: Matcher) -> Cued:
    """What the cues of a taxonomy say of these words, among which are these stretches of time."""
    sums: dict[int, float] = {}
    places: dict[int, set[tuple[int, int]]] = {}
    for cue, positions in matcher.find(words, times):
        sums[cue.topic] = sums.get(cue.topic, 0.0) + cue.weight
        if cue.weight > 0:
            places.setdefault(cue.topic, set()).update((words[at].start, words[at].end) for at in positions)
    codes = matcher.codes
    return Cued(
        {codes[topic]: sums[topic] for topic in sorted(sums)},
        {
            codes[topic]: tuple(Span(*ends, f"topic:{codes[topic]}") for ends in sorted(own))
            for topic, own in places.items()
        },
    )
