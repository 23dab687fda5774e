"""Searching by lemma: what is found, the same on both databases, and that nothing typed can break it."""

import random
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet

from feedback import classify, contents, intake, search, understanding
from feedback.models import Comment

pytestmark = pytest.mark.django_db

TEXTS = {
    "wait": "Мы ждали ответа сорок минут, никто не перезвонил.",
    "must": "Сколько можно ждать? Долго, очень долго!",
    "slow": "Доставка опоздала на 3 дня, но курьер вежливый.",
    "late": "Курьеры опаздывают. Доставку обещали к 10,5 часам",
    "who": "Кто-то взял трубку и сразу бросил",
    "both": "Взял кто нужно, то есть мастер",
    "card": "Заблокировали карту, WiFi не работал",
    "english": "I've been waiting for delivery, the courier didn't call",
    "call": "Nobody called back. Well-known problem: deliveries",
    "translit": "Spasibo bolshoe, vse super",
    "caps": "СПАСИБО ОГРОМНОЕ!!! Ёлка пришла целой, 5-ю звёзд",
    "hindi": "सेवा अच्छी है",
    "odd": "Order №1e5x ²½ ﬁne_print straße naïve ABC123 ვაჭარი",
}


@pytest.fixture(scope="module", autouse=True)
def warm_reader() -> None:
    """Loading dictionaries may take longer than a worker gives to one bunch when the machine is busy."""
    understanding.read(["Прогрев", "A word to begin with"])


@pytest.fixture
def told() -> dict[str, Comment]:
    rows = {name: Comment.objects.create(source="review", text=text) for name, text in TEXTS.items()}
    assert classify.classify([row.pk for row in rows.values()]) == len(rows)
    return rows


Look = Callable[[QuerySet[Comment], str], QuerySet[Comment]]


def found(told: dict[str, Comment], typed: str, look: Look = search.matching) -> set[str]:
    names = {row.pk: name for name, row in told.items()}
    return {names[pk] for pk in look(Comment.objects.all(), typed).values_list("pk", flat=True)}


CORPUS = {
    "ждали": {"wait", "must"},
    "ЖДАТЬ": {"wait", "must"},
    "ждём ответ": {"wait"},
    "долго": {"must"},
    "ждать курьера": set(),
    "курьер": {"slow", "late"},
    "курьеров доставка": {"slow", "late"},
    '"курьер вежливый"': {"slow"},
    "«вежливый курьер»": set(),
    "доставк*": {"slow", "late"},
    "опа*": {"late"},
    "опозд*": {"slow"},
    "3": {"slow"},
    "10,5": {"late"},
    "кто-то": {"who"},
    "кто": {"wait", "who", "both"} - {"wait"},
    "кто-т*": {"who"},
    "ждал*": {"wait", "must"},
    "wifi": {"card"},
    "карта WIFI": {"card"},
    "wait": {"english"},
    "delivery*": {"english", "call"},
    '"called back"': {"call"},
    "didn't": {"english"},
    "didn’t call": {"english"},
    "well-known": {"call"},
    "spasibo": {"translit", "caps"},
    "спасибо": {"translit", "caps"},
    "елка": {"caps"},
    "ёлка": {"caps"},
    "5-ю": {"caps"},
    "сेवा": set(),
    "सेवा": {"hindi"},
    "1e5x": {"odd"},
    "fine": {"odd"},
    "straße": {"odd"},
    "ABC123": {"odd"},
    "abc*": {"odd"},
    "ვაჭ*": {"odd"},
    '"ждать': {"wait", "must"},
    "ждать ждали ждал": {"wait", "must"},
}


@pytest.mark.parametrize("look", [search.matching, search.saying])
def test_the_corpus_of_queries_brings_the_same_hits_on_both_databases(told: dict[str, Comment], look: Look) -> None:
    assert {typed: found(told, typed, look) for typed in CORPUS} == CORPUS


def test_whatever_is_asked_brings_what_a_plain_look_at_every_text_does(told: dict[str, Comment]) -> None:
    draw = random.Random(5)
    told = {name: Comment.objects.get(pk=comment.pk) for name, comment in told.items()}
    words = [word for comment in told.values() for word in comment.lemmas.split()]
    asked = [ask(draw, words) for _query in range(60)]
    expected = [{name for name, comment in told.items() if has(comment.lemmas.split(), typed)} for typed in asked]
    assert sum(map(bool, expected)) > 20
    for look in (search.matching, search.saying):
        assert [found(told, typed, look) for typed in asked] == expected


def ask(draw: random.Random, words: list[str]) -> str:
    """Words, beginnings and phrases of neighbours."""
    typed = []
    for _part in range(draw.choice((1, 1, 2, 3))):
        at = draw.randrange(len(words) - 2)
        shapes = (words[at], f"{words[at][: draw.randint(1, 4)]}*", f'"{words[at]} {words[at + draw.randint(1, 2)]}"')
        typed.append(draw.choice(shapes))
    return " ".join(typed)


def has(lexemes: list[str], typed: str) -> bool:
    def stands(phrase: search.Phrase) -> bool:
        length = len(phrase.lexemes)
        return any(phrase.fits(lexemes[at : at + length]) for at in range(len(lexemes) - length + 1))

    return all(any(map(stands, term)) for term in search.terms(typed)) and bool(search.terms(typed))


