"""Training: byte for byte the same each time, from rows that are not frozen, and able to learn."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from feedback.understanding import artefact, embedding, labelled, student, topics
from feedback.understanding.labelled import Labelled

np = pytest.importorskip("numpy")

from feedback.training import convolution, distilling, hashed, heads, phrases, pool, teacher, vocabulary, wordtable  # noqa: E402


@cache
def place(text: str) -> Any:
    """The hashed pieces of a text, summed."""
    return sum((direction(sum(map(ord, piece.lemma))) for piece in distilling.pieces_of(text)), np.zeros(32))


@cache
def direction(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=32)


def embed(texts):  # type: ignore[no-untyped-def]
    """A stand-in for the sentence embedding, found once for each text."""
    return np.array([place(text) for text in texts]).reshape(len(texts), 32)


@pytest.fixture(scope="module")
def rows() -> list[Labelled]:
    return labelled.for_training()[::12]


@pytest.fixture(scope="module")
def learnt(rows: list[Labelled]) -> distilling.Pool:
    texts = [pool.Text(row.text, row.language, "composed") for row in rows]
    return distilling.Pool(texts, [distilling.pieces_of(each.text) for each in texts], embed([t.text for t in texts]))


def made(rows: list[Labelled], learnt: distilling.Pool) -> dict:
    taught = heads.fit(learnt.embedded, rows)
    vocabulary = sorted({piece.text for pieces in learnt.pieces for piece in pieces})[:400]
    table = distilling.starting_table(taught, embed(vocabulary))
    return distilling.train(learnt, taught, table, vocabulary, without=frozenset())


NATURAL = {
    language: [row.text for row in labelled.for_teaching() if row.language == language][:9]
    for language in labelled.LANGUAGES
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student that is taught in a moment."""
    monkeypatch.setattr(wordtable, "SIZE", 24)
    monkeypatch.setattr(wordtable, "MOST", 300)
    monkeypatch.setattr(hashed, "STEPS", 4)
    monkeypatch.setattr(convolution, "ROUNDS", 4)


def test_the_student_says_what_its_teacher_says(
    rows: list[Labelled], learnt: distilling.Pool, tmp_path: Path, small: None
) -> None:
    arrays = made(rows, learnt)
    told = distilling.logits(arrays, learnt.pieces).mean(axis=0)
    wanted = heads.fit(learnt.embedded, rows).logits(learnt.embedded)
    assert np.corrcoef(told[:, 0], wanted[:, 0])[0, 1] > 0.6
    artefact.save("once", arrays, {"outputs": heads.outputs()}, tmp_path)
    loaded = artefact.load("once", tmp_path)
    assert loaded and np.array_equal(
        student.Student(loaded.arrays, heads.outputs()).read(learnt.pieces[:3])[2].logits, told[2]
    )


class AnyKind(dict):
    """A list of words for every kind that a frame asks for."""

    def __missing__(self, kind: str) -> tuple[str, ...]:
        return next(iter(self.values()))


WORDS = {
    "ru": {"adj_m": ("хороший", "плохой"), "noun": ("дом", "стол"), "inf": ("ждать", "писать"), "adv": ("быстро",)},
    "en": {"adj": ("good", "late"), "noun": ("desk", "train"), "verb": ("wait", "write"), "adv": ("slowly",)},
}  # fmt: skip


