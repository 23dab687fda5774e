"""The distilled student: hashed words and characters beside a small convolution over a word table; numpy only.

Each branch gives logits for every output. Everything of the first is a sum over words, so it also says which words
speak for what.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from feedback.understanding import artefact
from feedback.understanding.kept import Kept
from feedback.understanding.ngrams import Piece, features, pairs

if TYPE_CHECKING:
    import numpy as np

NAME = "student"
TOPICS = "topics"
LONGEST = 64
BATCH = 32  # what is worked out for so many stays in the core's own memory: 256 took four times as long
UNKNOWN = 1  # 0 is the padding
CACHED_WORDS = 60_000
DIGITS = 6
LAYERS = ("conv", "conv_bias", "hidden", "hidden_bias", "out", "skip", "out_bias")


class Spoken(NamedTuple):
    """What the words of one text say: logits per output of each branch, the share of each piece in the first's, and
    the same of the topics that ship, whose second branch looks at the same word table."""

    first: "np.ndarray"
    second: "np.ndarray"
    shares: "np.ndarray"
    about: "np.ndarray"
    shares_about: "np.ndarray"
    sensed: "np.ndarray"

    @property
    def logits(self) -> "np.ndarray":
        """What both say together."""
        return (self.first + self.second) / 2


class Branch(NamedTuple):
    """A convolution: what each word gives to it, and its layers."""

    windows: "Windows"
    layers: dict[str, "np.ndarray"]


class Known(NamedTuple):
    """Of a piece: the summed weights of its word features and of its character features, with how many there are, and
    the row of the word table for it, for its lemma, or for words that are not known."""

    by_word: "np.ndarray"
    words: int
    by_character: "np.ndarray"
    characters: int
    row: int


class Student:
    """The weights, ready to read; `arrays` as `artefact.load` gives them, `topics` those of the words for topics."""

    def __init__(self, arrays: dict[str, Any], outputs: Sequence[str], topics: dict[str, Any] | None = None) -> None:
        import numpy as np

        self.np = np
        self.outputs = list(outputs)
        blocks = (arrays, topics) if topics else (arrays,)
        self.word, self.character = (np.hstack([own[name] for own in blocks]) for name in ("word", "character"))
        self.bias = np.hstack([own["bias"] for own in blocks]).astype(np.float32)
        self.mean, self.spread = arrays["mean"].astype(np.float32), arrays["spread"].astype(np.float32)
        self.scales = [
            np.hstack([own[f"{name}_scale"] for own in blocks]).astype(np.float32) for name in ("word", "character")
        ]
        self.words = {
            word: place for place, word in enumerate(str(arrays["vocabulary"]).split("\n"), start=UNKNOWN + 1)
        }
        self.table = arrays["table"]
        self.table_scale = arrays["table_scale"].astype(np.float32)
        self.branches = [self.branch(own) for own in blocks]
        self.known = Kept(self.look_up, CACHED_WORDS)

    def branch(self, arrays: dict[str, Any]) -> Branch:
        """The convolution of these arrays."""
        layers = {name: arrays[name].astype(self.np.float32) for name in LAYERS}
        return Branch(Windows(self.table, self.table_scale, layers["conv"]), layers)

    def look_up(self, piece: tuple[str, str, bool]) -> Known:
        """What the weights have of a piece."""
        text, lemma, _negated = piece
        words, characters = features(*piece)
        by_word = self.word[list(words)].sum(axis=0, dtype=self.np.int32) * self.scales[0]
        by_character = self.character[list(characters)].sum(axis=0, dtype=self.np.int32) * self.scales[1]
        row = self.words.get(text) or self.words.get(lemma) or UNKNOWN
        return Known(by_word, len(words), by_character, len(characters), row)

    def hashed(
        self, texts: Sequence[Sequence[Piece]], known: Sequence[Sequence[Known]]
    ) -> tuple["np.ndarray", "np.ndarray"]:
        """The first branch and the topics: the logits of each text, and the share of each piece of all of them."""
        np = self.np
        told = [each for own in known for each in own]
        logits = np.tile(self.bias, (len(texts), 1))
        if not told:
            return logits, np.zeros((0, len(self.bias)), np.float32)
        lengths = np.array([len(pieces) for pieces in texts])
        filled = np.flatnonzero(lengths)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shares = np.concatenate([each.by_word for each in told]).reshape(len(told), -1)
        shares += self.word[[place for pieces in texts for place in pairs(pieces)]] * self.scales[0]
        by_character = np.concatenate([each.by_character for each in told]).reshape(len(told), -1)
        counted = [each.words + 1 for each in told], [each.characters for each in told]
        for block, numbers in zip((shares, by_character), counted, strict=True):
            counts = np.add.reduceat(np.array(numbers), starts[filled])
            block /= np.repeat((counts + 1).astype(np.float32) ** 0.5, lengths[filled])[:, None]
        shares += by_character
        logits[filled] += np.add.reduceat(shares, starts[filled], axis=0)
        return logits, shares

    @staticmethod
    def rows(known: Sequence[Known]) -> list[int]:
        """The rows of the word table for a text, of a long one its beginning and its end."""
        kept = known if len(known) <= LONGEST else [*known[: LONGEST // 2], *known[-LONGEST // 2 :]]
        return [each.row for each in kept]

    def convolved(self, texts: Sequence[list[int]]) -> list["np.ndarray"]:
        """The second branch, and that of the topics, for texts of about the same length as rows of the word table."""
        np = self.np
        longest = max(1, *(len(rows) for rows in texts)) if texts else 1
        places = np.zeros((len(texts), longest + 2), np.int32)
        for at, rows in enumerate(texts):
            places[at, 1 : len(rows) + 1] = rows
        vectors, filled = self.table[places[:, 1:-1]] * self.table_scale, places[:, 1:-1] > 0
        return [told(windows.of(places), vectors, filled, layers) for windows, layers in self.branches]

    def read(self, texts: Sequence[Sequence[Piece]]) -> list[Spoken]:
        """What each text says, in order."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        told: dict[int, Spoken] = {}
        # About equal parts: the product of a single row differs in its last bits from that of several.
        size = len(order) // (len(order) // BATCH + 1) + 1
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            told.update(zip(batch, self.spoken([texts[at] for at in batch]), strict=True))
        return [told[at] for at in range(len(texts))]

    def spoken(self, texts: Sequence[Sequence[Piece]]) -> Iterator[Spoken]:
        """The same of a few texts of about the same length."""
        size, starts = len(self.outputs), [0, *accumulate(map(len, texts))]
        known = [[self.known[piece[:3]] for piece in pieces] for pieces in texts]
        logits, shares = self.hashed(texts, known)
        first = logits[:, :size] * self.spread + self.mean
        second, *others = self.convolved(list(map(self.rows, known)))
        second = second.astype(self.np.float32) * self.spread + self.mean
        sensed = others[0].round(DIGITS) if others else logits[:, size:]
        own, about = shares[:, :size] * self.spread, shares[:, size:]
        for at, (start, end) in enumerate(pairwise(starts)):
            yield Spoken(first[at], second[at], own[start:end], logits[at, size:], about[start:end], sensed[at])


