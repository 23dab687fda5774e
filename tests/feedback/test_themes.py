"""A theme that comes up is found first, chance finds none, and people make topics of it or mute it."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from feedback import search, topics
from feedback.models import Chore, Comment, MutedPhrase, Theme, ThemeComment, ThemeRound
from feedback.themes import chance, finding, keeping, phrases, spoken, telling
from feedback.understanding import labelled, lexicon, read_topics, words
from ground import jobs, personal
from ground.models import Job, Notice, User
from tests.config.reading import make_topic

PLANTED = [
    "Терминал у курьера не работает, картой не заплатить", "опять не работал терминал, пришлось искать наличные",
    "У курьера сломан терминал для карты", "терминал оплаты не работает третью неделю",
]  # fmt: skip


def lemmas(text: str) -> str:
    return search.text(words.lemma_text(words.tokens(text)))


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    return [lemmas(row.text) for row in labelled.every()]


def found(window: list[str], base: list[str]) -> list[tuple[str, list[str]]]:
    """The phrases that come up, each with those told as one with it."""
    numbers = finding.Words()
    documents = [numbers.read(text) for text in window]
    empty = {numbers.numbers[word] for word in lexicon.stopwords() if word in numbers.numbers}
    known = phrases.candidates(documents, empty=empty)
    risen = phrases.risen(documents, known, phrases.count(map(numbers.read, base), known))
    return [(numbers.phrase(each.gram), [numbers.phrase(other) for other in each.others]) for each in risen]


def test_a_planted_theme_is_first(corpus: list[str]) -> None:
    """A theme in 5 % of 300 comments: first in 14 of 15 windows."""
    first, planted = 0, [lemmas(text) for text in PLANTED]
    for seed in range(15):
        die = random.Random(seed)
        window = [die.choice(corpus) for _one in range(285)] + [die.choice(planted) for _one in range(15)]
        told = found(window, [die.choice(corpus) for _one in range(1500)])
        first += bool(told) and any("терминал" in phrase for phrase in (told[0][0], *told[0][1]))
    assert first >= 14


def test_a_window_like_the_others_shows_nothing(corpus: list[str]) -> None:
    """One false phrase in eight windows at most."""
    false = 0
    for seed in range(8):
        die = random.Random(1000 + seed)
        window = [die.choice(corpus) for _one in range(300)]
        false += len(found(window, [die.choice(corpus) for _one in range(1500)]))
    assert false <= 1


def test_the_exact_test_is_exact() -> None:
    """By hand: 4 white of 10, 3 drawn, at least 2 white: (6 * 6 + 4) / 120."""
    assert chance.hypergeometric_tail(2, drawn=3, marked=4, total=10) == pytest.approx(40 / 120)
    assert chance.hypergeometric_tail(0, drawn=3, marked=4, total=10) == 1
    assert chance.hypergeometric_tail(3, drawn=3, marked=3, total=3) == 1
    assert chance.hypergeometric_tail(30, drawn=300, marked=30, total=3000) == pytest.approx(1.8e-31, rel=0.1)
    with pytest.raises(ValueError, match="more hits"):
        chance.hypergeometric_tail(5, drawn=4, marked=9, total=10)


def said(text: str, *, days: float, number: int, **fields) -> None:
    at, own = timezone.now() - dt.timedelta(days=days), {"language": "ru"} | fields
    Comment.objects.bulk_create(
        Comment(source="review", text=text, lemmas=lemmas(text), classified_at=at, said_at=at, **own)
        for _one in range(number)
    )


def look(by: User | None = None) -> Job:
    return jobs.finish_now(finding.start(days=[28], by=by))


@pytest.fixture
def risen(db, team, other_team) -> ThemeRound:
    """300 comments within four weeks, 15 of the team among them with a theme that nobody had before."""
    said("Всё как обычно, спасибо", days=60, number=600, team=team)
    said("Всё как обычно, спасибо", days=3, number=285, team=other_team)
    said(PLANTED[0], days=2, number=15, team=team)
    look()
    return ThemeRound.objects.get()


pytestmark = pytest.mark.django_db


def test_a_job_finds_what_has_come_up(risen: ThemeRound) -> None:
    assert (risen.in_window, risen.in_base, risen.days) == (300, 600, 28)
    theme = Theme.objects.get()
    assert (theme.in_window, theme.in_base, theme.language) == (15, 0, "ru")
    assert theme.words in PLANTED[0].lower()
    assert ThemeComment.objects.filter(theme=theme).count() == 15
    assert Job.objects.get().result == {"themes": 1}


def test_managers_who_may_see_it_are_told_once(team, other_team, manager: User, outsider: User) -> None:
    said("Всё как обычно", days=60, number=600, team=team)
    said("Всё как обычно", days=3, number=285, team=team)
    said(PLANTED[0], days=2, number=15, team=team)
    look()
    look()
    assert {row.user for row in Notice.objects.filter(kind="new_theme")} == {manager}
    assert Notice.objects.filter(kind="new_theme").count() == 1


def test_what_comments_hide_is_no_theme(team) -> None:
    said("Всё как обычно, спасибо", days=60, number=600, team=team)
    said("Всё как обычно, спасибо", days=3, number=285, team=team)
    said("менеджер Иван Кукушкин", days=2, number=10, team=team)
    said("Кукушкин", days=2, number=5, team=team)
    look()
    told = [word for theme in Theme.objects.all() for word in (theme.words, theme.phrase, *theme.others)]
    assert "менеджер" in told and not [word for word in told if "иван" in word or "кукушкин" in word]


def test_few_comments_raise_nothing(db, team) -> None:
    said("Всё как обычно", days=60, number=50, team=team)
    said(PLANTED[0], days=2, number=20, team=team)
    look()
    assert ThemeRound.objects.get().in_window == 20
    assert not Theme.objects.exists()


def test_the_week_begins_a_look_once(db) -> None:
    assert finding.due(limit=1) == [Chore.THEMES]
    assert finding.look()
    assert finding.look() is None
    assert finding.due(limit=1) == []


def test_a_theme_becomes_part_of_a_topic(risen: ThemeRound, manager: User) -> None:
    topic, theme = make_topic(), Theme.objects.get()
    assert keeping.add_to_topic(theme, topic, by=manager)
    assert not keeping.add_to_topic(theme, topic, by=manager)
    topic.refresh_from_db()
    assert topic.cues["ru"] == [theme.phrase]
    assert topic.is_ahead  # until it is applied to the past


def test_an_english_theme_is_told_and_added_in_words_and_not_in_stems(team, manager: User) -> None:
    told = "The delivery slots were cancelled again"
    for text, days, number in (("All fine, thanks", 60, 600), ("All fine, thanks", 3, 285), (told, 2, 15)):
        said(text, days=days, number=number, team=team, language="en")
    look()
    theme, topic = Theme.objects.get(), make_topic()
    assert (theme.language, theme.in_window) == ("en", 15)
    assert all(words in told.lower() for words in (theme.words, *theme.others))
    assert keeping.add_to_topic(theme, topic, by=manager)
    assert not keeping.add_to_topic(theme, topic, by=manager)
    topic.refresh_from_db()
    (line,) = topic.cues["en"]
    assert line in told.lower()
    ((found,),) = read_topics([told], rules=[topics.rule(topic)])
    assert found.code == topic.code


def test_the_words_of_a_theme_leave_out_what_is_hidden() -> None:
    phrase, text = lemmas("курьер потерялся"), "Курьер ivan@mail.ru потерялся"
    hidden = spoken.Said(text, "ru", personal.find(text))
    plain = spoken.Said("Курьер снова потерялся, курьер потерялся", "ru", [])
    assert spoken.in_words(phrase, [hidden]) == phrase
    assert spoken.in_words(phrase, [hidden, plain]) == "курьер потерялся"


def test_what_is_muted_is_not_told_again(risen: ThemeRound, manager: User) -> None:
    muted = keeping.mute(Theme.objects.get(), by=manager)
    look()
    assert not Notice.objects.filter(kind="new_theme").exists()
    keeping.unmute(muted, by=manager)
    assert not MutedPhrase.objects.exists()


def test_themes_of_long_words_that_begin_alike_are_told_each_by_itself(team, manager: User) -> None:
    """What an event is known by has room for 64 letters, and PostgreSQL takes no more."""
    said(PLANTED[0], days=2, number=1, team=team)
    looked = ThemeRound.objects.create(days=28, until=timezone.now())
    for position, last in enumerate(("курьер", "терминал")):
        phrase = f"{'а' * 40} {'б' * 40} {last}"
        theme = Theme.objects.create(
            round=looked, phrase=phrase, words=phrase, position=position, in_window=9, in_base=0, lift=2, p_adjusted=0
        )
        ThemeComment.objects.create(theme=theme, comment=Comment.objects.get())
    assert telling.tell(looked) == telling.tell(looked) == 2
    keys = list(Notice.objects.filter(user=manager).values_list("key", flat=True))
    assert len(keys) == 2 and max(map(len, keys)) <= 64