@pytest.mark.parametrize(
    "typed",
    ["", " ", '"', '""', "«»", "*", "***", "'", "\\", "\x00", "\ud800", "()", "!?…", "😀", "( OR ) *", "-", "& | ! <->",
     "слово " * 1000, " ".join(map(str, range(60))), "я" * 100_000, "NEAR(", "lemmas:", "^", "%s %",
     "'; DROP TABLE x --",
     "a\x00b", ":*", "{lemmas} :", "'ждать':*", '"ждать" * "', "https://example.org", "#тег @кто", "\u0300\u0301", "𝕬"],
)  # fmt: skip
def test_nothing_typed_raises(told: dict[str, Comment], typed: str) -> None:
    hits = found(told, typed)
    assert found(told, typed, search.saying) == hits
    assert hits <= {"wait", "must"}
    assert not hits or "ждать" in typed


def test_a_frequent_word_brings_the_newest_along_the_list(told: dict[str, Comment]) -> None:
    listed = search.matching(Comment.objects.order_by("-said_at", "-pk"), "ждали", newest_first=True)
    assert list(listed.values_list("pk", flat=True)) == [told["must"].pk, told["wait"].pk]
    if connection.vendor == "sqlite":
        assert "USING INDEX feedback_comment_at" in listed.explain()
        assert (
            "feedback_comment_at" not in search.matching(Comment.objects.order_by("-said_at", "-pk"), "ждали").explain()
        )


def test_words_are_everywhere_when_so_many_of_the_last_comments_have_them(told, monkeypatch) -> None:
    assert not search.is_everywhere("ждали")  # too few comments to tell
    monkeypatch.setattr(search, "LOOKED_AT", len(TEXTS))
    monkeypatch.setattr(search, "APART", len(TEXTS) / 2)
    asked = ("ждали", '"курьер вежливый"', "вежливый", "доставк*", "", "*", "опа* курьер")
    assert [typed for typed in asked if search.is_everywhere(typed)] == ["ждали", "доставк*"]
    told["odd"].delete()
    told["must"].delete()
    monkeypatch.setattr(search, "LOOKED_AT", 5)  # none of the last five waited
    assert not search.is_everywhere("ждали")


def test_a_comment_waiting_for_its_reading_is_not_found_by_its_old_words(told: dict[str, Comment]) -> None:
    Comment.objects.filter(pk=told["wait"].pk).update(text="Спасибо", **contents.UNREAD)
    assert found(told, "ждали") == found(told, "ждали", search.saying) == {"must"}
    classify.classify([told["wait"].pk])
    assert found(told, "ждали") == {"must"}
    assert "wait" in found(told, "спасибо")


def indexed() -> set[int]:
    if connection.vendor == "postgresql":
        return set(Comment.objects.exclude(lemmas="").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rowid FROM {search.TABLE}")
        return {pk for (pk,) in cursor.fetchall()}


def test_a_text_taken_away_leaves_the_index(make_invitation) -> None:
    invitation = make_invitation()
    intake.record(invitation, intake.Given(score=2, text="Долго ждали", proofs=("key",)))
    comment = Comment.objects.get()
    classify.classify([comment.pk])
    assert comment.pk in indexed()
    intake.record(invitation, intake.Given(score=2, text="", proofs=("key",)))
    assert not Comment.objects.exists()
    assert comment.pk not in indexed()


def test_the_index_can_be_built_anew(told: dict[str, Comment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BUNCH", 5)
    gone = told.pop("hindi")
    gone.delete()
    Comment.objects.filter(pk=told["who"].pk).update(lemmas="кто-то взять трубка")
    search.forget(row.pk for row in told.values())
    call_command("reindex_comments", verbosity=0, stdout=StringIO())
    assert {typed: found(told, typed) for typed in CORPUS} == {name: hits - {"hindi"} for name, hits in CORPUS.items()}
    assert gone.pk not in indexed()


def test_a_stopped_rebuild_goes_on_after_its_last_bunch(told: dict[str, Comment], monkeypatch) -> None:
    monkeypatch.setattr(search, "BUNCH", 5)
    search.forget(row.pk for row in told.values())
    steps = search.rebuild()
    last = next(steps)
    steps.close()
    assert list(search.rebuild(after=last))[-1] == max(row.pk for row in told.values())
    assert found(told, "ждали") == {"wait", "must"}
    assert found(told, "ABC123") == {"odd"}


@pytest.mark.parametrize(
    ("said", "typed", "words"),
    [
        ("Мы ждали. Ждать долго!", "ждал", ["ждали", "Ждать"]),
        ("Мы ждали ответа", '"ждать ответ"', ["ждали ответа"]),
        ("Доставка, доставить", "достав*", ["Доставка", "доставить"]),
        ("Кто-то взял то", "кто-то", ["Кто-то"]),
        ("Well-known problems", "problem known", ["Well", "known", "problems"][1:]),
        ("Spasibo bolshoe", "спасибо", ["Spasibo"]),
        ("Мы ждали", "нет", []),
        ("", "нет", []),
    ],
)
def test_hits_are_the_words_of_the_text(said: str, typed: str, words: list[str]) -> None:
    spans = search.hits(said, search.terms(typed))
    assert {kind for _start, _end, kind in spans} <= {"hit"}
    assert [said[start:end] for start, end, _kind in sorted(spans)] == words


def test_whatever_is_found_is_marked(told: dict[str, Comment]) -> None:
    for typed, names in CORPUS.items():
        for name in names:
            assert search.hits(TEXTS[name], search.terms(typed)), (typed, name)
