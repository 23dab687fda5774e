"""Suggestions find their idea, in any words; what a person decides about one stays; every act can be taken back."""

import random
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from feedback import classify, corrections, erased
from feedback.ideas import acts, grouping, ranking
from feedback.models import Comment, CommentTopic, Idea, IdeaComment, Label, Topic
from feedback.understanding import embedding, meaning
from ground.access import EVERYTHING, scope_of
from ground.models import AuditEntry, User
from surveys.models import Customer
from tests import factories
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db

DARK = ["Добавьте тёмную тему в приложение", "Add a dark theme to the app", "Сделайте тёмную тему в приложении"]
BUS = ["Пустите больше автобусов утром", "Run more buses in the morning"]


def suggest(*texts: str, **fields) -> list[Comment]:
    """Comments that suggest something, waiting for their ideas as the reader leaves them."""
    rows = []
    for text in texts:
        row = make_comment(text=text, **fields)
        Label.objects.create(comment=row, scheme="constructive", value="yes", confidence=0.9, source="rule")
        Comment.objects.filter(pk=row.pk).update(
            constructive=True, constructive_confidence=0.9, classified_at=timezone.now(), waits_for_idea=True,
            language="ru" if any("а" <= sign <= "я" for sign in text.lower()) else "en",
        )  # fmt: skip
        rows.append(Comment.objects.get(pk=row.pk))
    return rows


def group() -> None:
    while ids := grouping.due(limit=50):
        grouping.group(ids)


def idea_of(comment: Comment) -> Idea | None:
    return Idea.objects.filter(links__comment=comment).first()


@pytest.fixture
def dark() -> list[Comment]:
    rows = suggest(*DARK)
    group()
    return rows


def test_the_same_wish_in_both_languages_is_one_idea() -> None:
    rows = suggest(*DARK, *BUS)
    group()
    assert Idea.objects.count() == 2
    assert len({idea_of(row) for row in rows[:3]}) == len({idea_of(row) for row in rows[3:]}) == 1
    assert not grouping.due(limit=10)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_they_come_matters_little(seed: int) -> None:
    texts = [*DARK, *BUS]
    random.Random(seed).shuffle(texts)
    suggest(*texts)
    group()
    assert Idea.objects.count() == 2


def test_among_many_ideas_only_those_around_are_compared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "FEW", 0)
    far, near = suggest(BUS[0], DARK[0])
    group()
    Idea.objects.filter(links__comment=far).update(
        cell=meaning.cells(meaning.unpacked(bytes(far.idea_link.vector)))[-1]
    )
    (again,) = suggest(DARK[2])
    group()
    assert idea_of(again) == idea_of(near) != idea_of(far)
    board = idea_of(far).cell
    assert grouping.Shelf().around([board]).keys() == set(Idea.objects.filter(cell=board).values_list("pk", flat=True))


def test_the_reader_sends_suggestions_on() -> None:
    row, praise = make_comment(text="Сделайте обратный звонок, пожалуйста."), make_comment(text="Всё отлично, спасибо!")
    classify.classify([row.pk, praise.pk])
    assert grouping.due(limit=10) == [row.pk]
    group()
    link = IdeaComment.objects.get()
    assert link.comment == row
    assert ranking.request(link).startswith("Сделайте обратный звонок")


def test_a_correction_takes_a_comment_out_and_an_undo_brings_it_back(dark: list[Comment], manager: User) -> None:
    row = dark[0]
    corrections.set_constructive(row, False, author=manager, seen=10**9)
    group()
    assert idea_of(row) is None
    assert Idea.objects.get().weight == 2
    corrections.undo(row, author=manager)
    group()
    assert idea_of(row) == Idea.objects.get()


def test_an_idea_that_goes_while_others_find_theirs_is_nobodys() -> None:
    """In one bunch: the first looks the ideas up, the second leaves one that goes with it, the third was near that."""
    rows = suggest(DARK[0], BUS[0], DARK[2])
    group()
    gone = idea_of(rows[1])
    texts = [DARK[1], DARK[2], BUS[1]]
    for row, text in zip(rows, texts, strict=True):
        Comment.objects.filter(pk=row.pk).update(text=text, waits_for_idea=True)
    grouping.group([row.pk for row in rows])
    assert not grouping.due(limit=10)
    assert idea_of(rows[0]) == idea_of(rows[1]) not in {gone, idea_of(rows[2]), None}
    assert idea_of(rows[2]) is not None
    assert sorted(Idea.objects.values_list("weight", flat=True)) == [1, 2]


