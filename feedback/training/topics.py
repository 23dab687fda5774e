"""Teaching which words speak of the topics that ship, beside what their cues say of them.

The sentence embedding learns from the labelled comments what the cues leave unsaid. Words learn it from the comments,
from what the embedding says of texts without labels, and from phrases (`phrases.py`), each with the topics that are
spoken of so, written down from knowledge of the trades. From the same a small convolution over the student's word
table learns the topics themselves: words that mean the same lie near each other there, so it knows of words that no
label has.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from feedback.training import convolution, hashed, logistic, phrases, teacher, wordtable
from feedback.training.pool import Text
from feedback.understanding import artefact, embedding, entities, fusion, language, prior, student, words
from feedback.understanding.labelled import Labelled
from feedback.understanding.ngrams import Piece, pieces
from feedback.understanding.topics import compile_rules, default_rules, weigh
from feedback.understanding.verdicts import CHECK

VERSION = "3"
# How likely a topic is whose cues fire, half fire, speak against it, or are not there.
FIRED, HALF, AGAINST, SILENT = 0.75, 0.3, 0.02, 0.05
NEARBY_PENALTY, LEAN_PENALTY, ROW_WEIGHT, PHRASE_WEIGHT = 0.5, 2.0, 4.0, 1.0
STEPS = 12
LEVELS = 63  # as for the heads
# Three convolutions that began otherwise know more together than one three times as wide.
BEGINNINGS, WIDTHS, RATE, ROUNDS = (1, 2, 3), (96, 48), 1.5e-2, 8
DROPPED = 0.2
BEYOND = 5.0  # what counts a topic that cues leave unsaid, beside its log-odds
NEVER = 0.005  # the least, and 1 less it the most, that the embedding has a text be about a topic
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
    """Texts as the student sees them, the sums of the cues of each topic in each, what their labels say beyond, and the
    labels."""

    seen: list[list[Piece]]
    sums: np.ndarray
    answers: np.ndarray
    labels: np.ndarray


class Learnt(NamedTuple):
    """What is learnt from beside the comments: texts without labels with their pieces and embeddings, the phrases, and
    the student's words with their vectors."""

    texts: Sequence[Text]
    seen: Sequence[Sequence[Piece]]
    embedded: np.ndarray
    phrases: Told
    words: Sequence[str]
    table: np.ndarray


def told_of(rows: Sequence[Labelled]) -> Told:
    """What these rows teach."""
    matcher = compile_rules(default_rules())
    found = [words.tokens(row.text, translit=language.detect(row.text).translit) for row in rows]
    told = [words.telling(tokens) for tokens in found]
    cued = [weigh(own, entities.durations(own), matcher).sums for own in told]
    sums = np.array([[own.get(code, 0.0) for code in matcher.codes] for own in cued])
    return Told([pieces(tokens) for tokens in found], sums, unsaid(rows, sums), truth(rows))


