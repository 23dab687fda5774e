"""Whether a comment asks or advises the provider to change something in general.

Not: tips to other customers, demands in one's own case, "would recommend", «предложений нет», reported instructions.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from feedback.understanding import lexicon, openings
from feedback.understanding.kept import Kept
from feedback.understanding.phrases import CACHED_KEYS, PhraseIndex
from feedback.understanding.verdicts import Span, Verdict
from feedback.understanding.words import Token, Word

ASKS = 0.75
MOST_SURE = 0.9
DENIED = 0.95
# A denial that is all a short comment says, «рекомендовала бы всем», is certain: no model overrules it.
SETTLED, SHORT, BARE, CLEARLY = 0.97, 8, 3, -1.5
DEMAND_REACH = 4


class Request(NamedTuple):
    """The verdict, the numbers of the sentences that ask, and the characters of demands in the customer's own case."""

    verdict: Verdict
    sentences: frozenset[int]
    demands: tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def listed(language: str, name: str) -> frozenset[str]:
    """One list of `requests.json`."""
    return frozenset(lexicon.table("requests")[language][name])


def is_act(word: Word) -> bool:
    """A Russian infinitive of changing something."""
    return "INFN" in word.grammar and word.lemma in listed("ru", "change")


def is_command(word: Word) -> bool:
    """A Russian imperative in the polite form."""
    return "imperative" in word.grammar and word.text.endswith(("те", "тесь"))


def is_ask(word: Word) -> bool:
    """A polite imperative of changing something, no tip to other customers."""
    return is_command(word) and word.lemma in listed("ru", "change") and word.lemma not in listed("ru", "tips")


def is_urge(word: Word) -> bool:
    """Any other polite imperative that is neither a tip to other customers nor asked in one's own case."""
    known = listed("ru", "tips") | listed("ru", "demand") | listed("ru", "change")
    return is_command(word) and word.lemma not in known


CLASSES: dict[str, Callable[[Word], bool]] = {
    "act": is_act,
    "ask": is_ask,
    "urge": is_urge,
    "infinitive": lambda word: "INFN" in word.grammar,
    "comparative": lambda word: "COMP" in word.grammar,
    "genitive": lambda word: "genitive" in word.grammar,
    "third": lambda word: "3per" in word.grammar,
    "singly": lambda word: {"past", "sing"} <= word.grammar and word.lemma in listed("ru", "change"),
    "would": lambda word: {"past", "plur"} <= word.grammar and word.lemma in listed("ru", "change"),
    "change": lambda word: word.language == "en" and word.text in listed("en", "change"),
    "stopping": lambda word: word.text in listed("en", "gerunds_to_stop"),
}


@lru_cache(maxsize=4)
def indexes(language: str) -> tuple[PhraseIndex, PhraseIndex]:
    """The phrases of one language that ask for a change, and those that show that nothing is asked."""
    phrases = lexicon.weights(f"requests_{language}")
    asking = [phrase for phrase in phrases if phrase[1] > 0]
    denying = [phrase for phrase in phrases if phrase[1] < 0]
    return PhraseIndex(asking, CLASSES), PhraseIndex(denying, CLASSES)


def is_demand(word: Word) -> bool:
    """A polite imperative of what is asked in one's own case."""
    return is_command(word) and word.lemma in listed("ru", "demand")


DEMANDING: Kept[Word, bool] = Kept(is_demand, CACHED_KEYS)


def demands(words: Sequence[Token]) -> list[tuple[int, int]]:
    """Word positions of «верните мои деньги», «разблокируйте карту»: the customer's own case."""
    found = []
    for at in [at for at, token in enumerate(words) if DEMANDING[token.word]]:
        around = range(max(at - 2, 0), min(at + DEMAND_REACH + 1, len(words)))
        near = [i for i in around if words[i].sentence == words[at].sentence and i != at]
        own = [
            i
            for i in near
            if words[i].word.lemma in listed("ru", "personal") or words[i].word.lemma in listed("ru", "money")
        ]
        if own or not near:
            found.append((at, max([at, *own])))
    return found


def only_told(words: Sequence[Token], at: int) -> bool:
    """Whether an imperative is reported («сказали: ждите») or, inside a clause, an indicative («если хотите»)."""
    if "imperative" not in words[at].word.grammar:
        return False
    if any(token.word.lemma in listed("ru", "reporting") for token in words[:at]):
        return True
    before = at - 1
    while before >= 0 and words[before].clause == words[at].clause and words[before].word.text in listed("ru", "leads"):
        before -= 1
    opens = before < 0 or words[before].clause != words[at].clause
    return "indicative" in words[at].word.grammar and not opens


def evidence(words: Sequence[Token]) -> Iterator[tuple[int, int, float]]:
    """First and last word and weight of everything that speaks for or against a request in these words."""
    languages = {token.word.language for token in words}
    for language in ("ru", "en"):
        if language in languages:
            matches = [match for index in indexes(language) for match in index.find(words)]
            for match in (match for match in matches if not any(only_told(words, at) for at in match.positions)):
                yield match.positions[0], match.positions[-1], match.phrase.weight
    if "ru" in languages:
        yield from openings.russian(words)
    if "en" in languages:
        yield from openings.english(words)


def is_clear(weights: Sequence[float], words: int) -> bool:
    """Whether these denials leave no doubt; of two or three words a faint one is enough, if nothing speaks against."""
    return sum(weights) < 0 and (min(weights) <= CLEARLY or (words <= BARE and max(weights) < 0))


def read(found: Sequence[Token]) -> Request:
    """yes or no with its confidence; spans are the words that ask."""
    words = [token for token in found if token.kind in ("word", "number")]
    own = demands(words)
    best, asking, spans, denied, settled = 0.0, set(), [], False, False
    end = 0
    for number, group in groupby(words, key=attrgetter("sentence")):
        sentence = list(group)
        start, end = end, end + len(sentence)
        pieces = list(evidence(sentence))
        if not pieces:
            continue  # so it is of most sentences
        if own_here := [first - start for first, _ in own if start <= first < end]:
            pieces = [
                piece for piece in pieces if piece[2] < 0 or not any(piece[0] <= at <= piece[1] for at in own_here)
            ]
        total = sum(weight for _, _, weight in pieces)
        best, denied = max(best, total), denied or total < 0
        settled = len(sentence) == len(words) <= SHORT and is_clear([weight for _, _, weight in pieces], len(words))
        if total >= ASKS:
            asking.add(number)
            spans += [
                Span(sentence[first].start, sentence[last].end, "constructive")
                for first, last, weight in pieces
                if weight >= 0.3
            ]
    value, sure = ("yes", min(0.3 + 0.3 * best, MOST_SURE)) if asking else ("no", MOST_SURE - 0.5 * max(best, 0.0))
    if denied and not asking:  # «рекомендую всем» is more than no request found
        sure = SETTLED if settled else DENIED
    marked = tuple(sorted(set(spans), key=lambda span: (span.start, span.end)))
    places = tuple((words[first].start, words[last].end) for first, last in own)
    return Request(Verdict(value, round(sure, 3), marked), frozenset(asking), places)