def test_one_whose_idea_cannot_be_found_costs_the_others_nothing(caplog: pytest.LogCaptureFixture) -> None:
    rows = suggest(*DARK)
    honest = meaning.asked

    def asked(text: str, *rest: Any) -> meaning.Asked:
        if text == DARK[1]:
            raise RuntimeError(text)
        return honest(text, *rest)

    with mock.patch.object(meaning, "asked", asked):
        group()
    assert [idea_of(row) is None for row in rows] == [False, True, False]
    assert caplog.messages == [f"no idea is found for comment {rows[1].pk}: RuntimeError"]


def test_what_is_read_anew_and_says_the_same_is_not_moved(dark: list[Comment]) -> None:
    before = list(IdeaComment.objects.order_by("pk").values())
    Comment.objects.update(waits_for_idea=True)
    with mock.patch.object(grouping, "leave") as leave:
        group()
    assert not leave.called
    assert list(IdeaComment.objects.order_by("pk").values()) == before


def test_an_idea_that_nobody_speaks_for_goes_unless_a_person_named_it(manager: User) -> None:
    (row,) = suggest(BUS[0])
    group()
    corrections.set_constructive(row, False, author=manager, seen=10**9)
    group()
    assert not Idea.objects.exists()
    corrections.undo(row, author=manager)
    group()
    acts.change(Idea.objects.get(), {"status": "planned"}, by=manager)
    corrections.set_constructive(row, False, author=manager, seen=10**9)
    group()
    assert Idea.objects.get().status == "planned"


def test_a_changed_text_finds_another_idea(dark: list[Comment]) -> None:
    Comment.objects.filter(pk=dark[0].pk).update(text=BUS[0], waits_for_idea=True)
    group()
    assert idea_of(dark[0]) != idea_of(dark[1])
    assert Idea.objects.count() == 2


def test_grouping_twice_changes_nothing(dark: list[Comment]) -> None:
    ids = [row.pk for row in dark]
    before = list(IdeaComment.objects.values_list("comment", "idea"))
    Comment.objects.filter(pk__in=ids).update(waits_for_idea=True)
    group()
    assert list(IdeaComment.objects.values_list("comment", "idea")) == before
    assert Idea.objects.get().weight == 3


def test_another_space_changes_vectors_and_no_idea(dark: list[Comment], monkeypatch: pytest.MonkeyPatch) -> None:
    """The optional embedding was taken away: ideas keep their comments, and fresh ones are still found alike."""
    idea, before = Idea.objects.get(), Idea.objects.get().space
    monkeypatch.setattr(embedding, "is_installed", lambda: False)
    meaning.space.cache_clear()
    monkeypatch.setattr(grouping, "_awake", set())
    suggest("Добавьте в приложение тёмную тему")
    group()
    group()
    idea.refresh_from_db()
    assert Idea.objects.count() == 1
    assert (idea.weight, idea.space) == (4, "words-2")
    assert before in ("words-2", "sentences-2")
    monkeypatch.undo()
    meaning.space.cache_clear()


def test_an_erased_text_stays_with_its_idea_and_says_nothing_more(dark: list[Comment], manager: User) -> None:
    erased.erase_texts([dark[0].pk])
    idea = Idea.objects.get()
    Comment.objects.update(waits_for_idea=True)
    group()
    assert {idea_of(row) for row in dark} == {Idea.objects.get()} == {idea}
    assert (Idea.objects.get().weight, bytes(Idea.objects.get().centre)) == (idea.weight, bytes(idea.centre))
    corrections.set_constructive(dark[0], False, author=manager, seen=10**9)
    group()
    assert [idea_of(row) for row in dark] == [None, idea, idea]


def test_an_idea_is_called_by_words_that_are_left(manager: User) -> None:
    (first,) = suggest(BUS[0])
    group()
    plain, idea = make_comment(text="Утром не уехать"), idea_of(first)
    acts.move([plain], idea, by=manager)
    group()
    assert ranking.titles_of([idea], EVERYTHING)[idea.pk] == BUS[0]
    erased.erase_texts([first.pk])
    assert ranking.titles_of([idea], EVERYTHING)[idea.pk] == "Утром не уехать"


# --- what people do ----------------------------------------------------------------------------------------------


def test_what_a_person_took_out_stays_out(dark: list[Comment], manager: User) -> None:
    acts.take_out([dark[0]], by=manager)
    assert idea_of(dark[0]) is None
    Comment.objects.filter(pk=dark[0].pk).update(waits_for_idea=True)
    group()
    assert idea_of(dark[0]) is None
    assert Idea.objects.get().weight == 2


