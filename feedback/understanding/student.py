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


class Known:
    """What the weights have of each piece that was met, as rows of arrays, so that those of many texts are taken
    at once: the summed weights of its word and of its character features, how many there are of each, and the row of
    the word table for it, for its lemma, or for words that are not known."""

    def __init__(self, width: int) -> None:
        import numpy as np

        self.by_word = np.zeros((CACHED_WORDS, width))
        self.by_character = np.zeros((CACHED_WORDS, width))
        self.words, self.characters, self.rows = np.zeros((3, CACHED_WORDS), np.int32)


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
        self.known = Known(len(self.bias))
        self.places = Kept(self.look_up, CACHED_WORDS)

    def branch(self, arrays: dict[str, Any]) -> Branch:
        """The convolution of these arrays."""
        layers = {name: arrays[name].astype(self.np.float32) for name in LAYERS}
        # What is multiplied by means, which are of double precision, is converted here instead of at each product.
        layers.update({name: layers[name].astype(self.np.float64) for name in ("hidden", "out", "skip")})
        return Branch(Windows(self.table, self.table_scale, layers["conv"]), layers)

    def look_up(self, piece: tuple[str, str, bool]) -> int:
        """The place at which what the weights have of a piece is kept from now on."""
        at, known = len(self.places), self.known
        text, lemma, _negated = piece
        words, characters = features(*piece)
        known.by_word[at] = self.word[list(words)].sum(axis=0, dtype=self.np.int32) * self.scales[0]
        known.by_character[at] = self.character[list(characters)].sum(axis=0, dtype=self.np.int32) * self.scales[1]
        known.words[at], known.characters[at] = len(words), len(characters)
        known.rows[at] = self.words.get(text) or self.words.get(lemma) or UNKNOWN
        return at

    def hashed(self, texts: Sequence[Sequence[Piece]], places: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        """The first branch and the topics: the logits of each text, and the share of each piece of all of them, which
        are kept at `places`."""
        np, known = self.np, self.known
        logits = np.tile(self.bias, (len(texts), 1))
        if not len(places):
            return logits, np.zeros((0, len(self.bias)), np.float32)
        lengths = np.array([len(pieces) for pieces in texts])
        filled = np.flatnonzero(lengths)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shares, by_character = known.by_word[places], known.by_character[places]
        shares += self.word[[place for pieces in texts for place in pairs(pieces)]] * self.scales[0]
        counted = known.words[places] + 1, known.characters[places]
        for block, numbers in zip((shares, by_character), counted, strict=True):
            counts = np.add.reduceat(numbers, starts[filled])
            block /= np.repeat((counts + 1).astype(np.float32) ** 0.5, lengths[filled])[:, None]
        shares += by_character
        logits[filled] += np.add.reduceat(shares, starts[filled], axis=0)
        return logits, shares

    def convolved(self, texts: Sequence["np.ndarray"]) -> list["np.ndarray"]:
        """The second branch, and that of the topics, for texts of about the same length as rows of the word table, of a
        long one its beginning and its end."""
        np, half = self.np, LONGEST // 2
        longest = max(1, min(LONGEST, max(map(len, texts), default=0)))
        places = np.zeros((len(texts), longest + 2), np.int32)
        for at, rows in enumerate(texts):
            kept = rows if len(rows) <= LONGEST else np.concatenate([rows[:half], rows[-half:]])
            places[at, 1 : len(kept) + 1] = kept
        filled = places[:, 1:-1] > 0
        mean = mean_of(self.table[places[:, 1:-1]] * self.table_scale, filled)
        return [told(windows.of(places), mean, filled, layers) for windows, layers in self.branches]

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
        if len(self.places) + starts[-1] > CACHED_WORDS:  # none is given anew while in use; a batch has 13,000 at most
            self.places.clear()
        kept = self.places
        places = self.np.array([kept[piece[:3]] for pieces in texts for piece in pieces], self.np.intp)
        logits, shares = self.hashed(texts, places)
        first = logits[:, :size] * self.spread + self.mean
        rows = self.known.rows[places]
        second, *others = self.convolved([rows[start:end] for start, end in pairwise(starts)])
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
        self.parts = self.given.reshape(3 * len(table), -1)

    def of(self, places: "np.ndarray") -> "np.ndarray":
        """The sum of three neighbours' parts at each place but the first and the last."""
        import numpy as np

        missing = np.unique(places[~self.known[places]])
        for row in missing.tolist():  # one by one: the product of many rows differs in its last bits
            self.given[row] = (self.table[row] * self.scale) @ self.conv
        self.known[missing] = True
        first = 3 * places
        found = self.parts.take(first[:, :-2], axis=0)
        part = self.parts.take(first[:, 1:-1] + 1, axis=0)
        found += part
        found += self.parts.take(first[:, 2:] + 2, axis=0, out=part, mode="clip")
        return np.asarray(found)


def forward(vectors: "np.ndarray", filled: "np.ndarray", layers: dict[str, "np.ndarray"]) -> "np.ndarray":
    """The second branch from the vectors of the words, with padding at both ends."""
    import numpy as np

    count, length, size = vectors.shape
    windows = np.concatenate([vectors[:, :-2], vectors[:, 1:-1], vectors[:, 2:]], axis=2)
    convolved = (windows.reshape(-1, 3 * size) @ layers["conv"]).reshape(count, length - 2, -1)
    inside = filled[:, 1:-1]
    return told(convolved, mean_of(vectors[:, 1:-1], inside), inside, layers)


def mean_of(vectors: "np.ndarray", filled: "np.ndarray") -> "np.ndarray":
    """The mean vector of each text; that of the padding is nought."""
    import numpy as np

    return np.asarray(vectors.sum(axis=1) / np.maximum(filled.sum(axis=1, keepdims=True), 1))


def told(
    convolved: "np.ndarray", mean: "np.ndarray", filled: "np.ndarray", layers: dict[str, "np.ndarray"]
) -> "np.ndarray":
    """What follows the convolution of width 3, which is worked on in place: the largest and the mean over the text, a
    hidden layer, and the mean vector past it."""
    import numpy as np

    convolved += layers["conv_bias"]
    acted = np.maximum(convolved, 0, out=convolved)
    acted[~filled] = 0
    pooled = np.concatenate([acted.max(axis=1), mean_of(acted, filled)], axis=1)
    hidden = np.maximum(pooled @ layers["hidden"] + layers["hidden_bias"], 0)
    return np.asarray(hidden @ layers["out"] + mean @ layers["skip"] + layers["out_bias"])


@lru_cache(maxsize=1)
def load() -> Student | None:
    """The student of this installation, or None when there is no artefact or no numpy."""
    found = artefact.load(NAME)
    topics = artefact.load(TOPICS)
    return Student(found.arrays, found.manifest["outputs"], topics and topics.arrays) if found else None
