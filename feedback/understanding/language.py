"""Language of a comment by its letters; Russian in Latin letters and the commonest neighbours by a few words."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from feedback.understanding import latin, lexicon
from feedback.understanding.verdicts import Verdict
from feedback.understanding.words import LONGEST_TEXT, analyse

IGNORED = re.compile(r"https?://\S{1,500}|www\.\S{1,500}|[\w.+-]{1,64}@[\w.-]{1,128}|[@#]\w{1,64}")
LINKED = ("@", "#", "://", "www.")  # one of them is in all that is ignored
CYRILLIC = re.compile(r"[\u0400-\u052f]+")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
ENGLISH_WORD = re.compile(r"[a-z]{3,}")
LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?")
SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]+")),
    ("zh", re.compile(r"[\u3400-\u9fff]+")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]+")),
    ("ar", re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]+")),
    ("he", re.compile(r"[\u0590-\u05ff]+")),
    ("el", re.compile(r"[\u0370-\u03ff]+")),
    ("hy", re.compile(r"[\u0530-\u058f]+")),
    ("ka", re.compile(r"[\u10a0-\u10ff]+")),
    ("hi", re.compile(r"[\u0900-\u097f]+")),
    ("th", re.compile(r"[\u0e00-\u0e7f]+")),
)
NEIGHBOUR_SHARE = 0.02
TELLING_SHARE = 0.2
# Languages that letters alone cannot tell apart; of so few words one is enough.
ALIKE, FEW_WORDS = ("ru", "uk", "be"), 4
TRANSLIT = "translit"
READ = frozenset(("ru", "en"))


class Spoken(NamedTuple):
    """The language; whether it is Russian in Latin letters; whether we can read it (a text without letters, we can)."""

    verdict: Verdict
    translit: bool
    readable: bool


@lru_cache(maxsize=1)
def telling_words() -> dict[str, tuple[str, ...]]:
    """The languages in Latin letters that each of their commonest words may tell."""
    found: dict[str, tuple[str, ...]] = {}
    for code, words in lexicon.table("languages")["words"].items():
        for word in dict.fromkeys(words):
            found[word] = (*found.get(word, ()), code)
    return found


def letters(pattern: re.Pattern[str], text: str) -> int:
    """How many characters a pattern of runs covers."""
    return sum(map(len, pattern.findall(text)))


@lru_cache(maxsize=1)
def neighbour_words() -> dict[str, tuple[str, ...]]:
    """The neighbours of Russian that each of their commonest words may tell, of those that are no Russian words."""
    found: dict[str, tuple[str, ...]] = {}
    for code, words in lexicon.table("languages")["cyrillic"].items():
        for word in words:
            found[word] = (*found.get(word, ()), code)
    return found


@lru_cache(maxsize=1)
def foreign_letters() -> re.Pattern[str]:
    """The letters that Russian has not and one of its neighbours has."""
    return re.compile("[{}]".format(re.escape("".join(lexicon.table("languages")["letters"].values()))))


@lru_cache(maxsize=1)
def english_stems() -> frozenset[str]:
    """Stems of the English words that the lists know."""
    lists = [phrase for name in ("tone_en", "requests_en") for phrase, _weight in lexicon.weights(name)]
    lists += [word for words in lexicon.table("requests")["en"].values() for word in words]
    lists += [cue for topic in lexicon.table("topics")["topics"] for cue in topic["cues_en"]]
    return frozenset(analyse(word).lemma for listed in lists for word in ENGLISH_WORD.findall(listed))


def is_english(words: Sequence[str]) -> bool:
    """Whether a third of the words are English ones, told by their stems."""
    known = sum(analyse(word).lemma in english_stems() for word in words)
    return known >= 2 and known * 3 >= len(words)


def cyrillic_language(text: str, count: int) -> str:
    """ru, or the neighbour whose own letters make up two per cent of the Cyrillic ones, or that its words tell."""
    small = text.lower()
    best, most = "ru", NEIGHBOUR_SHARE * count
    for code, own in lexicon.table("languages")["letters"].items() if foreign_letters().search(small) else ():
        seen = sum(small.count(letter) for letter in own)
        if seen > most:
            best, most = code, seen
    runs = CYRILLIC.findall(small) if best in ALIKE else []
    if neighbour_words().keys().isdisjoint(runs):
        return best
    told = Counter(code for word in runs for code in neighbour_words().get(word, ()))
    code, seen = told.most_common(1)[0]
    return code if (seen >= 2 or len(runs) <= FEW_WORDS) and seen >= TELLING_SHARE * len(runs) else best


def latin_language(text: str) -> tuple[str, float]:
    """en unless the words tell another language; «translit» for Russian in Latin letters. With a certainty."""
    words = LATIN_WORD.findall(text.lower().replace("’", "'"))
    scores = dict.fromkeys(lexicon.table("languages")["words"], 0)
    told_by = telling_words()
    translit = sum(map(latin.listed().__contains__, words))
    for code in [code for word in words if word in told_by for code in told_by[word]]:
        scores[code] += 1
    english = scores.pop("en")
    if translit > english and translit * 4 >= len(words):
        return TRANSLIT, 0.85
    code, most = max(scores.items(), key=lambda pair: pair[1])
    if most > english and (most >= 2 or len(words) <= 2) and most >= TELLING_SHARE * len(words):
        return code, 0.7
    if not english and len(words) >= (4 if re.search(r"[\u00c0-\u024f]", text) else 6):
        return ("en", 0.6) if is_english(words) else ("und", 0.3)
    return "en", 0.95 if english else 0.7


def detect(text: str) -> Spoken:
    """The language of a text, "und" without letters; confidence is the share of its script among all letters."""
    kept = text[:LONGEST_TEXT]
    if any(sign in kept for sign in LINKED):
        kept = IGNORED.sub(" ", kept)
    plain = kept.isascii()
    counts = {"cyrillic": 0 if plain else letters(CYRILLIC, kept), "latin": letters(LATIN, kept)}
    if not plain and sum(counts.values()) < len(kept) / 2:
        counts.update({code: letters(pattern, kept) for code, pattern in SCRIPTS})
    script, most = max(counts.items(), key=lambda pair: pair[1])
    if not most:
        return Spoken(Verdict("und", 0.0), False, not any(sign.isalpha() for sign in kept))
    certainty = most / sum(counts.values())
    code = script
    if script == "cyrillic":
        code = cyrillic_language(kept, most)
    elif script == "latin":
        code, told = latin_language(kept)
        certainty *= told
    elif script == "zh" and counts.get("ja"):
        code = "ja"
    translit = code == TRANSLIT
    code = "ru" if translit else code
    return Spoken(Verdict(code, round(certainty, 3)), translit, code in READ)
