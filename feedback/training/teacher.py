"""Training the heads on what the project labelled, and embedding texts once for all that is trained."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from feedback.training import heads, phrases
from feedback.understanding import artefact, embedding, labelled
from feedback.understanding.fusion import TONES
from feedback.understanding.labelled import Labelled

HEADS_VERSION = "4"
FOLDS = 4
Embed = Callable[[Sequence[str]], np.ndarray]
BUNCH = 500


def cached(folder: Path | None) -> Embed:
    """The embedding, kept in a folder by the hash of each text, as it takes most of the time."""
    known: dict[str, np.ndarray] = {}

    def embed(texts: Sequence[str]) -> np.ndarray:
        if folder and any(digest(text) not in known for text in texts):
            known.update(kept(folder))  # what another run has embedded meanwhile
        missing = [text for text in dict.fromkeys(texts) if digest(text) not in known]
        for start in range(0, len(missing), BUNCH):
            bunch = missing[start : start + BUNCH]
            keys, found = [digest(text) for text in bunch], embedding.embed(bunch)
            known.update(zip(keys, found, strict=True))
            if folder:
                folder.mkdir(exist_ok=True)
                np.savez(folder / f"{keys[0]}.npz", keys=np.array(keys), found=found)
        return np.array([known[digest(text)] for text in texts])

    return embed


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def kept(folder: Path) -> dict[str, np.ndarray]:
    """What earlier runs left there."""
    known: dict[str, np.ndarray] = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as bunch:
            known.update(zip(bunch["keys"].tolist(), bunch["found"], strict=True))
    return known


def folds(rows: Sequence[Labelled]) -> np.ndarray:
    """A fold for each row, told from its words or, where another one is near, from that one's."""
    told = [hashlib.sha256(labelled.stands_for(row.text).encode()).hexdigest() for row in rows]
    return np.array([int(each[-6:], 16) % FOLDS for each in told])


def rows_hash(rows: Sequence[Labelled]) -> str:
    """Sixteen digits that tell which comments with which labels were learnt."""
    told = [f"{row.text}\t{row.polarity}\t{row.is_constructive}\t{row.is_mixed}\t{sorted(row.topics)}" for row in rows]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


class Taught(NamedTuple):
    """The labelled comments, then the labelled sentences, all of which the heads learn from, then phrases of which the
    tone alone is known; with the embeddings of the former and of the phrases."""

    comments: list[Labelled]
    sentences: list[Labelled]
    phrases: list[Labelled]
    embedded: np.ndarray
    of_phrases: np.ndarray

    @property
    def rows(self) -> list[Labelled]:
        """Comments and sentences."""
        return [*self.comments, *self.sentences]

    @property
    def data(self) -> dict[str, Any]:
        """What a manifest says of them."""
        return {
            "rows": len(self.comments), "sentences": len(self.sentences), "phrases": len(self.phrases),
            "rows_hash": rows_hash([*self.rows, *self.phrases]),
        }  # fmt: skip

    @property
    def with_topics(self) -> list[int]:
        """Where the rows stand that were labelled with topics: those of customers, whose channel is known."""
        return [at for at, row in enumerate(self.rows) if row.channel]

    def without(self, fold: int | None) -> heads.Heads:
        """Heads that have not seen the rows of a fold."""
        kept = np.flatnonzero(folds(self.rows) != fold).tolist()
        embedded = np.vstack([self.embedded[kept], self.of_phrases])
        return heads.fit(embedded, [*(self.rows[at] for at in kept), *self.phrases], toned=len(self.phrases))


def labelled_rows(embed: Embed) -> Taught:
    """All that may be learnt from."""
    comments, sentences, told = labelled.for_training(), labelled.for_teaching(), phrases.toned()
    embedded = embed([row.text for row in (*comments, *sentences)])
    return Taught(comments, sentences, told, embedded, embed([row.text for row in told]))


def out_of_fold(taught: Taught, parts: Sequence[heads.Heads]) -> np.ndarray:
    """The logits for each row of the heads, one for each fold, that had not seen it."""
    fold = folds(taught.rows)
    told = np.zeros((len(fold), len(heads.outputs())))
    for each, part in enumerate(parts):
        told[fold == each] = part.logits(taught.embedded[fold == each])
    return told


def macro_f1(told: np.ndarray, truth: np.ndarray) -> float:
    """The mean F1 of the classes."""
    scores = []
    for each in range(truth.shape[1]):
        guessed, real = told == each, truth[:, each] > 0
        scores.append(2 * (guessed & real).sum() / max(1, guessed.sum() + real.sum()))
    return round(float(np.mean(scores)), 4)


def unseen(rows: Sequence[Labelled], told: np.ndarray) -> dict[str, float]:
    """How good the tone is per language, on rows that were not seen."""
    truth, found = heads.truth(rows), {}
    for language in labelled.LANGUAGES:
        own = np.array([row.language == language for row in rows])
        tones = slice(0, len(TONES))
        found[language] = macro_f1(told[own, tones].argmax(axis=1), truth[own, tones])
    return found


def train(folder: Path, *, embed: Embed) -> dict[str, Any]:
    """Write the heads and return their manifest."""
    taught = labelled_rows(embed)
    arrays = {
        name: array if array.dtype == np.int8 else array.astype(np.float32)
        for name, array in taught.without(None)._asdict().items()
    }
    told = out_of_fold(taught, [taught.without(each) for each in range(FOLDS)])
    manifest = {
        "version": HEADS_VERSION,
        "outputs": heads.outputs(),
        "model": embedding.digest(),
        "data": taught.data,
        "macro_f1_unseen": unseen(taught.comments, told[: len(taught.comments)]),
    }
    artefact.save(embedding.NAME, arrays, manifest, folder)
    return manifest
