"""Texts without labels that the student learns to read from: composed, recombined from labelled rows, and slot texts.

All of it is written for this project, `labelled/sentences_*.csv` as whole sentences, and drawn by seeded dice: no words
of customers, no outside corpus, no frozen row.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count as counting
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from feedback.training import phrases, vocabulary
from feedback.understanding import labelled, lexicon

HERE = Path(__file__).parent
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=[,;])\s+(?=но |а |зато |but |yet |though )")
WORD = re.compile(r"[^\W\d_]+")
SLOT = re.compile(r"\{(\w+)\}")
MARKED = re.compile(r"[=?*-]|\.\.\.|\{[^}]*\}")


class Text(NamedTuple):
    """One text, how it was made, and the labelled rows that are in it.

    The targets of a group are re-centred on those of the composed texts.
    """

    text: str
    language: str
    group: str
    rows: frozenset[str] = frozenset()


@lru_cache(maxsize=2)
def parts(language: str) -> dict[str, list[str]]:
    """The frames, fillers and words for topics of a language, with the phrases of the tone lists and the sentences."""
    read: dict[str, list[str]] = json.loads((HERE / f"pool_{language}.json").read_text(encoding="utf-8"))
    phrases = [(cleaned(phrase), weight) for phrase, weight in lexicon.weights(f"tone_{language}")]
    read["praise"] = [phrase for phrase, weight in phrases if weight > 0.5 and phrase]
    read["blame"] = [phrase for phrase, weight in phrases if weight < -0.5 and phrase]
    read["natural"] = [row.text for row in labelled.for_teaching() if row.language == language]
    return read


@lru_cache(maxsize=2)
def tales(language: str) -> dict[str, list[str]]:
    """Frames of whole sentences about meals, rooms, goods, films and journeys, and their fillers; English alone, as the
    rules know least of what English customers write about."""
    path = HERE / f"told_{language}.json"
    read: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return read


def cleaned(phrase: str) -> str:
    """A phrase of a word list as words; of `a|b` the first."""
    return " ".join(MARKED.sub("", word.split("|")[0]) for word in phrase.split()).strip()


class Writer:
    """Writes texts of one language; the die decides everything, and each text has a die of its own."""

    def __init__(self, language: str, model: Path) -> None:
        self.language, self.model = language, model
        self.die = random.Random()
        self.parts = parts(language)
        self.words = vocabulary.words(language, model)
        rows = [row for row in labelled.for_training() if row.language == language]
        self.rows = [row.text for row in rows]
        pieces = {piece.strip(): text for text in self.rows for piece in SENTENCE.split(text) if piece.strip()}
        self.sentences = list(pieces)
        self.origin = pieces | {text: text for text in (*self.rows, *self.parts["natural"])}
        self.used: set[str] = set()

    def text(self, group: str, number: int) -> str:
        """The text of a group with a number."""
        self.die = random.Random(f"{self.language} {group} {number}")
        self.used.clear()
        write: Callable[[], str] = getattr(self, group)
        return write()

    def one(self, name: str) -> str:
        return self.die.choice(self.parts[name])

    def pick(self, texts: Sequence[str]) -> str:
        """One of many, such that a few more or fewer of them change few picks: embeddings are dear."""
        salt = self.die.getrandbits(32)
        picked = min(texts, key=lambda text: crc32(text.encode(), salt))
        self.used |= {self.origin[picked]} if picked in self.origin else set()
        return picked

    def clause(self) -> str:
        """A subject with what is said of it, a set phrase, a wish, or a sentence of a labelled comment."""
        kind = self.die.random()
        if kind < 0.42:
            said = self.one(self.die.choice(("good", "bad", "plain", "praise", "blame", "praise", "blame")))
            negated = f"{self.one('not')} " if self.die.random() < 0.08 else ""
            return f"{self.one('thing')} {negated}{said}" if self.die.random() < 0.75 else said
        if kind < 0.57:
            wish = f"{self.one('wish')} {self.one('wanted')}"
            return wish if self.die.random() < 0.8 else f"{self.one('thing')}: {wish}"
        if kind < 0.65:
            return f"{self.one('cue')} {self.one(self.die.choice(('good', 'bad', 'plain', 'cue')))}"
        if kind < 0.85:
            return self.pick(self.sentences)
        return self.slot()

    def composed(self) -> str:
        """One to three clauses, joined."""
        text = self.one("start")
        for number in range(self.die.choice((1, 1, 1, 2, 2, 3))):
            text += self.one("join") if number else " " * bool(text)
            text += self.clause()
        return self.finished(text)

    def slot(self) -> str:
        """A frame filled with random frequent words."""
        return SLOT.sub(lambda match: self.die.choice(self.words[match[1]]), self.one("slots"))

    def told(self) -> str:
        """One or two plain sentences of somebody who was there."""
        words = tales(self.language)
        many = self.die.choice((1, 1, 1, 2))
        frames = (self.die.choice(words["frames"]) for _sentence in range(many))
        filled = (SLOT.sub(lambda match: self.die.choice(words[match[1]]), each) for each in frames)
        text = " ".join(each[:1].upper() + each[1:] for each in filled)
        return text if self.die.random() < 0.7 else text.lower().rstrip(".")

    def varied(self) -> str:
        """A labelled comment of the training part with words left out or exchanged, or with another's sentence."""
        text = self.pick(self.rows)
        if self.die.random() < 0.3:
            text += " " + self.pick(self.sentences)
        words = text.split()
        for _change in range(self.die.choice((1, 1, 2, 3))):
            at = self.die.randrange(len(words))
            if self.die.random() < 0.4 and len(words) > 2:
                del words[at]
            else:
                words[at] = self.die.choice(self.words[self.die.choice(sorted(self.words))])
        return " ".join(words)

    def natural(self) -> str:
        """One or two written sentences, or a labelled comment, with some words exchanged for others of their form."""
        text = self.pick(self.rows if self.die.random() < 0.3 else self.parts["natural"])
        if self.die.random() < 0.25:
            text += " " + self.pick(self.parts["natural"])
        share = self.die.choice((0.1, 0.2, 0.3, 0.5))

        def exchanged(match: re.Match[str]) -> str:
            word = match[0]
            other = self.die.random() < share and vocabulary.alike(word, self.language, self.model, self.die)
            return (other.capitalize() if word[:1].isupper() else other) if other else word

        return WORD.sub(exchanged, text)

    def finished(self, text: str) -> str:
        """With an end, in small letters or capitals, now and then with a slip of the finger."""
        text = text.strip() + self.one("end")
        dice = self.die.random()
        if dice < 0.45:
            text = text[:1].upper() + text[1:]
        elif dice < 0.48:
            text = text.upper()
        if self.die.random() < 0.06 and len(text) > 8:
            at = self.die.randrange(len(text) - 1)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text


