"""Cutting a text at its evidence keeps every letter, whatever the spans say."""

from hypothesis import given
from hypothesis import strategies as st

from feedback.admin.marks import segments

SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(["tone+", "tone-", "topic:x"])))


@given(text=st.text(max_size=40), spans=SPANS)
def test_the_runs_make_up_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    assert "".join(part.text for part in segments(text, spans)) == text


def test_overlapping_evidence_carries_both_marks() -> None:
    runs = [(part.text, part.marks) for part in segments("abcdef", [(0, 4, "tone-"), (2, 6, "topic:speed")])]
    assert runs == [("ab", "neg"), ("cd", "neg tpc"), ("ef", "tpc")]


def test_a_long_text_is_cut_at_a_word() -> None:
    assert "".join(part.text for part in segments("word " * 50, [], limit=22)) == "word word word word…"
