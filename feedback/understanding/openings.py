"""Requests that only their first words show: bare infinitives, imperatives, «Побольше касс», "Shorter queues"."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from feedback.understanding import lexicon
from feedback.understanding.kept import Kept
from feedback.understanding.words import Token, Word

LONGEST_NOMINAL = 12
SHORT_NOMINAL = 6
LATEST_VERB = 3
PLEASE = frozenset(("пожалуйста", "плиз", "плз", "пож", "please", "pls", "plz"))
NEEDED = frozenset(("нужен", "нужна", "нужны"))
LEADS = frozenset(
    ("и", "а", "ну", "еще", "только", "просто", "лучше", "нужно", "also", "and", "just", "or", "then", "so", "maybe")
    + ("perhaps", "ideally", "kindly", "next")
)
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


def is_statement(word: Word) -> bool:
    """Whether a Russian word says that something is or was so (a finite verb or a predicative)."""
    finite = "VERB" in word.grammar and not FINITE.isdisjoint(word.grammar) and "imperative" not in word.grammar
    return finite or word.lemma in listed("ru", "stops")


STATING: Kept[Word, bool] = Kept(is_statement, 30_000)


def states(token: Token) -> bool:
    """The same of a word in a text."""
    return STATING[token.word]


def russian(words: Sequence[Token]) -> Iterator[PIECE]:
    """«Сократить ожидание», «Не навязывать услуги», «Больше касс», «Вежливости бы вашим операторам»."""
    at = opening(words)
    if at is None:
        return
    if words[at].word.text in NEEDED and not any(map(own, words)) and not any(map(states, words[at + 1 : at + 2])):
        yield at, at, 0.9
    for verb in range(at, min(at + LATEST_VERB, len(words))):
        if "INFN" in words[verb].word.grammar:
            yield from bare_infinitive(words, at, verb)
            return
        if states(words[verb]) or words[verb].word.text in ("чтобы", "чтоб"):
            break
    yield from nominal(words, at)


def own(token: Token) -> bool:
    """Whether a word points at the customer's own case."""
    return token.word.lemma in listed("ru", "personal") or token.word.text in listed("en", "personal")


def bare_infinitive(words: Sequence[Token], at: int, verb: int) -> Iterator[PIECE]:
    """An infinitive that no other verb or predicative governs asks; a dash makes it a subject («Пробиться — квест»)."""
    word = words[verb].word
    clause = [token for token in words[at:] if token.clause == words[verb].clause]
    if word.lemma in listed("ru", "hopeless") or any(map(states, clause)):
        return
    if word.lemma in listed("ru", "change"):
        yield at, verb, 1.0
    elif verb == at + 1 and words[at].word.text == "не":
        yield at, verb, 0.8


def nominal(words: Sequence[Token], at: int) -> Iterator[PIECE]:
    """«Больше касс», «Побыстрее отвечать», «Парковку бы», «Скамейку у входа»: a few words without a finite verb."""
    word = words[at].word
    following = words[at + 1].word if at + 1 < len(words) else None
    if len(words) > LONGEST_NOMINAL or any(map(states, words[at:])):
        return
    if following and following.text == "бы" and "NOUN" in word.grammar:
        yield at, at + 1, 1.0
    elif "COMP" in word.grammar or word.text in ("больше", "меньше"):
        if following and not compared(following):
            yield at, at + 1, 1.0
    elif any(token.word.text in PLEASE for token in words):
        yield at, at, 0.6
    elif wanted_thing(word) and words[0].sentence <= 1 and len(words) <= SHORT_NOMINAL and not any(map(given, words)):
        yield at, at, 0.8


def wanted_thing(word: Word) -> bool:
    """Whether a word can only be an object («скамейку», «темную»)."""
    return "accusative" in word.grammar and word.text.endswith(("у", "ю"))


def given(token: Token) -> bool:
    """Whether a word names what customers give («благодарность», «пятерку») or a measure."""
    return token.word.lemma in listed("ru", "given")


def compared(word: Word) -> bool:
    """Whether the word after «больше» is a measure («больше часа») or no thing wanted at all («больше не»)."""
    wanted = "genitive" in word.grammar or not {"INFN", "ADJF"}.isdisjoint(word.grammar)
    return not wanted or word.text in ("всего", "всех") or word.lemma in ("час", "неделя", "месяц", "день", "год")


def english(words: Sequence[Token]) -> Iterator[PIECE]:
    """ "Bring back the chat", "Shorter queues", "If there is no room, ask the customer"."""
    at = opening(words)
    if at is None or at + 1 >= len(words):
        return
    first, second = words[at].word.text, words[at + 1].word.text
    finite = listed("en", "finite")
    fact = any(token.word.text in finite for token in words[at + 1 :])
    if words[-1].word.text in PLEASE and len(words) <= SHORT_NOMINAL and not fact:
        yield at, len(words) - 1, 0.5
    if first == "if":
        yield from after_condition(words, at)
    elif more(words[at:]):
        if len(words) <= LONGEST_NOMINAL and not fact:
            yield at, at + 1, 1.0
    elif commands(first, second) and not any(map(own, words[at + 1 : at + 4])):
        yield at, at + 1, 0.5 if fact else 0.9


def more(words: Sequence[Token]) -> bool:
    """Whether the words open with "shorter ...", "a bit more ..." as something wanted, not as a measure."""
    spelled = [token.word.text for token in words[:4]]
    if spelled[0] in ("a", "some") and spelled[1] in ("bit", "little", "few"):
        spelled = spelled[2:]
    return len(spelled) > 1 and spelled[0] in listed("en", "more") and spelled[1] not in listed("en", "measures")


def commands(first: str, second: str) -> bool:
    """Whether two opening words are an order to the provider; verbs that are also nouns need an article after them."""
    if first in listed("en", "change"):
        return not second.endswith("ed")
    return first in listed("en", "change_what") and second in listed("en", "articles")


def after_condition(words: Sequence[Token], at: int) -> Iterator[PIECE]:
    """ "If ..., ask the customer": a bare verb opening the clause after the condition."""
    for place in range(at + 1, len(words)):
        if words[place].clause != words[at].clause:
            if words[place].word.text in listed("en", "change") or words[place].word.text == "at":
                yield place, place, 0.8
            return
