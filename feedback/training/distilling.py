"""The whole way from labelled comments to the files in `feedback/learned`; the same input gives the same bytes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from feedback.training import convolution, hashed, heads, pool, stacking, teacher, topics, wordtable
from feedback.understanding import artefact, fusion, labelled, language, ngrams, reading, student, words
from feedback.understanding.labelled import Labelled
from feedback.understanding.ngrams import Piece
from feedback.understanding.verdicts import VERSION

TEXTS = 20_000
ROW_WEIGHT = 5.0
STRANGE = 0.1
LIFTED = 1.2
STUDENT_VERSION, FUSION_VERSION = "5", "5"
Say = Callable[[str], Any]


class Pool(NamedTuple):
    """The texts to learn from, their groups, their pieces, and their embeddings."""

    texts: list[pool.Text]
    pieces: list[list[Piece]]
    embedded: np.ndarray


def pieces_of(text: str) -> list[Piece]:
    """A text as the student will see it."""
    return ngrams.pieces(words.tokens(text, translit=language.detect(text).translit))


def targets(taught: heads.Heads, learnt: Pool) -> np.ndarray:
    """The teacher's logits, those of slot texts and variations re-centred on the composed ones.

    On odd texts the teacher leans to one class, and the student would inherit that.
    """
    told = taught.logits(learnt.embedded)
    groups = np.array([f"{each.language} {each.group}" for each in learnt.texts])
    for tongue in labelled.LANGUAGES:
        own = groups == f"{tongue} slot"
        if own.any():
            middle = told[groups == f"{tongue} composed"].mean(axis=0)
            told[own] += middle - told[own].mean(axis=0)
    return told


def train(
    learnt: Pool, taught: heads.Heads, table: np.ndarray, vocabulary: Sequence[str], *, without: frozenset[str]
) -> dict[str, np.ndarray]:
    """The student's arrays, taught by the teacher on the pool less the labelled rows `without` and all made of them."""
    kept = [at for at, each in enumerate(learnt.texts) if each.rows.isdisjoint(without)]
    wanted = targets(taught, learnt)[kept]
    mean, spread = wanted.mean(axis=0), wanted.std(axis=0)
    wanted = (wanted - mean) / spread
    weights = np.array([ROW_WEIGHT if learnt.texts[at].group == "rows" else 1.0 for at in kept])
    pieces = [learnt.pieces[at] for at in kept]
    bias = np.average(wanted, axis=0, weights=weights)
    found = hashed.fit(hashed.matrix(pieces), wanted - bias, weights)
    word, word_scale = hashed.as_bytes(found[: hashed.WORDS])
    character, character_scale = hashed.as_bytes(found[hashed.WORDS :])
    rows = wordtable.rows(pieces, vocabulary)
    trained, layers = convolution.fit(rows, table, wanted.astype(np.float32), weights)
    table_scale = np.abs(trained).max(axis=0) / 127 + 1e-12
    arrays = {
        "word": word, "word_scale": word_scale, "character": character, "character_scale": character_scale,
        "bias": bias, "mean": mean, "spread": spread * LIFTED, "vocabulary": np.array("\n".join(vocabulary)),
        "table": np.round(trained / table_scale).astype(np.int8), "table_scale": table_scale,
    }  # fmt: skip
    small = {name: array.astype(np.float32) for name, array in (arrays | layers).items() if array.dtype.kind == "f"}
    return arrays | layers | small


def logits(arrays: dict[str, np.ndarray], pieces: Sequence[Sequence[Piece]]) -> np.ndarray:
    """What each branch of a student with these arrays says."""
    spoken = student.Student(arrays, heads.outputs()).read(pieces)
    return np.array([[each.first for each in spoken], [each.second for each in spoken]])


def starting_table(taught: heads.Heads, vectors: np.ndarray) -> np.ndarray:
    """The word table before training."""
    return wordtable.begin(np.asarray(vectors, np.float64), taught.slopes())


def distil(model: Path, *, embed: teacher.Embed, folder: Path, count: int, say: Say) -> None:
    """Make student and fusion: the one taught by heads on all training rows, the weights fitted on what students and
    heads made for that purpose say of the rows that they had not seen."""
    taught = teacher.labelled_rows(embed)
    texts = pool.write(model, count=count) + pool.toned()
    say(f"{len(texts)} texts to learn from")
    learnt = Pool(texts, [pieces_of(each.text) for each in texts], embed([each.text for each in texts]))
    vocabulary = wordtable.known(learnt.pieces, model)
    vectors = embed(vocabulary)
    say(f"{len(vocabulary)} words")
    fold = teacher.folds(taught.rows)
    teachers = [taught.without(each) for each in (None, *range(teacher.FOLDS))]
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("fork")) as two:
        whole, *parts = (
            two.submit(train, learnt, own, starting_table(own, vectors), vocabulary, without=unseen(taught, each))
            for each, own in zip((None, *range(teacher.FOLDS)), teachers, strict=True)
        )
    data = taught.data | {"texts": len(texts), "words": len(vocabulary)}
    manifest = {"version": STUDENT_VERSION, "outputs": heads.outputs(), "data": data}
    digest = artefact.save(student.NAME, whole.result(), manifest, folder)
    say(f"student {digest[:8]}")
    about = topics.train(
        taught, learnt.texts, learnt.pieces, learnt.embedded,
        of_student=whole.result(), digest=digest, folder=folder,
    )  # fmt: skip
    say(f"words for topics {about[:8]}")
    by_student = np.zeros((2, len(fold), len(heads.outputs())), np.float32)
    for each, part in enumerate(parts):
        own = [pieces_of(taught.rows[at].text) for at in np.flatnonzero(fold == each)]
        by_student[:, fold == each] = logits(part.result(), own)
    said = *by_student, teacher.out_of_fold(taught, teachers[1:])
    artefact.write_manifest(fusion.NAME, fused(taught.rows, said, digest, data), folder)
    say("rules and models weighed")


def unseen(taught: teacher.Taught, fold: int | None) -> frozenset[str]:
    """The rows of a fold."""
    return frozenset(taught.rows[at].text for at in np.flatnonzero(teacher.folds(taught.rows) == fold))


def fused(rows: Sequence[Labelled], said: Sequence[np.ndarray], digest: str, data: Any) -> dict[str, Any]:
    """The manifest of the weights; `said` are the logits of the student's branches, then of the heads."""
    readings = reading.by_rules([row.text for row in rows])
    alone = stacking.fit(rows, readings, said[:2], heads.outputs(), strange=STRANGE)
    name = f"fused@{VERSION}+student-{digest[:8]}"
    return {
        "version": FUSION_VERSION,
        "data": data,
        "source": {"student": name, "embedding": f"{name}+heads-{teacher.HEADS_VERSION}"},
        "student": alone,
        "embedding": stacking.fit(rows, readings, said, heads.outputs()),
        "unsure": stacking.unsure(rows, readings, said[:2], heads.outputs(), alone),
    }
