"""Russian written in Latin letters («spasibo», «uzhasno»)."""

from collections.abc import Callable
from functools import lru_cache
from itertools import product

from feedback.understanding import lexicon

DIGRAPHS = {
    "shch": ("щ",),
    "sch": ("щ", "сч"),
    "zh": ("ж",),
    "kh": ("х",),
    "ch": ("ч",),
    "sh": ("ш",),
    "ts": ("ц", "тс"),
    "ya": ("я",),
    "ja": ("я",),
    "yu": ("ю",),
    "ju": ("ю",),
    "yo": ("е",),
    "jo": ("е",),
    "ye": ("е",),
    "iy": ("ий",),
    "yj": ("ый",),
    "ij": ("ий",),
    "yy": ("ый",),
}
LETTERS = {
    **dict(zip("abvgdezijklmnoprstufhq", "абвгдезийклмнопрстуфхк", strict=True)),
    "e": ("е", "э"),
    "i": ("и", "ы", "й"),
    "y": ("ы", "й", "у"),
    "c": ("ц", "к", "с"),
    "j": ("й", "ж"),
    "w": ("в", "ш"),
    "x": ("х", "кс"),
    "'": ("ь", ""),
    "4": ("ч",),
    "6": ("ш",),
}
MOST_SPELLINGS = 24


def pieces(word: str) -> list[tuple[str, ...]]:
    """The possible Cyrillic letters of each Latin letter or letter group."""
    found: list[tuple[str, ...]] = []
    at = 0
    while at < len(word):
        for size in (4, 3, 2):
            group = word[at : at + size]
            if len(group) == size and group in DIGRAPHS:
                found.append(DIGRAPHS[group])
                at += size
                break
        else:
            found.append(tuple(LETTERS.get(word[at], word[at])))
            at += 1
    return found


@lru_cache(maxsize=1)
def listed() -> dict[str, str]:
    """Common Russian words as people spell them in Latin letters, and how they are written."""
    return {row[0]: row[1] for row in lexicon.rows("translit.tsv")}


def to_cyrillic(word: str, *, known: Callable[[str], bool]) -> str:
    """The Cyrillic spelling: the listed one, else the first that `known` accepts, else the plainest.

    A lost soft sign at the end is tried too.
    """
    if word in listed():
        return listed()[word].replace("ё", "е")
    first = ""
    for count, letters in enumerate(product(*pieces(word))):
        if count >= MOST_SPELLINGS:
            break
        spelling = "".join(letters)
        first = first or spelling
        for form in (spelling, spelling + "ь"):
            if known(form):
                return form
    return first
