import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.understanding import Reading, read

HOSTILE = {
    "10,000 smileys": "😀" * 10_000,
    "10,000 smileys apart": "😀 " * 10_000,
    "100 kB of one letter": "a" * 100_000,
    "100 kB of one Russian letter": "я" * 100_000,
    "NUL": "хо\0рошо \0" * 500,
    "lone surrogates": "\ud800плохо\udfff " * 500,
    "right to left": "خدمة سيئة " * 500,
    "zalgo": "з̴̡̛͔̊а̷̨л̸̢г̵̛о̷ " * 200,
    "marks on nothing": "\u0301" * 5000,
    "brackets": "(" * 2500 + ")" * 2500,
    "brackets apart": ")(" * 2500,
    "not not not": "не " * 1700,
    "at signs": "a@" * 2500,
    "dotted words": "a.a" * 1700,
    "slashes": "1/5" * 1700,
    "quotes": "«" * 5000,
    "hyphens": "а-" * 2500,
    "questions": "почему? " * 600,
    "translit without an end": "spasibo " + "yxjcei" * 800,
    "blank": " \t\r\n" * 1000,
    "wishes": "хотелось бы больше " * 300,
    "durations": "5 минут " * 600,
}


def check(text: str, reading: Reading) -> None:
    verdicts = (reading.language, reading.tone, reading.constructive, *reading.topics)
    assert -1 <= reading.polarity <= 1
    assert all(0 <= verdict.confidence <= 1 for verdict in verdicts)
    assert all(0 <= span.start < span.end <= len(text) for verdict in verdicts for span in verdict.spans)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_at_a_bounded_cost(text: str) -> None:
    read(["прогрев, warm up"])
    started = time.process_time()
    check(text, read([text])[0])
    assert time.process_time() - started < 1


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_read(text: str) -> None:
    check(text, read([text])[0])


TELLING = "не плохо хорошо проблем нет ) ( 10/10 😀 « » no good problem wasn't , . ? бы добавьте please 5 минут ждал"


@given(st.lists(st.sampled_from(TELLING.split())))
def test_any_row_of_telling_words_is_read(pieces: list[str]) -> None:
    text = " ".join(pieces)
    check(text, read([text])[0])


def test_one_text_does_not_change_the_reading_of_another() -> None:
    texts = ["Отлично", "\ud800" * 100, "", "Ужасно"]
    assert read(texts) == [read([text])[0] for text in texts]
