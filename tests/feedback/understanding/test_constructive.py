import pytest

from feedback.understanding.reading import by_rules as read
from feedback.understanding.verdicts import Verdict


def verdict(text: str) -> Verdict:
    return read([text])[0].constructive


ASKS = [
    "Хотелось бы побольше свободных мест",
    "Предлагаю открыть второй зал",
    "Добавьте оплату по коду",
    "Верните старое меню",
    "Сократить время ожидания",
    "Не навязывать страховку",
    "Больше касс",
    "Вежливости бы вашим охранникам",
    "Хотя бы предупреждайте заранее",
    "Неплохо бы повесить часы",
    "Почему бы не сделать скидку пенсионерам",
    "Было бы удобно получать счёт на почту",
    "Нужна парковка для велосипедов",
    "Урну у входа",
    "Пусть мастера носят бахилы",
    "Надо обучить новых кассиров",
    "Прошу пересмотреть график автобусов",
    "поставте лавочку",
    "please add a dark theme",
    "You should train the new staff",
    "Could you open earlier on Mondays",
    "I wish you had a loyalty card",
    "It would be nice to have a lift",
    "Bring back the paper menu",
    "Shorter queues",
    "More vegetarian dishes please",
    "Why not send a text before delivery",
    "There should be a bench outside",
    "The app needs a search box",
    "If the driver is late, tell the customer",
]
DOES_NOT_ASK = [
    "Всем советую этот салон",
    "Не советую никому",
    "Не ходите туда, обманут",
    "Верните мои деньги",
    "Разблокируйте мне карту",
    "Предложений нет",
    "Добавить нечего",
    "Хотелось бы отметить работу Ирины",
    "Хотела бы поблагодарить врача",
    "Мне сказали, что надо ждать месяц",
    "Так держать!",
    "Больше часа ждал",
    "Больше не приду",
    "Ждать пришлось долго",
    "Огромную благодарность Анне",
    "Извините за ошибки",
    "Сказали: перезвоните завтра и уточните цену",
    "Ищите сами, если хотите и любите искать",
    "I would recommend it to everyone",
    "Don't buy here",
    "Refund me now",
    "Nothing to suggest",
    "I would like to thank Maria",
    "I was told that I should wait",
    "I should have switched years ago",
    "Keep up the good work",
    "Call me back",
    "More than an hour in the queue",
    "What more could you ask for",
]


@pytest.mark.parametrize("text", ASKS)
def test_asks_the_provider_for_a_change(text: str) -> None:
    assert verdict(text).value == "yes"


@pytest.mark.parametrize("text", DOES_NOT_ASK)
def test_does_not_ask_the_provider_for_a_change(text: str) -> None:
    assert verdict(text).value == "no"


def test_a_request_amid_praise_is_both() -> None:
    reading = read(["Мастер замечательный. Добавьте, пожалуйста, запись на вечер."])[0]
    assert (reading.tone.value, reading.constructive.value) == ("positive", "yes")


def test_what_is_asked_for_is_no_praise() -> None:
    assert read(["Добавьте удобный и красивый поиск"])[0].tone.value != "positive"


def test_evidence_is_the_words_that_ask() -> None:
    text = "Вкусно. Хорошо бы ещё открыть веранду"
    asked = [text[span.start : span.end] for span in verdict(text).spans]
    assert asked
    assert all(piece in text[8:] for piece in asked)
    assert {span.kind for span in verdict(text).spans} == {"constructive"}


def test_a_faint_hint_lowers_the_certainty_of_no() -> None:
    assert verdict("Не хватает света").confidence < verdict("Заходил вчера").confidence
