"""What a request means, as a vector: the same wish in other words, or in the other language, lies near it.

There are three spaces, the best that is installed counts: the sentence embedding; the project's own table of word
vectors, taught by that embedding and read with numpy alone; and lemmas, each a fixed pattern of signs, without either.
Vectors of two spaces say nothing about each other, so each is stored with the name of its space.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from feedback.understanding import artefact, embedding, language, words

if TYPE_CHECKING:
    import numpy as np

NAME = "meaning"
SIZE = 96
SENTENCES, WORDS, LEMMAS = "sentences", "words", "lemmas"
LONGEST = 400
# A wish of lemmas alone is the same when half of its words are.
THRESHOLD_LEMMAS = 0.5
SIGNS = 8
PROBED = 16
Vector = tuple[float, ...]


class Asked(NamedTuple):
    """The part of a text that asks for something, and the language that the text is in."""

    text: str
    start: int
    end: int
    language: str


class Nearest(NamedTuple):
    """Where in a list of centres the nearest one stands, and the cosine with it."""

    place: int
    closeness: float


def asked(text: str, spans: Iterable[Sequence[int]], tongue: str) -> Asked:
    """The sentences that hold the evidence, from the first to the last; without evidence, or when that would be
    long, the beginning of the text or of its evidence."""
    known = [(start, end) for start, end, *_kind in spans if 0 <= start < end <= len(text)]
    tokens = words.tokens(text, translit=language.detect(text).translit) if known else []
    inside = {token.sentence for token in tokens for start, end in known if token.start < end and token.end > start}
    kept = [token for token in tokens if min(inside) <= token.sentence <= max(inside)] if inside else []
    start, end = (kept[0].start, kept[-1].end) if kept else (0, len(text))
    if end - start > LONGEST and known:
        start = max(start, min(at for at, _end in known) - LONGEST // 4)
    return Asked(text, start, min(end, start + LONGEST), tongue)


@lru_cache(maxsize=1)
def space() -> str:
    """The name of the space in use, with the version of what makes it."""
    found = artefact.load(NAME)
    if found is None:
        return LEMMAS
    kind = SENTENCES if has_sentences() else WORDS
    return f"{kind}-{found.manifest['version']}"


def has_sentences() -> bool:
    """Whether the embedding that the artefact was made of is installed; an operator's own model is another one."""
    return embedding.is_installed() and not embedding.version()


def threshold() -> float:
    """The cosine with an idea's centre from which on a request is the same idea."""
    found = artefact.load(NAME)
    if found is None:
        return THRESHOLD_LEMMAS
    return float(found.manifest["threshold"][space().partition("-")[0]])


def vectors(requests: Sequence[Asked]) -> list[Vector]:
    """A vector of length 1 for each request; of length 0 for one without a word that means anything."""
    if not requests:
        return []
    if space() == LEMMAS:
        return [of_lemmas(request) for request in requests]
    table = Table(artefact.load(NAME))  # type: ignore[arg-type]
    told = table.of_sentences(requests, embedded(requests)) if has_sentences() else table.of_words(requests)
    return [tuple(map(float, row)) for row in told]


def embedded(requests: Sequence[Asked]) -> "np.ndarray":
    """The sentence model's own vectors."""
    return embedding.embed([request.text[request.start : request.end] for request in requests])


class Table:
    """The artefact, ready to read."""

    def __init__(self, found: artefact.Artefact) -> None:
        import numpy as np

        self.np, self.arrays = np, found.arrays
        self.places = places(found)

    def of_sentences(self, requests: Sequence[Asked], told: "np.ndarray") -> "np.ndarray":
        """Sentence vectors less the mean of their language, turned so that no direction outweighs the others."""
        means = [self.arrays["mean_en" if request.language == "en" else "mean_ru"] for request in requests]
        return self.of_length_one((told - self.np.array(means)) @ self.arrays["axes"].astype(self.np.float32))

    def of_words(self, requests: Sequence[Asked]) -> "np.ndarray":
        """The sum of the vectors of the words that are known."""
        np, table = self.np, self.arrays["table"]
        scale = self.arrays["table_scale"].astype(np.float32)
        summed = np.zeros((len(requests), table.shape[1]), np.float32)
        for at, request in enumerate(requests):
            rows = [self.places[lemma] for lemma in lemmas(request) if lemma in self.places]
            if rows:
                summed[at] = (table[rows] * scale[rows][:, None]).sum(axis=0)
        return self.of_length_one(summed)

    def of_length_one(self, told: "np.ndarray") -> "np.ndarray":
        length = self.np.linalg.norm(told, axis=1, keepdims=True)
        one: np.ndarray = told / self.np.maximum(length, 1e-9)
        return one


