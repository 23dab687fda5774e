"""Suggestions that ask for the same lie near each other, in other words and in the other language."""

import pytest

from feedback.training import wordings
from feedback.understanding import artefact, embedding, meaning
from feedback.understanding.meaning import Asked

np = pytest.importorskip("numpy")
ROWS = wordings.every()


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "is_installed", lambda: False)
    meaning.space.cache_clear()


@pytest.fixture(autouse=True)
def own_space():
    meaning.space.cache_clear()
    yield
    meaning.space.cache_clear()


def asked(text: str, language: str = "ru") -> Asked:
    return Asked(text, 0, len(text), language)


def vectors() -> "np.ndarray":
    return np.array(meaning.vectors([asked(row.text, row.language) for row in ROWS]), np.float32)


def test_words_alone_group_the_suggestions_that_nothing_was_tuned_on(without_extra: None) -> None:
    """Half as good as the sentence embedding would be 0.4; without vectors, by common lemmas, it is 0.45."""
    told = wordings.measured(vectors(), ROWS, wordings.HELD_OUT, meaning.threshold())
    assert told.f1 >= 0.64
    assert told.pair_precision >= 0.65


@pytest.mark.skipif(not embedding.is_installed(), reason="the optional embedding is not installed")
def test_sentences_group_them_better() -> None:
    told = wordings.measured(vectors(), ROWS, wordings.HELD_OUT, meaning.threshold())
    assert told.f1 >= 0.78


def test_the_manifest_says_how_good_they_are(without_extra: None) -> None:
    found = artefact.read_manifest(meaning.NAME)
    assert found is not None
    told = wordings.measured(vectors(), ROWS, wordings.HELD_OUT, meaning.threshold())
    assert found["held_out"]["words"]["f1"] == pytest.approx(told.f1, abs=0.01)
    assert found["bytes"] < 2_000_000


def test_the_other_language_is_near(without_extra: None) -> None:
    dark, same, other = meaning.vectors(
        [asked("Добавьте тёмную тему"), asked("add a dark theme", "en"), asked("Больше автобусов утром")]
    )
    assert meaning.cosine(dark, same) > 0.3 > meaning.cosine(dark, other)


def test_without_numpy_common_lemmas_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "load", lambda name: None)
    assert meaning.space() == "lemmas"
    tills, same, other = meaning.vectors(
        [asked("Откройте больше касс"), asked("больше касс откройте вечером"), asked("Сделайте пандус")]
    )
    assert meaning.cosine(tills, same) > meaning.threshold() > meaning.cosine(tills, other)
    assert meaning.nearest(tills, [meaning.packed(other), meaning.packed(same)]).place == 1
    assert meaning.cells(tills) == [0]


def test_a_text_without_words_means_nothing() -> None:
    (nothing,) = meaning.vectors([asked("123 !!!")]) if not embedding.is_installed() else [(0.0,) * meaning.SIZE]
    assert meaning.nearest(nothing, [meaning.packed(nothing)]) is None


def test_only_the_sentences_that_ask_count() -> None:
    text = "Вежливые люди. Привезли быстро. Сделайте оплату картой! Спасибо."
    at = text.index("Сделайте")
    found = meaning.asked(text, [[at, at + 8, "constructive"]], "ru")
    assert text[found.start : found.end].startswith("Сделайте оплату картой")
    assert found.end < text.index("Спасибо")
    whole = meaning.asked(text, [], "ru")
    assert (whole.start, whole.end) == (0, len(text))
    assert meaning.asked("я" * 5000, [], "ru").end == meaning.LONGEST


def test_a_stored_vector_comes_back() -> None:
    one = meaning.unit([float(number) for number in range(meaning.SIZE)])
    assert meaning.unpacked(meaning.packed(one)) == pytest.approx(one, abs=1e-6)
    assert not any(meaning.unpacked(b""))
