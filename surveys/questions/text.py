"""Free text, at most 5,000 characters: its answer is a comment, not a value."""

from ground.text import COMMENT_LIMIT, clean_text
from surveys.questions import Given, Options


def scale(options: Options) -> None:
    return None


def items(options: Options) -> tuple[str, ...]:
    return ()


def parse(given: Given, options: Options) -> dict[str, int]:
    return {}


def clean(value: object) -> str:
    """The cleaned text; raises ground.text.TextTooLong."""
    return clean_text(str(value), limit=COMMENT_LIMIT)
