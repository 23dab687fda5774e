"""Teaching which words speak of the topics that ship, beside what their cues say of them.

The sentence embedding learns from the labelled comments what the cues leave unsaid. Words learn it from the comments,
from what the embedding says of texts without labels, and from phrases (`phrases.py`), each with the topics that are
spoken of so, written down from knowledge of the trades.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from feedback.training import hashed, logistic, phrases, teacher
from feedback.training.pool import Text
from feedback.understanding import artefact, embedding, fusion, language, prior, words
from feedback.understanding.labelled import Labelled
from feedback.understanding.ngrams import Piece, pieces
from feedback.understanding.topics import compile_rules, default_rules, weigh
from feedback.understanding.verdicts import CHECK

VERSION = "2"
# How likely a topic is whose cues fire, half fire, speak against it, or are not there.
FIRED, HALF, AGAINST, SILENT = 0.75, 0.3, 0.02, 0.05
NEARBY_PENALTY, LEAN_PENALTY, ROW_WEIGHT, PHRASE_WEIGHT = 0.5, 2.0, 4.0, 1.0
STEPS = 12
THRESHOLDS = np.arange(0.2, CHECK, 0.02)
DIGITS = 4


def codes() -> list[str]:
    """The topics, in their order."""
    return [rule.code for rule in default_rules()]


def truth(rows: Sequence[Labelled]) -> np.ndarray:
    """The labels as columns of 0 and 1 in the order of `codes`."""
    return np.array([[code in row.topics for code in codes()] for row in rows], np.float64)


def unsaid(rows: Sequence[Labelled], sums: np.ndarray) -> np.ndarray:
    """What the labels say beyond the cues."""
    expected = np.select([sums >= 1, sums >= 0.5, sums < 0], [FIRED, HALF, AGAINST], SILENT)
    return truth(rows) - expected


def by_embedding(known: np.ndarray, answers: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """What is known of the texts nearby: kernel ridge regression, as the heads do it."""
    middle = known.mean(axis=0)
    away = known - middle
    reach, norms = (away**2).sum(axis=1).mean(), embedding.norms(away)
    near = embedding.nearness(known, middle, away, norms, reach).astype(np.float64)
    level = answers.mean(axis=0)
    weights = np.linalg.solve(near + NEARBY_PENALTY * np.eye(len(known)), answers - level)
    return np.vstack(
        [
            embedding.nearness(asked[start : start + teacher.BUNCH], middle, away, norms, reach) @ weights + level
            for start in range(0, len(asked), teacher.BUNCH)
        ]
    )


class Told(NamedTuple):
    """Texts as the student sees them, the sums of the cues of each topic in each, and what their labels say beyond."""

    seen: list[list[Piece]]
    sums: np.ndarray
    answers: np.ndarray


def told_of(rows: Sequence[Labelled]) -> Told:
    """What these rows teach."""
    matcher = compile_rules(default_rules())
    found = [words.tokens(row.text, translit=language.detect(row.text).translit) for row in rows]
    told = [weigh(tokens, matcher).sums for tokens in found]
    sums = np.array([[own.get(code, 0.0) for code in matcher.codes] for own in told])
    return Told([pieces(tokens) for tokens in found], sums, unsaid(rows, sums))


def taught(
    rows: Sequence[Labelled], known: np.ndarray, answers: np.ndarray,
    texts: Sequence[Text], seen: Sequence[Sequence[Piece]], embedded: np.ndarray, *,
    parts: Told, without: frozenset[str],
) -> dict[str, np.ndarray]:  # fmt: skip
    """The weights of words, taught by these comments, by the phrases `parts`, and by the texts less all made of the
    comments `without`."""
    own = {row.text: at for at, row in enumerate(rows)}
    kept = [at for at, each in enumerate(texts) if each.rows.isdisjoint(without)]
    told = by_embedding(known, answers, embedded[kept])
    weights = np.ones(len(kept))
    for place, at in enumerate(kept):
        if texts[at].group == "rows" and texts[at].text in own:
            told[place], weights[place] = answers[own[texts[at].text]], ROW_WEIGHT
    level = answers.mean(axis=0)
    told, weights = np.vstack([told, parts.answers]), np.append(weights, np.full(len(parts.seen), PHRASE_WEIGHT))
    found = hashed.fit(hashed.matrix([*(seen[at] for at in kept), *parts.seen]), told - level, weights, steps=STEPS)
    word, word_scale = hashed.as_bytes(found[: hashed.WORDS])
    character, character_scale = hashed.as_bytes(found[hashed.WORDS :])
    return {
        "word": word, "word_scale": word_scale, "character": character, "character_scale": character_scale,
        "bias": level.astype(np.float32),
    }  # fmt: skip


def said(arrays: dict[str, np.ndarray], seen: Sequence[Sequence[Piece]]) -> np.ndarray:
    """What words with these weights say of texts."""
    word, character = (arrays[name] * arrays[f"{name}_scale"] for name in ("word", "character"))
    x, both = hashed.matrix(seen), np.vstack([word, character]).astype(np.float64)
    return np.stack([x.times(column) for column in both.T], axis=1) + arrays["bias"]


def lean(sums: np.ndarray, scores: np.ndarray, labels: np.ndarray) -> list[float]:
    """How cues and words are weighed, alike for all topics: words that no label of these comments has taught."""
    told = np.array([prior.leans(total) for total in sums.reshape(-1)])
    x, yes = np.column_stack([told, scores.reshape(-1)]), labels.reshape(-1)
    fitted = logistic.fit(x, np.stack([1 - yes, yes], axis=1), penalty=LEAN_PENALTY)
    sure = fusion.softmax(logistic.with_one(x) @ fitted)[:, 1]
    against = told[:, 0] < 0
    best = max(THRESHOLDS, key=lambda least: f1((sure >= least) & ~against, yes > 0))
    *weights, level = fitted[:, 1] - fitted[:, 0]
    return [round(float(value), DIGITS) for value in (*weights, level + prior.shift(best))]


def f1(told: np.ndarray, real: np.ndarray) -> float:
    """Of all topics of all comments together."""
    return float(2 * (told & real).sum() / (told.sum() + real.sum()))


def train(
    comments: teacher.Taught, texts: Sequence[Text], seen: Sequence[Sequence[Piece]], embedded: np.ndarray, folder: Path
) -> str:
    """Write the weights; returns their hash."""
    about = comments.with_topics
    rows, known = [comments.rows[at] for at in about], comments.embedded[about]
    told, fold = phrases.of_topics(), teacher.folds(rows)
    (own, sums, answers), parts = told_of(rows), told_of(told)
    scores = np.zeros_like(sums)

    def part(each: int | None) -> dict[str, np.ndarray]:
        kept = np.flatnonzero(fold != each)
        left_out = frozenset(rows[at].text for at in np.flatnonzero(fold == each))
        learnt = [rows[at] for at in kept]
        return taught(learnt, known[kept], answers[kept], texts, seen, embedded, parts=parts, without=left_out)

    for each in range(teacher.FOLDS):
        places = np.flatnonzero(fold == each)
        scores[places] = said(part(each), [own[at] for at in places])
    manifest = {
        "version": VERSION, "outputs": codes(), "lean": lean(sums, scores, truth(rows)),
        "data": comments.data | {"texts": len(texts), "phrases_hash": teacher.rows_hash(told)},
    }  # fmt: skip
    return artefact.save(prior.NAME, part(None), manifest, folder)
