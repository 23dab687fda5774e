"""Text from outside, made safe to store: the one function that every boundary calls."""

import re
import unicodedata

COMMENT_LIMIT = 5000

_UNSTORABLE = re.compile("[\ud800-\udfff\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029")


class TextTooLong(ValueError):
    """The text has more characters than may be stored; it is refused whole, never cut."""

    def __init__(self, *, limit: int, length: int) -> None:
        super().__init__(f"{length} characters, at most {limit} are kept")
        self.limit, self.length = limit, length


def clean_text(text: str, *, limit: int | None = None) -> str:
    """NFC text without NUL, control characters and lone surrogates; line ends are LF; outer white space is cut.

    Raises TextTooLong above `limit` characters, counted after cleaning.
    """
    text = _NEWLINES.sub("\n", _UNSTORABLE.sub("", text))
    text = unicodedata.normalize("NFC", text).strip()
    if limit is not None and len(text) > limit:
        raise TextTooLong(limit=limit, length=len(text))
    return text


def clean_line(text: str, *, limit: int | None = None) -> str:
    """`clean_text` on one line: runs of white space become one space."""
    return clean_text(" ".join(text.split()), limit=limit)


def is_key(text: str) -> bool:
    """Whether a parameter could be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < 19


def is_storable(text: str) -> bool:
    """True when no character of the text would be dropped by `clean_text`."""
    return not _UNSTORABLE.search(text)
