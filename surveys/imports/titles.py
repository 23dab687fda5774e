"""Titles and words as people write them, this way or that."""


def plain(title: str) -> str:
    """A title with nothing in it that people write this way or that."""
    return "".join(letter for letter in title.lower().replace("ё", "е").replace("№", "номер") if letter.isalnum())
