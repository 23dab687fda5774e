"""The word table that the student's second branch starts from: the sentence model's own vectors of single words."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from feedback.training import vocabulary
from feedback.training.pool import parts
from feedback.understanding.labelled import LANGUAGES
from feedback.understanding.ngrams import Piece
from feedback.understanding.student import LONGEST, UNKNOWN
from feedback.understanding.words import analyse

SIZE, MOST = 96, 20_000
SEEN = 6


def known(texts: Sequence[Sequence[Piece]], model: Path) -> list[str]:
    """The words of the table: lemmas of the texts and their commoner spellings, then of word lists and tokenizer."""
    lemmas = Counter(piece.lemma for pieces in texts for piece in pieces)
    spellings = Counter(piece.text for pieces in texts for piece in pieces)
    counted = lemmas | {word: seen for word, seen in spellings.items() if seen >= SEEN}
    found = dict.fromkeys(word for word, _seen in sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    for language in LANGUAGES:
        lists = parts(language)
        listed = [word for name in ("praise", "blame", "cue") for phrase in lists[name] for word in phrase.split()]
        common = [word for each in vocabulary.words(language, model).values() for word in each]
        for word in (*listed, *common):
            analysed = analyse(word)
            found |= dict.fromkeys((analysed.text, analysed.lemma))
    return [word for word in found if word and "\n" not in word][:MOST]


def begin(vectors: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The table before training: what the teacher's heads say of each word, then the principal components of the rest.

    The tone is a direction of little variance, which components alone would lose. Row 0 is the padding, row 1 stands
    for words that are not known.
    """
    centred = vectors - vectors.mean(axis=0)
    said = centred @ directions
    basis, _ = np.linalg.qr(directions)
    rest = centred - centred @ basis @ basis.T
    values, axes = np.linalg.eigh(rest.T @ rest)
    wanted = axes[:, np.argsort(-values, kind="stable")[: SIZE - directions.shape[1]]]
    wanted *= np.sign(wanted[np.abs(wanted).argmax(axis=0), np.arange(wanted.shape[1])])
    columns = np.hstack([said / said.std(axis=0), (rest @ wanted) / (rest @ wanted).std(axis=0)[0]])
    return np.vstack([np.zeros((UNKNOWN + 1, SIZE)), columns * 0.3]).astype(np.float32)


def rows(texts: Sequence[Sequence[Piece]], words: Sequence[str]) -> list[list[int]]:
    """Texts as rows of the table of these words."""
    places = {word: at for at, word in enumerate(words, start=UNKNOWN + 1)}
    return [[places.get(p.text) or places.get(p.lemma) or UNKNOWN for p in text[:LONGEST]] for text in texts]