def test_distilling_is_the_same_each_time(
    rows: list[Labelled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """From the texts to the weights between the parts, which are fitted in processes of their own."""
    parts = {language: pool.parts(language) for language in labelled.LANGUAGES}
    sentences = labelled.for_teaching()[::90]
    monkeypatch.setattr(labelled, "for_training", lambda: rows)
    monkeypatch.setattr(labelled, "for_teaching", lambda: sentences)
    monkeypatch.setattr(vocabulary, "words", lambda language, model: AnyKind(WORDS[language]))
    monkeypatch.setattr(vocabulary, "pieces", lambda model: [])
    toned, about = phrases.toned()[::200], phrases.of_topics()[::200]
    monkeypatch.setattr(phrases, "toned", lambda: toned)
    monkeypatch.setattr(phrases, "of_topics", lambda: about)
    monkeypatch.setattr(pool, "parts", lambda language: parts[language] | {"natural": NATURAL[language]})
    for name in ("once", "twice"):
        distilling.distil(tmp_path, embed=embed, folder=tmp_path / name, count=220, say=lambda told: None)
    for file in ("student.npz", "student.json", "topics.npz", "topics.json", "fusion.json"):
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "twice" / file).read_bytes()


def test_both_halves_of_a_pair_are_in_one_fold() -> None:
    rows = list(labelled.plain())
    fold = dict(zip((row.text for row in rows), teacher.folds(rows), strict=True))
    pairs = [(text, first) for text in fold if (first := labelled.stands_for(text)) != text]
    assert len(pairs) > 35 and all(fold[text] == fold[first] for text, first in pairs)


def test_what_the_student_learns_from_has_no_frozen_text_in_it() -> None:
    written = [text for language in labelled.LANGUAGES for text in pool.parts(language)["natural"]]
    assert len(written) > 700
    assert not [text for text in written if labelled.is_frozen(text)]


def test_phrases_say_what_they_are_of_and_none_is_a_frozen_text() -> None:
    toned, about = phrases.toned(), phrases.of_topics()
    frozen = {labelled.key(row.text) for row in (*labelled.every(), *labelled.sentences(), *labelled.plain())
              if labelled.is_frozen(row.text)}  # fmt: skip
    for rows in (toned, about):
        keys = {(row.language, labelled.key(row.text)) for row in rows}
        assert len(keys) == len(rows) > 5000 and frozen.isdisjoint(key for _language, key in keys)
    assert {row.polarity for row in toned} == {"negative", "neutral", "positive"}
    assert frozenset().union(*(row.topics for row in about)) == {rule.code for rule in topics.default_rules()}


def test_a_changed_file_is_not_loaded(tmp_path: Path) -> None:
    artefact.save("x", {"a": np.ones(3)}, {}, tmp_path)
    (tmp_path / "x.npz").write_bytes((tmp_path / "x.npz").read_bytes() + b" ")
    with pytest.raises(ValueError, match="not the file"):
        artefact.load("x", tmp_path)


def test_the_heads_are_the_same_each_time_and_learn_from_unfrozen_rows_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same on every fourth row: that is enough for sums which several threads share in."""
    monkeypatch.setattr(embedding, "digest", lambda: "ours")  # the extra need not be installed
    comments, sentences, toned = labelled.for_training(), labelled.for_teaching(), phrases.toned()
    assert not [row for row in (*comments, *sentences) if labelled.is_frozen(row.text)]
    assert teacher.labelled_rows(embed).data | {"rows_hash": ""} == {
        "rows": len(comments), "sentences": len(sentences), "phrases": len(toned), "rows_hash": "",
    }  # fmt: skip
    monkeypatch.setattr(labelled, "for_training", lambda: comments[::4])
    monkeypatch.setattr(labelled, "for_teaching", lambda: sentences[::4])
    monkeypatch.setattr(phrases, "toned", lambda: toned[::4])
    seen: list[str] = []

    def noted(texts):  # type: ignore[no-untyped-def]
        seen.extend(texts)
        return embed(texts)

    for name in ("once", "twice"):
        manifest = teacher.train(tmp_path / name, embed=noted)
    assert (tmp_path / "once/heads.npz").read_bytes() == (tmp_path / "twice/heads.npz").read_bytes()
    assert manifest["data"]["rows"] == len(comments[::4])
    assert seen == [row.text for row in (*comments[::4], *sentences[::4], *toned[::4])] * 2  # no other text


def test_what_ships_was_made_from_the_labelled_rows_of_today() -> None:
    """A row added or corrected asks for training anew, or the manifest lies."""
    today = teacher.rows_hash([*labelled.for_training(), *labelled.for_teaching(), *phrases.toned()])
    for name in ("heads", "student", "topics", "fusion"):
        manifest = artefact.read_manifest(name)
        assert manifest and manifest["data"]["rows_hash"] == today, name
        if name == "topics":
            assert manifest["data"]["phrases_hash"] == teacher.rows_hash(phrases.of_topics())
            of_student = artefact.read_manifest(student.NAME)
            assert of_student and manifest["student"] == of_student["sha256"]  # whose word table is used
    meaning = artefact.read_manifest("meaning")
    assert meaning and meaning["data"]["rows_hash"] == teacher.rows_hash(labelled.for_training())
    size = sum(path.stat().st_size for path in artefact.FOLDER.iterdir())
    assert size < 10_000_000