@lru_cache(maxsize=1)
def _places(digest: str, vocabulary: str) -> dict[str, int]:
    return {word: place for place, word in enumerate(vocabulary.split("\n"))}


def places(found: artefact.Artefact) -> dict[str, int]:
    """The row of each lemma in the table."""
    return _places(found.manifest.get("sha256", ""), str(found.arrays["vocabulary"]))


def lemmas(request: Asked) -> list[str]:
    """The lemmas of a request, each once."""
    part = request.text[request.start : request.end]
    found = words.tokens(part, translit=language.detect(part).translit)
    return list(dict.fromkeys(token.word.lemma for token in found if token.kind == "word"))


def of_lemmas(request: Asked) -> Vector:
    """Every lemma adds its own few signs, so that the cosine of two requests is about the share of common words."""
    told = [0.0] * SIZE
    for lemma in lemmas(request):
        if len(lemma) > 2:
            for number in range(SIGNS):
                drawn = crc32(f"{number} {lemma}".encode())
                told[(drawn >> 1) % SIZE] += 1.0 if drawn & 1 else -1.0
    return unit(told)


def unit(told: Sequence[float]) -> Vector:
    """The same direction with length 1; nothing stays nothing."""
    length = math.sqrt(math.fsum(value * value for value in told))
    return tuple(value / length for value in told) if length > 1e-9 else tuple(told)


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    """The cosine of two vectors, 0 when one of them says nothing."""
    return math.fsum(a * b for a, b in zip(unit(first), unit(second), strict=True))


def cells(vector: Sequence[float]) -> list[int]:
    """The cells of the space nearest to a vector, the nearest first: ideas elsewhere need not be looked at."""
    found = artefact.load(NAME)
    if found is None or not any(vector):
        return [0]
    import numpy as np

    middles = found.arrays["cells"].astype(np.float32)
    order = np.argsort(-(middles @ np.array(vector, np.float32)), kind="stable")
    return [int(cell) for cell in order[:PROBED]]


def nearest(vector: Sequence[float], centres: Sequence[bytes]) -> Nearest | None:
    """The nearest of packed centres; None without any, or for a vector that says nothing."""
    if not centres or not any(vector):
        return None
    if artefact.load(NAME) is None:
        close = [cosine(vector, unpacked(centre)) for centre in centres]
        return max(map(Nearest, range(len(close)), close), key=lambda each: each.closeness)
    import numpy as np

    stack = np.frombuffer(b"".join(centres), "<f4").reshape(len(centres), SIZE)
    told = stack @ np.array(vector, np.float32) / np.maximum(np.linalg.norm(stack, axis=1), 1e-9)
    best = int(told.argmax())
    return Nearest(best, float(told[best]))


def packed(vector: Sequence[float]) -> bytes:
    """A vector as it is stored."""
    return struct.pack(f"<{SIZE}f", *vector)


def joined(centre: bytes, vector: Sequence[float], *, sign: float = 1.0) -> bytes:
    """A packed centre with one more vector in it; with `sign` -1, without one that went into it."""
    return packed([own + sign * more for own, more in zip(unpacked(centre), vector, strict=True)])


def unpacked(stored: bytes) -> Vector:
    """A stored vector; nothing for one that was never made."""
    return struct.unpack(f"<{SIZE}f", stored) if len(stored) == 4 * SIZE else (0.0,) * SIZE
