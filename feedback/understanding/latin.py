"""Russian written in Latin letters («spasibo», «uzhasno»)."""

from collections.abc import Callable
from itertools import product

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


def to_cyrillic(word: str, *, known: Callable[[str], bool]) -> str:
    """The first Cyrillic spelling that `known` accepts, else the plainest one; a lost soft sign at the end is tried."""
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
