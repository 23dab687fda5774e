"""Cutting a text at its evidence keeps every letter, whatever the spans say."""

from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from feedback.admin.marks import segments

SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(["tone+", "tone-", "topic:x"])))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@given(text=st.text(max_size=40), spans=SPANS)
def test_the_runs_make_up_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    assert "".join(part.text for part in segments(text, spans, bare=True)) == text


def test_overlapping_evidence_carries_both_marks() -> None:
    runs = [(part.text, part.marks) for part in segments("abcdef", [(0, 4, "tone-"), (2, 6, "topic:speed")])]
    assert runs == [("ab", "neg"), ("cd", "neg tpc"), ("ef", "tpc")]


def shown(text: str, *spans: tuple[int, int, str], **how: int) -> list[tuple[str, str]]:
    return [(part.text, part.marks) for part in segments(text, spans, **how)]


def test_personal_data_stands_as_a_word_for_it_and_evidence_around_it_stays() -> None:
    text = "Плохо, звоните +7 916 123-45-67 скорее"
    runs = shown(text, (0, 5, "tone-"), (7, len(text), "topic:x"))
    assert runs == [("Плохо", "neg"), (", ", ""), ("звоните ", "tpc"), ("phone hidden", "pii"), (" скорее", "tpc")]
    assert "".join(part.text for part in segments(text, [], bare=True)) == text


def test_no_cut_shows_half_a_number() -> None:
    text = "слово +7 916 123-45-67 слово"
    for limit in range(1, len(text)):
        for begin in range(len(text)):
            assert not any(digit.isdigit() for text, _marks in shown(text, begin=begin, limit=limit) for digit in text)


def test_a_long_text_is_cut_at_a_word() -> None:
    assert "".join(part.text for part in segments("word " * 50, [], limit=22)) == "word word word word…"