class Windows:
    """What each word of the table gives to a filter as the first, second or third word under it, found once a word."""

    def __init__(self, table: "np.ndarray", scale: "np.ndarray", conv: "np.ndarray") -> None:
        import numpy as np

        self.table, self.scale = table, scale
        self.conv = np.hstack(np.split(conv, 3))
        self.known = np.zeros(len(table), bool)
        self.given = np.zeros((len(table), self.conv.shape[1]), np.float32)

    def of(self, places: "np.ndarray") -> "np.ndarray":
        """The sum of three neighbours' parts at each place but the first and the last."""
        import numpy as np

        missing = np.unique(places[~self.known[places]])
        for row in missing.tolist():  # one by one: the product of many rows differs in its last bits
            self.given[row] = (self.table[row] * self.scale) @ self.conv
        self.known[missing] = True
        first, second, third = np.split(self.given[places], 3, axis=2)
        return np.asarray(first[:, :-2] + second[:, 1:-1] + third[:, 2:])


def forward(vectors: "np.ndarray", filled: "np.ndarray", layers: dict[str, "np.ndarray"]) -> "np.ndarray":
    """The second branch from the vectors of the words, with padding at both ends."""
    import numpy as np

    count, length, size = vectors.shape
    windows = np.concatenate([vectors[:, :-2], vectors[:, 1:-1], vectors[:, 2:]], axis=2)
    convolved = (windows.reshape(-1, 3 * size) @ layers["conv"]).reshape(count, length - 2, -1)
    return told(convolved, vectors[:, 1:-1], filled[:, 1:-1], layers)


def told(
    convolved: "np.ndarray", vectors: "np.ndarray", filled: "np.ndarray", layers: dict[str, "np.ndarray"]
) -> "np.ndarray":
    """What follows the convolution of width 3: the largest and the mean over the text, a hidden layer, and the mean
    vector past it."""
    import numpy as np

    inside = filled[:, :, None]
    acted = np.maximum(convolved + layers["conv_bias"], 0) * inside
    n = np.maximum(inside.sum(axis=1), 1)
    pooled = np.concatenate([acted.max(axis=1), acted.sum(axis=1) / n], axis=1)
    mean = (vectors * inside).sum(axis=1) / n
    hidden = np.maximum(pooled @ layers["hidden"] + layers["hidden_bias"], 0)
    return np.asarray(hidden @ layers["out"] + mean @ layers["skip"] + layers["out_bias"])


@lru_cache(maxsize=1)
def load() -> Student | None:
    """The student of this installation, or None when there is no artefact or no numpy."""
    found = artefact.load(NAME)
    topics = artefact.load(TOPICS)
    return Student(found.arrays, found.manifest["outputs"], topics and topics.arrays) if found else None