def test_a_merge_holds_for_what_comes_later_and_can_be_taken_back(dark: list[Comment], manager: User) -> None:
    buses = suggest(*BUS)
    group()
    first, second = idea_of(dark[0]), idea_of(buses[0])
    step = acts.merge(second, first, by=manager)
    (later,) = suggest("Больше автобусов по утрам")
    group()
    assert {idea_of(row) for row in [*dark, *buses, later]} == {first}
    assert acts.undo(step, by=manager)
    assert {idea_of(row) for row in [*buses, later]} == {second}
    assert {idea_of(row) for row in dark} == {first}
    assert not acts.undo(step, by=manager)
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {"idea.merged", "idea.undone"}


def test_a_chain_of_merges_keeps_one_root(dark: list[Comment], manager: User) -> None:
    buses, ramps = suggest(*BUS), suggest("Сделайте пандус для колясок")
    group()
    ideas = [idea_of(rows[0]) for rows in (dark, buses, ramps)]
    inner = acts.merge(ideas[2], ideas[1], by=manager)
    outer = acts.merge(ideas[1], ideas[0], by=manager)
    assert {idea_of(row) for row in [*dark, *buses, *ramps]} == {ideas[0]}
    with pytest.raises(acts.Gone):
        acts.merge(ideas[2], ideas[0], by=manager)
    acts.undo(outer, by=manager)
    assert idea_of(ramps[0]) == idea_of(buses[0]) == ideas[1]
    acts.undo(inner, by=manager)
    assert idea_of(ramps[0]) == ideas[2]


def test_a_split_stays_and_can_be_taken_back(dark: list[Comment], manager: User) -> None:
    first = idea_of(dark[0])
    step = acts.split(dark[:1], by=manager)
    assert idea_of(dark[0]) not in (None, first)
    Comment.objects.filter(pk=dark[0].pk).update(waits_for_idea=True)
    group()
    assert idea_of(dark[0]) == step.into
    acts.undo(step, by=manager)
    assert {idea_of(row) for row in dark} == {first}
    assert IdeaComment.objects.get(comment=dark[0]).author is None


def test_moving_a_comment_that_the_machine_did_not_take_for_a_suggestion(dark: list[Comment], manager: User) -> None:
    plain = make_comment(text="Глаза болят от белого экрана.")
    acts.move([plain], idea_of(dark[0]), by=manager)
    group()
    assert idea_of(plain) == idea_of(dark[0])
    assert Idea.objects.get().weight == 4


# --- numbers -----------------------------------------------------------------------------------------------------


def test_a_customer_counts_once_and_a_nameless_comment_by_itself(customer: Customer, team, other_team, manager) -> None:
    suggest(DARK[0], DARK[1], customer=customer, team=team)
    suggest(DARK[2], team=other_team)
    group()
    (whole,) = ranking.ranked(ranking.Wanted(), EVERYTHING)
    (own,) = ranking.ranked(ranking.Wanted(), scope_of(manager))
    assert (whole.customers, whole.comments) == (2, 3)
    assert (own.customers, own.comments, own.lately) == (1, 2, 2)


def test_most_customers_come_first_and_filters_narrow(team, make_customers: Callable[[int], list[Customer]]) -> None:
    for text, who in zip(BUS, make_customers(2), strict=True):
        suggest(text, customer=who, team=team)
    suggest(DARK[0])
    group()

    def found(**wanted) -> list[str]:
        rows = ranking.ranked(ranking.Wanted(**wanted), EVERYTHING)
        return [ranking.titles_of([Idea.objects.get(pk=row.pk)], EVERYTHING)[row.pk] for row in rows]

    assert [title in BUS for title in found()] == [True, False]
    assert found(team=team.pk) == found(days=7)[:1]
    assert found(status="done") == []
    Comment.objects.filter(text=DARK[0]).update(lemmas="добавить темный тема")
    acts.change(Idea.objects.get(links__comment__text=BUS[0]), {"title": "Автобусы чаще"}, by=User.objects.create())
    assert found(query="Автобусы") == ["Автобусы чаще"]


def test_a_merged_topic_narrows_as_the_one_that_stands_for_it() -> None:
    rows = suggest(BUS[0], DARK[0])
    group()
    stays = Topic.objects.create(code="t-stays")
    Topic.objects.create(code="t-gone", merged_into=stays, is_active=False)
    CommentTopic.objects.create(comment=rows[0], topic=stays, confidence=1)
    found = [ranking.ranked(ranking.Wanted(topic=code), EVERYTHING) for code in ("t-stays", "t-gone")]
    assert [[row.pk for row in told] for told in found] == [[idea_of(rows[0]).pk]] * 2


@pytest.fixture
def make_customers(organisation) -> Callable[[int], list[Customer]]:
    return lambda number: [factories.make_customer() for _one in range(number)]
