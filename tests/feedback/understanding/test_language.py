import pytest

from feedback.understanding import read
from feedback.understanding.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Всё понравилось", "ru"),
        ("The clerk was lovely", "en"),
        ("super", "en"),
        ("ok", "en"),
        ("ок", "ru"),
        ("Оператор сказал: please wait", "ru"),
        ("see https://пример.рф/страница and help", "en"),
        ("spasibo, vse ochen bystro", "ru"),
        ("uzhasno", "ru"),
        ("Обслуговування погане, чекав дві години", "uk"),
        ("Қызмет өте жақсы", "kk"),
        ("Das war nicht gut, ich bin sehr enttäuscht", "de"),
        ("Très bon accueil, merci", "fr"),
        ("Рахмет", "kk"),
        ("Дуже погано, довго чекав", "uk"),
        ("Дякую, все добре", "uk"),
        ("Вельмі дрэнна", "be"),
        ("Много лошо обслужване", "bg"),
        ("Schlechter Service, nie wieder", "de"),
        ("Très mauvais service", "fr"),
        ("Nunca más", "es"),
        ("Pessimo servizio clienti", "it"),
        ("Fatalna obsługa, nie polecam", "pl"),
        ("Shorter queues, faster checkout, cleaner toilets", "en"),
        ("Slechte bediening, nooit meer besteld bij deze winkel", "und"),
        ("Много людей, долго ждал", "ru"),
        ("Благодаря менеджеру всё решили", "ru"),
        ("الخدمة ممتازة", "ar"),
        ("サービスが遅い", "ja"),
        ("客服很慢", "zh"),
        ("சேவை", "und"),
        ("🙂🙂", "und"),
        ("-", "und"),
        ("5+", "und"),
        ("", "und"),
    ],
)
def test_language_is_told_by_its_letters(text: str, language: str) -> None:
    assert detect(text).verdict.value == language


def test_confidence_is_the_share_of_the_script() -> None:
    assert detect("Всё хорошо").verdict.confidence == 1
    assert detect("хорошо good").verdict.confidence == pytest.approx(0.6)


@pytest.mark.parametrize(
    "text", ["Das war nicht gut, ich bin sehr enttäuscht", "Қызмет өте жақсы", "சேவை", "客服很慢很慢 ok"]
)
def test_a_language_that_is_not_read_is_never_called_neutral(text: str) -> None:
    reading = read([text])[0]
    assert (reading.tone.value, reading.tone.confidence) == ("", 0)
    assert reading.topics == ()
    assert reading.second_opinion is None


def test_russian_in_latin_letters_is_read_as_russian() -> None:
    reading = read(["uzhasno dolgo, bolshe ne pridu"])[0]
    assert reading.tone.value == "negative"
    assert reading.lemmas.startswith("ужасно долго")


def test_both_languages_of_a_mixed_comment_count() -> None:
    text = "курьер молодец, delivery was terribly late"
    kinds = {text[span.start : span.end]: span.kind for span in read([text])[0].tone.spans}
    assert kinds["молодец"] == "tone+"
    assert kinds["terribly"] == "tone-"
