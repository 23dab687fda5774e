import pytest

from feedback.understanding import read
from feedback.understanding.words import LONGEST_TEXT, analyse, tokens


def test_tokens_know_their_place_in_the_text() -> None:
    text = "Ждал 40 минут,\nа курьер — хам 😡 https://example.org/a?b ))"
    assert [text[token.start : token.end] for token in tokens(text)] == [token.raw for token in tokens(text)]
    assert [token.kind for token in tokens("1) хорошо 😀 :) www.a.example")] == [
        "number", "bracket", "word", "emoji", "face", "link",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spelling", "lemma"),
    [
        ("Ждали", "ждать"),
        ("ждём", "ждать"),
        ("ООООЧЕНЬ", "очень"),
        ("надёжный", "надежный"),
        ("cпасибо", "спасибо"),
        ("п̶л̶о̶х̶о̶", "плохо"),
        ("поставте", "поставить"),
        ("waiting", "wait"),
        ("goooood", "good"),
        ("can’t", "cant"),
        ("we'll", "we"),
    ],
)
def test_spellings_come_down_to_a_lemma_or_stem(spelling: str, lemma: str) -> None:
    assert analyse(spelling).lemma == lemma


def test_translit_tries_spellings_until_one_is_known() -> None:
    assert analyse("kachestvenno", True).lemma == "качественно"
    assert analyse("zhalob", True).lemma == "жалоба"
    assert analyse("ochen", True).lemma == "очень"


def test_a_query_and_a_comment_meet_in_their_lemmas() -> None:
    comment, query = read(["Ждали курьеров два дня", "курьер ждать"])
    assert set(query.lemmas.split()) <= set(comment.lemmas.split())


def test_words_of_a_sentence_and_a_clause_stay_together() -> None:
    places = {token.raw: (token.sentence, token.clause) for token in tokens("Вежливо, но долго. Нет")}
    assert places["Вежливо"][0] == places["долго"][0] != places["Нет"][0]
    assert places["Вежливо"][1] != places["долго"][1]


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert tokens("да " * LONGEST_TEXT)[-1].end <= LONGEST_TEXT
