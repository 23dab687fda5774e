"""Short names for programs, made from what people write; pure."""

import re
from collections.abc import Container

from django.utils.text import slugify

LONGEST = 32
LATIN = dict(zip("абвгдезийклмнопрстуфыэё", "abvgdeziyklmnoprstufyee", strict=True)) | {
    "ж": "zh", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya",
}  # fmt: skip


def source(text: str) -> str:
    """What people call a program as programs may call themselves: what no name of theirs has becomes a dash."""
    return re.sub(r"[^\w.:-]+", "-", text).strip("-")


def make(text: str, *, taken: Container[str], otherwise: str) -> str:
    """A code that is not taken, from Russian or Latin letters; from other scripts the `otherwise`, with a number."""
    latin = "".join(LATIN.get(letter, letter) for letter in text.lower())
    base = slugify(latin)[:LONGEST].rstrip("-") or otherwise
    code, number = base, 2
    while code in taken:
        code = f"{base[: LONGEST - 4]}-{number}"
        number += 1
    return code
