"""Texts without labels that the student learns to read from: composed, recombined from labelled rows, and slot texts.

All of it is written for this project, drawn by a seeded die: no customer's words, no outside corpus, no frozen row.
"""

import json
import random
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from feedback.training import vocabulary
from feedback.understanding import labelled, lexicon

HERE = Path(__file__).parent
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=[,;])\s+(?=но |а |зато |but |yet |though )")
SLOT = re.compile(r"\{(\w+)\}")
MARKED = re.compile(r"[=?*-]|\.\.\.|\{[^}]*\}")


class Text(NamedTuple):
    """One text and how it was made; the targets of a group are re-centred on those of the composed texts."""

    text: str
    language: str
    group: str


@lru_cache(maxsize=2)
def parts(language: str) -> dict[str, list[str]]:
    """The frames and fillers of a language, with the phrases of the tone lists."""
    read: dict[str, list[str]] = json.loads((HERE / f"pool_{language}.json").read_text(encoding="utf-8"))
    phrases = [(cleaned(phrase), weight) for phrase, weight in lexicon.weights(f"tone_{language}")]
    read["praise"] = [phrase for phrase, weight in phrases if weight > 0.5 and phrase]
    read["blame"] = [phrase for phrase, weight in phrases if weight < -0.5 and phrase]
    cues = [cue for topic in lexicon.table("topics")["topics"] for cue in topic[f"cues_{language}"]]
    read["cue"] = [cleaned(cue) for cue in cues if cleaned(cue)]
    return read


def cleaned(phrase: str) -> str:
    """A phrase of a word list as words; of `a|b` the first."""
    return " ".join(MARKED.sub("", word.split("|")[0]) for word in phrase.split()).strip()


class Writer:
    """Writes texts of one language; the die decides everything."""

    def __init__(self, language: str, model: Path, seed: int) -> None:
        self.language = language
        self.die = random.Random(f"{language} {seed}")
        self.parts = parts(language)
        self.words = vocabulary.words(language, model)
        rows = [row for row in labelled.for_training() if row.language == language]
        self.rows = [row.text for row in rows]
        self.sentences = [piece.strip() for text in self.rows for piece in SENTENCE.split(text) if piece.strip()]

    def one(self, name: str) -> str:
        return self.die.choice(self.parts[name])

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
            return self.die.choice(self.sentences)
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

    def varied(self) -> str:
        """A labelled comment of the training part with words left out or exchanged, or with another's sentence."""
        text = self.die.choice(self.rows)
        if self.die.random() < 0.3:
            text += " " + self.die.choice(self.sentences)
        words = text.split()
        for _change in range(self.die.choice((1, 1, 2, 3))):
            at = self.die.randrange(len(words))
            if self.die.random() < 0.4 and len(words) > 2:
                del words[at]
            else:
                words[at] = self.die.choice(self.words[self.die.choice(sorted(self.words))])
        return " ".join(words)

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


def write(model: Path, *, count: int, seed: int = 1) -> list[Text]:
    """`count` different texts, half of each language, the training rows first."""
    texts: dict[str, Text] = {}
    secret = {row.text for row in labelled.frozen()}
    for language in labelled.LANGUAGES:
        writer = Writer(language, model, seed)
        makers: list[tuple[str, Callable[[], str]]] = [("composed", writer.composed)] * 6
        makers += [("varied", writer.varied)] * 2 + [("slot", writer.slot)] * 2
        own = {text: Text(text, language, "rows") for text in writer.rows}
        while len(own) < count // 2:
            group, make = writer.die.choice(makers)
            text = make()
            if text and text not in own and text not in secret:
                own[text] = Text(text, language, group)
        texts |= own
    return list(texts.values())
