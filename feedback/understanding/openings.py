"""Requests that only their first words show: bare infinitives, imperatives, «Побольше касс», "Shorter queues"."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from feedback.understanding import lexicon
from feedback.understanding.words import Token

LONGEST_NOMINAL = 12
LEADS = frozenset("и а ну еще только просто лучше нужно also and just or then so maybe perhaps ideally kindly next".split())
PIECE = tuple[int, int, float]
FINITE = frozenset(("past", "pres", "futr"))


@lru_cache(maxsize=64)
def listed(language: str, name: str) -> frozenset[str]:
    """One list of `requests.json`."""
    return frozenset(lexicon.table("requests")[language][name])


def opening(words: Sequence[Token]) -> int | None:
    """The place of the first word that is no lead-in («и», "also") and no number."""
    for at, token in enumerate(words[:4]):
        if token.kind == "word" and token.word.text not in LEADS:
            return at
    return None


def states(token: Token) -> bool:
    """Whether a Russian word says that something is or was so (a finite verb or a predicative)."""
    grammar = token.word.grammar
    finite = "VERB" in grammar and not FINITE.isdisjoint(grammar) and "imperative" not in grammar
    return finite or token.word.lemma in listed("ru", "stops")


def russian(words: Sequence[Token]) -> Iterator[PIECE]:
    """«Сократить ожидание», «Не навязывать услуги», «Больше касс», «Вежливости бы вашим операторам»."""
    at = opening(words)
    if at is None:
        return
    denied = words[at].word.text == "не"
    verb = at + denied
    if verb >= len(words):
        return
    clause = [token for token in words[verb + 1 :] if token.clause == words[verb].clause]
    word = words[verb].word
    if "INFN" in word.grammar and word.lemma not in listed("ru", "hopeless") and not any(map(states, clause)):
        known = word.lemma in listed("ru", "change")
        if known or denied or len(words) <= LONGEST_NOMINAL:
            yield at, verb, 1.0 if known else 0.8
    elif not denied:
        yield from nominal(words, at)


def nominal(words: Sequence[Token], at: int) -> Iterator[PIECE]:
    """«Больше касс», «Побыстрее отвечать», «Парковку бы»: a few words without a finite verb."""
    word = words[at].word
    rest = words[at + 1 :]
    if len(words) > LONGEST_NOMINAL or any(map(states, words[at:])):
        return
    if rest and rest[0].word.text == "бы" and "NOUN" in word.grammar:
        yield at, at + 1, 1.0
    elif "COMP" in word.grammar or word.text in ("больше", "меньше"):
        following = rest[0].word if rest else None
        if following and ("genitive" in following.grammar or not {"INFN", "ADJF"}.isdisjoint(following.grammar)):
            compared = following.text in ("всего", "всех") or following.lemma in ("час", "неделя", "месяц", "день", "год")
            if not compared:
                yield at, at + 1, 1.0


def english(words: Sequence[Token]) -> Iterator[PIECE]:
    """"Bring back the chat", "Shorter queues", "If there is no room, ask the customer"."""
    at = opening(words)
    if at is None:
        return
    word = words[at].word
    following = words[at + 1].word.text if at + 1 < len(words) else ""
    own = any(token.word.text in listed("en", "personal") for token in words[at + 1 : at + 4])
    states_fact = any(token.word.text in listed("en", "finite") for token in words[at + 1 :])
    if word.text in listed("en", "more"):
        if following and len(words) <= LONGEST_NOMINAL and not states_fact and following not in ("than", "or", "of"):
            yield at, at + 1, 1.0
    elif word.text in ("a", "some") and following in ("bit", "little", "few", "lot") and not states_fact:
        if len(words) > at + 2 and words[at + 2].word.text in listed("en", "more"):
            yield at, at + 2, 1.0
    elif word.text in listed("en", "change") and following and not own:
        yield at, at + 1, 0.5 if states_fact else 0.9
    elif word.text == "if":
        yield from after_condition(words, at)


def after_condition(words: Sequence[Token], at: int) -> Iterator[PIECE]:
    """"If ..., ask the customer": a bare verb opening the clause after the condition."""
    for place in range(at + 1, len(words)):
        if words[place].clause != words[at].clause:
            if words[place].word.text in listed("en", "change") or words[place].word.text == "at":
                yield place, place, 0.8
            return