def taught(
    rows: Sequence[Labelled], known: np.ndarray, told: Told, learnt: Learnt, kept: Sequence[int]
) -> dict[str, np.ndarray]:
    """The weights of words and the layers of the convolution, taught by those of these comments that are `kept`, by the
    phrases, and by the texts less all that are made of the other comments."""
    own = {rows[at].text: place for place, at in enumerate(kept)}
    without = frozenset(row.text for row in rows) - own.keys()
    texts = [at for at, each in enumerate(learnt.texts) if each.rows.isdisjoint(without)]
    answers = np.hstack([told.answers, told.labels])[kept]
    nearby = by_embedding(known[kept], answers, learnt.embedded[texts])
    weights = np.ones(len(texts))
    for place, at in enumerate(texts):
        if learnt.texts[at].group == "rows" and learnt.texts[at].text in own:
            nearby[place], weights[place] = answers[own[learnt.texts[at].text]], ROW_WEIGHT
    parts = learnt.phrases
    beyond, labels = np.hsplit(np.vstack([nearby, np.hstack([parts.answers, parts.labels])]), 2)
    weights = np.append(weights, np.full(len(parts.seen), PHRASE_WEIGHT))
    seen = [*(learnt.seen[at] for at in texts), *parts.seen]
    level, share = np.split(answers.mean(axis=0), 2)
    share = share.clip(NEVER, 1 - NEVER)
    x, labels = hashed.matrix(seen), labels.clip(NEVER, 1 - NEVER)
    found, bias = hashed.fit_odds(x, labels, weights)
    # Both are sums over the same features, so what they say together is one sum as well.
    found, bias = found + BEYOND * hashed.fit(x, beyond - level, weights, steps=STEPS), bias + BEYOND * level
    word, word_scale = hashed.as_bytes(found[: hashed.WORDS], levels=LEVELS)
    character, character_scale = hashed.as_bytes(found[hashed.WORDS :], levels=LEVELS)
    rows_of_table = wordtable.rows(seen, learnt.words)
    both = [
        convolution.fit(
            rows_of_table, learnt.table, labels, weights, seed=seed, slopes=convolution.of_each, widths=WIDTHS,
            moves_table=False, level=np.log(share / (1 - share)), rate=RATE, rounds=ROUNDS, dropped=DROPPED,
        )[1]
        for seed in BEGINNINGS
    ]  # fmt: skip
    return {
        "word": word, "word_scale": word_scale, "character": character, "character_scale": character_scale,
        "bias": bias.astype(np.float32),
    } | {name: layer.astype(np.float16) for name, layer in convolution.together(both).items()}  # fmt: skip


def said(
    arrays: dict[str, np.ndarray], learnt: Learnt, seen: Sequence[Sequence[Piece]]
) -> tuple[np.ndarray, np.ndarray]:
    """What words with these weights say of texts, and what the convolution does."""
    word, character = (arrays[name] * arrays[f"{name}_scale"] for name in ("word", "character"))
    x, both = hashed.matrix(seen), np.vstack([word, character]).astype(np.float64)
    layers = {name: arrays[name].astype(np.float32) for name in student.LAYERS}
    by_words = np.stack([x.times(column) for column in both.T], axis=1) + arrays["bias"]
    return by_words, convolution.told(wordtable.rows(seen, learnt.words), learnt.table, layers)


def lean(sums: np.ndarray, scores: Sequence[np.ndarray], labels: np.ndarray) -> list[float]:
    """How cues and models are weighed, alike for all topics; the models had not been taught these comments."""
    told = np.array([prior.leans(total) for total in sums.reshape(-1)])
    x, yes = np.column_stack([told, *(each.reshape(-1) for each in scores)]), labels.reshape(-1)
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
    comments: teacher.Taught, texts: Sequence[Text], seen: Sequence[Sequence[Piece]], embedded: np.ndarray, *,
    of_student: dict[str, np.ndarray], digest: str, folder: Path,
) -> str:  # fmt: skip
    """Write the weights, for the student with these arrays and this hash; returns theirs."""
    about = comments.with_topics
    rows, known = [comments.rows[at] for at in about], comments.embedded[about]
    parts, fold = phrases.of_topics(), teacher.folds(rows)
    told = told_of(rows)
    table = (of_student["table"] * of_student["table_scale"]).astype(np.float32)
    learnt = Learnt(texts, seen, embedded, told_of(parts), str(of_student["vocabulary"]).split("\n"), table)
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("fork")) as two:
        whole, *others = (
            two.submit(taught, rows, known, told, learnt, np.flatnonzero(fold != each).tolist())
            for each in (None, *range(teacher.FOLDS))
        )
    scores = np.zeros((2, *told.sums.shape))
    for each, other in enumerate(others):
        places = np.flatnonzero(fold == each)
        scores[:, places] = said(other.result(), learnt, [told.seen[at] for at in places])
    manifest = {
        "version": VERSION, "outputs": codes(), "student": digest, "lean": lean(told.sums, list(scores), told.labels),
        "data": comments.data | {"texts": len(texts), "phrases_hash": teacher.rows_hash(parts)},
    }  # fmt: skip
    return artefact.save(prior.NAME, whole.result(), manifest, folder)
