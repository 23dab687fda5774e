"""The table of word vectors that ideas are grouped by: single words as the sentence model has them, turned by one
linear map so that the sum over a sentence comes near to the sentence model's own vector of it.

The map has so few numbers that a few thousand sentences teach it, and it holds for words that none of them has.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from feedback.training import pool, teacher, vocabulary, wordings
from feedback.understanding import artefact, labelled, meaning, words
from feedback.understanding.meaning import SIZE, Asked, Table

VERSION = "2"
MOST = {"ru": 8_500, "en": 7_500}
STARTS, TAILS = 3_000, 1_500
FEATURES, RIDGE = 256, 1.0
LONGEST, SHORTEST = 160, 8
WRITTEN, DRAWN = 16_000, 9_000
CELLS, ROUNDS = 64, 10
COMMON, LEAST_WEIGHT = 1.0, 0.05
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|;")
Say = Callable[[str], Any]


class Word(NamedTuple):
    """A lemma or stem, and the spelling that it is embedded by."""

    lemma: str
    spelling: str
    language: str


def joined(model: Path) -> Iterable[str]:
    """Russian words of one piece of the tokenizer or of two, the likelier first: few are whole pieces."""
    known = words.analyser().word_is_known
    whole = [piece for piece in vocabulary.pieces(model) if vocabulary.RUSSIAN.fullmatch(piece.strip(vocabulary.START))]
    starts = [piece[1:] for piece in whole if piece.startswith(vocabulary.START)]
    tails = [piece for piece in whole if not piece.startswith(vocabulary.START)][:TAILS]
    ranks: dict[str, float] = {}
    for rank, start in enumerate(starts):
        if known(start):
            ranks.setdefault(start, math.log(rank + 1))
    for rank, start in enumerate(starts[:STARTS]):
        for other, tail in enumerate(tails):
            word = start + tail
            if word not in ranks and known(word):
                ranks[word] = math.log(rank + 1) + math.log(other + 1)
    return sorted(ranks, key=lambda word: (ranks[word], word))


def listed(model: Path) -> list[Word]:
    """The words of the table: those of the training rows, then frequent ones of the tokenizer."""
    found: dict[str, Word] = {}
    for row in labelled.for_training():
        for token in words.tokens(row.text):
            if token.kind == "word" and token.word.language:
                spelling = token.word.lemma if token.word.language == "ru" else token.word.text
                found.setdefault(token.word.lemma, Word(token.word.lemma, spelling, token.word.language))
    english = (piece[1:] for piece in vocabulary.pieces(model) if vocabulary.ENGLISH.fullmatch(piece[1:]))
    for tongue, spellings in (("ru", joined(model)), ("en", english)):
        room = MOST[tongue] - sum(word.language == tongue for word in found.values())
        fresh: dict[str, Word] = {}
        for spelling in spellings:
            analysed = words.analyse(spelling)
            if analysed.lemma not in found and "unknown" not in analysed.grammar:
                told = analysed.lemma if tongue == "ru" else spelling
                fresh.setdefault(analysed.lemma, Word(analysed.lemma, told, tongue))
            if len(fresh) >= room:
                break
        found |= dict(islice(fresh.items(), max(0, room)))
    return list(found.values())


def sentences(model: Path) -> list[Asked]:
    """What the map is taught by: the training rows, their sentences, and texts of the student's pool."""
    found: dict[str, Asked] = {}
    for row in labelled.for_training():
        for part in (row.text, *SENTENCE.split(row.text)):
            found.setdefault(part.strip(), Asked(part.strip(), 0, len(part.strip()), row.language))
    written = pool.write(model, count=WRITTEN)
    for text in random.Random(1).sample(written, DRAWN):
        found.setdefault(text.text, Asked(text.text, 0, len(text.text), text.language))
    return [asked for part, asked in found.items() if SHORTEST <= len(part) <= LONGEST]


def rarity(known: Sequence[Word]) -> np.ndarray:
    """How much each word weighs: little if it stands in many training rows."""
    rows = [Asked(row.text, 0, len(row.text), row.language) for row in labelled.for_training()]
    seen = Counter(lemma for row in rows for lemma in meaning.lemmas(row))
    return np.array([max(LEAST_WEIGHT, math.log(len(rows) / (1 + seen[word.lemma])) - COMMON) for word in known])


