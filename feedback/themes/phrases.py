"""Phrases of one to three lemmas that some documents have more often than others. Pure; standard library alone.

A document is a row of words as numbers. What is counted is in how many documents a phrase stands. Memory grows with the
first documents' words and with the phrases that come up in several of them, not with the others.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedback.themes.chance import benjamini_hochberg, hypergeometric_tail

FEWEST, FALSE_DISCOVERY_RATE, SMALLEST_LIFT = 5, 0.05, 1.5
SHARED = 0.6
MOST, MOST_LOOKED_AT = 30, 300

Gram = tuple[int, ...]
Document = Sequence[int]


@dataclass(frozen=True)
class Risen:
    """A phrase with its documents (their places), how many others have it, its lift and adjusted p; `others` are
    phrases that stand in the same documents."""

    gram: Gram
    documents: frozenset[int]
    in_base: int
    lift: float
    p: float
    others: tuple[Gram, ...] = ()


def grams(document: Document, known: Collection[Gram]) -> set[Gram]:
    """The phrases of a document that are among the known ones."""
    found: set[Gram] = set()
    for at in range(len(document)):
        for size in (1, 2, 3):
            gram = tuple(document[at : at + size])
            if len(gram) == size and gram in known:
                found.add(gram)
    return found


def candidates(documents: Sequence[Document], *, empty: Collection[int]) -> dict[Gram, int]:
    """Phrases that stand in five documents or more, with the number of those; none begins or ends with an empty word.

    A phrase is as rare as its rarest part, so that longer ones are only looked for where shorter ones came up.
    """
    parts: dict[Gram, int] = {}
    known = Counter[Gram]()
    for document in documents:
        known.update({(word,) for word in document})
    level = {gram: count for gram, count in known.items() if count >= FEWEST}
    for size in (2, 3):
        parts |= level
        known = Counter()
        for document in documents:
            known.update(_longer(document, size, level))
        level = {gram: count for gram, count in known.items() if count >= FEWEST}
    parts |= level
    return {gram: count for gram, count in parts.items() if gram[0] not in empty and gram[-1] not in empty}


def _longer(document: Document, size: int, level: Collection[Gram]) -> set[Gram]:
    return {
        tuple(document[at : at + size])
        for at in range(len(document) - size + 1)
        if tuple(document[at : at + size - 1]) in level and tuple(document[at + 1 : at + size]) in level
    }


@dataclass(frozen=True)
class Base:
    """The other documents: in how many of them each known phrase and each single word stands, and how many they are."""

    grams: Counter[Gram]
    words: Counter[int]
    number: int


def count(documents: Iterable[Document], known: Collection[Gram]) -> Base:
    """What has to be known of the documents that the first ones are compared with."""
    told, single, number = Counter[Gram](), Counter[int](), 0
    for document in documents:
        told.update(grams(document, known))
        single.update(set(document))
        number += 1
    return Base(told, single, number)


def family(known: Mapping[Gram, int], base: Base) -> float:
    """How many phrases might have come up, for each that has: the others belong to the same family of tests.

    Told from single words, since counting all longer phrases of the base would take memory without end.
    """
    own = [gram for gram in known if len(gram) == 1]
    might = sum(count >= FEWEST for count in base.words.values())
    return max(1.0, might / len(own)) if own else 1.0


def risen(
    documents: Sequence[Document], known: Mapping[Gram, int], base: Base,
    *, hides: Callable[[Gram, Collection[int]], bool] = lambda gram, places: False,
) -> list[Risen]:  # fmt: skip
    """The phrases that these documents have more often than the base, the least likely by chance first.

    Hypergeometric test on numbers of documents, Benjamini-Hochberg at 5 % over all phrases that might have come up,
    lift of 1.5 or more. Phrases that share more than 60 % of their documents are told as one; those that `hides` says
    of, given their documents, are not told at all.
    """
    drawn, total = len(documents), len(documents) + base.number
    if not drawn or not base.number:
        return []
    every, more = list(known), family(known, base)
    chances = [
        hypergeometric_tail(known[gram], drawn=drawn, marked=known[gram] + base.grams[gram], total=total)
        for gram in every
    ]
    found = [
        (p, gram, lift)
        for gram, adjusted in zip(every, benjamini_hochberg(chances), strict=True)
        if (p := min(1.0, adjusted * more)) <= FALSE_DISCOVERY_RATE
        and (lift := known[gram] / drawn / ((base.grams[gram] + 0.5) / (base.number + 1))) >= SMALLEST_LIFT
    ]
    told = sorted(found, key=lambda each: (each[0], -known[each[1]], -len(each[1]), each[1]))[:MOST_LOOKED_AT]
    places = _places(documents, {gram for _p, gram, _lift in told})
    seen = [each for each in told if not hides(each[1], places[each[1]])]
    return _merged([Risen(gram, frozenset(places[gram]), base.grams[gram], lift, p) for p, gram, lift in seen])


def _places(documents: Sequence[Document], known: Collection[Gram]) -> dict[Gram, set[int]]:
    places: dict[Gram, set[int]] = {gram: set() for gram in known}
    for at, document in enumerate(documents):
        for gram in grams(document, known):
            places[gram].add(at)
    return places


def _merged(found: Sequence[Risen]) -> list[Risen]:
    """The first phrase of each theme, with the others that stand in the same documents."""
    kept: list[Risen] = []
    others: dict[Gram, list[Gram]] = {}
    for each in found:
        first = next((one for one in kept if _is_same(one, each)), None)
        if first:
            others[first.gram].append(each.gram)
        elif len(kept) < MOST:
            kept.append(each)
            others[each.gram] = []
    return [Risen(e.gram, e.documents, e.in_base, e.lift, e.p, tuple(others[e.gram])) for e in kept]


def _is_same(first: Risen, second: Risen) -> bool:
    both = len(first.documents & second.documents)
    return both > SHARED * min(len(first.documents), len(second.documents))
