"""Free text, at most 5,000 characters."""

from ground.text import COMMENT_LIMIT, clean_text

SCALE = None


def parse(value: object) -> str:
    """The cleaned text; raises ground.text.TextTooLong."""
    return clean_text(str(value), limit=COMMENT_LIMIT)
