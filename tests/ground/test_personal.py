"""What is personal in a text and what only looks like it: in each case the personal data stands in braces."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground import personal
from ground.personal import CARD, DOCUMENT, EMAIL, HANDLE, NAME, PHONE

FOUND = [
    (PHONE, "Позвоните мне: {+7 916 123-45-67}"),
    (PHONE, "мой номер {89161234567}"),
    (PHONE, "тел. {8(916)123-45-67} Иван"),
    (PHONE, "{8 916 123 45 67} жду звонка"),
    (PHONE, "{+7(495)1234567}"),
    (PHONE, "звоните {123-45-67}"),
    (PHONE, "Перезвоните на {22-33-44}, пожалуйста"),
    (PHONE, "Мой городской {8 (4012) 12-34-56}"),
    (PHONE, "по номеру {8-916-123-45-67} до 18:00"),
    (PHONE, "{8 029 123-45-67} это Минск"),
    (PHONE, "звоните {+375 29 123-45-67}"),
    (PHONE, "call me at {(555) 123-4567}"),
    (PHONE, "Call {555-123-4567} please"),
    (PHONE, "it is {555.123.4567}"),
    (PHONE, "my number is {020 7946 0958}"),
    (PHONE, "{+44 20 7946 0958}, any time"),
    (PHONE, "{+1 (212) 555-0199}"),
    (PHONE, "{+49 1512 3456789}"),
    (PHONE, "{00 44 20 7946 0958}"),
    (PHONE, "WhatsApp {9161234567}"),
    (PHONE, "номер для связи {9161234567}"),
    (PHONE, "заказ 512, а мой телефон {+79161234567}"),
    (PHONE, "бесплатный 8 (800) 200-00-00 молчит, мой {8 (916) 200-00-00}"),
    (PHONE, "{+7 999 999 99 99}, {+7 888 888 88 88}"),
    (PHONE, "8 мая звонил с {8 916 123 45 67} 18:00"),
    (PHONE, "{9161234567}"),
    (PHONE, "Мастер не пришёл. {9161234567}."),
    (PHONE, "{9161234567} звоните"),
    (PHONE, "свяжитесь со мной {9161234567}"),
    (PHONE, "{8 9 1 6 1 2 3 4 5 6 7}"),
    (PHONE, "мой {8 9 1 6 123 45 67}, жду"),
    (PHONE, "звоните {８９１６１２３４５６７}"),
    (PHONE, "{＋７ ９１６ １２３－４５－６７}"),
    (EMAIL, "пишите на {ivan.petrov@mail.ru}."),
    (EMAIL, "почта: {иван@почта.рф}"),
    (EMAIL, "mail {first+tag@sub.example.co.uk}, thanks"),
    (EMAIL, "{ivan собака mail точка ru}"),
    (EMAIL, "{ivan (at) gmail.com} or post"),
    (EMAIL, "mine is {ivan at gmail.com}"),
    (EMAIL, "{ivan@gmail .com}"),
    (CARD, "номер карты {4111 1111 1111 1112}"),
    (CARD, "номер моей карты: {1234567890123456}"),
    (CARD, "карта {4111 1111 1111 1111}"),
    (CARD, "списали с {4111111111111111}"),
    (CARD, "{5500-0000-0000-0004}"),
    (CARD, "amex {3782 822463 10005}"),
    (DOCUMENT, "паспорт {45 08 123456}"),
    (DOCUMENT, "паспорт серия {4508 номер 123456}"),
    (DOCUMENT, "passport no. {AB1234567}"),
    (DOCUMENT, "СНИЛС {112-233-445 95}"),
    (DOCUMENT, "{112-233-445 95}"),
    (DOCUMENT, "ИНН {500100732259}"),
    (DOCUMENT, "SSN {123-45-6789}"),
    (NAME, "меня зовут {Иван Петров}, жду ответа"),
    (NAME, "Меня зовут {Анна-Мария}, я жду"),
    (NAME, "меня зовут {иван}"),
    (NAME, "МЕНЯ ЗОВУТ {ИВАН}"),
    (NAME, "менеджер: {Иван}"),
    (NAME, "менеджер - {Иван Петров}"),
    (NAME, "{Анастасия}, оператор, помогла"),
    (NAME, "I'm {John Smith} and I wait"),
    (NAME, "меня зовут {иван петров}"),
    (NAME, "менеджер {анна смирнова} нагрубила"),
    (NAME, "моё имя {Иван Иванович Сидоров}"),
    (NAME, "заказ на имя {Иванов Иван}"),
    (NAME, "С уважением, {Пётр Савин}."),
    (NAME, "my name is {John O'Neill} and I wait"),
    (NAME, "Kind regards, {Anna Smith}"),
    (HANDLE, "пишите {@ivan_petrov} в телеграм"),
    (HANDLE, "{t.me/ivanpetrov}"),
    (HANDLE, "телеграм: {ivan_petrov}"),
]
LEFT_ALONE = [
    "100 500 рублей", "1 250 000 руб. вернули", "заплатил 12 500 000", "12 000-15 000 рублей", "$1,000,000",
    "в 2023 году 15000 рублей", "телефон за 25990 не работает", "телефон 15 000 рублей стоит", "купил телефон 128 256",
    "12.05.2024 в 14:30", "2024-05-12 10:20", "с 01.02.2024 по 05.02.2024", "позвонили 12.05.2024",
    "в 2019 2020 2021 2022", "позвонили в 18:00", "звонил 5 раз за 2 дня", "ждал 40 минут, 3 раза",
    "Заказ 89161234567 не пришёл", "заказ № 4512345678", "заказ номер 123456789012", "трек-номер 80081234567890",
    "order #555-123-4567", "артикул 4600123456789", "рейс 1234567", "Ticket 9161234567 is still open",
    "8 800 555-35-35 не отвечает", "+7 800 555 35 35", "карта 4111 1111 1111 1112", "счёт 40817810099910004312",
    "номер 1234567890123456", "45 08 123456", "IMEI 490154203237518", "квартира 12-34-56", "11-12-13",
    "8 7 6 5 4 3 2 1", "7 8 9 10 11 12 13", "1000 2000 3000", "200 300 4000", "версия 10.15.7.1234",
    "ip 192.168.100.200", "оценка 5/5, 10 из 10", "скидка 10% и 2000 бонусов", "у меня 9161234567 бонусов",
    "меня зовут на склад", "С уважением относятся к людям", "С уважением, Администрация", "My name is on the order",
    "Спасибо Алине из первой линии!", "look at site.com", "моя собака любит mail.ru", "telegram support is slow",
    "Telegram: great", "поставил 5 @ всем советую", "код 123456 не пришёл",
    "Оператор: Добрый день", "менеджер - Супер", "Спасибо, оператор помог", "Москва, менеджер хамил",
    "I'm Happy with it", "email me at mail.ru please", "bought it at yandex.ru",
    "заказ 9161234567 звоните", "накладная 9161234567",
    "оценки 8 7 9 10 8 9 10", "номер карты лояльности", "Заказ. № 9161234567.", "9 161 234 567 рублей",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "marked"), FOUND)
def test_personal_data_is_found_where_it_stands(kind: str, marked: str) -> None:
    parts = marked.replace("}", "{").split("{")
    text, at, expected = "".join(parts), 0, []
    for number, part in enumerate(parts):
        if number % 2:
            expected.append((at, at + len(part), kind))
        at += len(part)
    assert personal.find(text) == expected


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_only_looks_like_it_stays_readable(text: str) -> None:
    assert personal.find(text) == []


MARKED = re.compile(r"\{(\w+):([^}]*)\}")


def marked(line: str) -> tuple[str, set[tuple[int, int, str]]]:
    """A line of the written set: its text, and where personal data stands in it."""
    text, at, spans = "", 0, set()
    for found in MARKED.finditer(line):
        text += line[at : found.start()]
        spans.add((len(text), len(text) + len(found[2]), found[1]))
        text, at = text + found[2], found.end()
    return text + line[at:], spans


@pytest.mark.parametrize("language", ["ru", "en"])
def test_lines_as_customers_write_them(language: str) -> None:
    """Half of each set names somebody or something personal, half only looks like it."""
    lines = Path(__file__).with_name(f"personal_{language}.txt").read_text(encoding="utf-8").splitlines()
    wanted = [(line, *marked(line)) for line in lines]
    told = {line: {tuple(span) for span in personal.find(text)} for line, text, _spans in wanted}
    hit = sum(len(spans & told[line]) for line, _text, spans in wanted)
    wrong = [line for line, _text, spans in wanted if told[line] - spans]
    missed = [line for line, _text, spans in wanted if spans - told[line]]
    assert len(lines) > 240 and sum(not spans for _line, _text, spans in wanted) > 110
    assert hit >= 0.98 * sum(len(spans) for _line, _text, spans in wanted), missed
    assert hit >= 0.95 * sum(map(len, told.values())), wrong


HOSTILE = [
    "8 ", "1-2-3-", "@", "a@", "+7 9", "a.", "меня зовут ", "A. ", "9", "call me on ", "a-", "(", "x@a.", "мне на ",
    "12345 67890 ", "My name is Aa ", "Ая", "a at ", "паспорт 12 34 ", "telegram a.", "t.me/", "С уважением, ",
    "оператор Аня и ", "Dr. A ", "по Анна Ивановна ", "Mr Aa ", "Иванов И. ", "@a.",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    """Twice the length takes about twice the time, whatever is repeated."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        runs = []
        for _run in range(3):
            begun = time.process_time()
            personal.find(text)
            runs.append(time.process_time() - begun)
        return min(runs)

    assert seconds(5000) < 0.25
    assert seconds(20_000) < 6 * seconds(5000) + 0.05


@given(st.text(alphabet=" +-.@()0123456789аяAz_«,\n", max_size=200))
def test_spans_are_in_order_apart_and_inside(text: str) -> None:
    spans = personal.find(text)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    ("whole", "short"),
    [("olga@example.org", "o…@example.org"), ("", ""), ("@example.org", "…"), ("nonsense", "…")],
)
def test_an_address_cut_short(whole: str, short: str) -> None:
    assert personal.short_address(whole) == short


@pytest.mark.parametrize(
    ("whole", "short"),
    [("+7 916 123-45-67", "+7 … 45-67"), ("89161234567", "+7 … 45-67"), ("+44 20 7946 0958", "+44 … 09-58"),
     ("5551234", "… 12-34"), ("12", "…"), ("", "")],
)  # fmt: skip
def test_a_phone_cut_short(whole: str, short: str) -> None:
    assert personal.short_phone(whole) == short


def test_a_blotted_text_can_be_recognised_but_not_used() -> None:
    text = "Звоните +7 916 123-45-67, olga@example.org, меня зовут Ольга"
    assert personal.blotted(text, short=True) == "Звоните +7 … 45-67, o…@example.org, меня зовут …"
    assert personal.blotted(text, short=False) == "Звоните …, …, меня зовут …"
