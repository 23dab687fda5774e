"""Tokens with offsets, and the analysis of single words (Russian lemmas, English stems), cached."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from feedback.understanding import latin
from feedback.understanding.kept import Kept

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

LONGEST_TEXT = 5000
LONGEST_WORD = 40
CACHED_WORDS = 40_000
LEAST_SCORE = 0.07
IMPERATIVE_SCORE = 0.3

MARKS = "\u0300-\u036f\u0483-\u0489\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f"
EMOJI = (
    "\u203c\u2049\u2122\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d"
    "\U0001f000-\U0001faff"
)
LINK = r"(?P<link>https?://\S{1,500}|www\.\S{1,500}|[\w.+-]{1,64}+@[\w-]{1,64}\.[\w.-]{1,64})"
OTHERS = rf"""
    (?P<tag>[@\#]\w{{1,64}})
  | (?P<face>[:;=8][-']?[)(DPpРрOo*\\|/]+(?!\w)|<3|\^_?\^|[xXхХ][dDдД]+(?!\w))
  | (?P<bracket>[()]+)
  | (?P<number>\d{{1,20}}(?:[.,]\d{{1,20}})?(?:-?(?:ю|я|й|го|му|ый|ой|ая|ую|е|х|th|st|nd|rd)(?!\w))?)
  | (?P<word>[^\W\d_][\w{MARKS}]*(?:[-'’ʼ`][^\W\d_][\w{MARKS}]*)*)
  | (?P<emoji>[{EMOJI}][{EMOJI}\ufe0f\u200d\u20e3\s]*)
  | (?P<sign>[%$€₽£₸₴₹+*/\#№&=])
  | (?P<end>[.!?…\r\n]+)
  | (?P<pause>[,;:—–"«»“”„\[\]]|-(?!\w))
"""
TOKEN, UNLINKED = re.compile(f"{LINK}|{OTHERS}", re.VERBOSE), re.compile(OTHERS, re.VERBOSE)
BREAKS = frozenset(("end", "pause", "bracket", "face", "emoji"))
TELLING = frozenset(("word", "number", "sign"))
CONTINUES = re.compile(r"\s?что(?:бы?)?\s", re.IGNORECASE)
STRIPPED = re.compile(f"[{MARKS}]")
REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
CYRILLIC = re.compile(r"[а-яёА-ЯЁ]")
LOOKALIKES = str.maketrans("aceopxyknmtbhi", "асеорхукнмтвні")
PARTS = ("NOUN", "ADJF", "ADJS", "COMP", "VERB", "INFN", "PRTF", "PRTS", "ADVB", "NPRO", "PREP", "CONJ", "PRCL", "NUMR")
FORMS = ("gent", "accs", "datv", "plur", "sing", "past", "pres", "futr", "1per", "2per", "3per", "impf", "perf")
GRAMMAR = frozenset(PARTS + FORMS)


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """One spelling: its normalised text, best lemma or stem, all of them, the likely ones, and Russian grammemes.

    Equal to itself alone, so that what is kept for each word is found without hashing all of it.
    """

    text: str
    language: str
    lemma: str
    lemmas: frozenset[str]
    likely: tuple[str, ...]
    grammar: frozenset[str]


class Token(NamedTuple):
    """One piece of a text; `sentence` and `clause` number the stretch it stands in."""

    start: int
    end: int
    kind: str
    raw: str
    word: Word
    sentence: int
    clause: int


@lru_cache(maxsize=1)
def analyser() -> "MorphAnalyzer":
    """The Russian morphological analyser; loading it takes a fifth of a second."""
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()


@lru_cache(maxsize=1)
def stemmer() -> Any:
    """The English Snowball stemmer in pure Python."""
    from snowballstemmer import stemmer as make

    return make("english")


def plain(raw: str) -> str:
    """Lower case, composed, without accents put on top, with one kind of apostrophe and е for ё."""
    text = unicodedata.normalize("NFC", raw[: LONGEST_WORD * 3])
    text = STRIPPED.sub("", text).lower()[:LONGEST_WORD]
    return text.replace("ё", "е").replace("’", "'").replace("ʼ", "'").replace("`", "'")


@lru_cache(maxsize=CACHED_WORDS)
def analyse(raw: str, translit: bool = False) -> Word:
    """The analysis of one spelling; `translit` reads Latin letters as Russian ones."""
    text = plain(raw)
    if CYRILLIC.search(text):
        return russian(text.translate(LOOKALIKES) if re.search(r"[a-z]", text) else text)
    if translit and text.isascii():
        return russian(latin.to_cyrillic(text, known=analyser().word_is_known))
    if text.isascii() and text[:1].isalpha():
        return english(text.removesuffix("'ll").replace("'", ""), text)
    return Word(text, "", text, frozenset((text,)), (text,), frozenset())


def spelled(text: str) -> str:
    """A Russian spelling with drawn-out letters shortened and the soft sign of «поставьте» put in, if then known."""
    forms = []
    if REPEATED.search(text):
        forms = [REPEATED.sub(r"\1", text), REPEATED.sub(r"\1\1", text)]
    elif text.endswith("те"):
        forms = [text, text[:-2] + "ьте"]
    known = analyser().word_is_known
    return next((form for form in forms if known(form)), forms[0] if forms else text)


def russian(raw: str) -> Word:
    """All lemmas of a Russian spelling and the grammemes of the likeliest one, with a few of the others' marks."""
    text = spelled(raw)
    parses = analyser().parse(text)
    lemmas = tuple(dict.fromkeys(p.normal_form.replace("ё", "е") for p in parses)) or (text,)
    probable = dict.fromkeys(
        form for p in parses if (form := p.normal_form.replace("ё", "е")) == text or p.score >= LEAST_SCORE
    )
    grammar = set(parses[0].tag.grammemes & GRAMMAR) if parses else set()
    if parses and not parses[0].is_known:
        grammar.add("unknown")
    if any("impr" in p.tag and p.score >= IMPERATIVE_SCORE for p in parses):
        grammar.add("imperative")
    if any("2per" in p.tag and "indc" in p.tag and p.score >= IMPERATIVE_SCORE for p in parses):
        grammar.add("indicative")
    cases = {p.tag.case for p in parses if p.tag.POS in ("NOUN", "ADJF")}
    if "gent" in cases:
        grammar.add("genitive")
    if "accs" in cases and "nomn" not in cases:
        grammar.add("accusative")
    return Word(text, "ru", lemmas[0], frozenset(lemmas), tuple(probable) or lemmas[:1], shared(frozenset(grammar)))


@cache
def shared(grammar: frozenset[str]) -> frozenset[str]:
    """One object per set of grammemes: there are a few hundred sets and many words."""
    return grammar


def english(text: str, surface: str) -> Word:
    """The stem of an English spelling, apostrophes dropped; drawn-out letters give two spellings."""
    stem = stemmer().stemWord
    if drawn := REPEATED.search(text):
        single, double = REPEATED.sub(r"\1", text), REPEATED.sub(r"\1\1", text)
        likelier = double if drawn[1] in "eo" and len(double) > 3 else single
        stems = tuple(dict.fromkeys(stem(form) for form in (likelier, single, double)))
        return Word(likelier, "en", stems[0], frozenset(stems), stems, frozenset())
    found = stem(text)
    return Word(
        text, "en", found, frozenset((found,)), (found,), frozenset({"negated"} if surface.endswith("n't") else ())
    )


SPELLED: Kept[str, Word] = Kept(analyse, CACHED_WORDS)
TRANSLITERATED: Kept[str, Word] = Kept(lambda raw: analyse(raw, True), CACHED_WORDS)


def tokens(text: str, *, translit: bool = False) -> list[Token]:
    """The pieces of the first `LONGEST_TEXT` characters, in order, numbered by sentence and clause."""
    found: list[Token] = []
    known, new = TRANSLITERATED if translit else SPELLED, tuple.__new__  # the class's own way takes twice as long
    sentence = clause = 0
    # Looking for an address at the beginning of each word takes a tenth of the time; without these there is none.
    pattern = TOKEN if "@" in text or "://" in text or "www." in text else UNLINKED
    for match in pattern.finditer(text, 0, LONGEST_TEXT):
        kind = match.lastgroup or ""
        start, end = match.span()
        raw = match.group()
        if kind == "word":
            if "-" not in raw or not raw.isascii():
                found.append(new(Token, (start, end, kind, raw, known[raw], sentence, clause)))
                continue
            for part in re.finditer(r"[^-]+", raw):
                place, own = start + part.start(), part.group()
                found.append(Token(place, place + len(own), kind, own, known[own], sentence, clause))
            continue
        found.append(new(Token, (start, end, kind, raw, literal(raw), sentence, clause)))
        if kind in BREAKS and not (raw == "," and CONTINUES.match(text, end)):
            clause += 1
            sentence += kind == "end"
    return found


def telling(found: Iterable[Token]) -> list[Token]:
    """The words, numbers and signs among the pieces of a text."""
    return [token for token in found if token.kind in TELLING]


@lru_cache(maxsize=4096)
def literal(raw: str) -> Word:
    """A number, sign or emoji stands for itself."""
    return Word(raw, "", raw, frozenset((raw,)), (raw,), frozenset())


def lemma_text(found: Iterable[Token]) -> str:
    """Words as best lemmas or stems, numbers as they are, joined by spaces."""
    return " ".join([token.word.lemma for token in found if token.kind in ("word", "number")])
