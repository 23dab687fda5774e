import pytest

pytest.importorskip("numpy")

from feedback.understanding import artefact, labelled, read, student, words  # noqa: E402
from feedback.understanding.kept import Kept  # noqa: E402
from feedback.understanding.ngrams import pieces  # noqa: E402
from feedback.understanding.reading import BUNCH  # noqa: E402


def test_what_is_kept_is_found_once_and_never_more_than_agreed() -> None:
    asked = []
    kept: Kept[int, int] = Kept(lambda key: asked.append(key) or 2 * key, 3)  # type: ignore[func-returns-value]
    assert [kept[key] for key in (1, 2, 1, 3, 2)] == [2, 4, 2, 6, 4] and asked == [1, 2, 3]
    assert kept[4] == 8 and len(kept) == 1
    assert kept[1] == 2 and asked == [1, 2, 3, 4, 1]


def test_a_comment_is_read_the_same_whatever_else_is_read_with_it() -> None:
    texts = [row.text for row in labelled.for_training()[:: 4000 // BUNCH]]
    texts += ["", "5+", ")))", "nicht gut, sehr schlecht", "😀", "ok", "не " * 500]
    texts += texts[:20]
    assert len(texts) > BUNCH
    assert read(texts[::-1])[::-1] == read(texts)
    assert [reading for at in range(0, len(texts), 7) for reading in read(texts[at : at + 7])] == read(texts)


def test_words_say_the_same_when_the_places_at_which_they_are_kept_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [own for row in labelled.for_training()[::3] if len(own := pieces(words.tokens(row.text))) <= 100]
    assert len({piece[:3] for own in seen for piece in own}) > 4000 > 35 * max(map(len, seen))
    model, found, topics = student.load(), artefact.load(student.NAME), artefact.load(student.TOPICS)
    assert model and found and topics
    monkeypatch.setattr(student, "CACHED_WORDS", 4000)
    small = student.Student(found.arrays, found.manifest["outputs"], topics.arrays)
    for own, other in zip(small.read(seen), model.read(seen), strict=True):
        assert (own.logits == other.logits).all() and (own.shares == other.shares).all()
    assert len(small.places) <= 4000
