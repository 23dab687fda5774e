import pytest

from feedback.understanding.reading import by_rules as read


def tone(text: str) -> str:
    return read([text])[0].tone.value


@pytest.mark.parametrize(
    "text", ["👍", "❤️❤️❤️", ":)", "пришли )))", "5+", "10/10", "9 из 10", "5 звёзд", "5", "+", "+++", "xD"]
)
def test_marks_that_praise(text: str) -> None:
    assert tone(text) == "positive"


@pytest.mark.parametrize("text", ["👎", "😡😡", ":(", "пришли (((", "1 звезда", "2/10", "0 из 5", "1", "zero stars"])
def test_marks_that_blame(text: str) -> None:
    assert tone(text) == "negative"


@pytest.mark.parametrize(
    "text", ["-", "+-", "...", "3", "Принесли (как в меню) суп", "1) суп 2) хлеб", "а) суп", "21/10/2023", ""]
)
def test_marks_that_say_nothing(text: str) -> None:
    assert tone(text) == "neutral"


def test_a_bracket_that_is_only_not_closed_is_no_frown() -> None:
    assert tone("Заходил (вечером") == "neutral"


def test_capitals_are_louder_among_small_letters_only() -> None:
    said, shouted, all_capitals = (
        reading.polarity for reading in read(["это медленно", "это МЕДЛЕННО", "ЭТО МЕДЛЕННО"])
    )
    assert shouted < said == all_capitals


def test_marks_are_evidence_with_their_place() -> None:
    text = "ну и ну 😡"
    (span,) = read([text])[0].tone.spans
    assert (text[span.start : span.end], span.kind) == ("😡", "tone-")