def centred(vectors: np.ndarray, languages: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Vectors less the mean of their language, and those means: what is left no longer tells the language."""
    tongues = np.array(languages)
    means = {tongue: vectors[tongues == tongue].mean(axis=0) for tongue in labelled.LANGUAGES}
    return vectors - np.array([means[tongue] for tongue in languages]), means


def axes(vectors: np.ndarray, size: int) -> np.ndarray:
    """The directions of most variance, each weakened by the fourth root of its own, with a sign of their own."""
    values, found = np.linalg.eigh(vectors.T @ vectors)
    order = np.argsort(-values, kind="stable")[:size]
    wanted = found[:, order]
    wanted = wanted * np.sign(wanted[np.abs(wanted).argmax(axis=0), np.arange(size)])
    scaled: np.ndarray = wanted / np.maximum(values[order], 1e-12) ** 0.25
    return scaled


def unit(vectors: np.ndarray) -> np.ndarray:
    told: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return told


def taught(features: np.ndarray, weights: np.ndarray, texts: Sequence[Asked], told: np.ndarray,
           known: Sequence[Word]) -> np.ndarray:  # fmt: skip
    """The vectors of the words after the linear map (ridge) from their features to the sentences' vectors."""
    places = {word.lemma: at for at, word in enumerate(known)}
    summed = np.zeros((len(texts), features.shape[1]))
    for at, text in enumerate(texts):
        rows = [places[lemma] for lemma in meaning.lemmas(text) if lemma in places]
        if rows:
            own = weights[rows] / (np.linalg.norm(weights[rows]) + 1e-9)
            summed[at] = own @ features[rows]
    square = summed.T @ summed + RIDGE * np.eye(features.shape[1])
    turned: np.ndarray = weights[:, None] * (features @ np.linalg.solve(square, summed.T @ told))
    return turned


def asking(texts: Sequence[Asked]) -> list[int]:
    """The places of the sentences from comments that suggest something."""
    rows = [row.text for row in labelled.for_training() if row.is_constructive]
    parts = {part.strip() for text in rows for part in (text, *SENTENCE.split(text))}
    return [at for at, text in enumerate(texts) if text.text in parts]


def middles(told: np.ndarray) -> np.ndarray:
    """The centres of the cells that the space is cut into (k-means on the sphere, begun at evenly spread rows)."""
    found = told[np.linspace(0, len(told) - 1, CELLS).astype(int)]
    for _round in range(ROUNDS):
        own = (told @ found.T).argmax(axis=1)
        found = np.array(
            [told[own == cell].sum(axis=0) if (own == cell).any() else found[cell] for cell in range(CELLS)]
        )
        found = unit(found)
    return found


def make(model: Path, *, embed: teacher.Embed, folder: Path, say: Say) -> dict[str, Any]:
    """Write the artefact and return its manifest; the same input gives the same bytes."""
    known, texts = listed(model), sentences(model)
    say(f"{len(known)} words, {len(texts)} sentences")
    spelled = np.asarray(embed([word.spelling for word in known]), np.float64)
    vectors, means = centred(np.asarray(embed([text.text for text in texts]), np.float64), [t.language for t in texts])
    turn = axes(vectors, SIZE)
    told = unit(vectors @ turn)
    own, _means = centred(spelled, [word.language for word in known])
    features = unit(own @ axes(own, FEATURES))
    table = taught(features, rarity(known), texts, told, known)
    scale = np.abs(table).max(axis=1) / 127 + 1e-12
    arrays = {
        "vocabulary": np.array("\n".join(word.lemma for word in known)),
        "table": np.round(table / scale[:, None]).astype(np.int8), "table_scale": scale.astype(np.float16),
        "axes": turn.astype(np.float16), "cells": middles(told[asking(texts)]).astype(np.float16),
        "mean_ru": means["ru"].astype(np.float32), "mean_en": means["en"].astype(np.float32),
    }  # fmt: skip
    rows = labelled.for_training()
    data = {"words": len(known), "sentences": len(texts), "rows": len(rows), "rows_hash": teacher.rows_hash(rows)}
    manifest = {"version": VERSION, "size": SIZE, "data": data} | weighed(arrays, embed)
    artefact.save(meaning.NAME, arrays, manifest, folder)
    return manifest


def weighed(arrays: dict[str, np.ndarray], embed: teacher.Embed) -> dict[str, Any]:
    """The threshold of each space, tuned on half of the suggestions, and how well it groups the other half."""
    rows = wordings.every()
    asked = [Asked(row.text, 0, len(row.text), row.language) for row in rows]
    table = Table(artefact.Artefact(arrays, {}))
    spaces = {
        meaning.WORDS: table.of_words(asked),
        meaning.SENTENCES: table.of_sentences(asked, np.asarray(embed([row.text for row in rows]))),
    }
    found: dict[str, Any] = {"threshold": {}, "held_out": {}}
    for name, vectors in spaces.items():
        threshold = wordings.tuned(vectors, rows)
        told = wordings.measured(vectors, rows, wordings.HELD_OUT, threshold)
        found["threshold"][name] = threshold
        found["held_out"][name] = {field: round(value, 3) for field, value in told._asdict().items()} | {
            "f1": round(told.f1, 3)
        }
    return found
