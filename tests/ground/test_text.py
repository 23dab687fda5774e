import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground.text import TextTooLong, clean_line, clean_text


@given(st.text(st.characters(), max_size=200))
def test_what_comes_out_can_be_stored_and_comes_out_again(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=100))
def test_ordinary_text_is_kept_to_the_letter(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text).strip()


def test_it_drops_nul_controls_and_lone_surrogates() -> None:
    assert clean_text("a\x00b\x1bc\ud800d\r\ne") == "abcd\ne"


def test_emoji_joiners_and_right_to_left_text_survive() -> None:
    for text in ("👩‍👩‍👧", "مرحبا", "й" * 3, "e\u0301"):
        assert clean_text(text) == unicodedata.normalize("NFC", text)


def test_too_long_is_refused_and_never_cut() -> None:
    with pytest.raises(TextTooLong) as caught:
        clean_text("x" * 5001, limit=5000)
    assert (caught.value.limit, caught.value.length) == (5000, 5001)


def test_a_line_has_no_line_ends() -> None:
    assert clean_line(" a\r\n b\tc\u2028d ") == "a b c d"
