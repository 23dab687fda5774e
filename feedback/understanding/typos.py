"""Which listed word a misspelled one stands for."""

import re
from collections.abc import Iterable

SHORTEST = 6
LONG = 9
DOUBLED = re.compile(r"(.)\1")
VOWELS = str.maketrans("", "", "aeiouy")


def shortened(word: str) -> set[str]:
    """The word and all forms of it with one letter left out."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def one_slip(left: str, right: str) -> bool:
    """Whether two different words differ by one letter put in, left out or changed, or two neighbours swapped."""
    if abs(len(left) - len(right)) > 1:
        return False
    head = 0
    while head < min(len(left), len(right)) and left[head] == right[head]:
        head += 1
    rests = left[head:], right[head:]
    changed = rests[0][1:] == rests[1][1:]
    swapped = rests[0][2:] == rests[1][2:] and rests[0][:2] == rests[1][:2][::-1]
    return rests[0][1:] == rests[1] or rests[0] == rests[1][1:] or changed or swapped


def skeleton(word: str) -> str:
    """An English word without doubled letters and inner vowels: people misspell those (definately, recomend)."""
    return word[0] + DOUBLED.sub(r"\1", word[1:]).translate(VOWELS) + word[-1]


class Spellings:
    """Listed words that a misspelled one may stand for."""

    def __init__(self, words: Iterable[str]) -> None:
        self.near: dict[str, list[str]] = {}
        self.skeletons: dict[str, list[str]] = {}
        for word in words:
            if len(word) < SHORTEST:
                continue
            if word.isascii():
                self.skeletons.setdefault(skeleton(word), []).append(word)
            else:
                for form in shortened(word):
                    self.near.setdefault(form, []).append(word)

    def russian(self, word: str) -> set[str]:
        """Listed words one slip away from a Russian one."""
        if len(word) <= SHORTEST:
            return set()
        close = {listed for form in shortened(word) for listed in self.near.get(form, ())}
        return {listed for listed in close if listed[0] == word[0] and one_slip(word, listed)}

    def english(self, word: str) -> set[str]:
        """Listed words that differ from an English one by doubled letters or, when longer, by one slip in a vowel."""
        if len(word) < SHORTEST or not word.isascii():
            return set()
        return {listed for listed in self.skeletons.get(skeleton(word), ()) if misspelled(word, listed)}


def misspelled(word: str, listed: str) -> bool:
    """Whether an English word of the same skeleton is near enough to a listed one."""
    left, right = DOUBLED.sub(r"\1", word), DOUBLED.sub(r"\1", listed)
    if left == right:
        return True
    return len(listed) >= (LONG if len(left) == len(right) else SHORTEST + 1) and one_slip(left, right)
