import pytest

from feedback.understanding.reading import by_rules as read


def reading_of(text: str):  # type: ignore[no-untyped-def]
    return read([text])[0]


@pytest.mark.parametrize(
    "text",
    [
        "Жду вторую неделю",
        "До сих пор ни ответа",
        "Никто так и не перезвонил",
        "Третий раз объясняю одно и то же",
        "Просидел в очереди полтора часа",
        "Верните мои деньги",
        "Почему нельзя дозвониться?",
        "Спасибо, что ждал вас целый час",
        "«Отличный» сервис: трубку не берут",
        "still waiting for an answer",
        "no one called back",
        "an hour on hold and then they hung up",
        "thanks for nothing",
        "third time I explain this",
    ],
)
def test_what_goes_wrong_in_service_is_blame_without_a_bad_word(text: str) -> None:
    assert reading_of(text).tone.value == "negative"


@pytest.mark.parametrize(
    "text",
    ["Решили за пять минут", "Ответили через две минуты", "Привезли минута в минуту", "sorted in minutes"],
)
def test_what_goes_right_in_service_is_praise_without_a_good_word(text: str) -> None:
    assert reading_of(text).tone.value == "positive"


@pytest.mark.parametrize("text", ["нормально", "так себе", "как обычно", "ok", "average", "nothing special"])
def test_lukewarm_is_neutral(text: str) -> None:
    assert reading_of(text).tone.value == "neutral"


@pytest.mark.parametrize("text", ["все устраевает", "ужастный сервис", "recomend", "dissapointed", "awsome"])
def test_a_slip_of_the_pen_does_not_hide_the_tone(text: str) -> None:
    assert reading_of(text).tone.value in ("positive", "negative")


@pytest.mark.parametrize(
    "text", ["Добрый день", "Уважаемые сотрудники", "good morning", "what kind of plan is it", "help desk"]
)
def test_set_phrases_have_no_tone(text: str) -> None:
    assert reading_of(text).tone.spans == ()


def test_the_clause_after_but_weighs_more() -> None:
    assert reading_of("Вежливо, но медленно").polarity < reading_of("Медленно, но вежливо").polarity
    assert reading_of("friendly but slow").polarity < reading_of("slow but friendly").polarity


def test_both_poles_strong_is_mixed() -> None:
    assert reading_of("Врач замечательный, а регистратура отвратительная").tone.value == "mixed"
    assert reading_of("wonderful food, terrible service").tone.value == "mixed"


def test_the_end_of_a_story_sums_it_up() -> None:
    middle = "Сидели. Очередь тянулась медленно. Пили чай. Смотрели в окно."
    assert (
        reading_of(f"{middle} В итоге остались довольны.").polarity
        > reading_of(f"Остались довольны. {middle}").polarity
    )


def test_evidence_is_the_words_themselves() -> None:
    text = "Курьер вежливый, но посылку привезли мятую!!"
    evidence = {text[span.start : span.end]: span.kind for span in reading_of(text).tone.spans}
    assert evidence == {"вежливый": "tone+", "мятую": "tone-"}


def test_without_the_evidence_the_tone_is_less_sure() -> None:
    text = "Оператор нагрубил и бросил трубку"
    spans = reading_of(text).tone.spans
    bare = "".join(sign for at, sign in enumerate(text) if not any(span.start <= at < span.end for span in spans))
    assert reading_of(bare).tone.confidence < reading_of(text).tone.confidence


def test_more_evidence_is_surer_and_none_is_unsure() -> None:
    weak, strong = reading_of("немного медленно").tone, reading_of("ужасно, отвратительно, больше никогда").tone
    assert weak.confidence < 0.75 < strong.confidence
    story = "Вчера заходил в отделение на углу, взял талон, потом сел у окна и смотрел на улицу, где шёл снег"
    assert reading_of(story).tone.value == "neutral"
    assert reading_of(story).tone.confidence < 0.5