TOLD = 6  # for each so many of all texts, there is one of `told` beside them
GROUPS = ("composed", "natural", "slot", "natural", "composed", "varied", "natural", "composed", "natural", "slot")


def write(model: Path, *, count: int) -> list[Text]:
    """`count` different texts, half of each language, the training rows first; and plain tales beside them."""
    texts: dict[str, Text] = {}
    secret = {labelled.key(row.text) for row in labelled.frozen()}
    for language in labelled.LANGUAGES:
        writer = Writer(language, model)
        own = {text: Text(text, language, "rows", frozenset((text,))) for text in writer.rows}
        own |= {text: Text(text, language, "rows", frozenset((text,))) for text in writer.parts["natural"]}
        for number in counting():
            if len(own) >= count // 2:
                break
            group = GROUPS[number % len(GROUPS)]
            text = writer.text(group, number)
            if text and text not in own and labelled.key(text) not in secret:
                own[text] = Text(text, language, group, frozenset(writer.used))
        for number in range(count // TOLD if tales(language) else 0):
            text = writer.text("told", number)
            if text not in own and labelled.key(text) not in secret:
                own[text] = Text(text, language, "told")
        texts |= own
    return list(texts.values())


def toned() -> list[Text]:
    """Those whose tone is known, each of which counts as a labelled row does."""
    return [Text(row.text, row.language, "rows") for row in phrases.toned()]
