"""The default reader: rules and student together, with defined behaviour for the odd texts that customers write."""

import pytest

pytest.importorskip("numpy")

from feedback.understanding import Reading, Span, embedding, read, reading, student, tiers  # noqa: E402


def told(text: str, **options: object) -> Reading:
    return read([text], **options)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("ок", "neutral"),
        ("-", "neutral"),
        ("нет", "neutral"),
        ("5+", "positive"),
        ("👎", "negative"),
        ("👍👍👍", "positive"),
        ("ВСЁ УЖАСНО, НИКОГДА БОЛЬШЕ", "negative"),
        ("spasibo, vse otlichno", "positive"),
        ("uzhasno dolgo, bolshe ne pridu", "negative"),
        ("спасибо, very fast, всё супер", "positive"),
        ("полный пиздец, а не сервис", "negative"),
        ("Отлично, третий день без воды. Браво!", "negative"),
        ("Мне нравится ваш магазин, буду заходить ещё", "positive"),
        ("I waited two hours and nobody came", "negative"),
        ("Lovely people, sorted it in minutes", "positive"),
    ],
)
def test_the_tone_of_short_odd_and_mixed_texts(text: str, tone: str) -> None:
    assert told(text).tone.value == tone


@pytest.mark.parametrize("text", ["Больше касс", "Shorter queues", "Сократить время ожидания", "please add dark mode"])
def test_a_request_without_please_or_would(text: str) -> None:
    assert told(text).constructive.value == "yes"


@pytest.mark.parametrize("text", [
    "Рекомендую всем", "would recommend to anyone", "предложений нет", "не советую", "Рекомендовала бы всем",
    "Хотелось бы отметить работу оператора", "Хотелось бы поблагодарить оператора", "would recommend",
    "don't change a thing", "Would use again", "уволить таких", "bring earplugs",
])  # fmt: skip
def test_what_only_looks_like_a_request(text: str) -> None:
    assert told(text).constructive.value == "no"


def test_a_language_that_was_not_learnt_is_named_and_left_unsure() -> None:
    found = told("Das Essen war kalt und der Kellner unfreundlich")
    assert found.language.value not in ("ru", "en")
    assert (found.tone.value, found.tone.confidence, found.tones) == ("", 0.0, ())


def test_each_statement_names_the_versions_of_its_parts() -> None:
    found = told("Ждал сорок минут, никто не ответил")
    assert found.tone.source.startswith("fused@rules-") and "student-" in found.tone.source
    assert len(found.tone.source) <= 64
    assert abs(sum(found.tones) - 1) < 0.001


def test_what_the_student_finds_without_a_rule_has_its_words_shown() -> None:
    texts = ["в супе плавал волос", "the shower dribbled and the walls are paper"]
    for text, found, rules in zip(texts, read(texts), reading.by_rules(texts), strict=True):
        assert not rules.tone.spans and found.tone.value == "negative"
        assert found.tone.spans and all(text[span.start : span.end].strip() for span in found.tone.spans)


def test_the_rules_read_alone_where_the_student_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student, "load", lambda: None)
    assert told("Отлично").tone.source.startswith("rule@")
    assert list(tiers.active()) == ["rules"]


def test_without_the_extra_nothing_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "is_installed", lambda: False)
    monkeypatch.setattr(embedding, "model", lambda: pytest.fail("loaded"))
    assert told("Отлично всё", deep=1.0).tone.value == "positive"


def test_the_embedding_reads_the_least_sure_where_it_is_installed() -> None:
    if not embedding.is_installed():
        pytest.skip("the extra is not installed")
    text = "Ну такое, вроде и помогли, а осадок остался"
    assert "+heads-" in told(text, deep=1.0).tone.source
    assert "+heads-" not in told(text).tone.source


def test_the_words_shown_are_those_that_matter() -> None:
    texts = ["Мастер хамил и опоздал", "Everything was wonderful", "Очередь на час, ужасно", "the parcel never came"]
    shown = tiers.explained("polarity3", texts, read(texts))
    assert shown["n"] == 4 and shown["lower"] >= 3
    about = tiers.explained("topics", texts, read(texts))
    assert about["n"] >= 3 and about["lower"] >= about["n"] - 1
    wishes = ["Больше касс", "Сделайте, пожалуйста, тёмную тему", "please add dark mode", "Shorter queues would help"]
    asked = tiers.explained("constructive", wishes, read(wishes))
    assert asked["n"] == 4 and asked["lower"] >= 3
    assert tiers.explained("constructive", texts, read(texts))["n"] == 0


def test_words_that_overlap_are_taken_away_once() -> None:
    assert tiers.without("abcdef", [Span(1, 4, ""), Span(2, 5, "")]) == "af"
