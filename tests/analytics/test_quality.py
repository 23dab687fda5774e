"""The page of quality: told from checked comments of the random sample alone, per class, topic and language."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics import rollups
from analytics.filters import Filters
from analytics.periods import Period
from analytics.quality import figures, sample
from analytics.quality.sample import Sampled
from feedback.learning import lessons, promotion
from feedback.models import Comment, CommentTopic, Label, LearnedModel, Topic
from feedback.understanding.fusion import ASKS
from ground.access import EVERYTHING
from ground.models import Change, Job, Team, User, reporting_day
from tests.config.reading import label, make_comment, make_topic

pytestmark = pytest.mark.django_db


def add(comment: Comment, scheme: str, value: str, **fields: Any) -> Label:
    defaults = {"confidence": 0.9, "source": "rule", "version": "rules-2"}
    return Label.objects.create(comment=comment, scheme=scheme, value=value, **(defaults | fields))


def checked(
    read: str, true: str, *, by: User, team: Team | None = None, language: str = "ru", sure: float = 0.9,
    read_topic: Topic | None = None, true_topic: Topic | None = None, opinion: str = "", is_sample: bool = True,
) -> Comment:  # fmt: skip
    """A comment as reading and a check leave it."""
    comment = make_comment(team=team)
    add(comment, "language", language)
    if opinion:
        add(comment, "tone", opinion, source="model", version="textblob@0.20", confidence=0.4)
    add(comment, "tone", read, source="model", version="fused@x", confidence=sure)
    add(comment, "constructive", "no")
    if read_topic:
        add(comment, "topic", "yes", topic=read_topic)
    add(comment, "tone", true, source="human", author=by, confidence=1)
    add(comment, "constructive", "no", source="human", author=by, confidence=1)
    for topic in {read_topic, true_topic} - {None}:
        add(comment, "topic", "yes" if topic == true_topic else "no", topic=topic, source="human", author=by)
    at = timezone.now()
    Comment.objects.filter(pk=comment.pk).update(
        language=language, tone=true, tone_confidence=1, constructive=False, constructive_confidence=1,
        classified_at=at, checked_at=at, is_sample=is_sample,
    )  # fmt: skip
    Change.mark("comment", at)
    return comment


def page(client: Client, query: str = "") -> str:
    reply = client.get(reverse("analytics:quality") + query)
    assert reply.status_code == 200
    text = re.sub(r"</a>(?=[,.:;])", "", reply.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", text).replace("\xa0", " ").split())


@pytest.fixture
def chief(administrator: User) -> User:
    User.objects.update(language="en")
    return administrator


def test_precision_recall_and_f1_with_intervals(login: Callable[..., Client], chief: User) -> None:
    for read, true, count in (("negative", "negative", 8), ("negative", "positive", 2), ("positive", "negative", 4)):
        for _number in range(count):
            checked(read, true, by=chief)
    checked("negative", "positive", by=chief, is_sample=False)  # a comment that somebody picked says nothing
    found = {one.key: one for one in figures.of_classes(sample.checked(EVERYTHING))}
    negative = found["negative"]
    assert (negative.precision.num, negative.precision.den, negative.recall.den) == (8, 10, 12)
    assert negative.f1.value == pytest.approx(2 * 8 / (10 + 12)) and negative.f1.lo < negative.f1.value < negative.f1.hi
    told = page(login(chief))
    assert "14 of 14 sampled comments are checked" in told
    assert "Negative 80% (49–94), n=10 67% (39–86), n=12 73%" in told
    assert "Positive — —" in told, "of fewer than five nothing is said"


def test_what_the_machine_had_said_before_counts(chief: User) -> None:
    row = checked("positive", "negative", by=chief)
    add(row, "language", "ru")
    add(row, "tone", "negative", source="model", version="tone-7")  # read anew by a model that has learned from it
    own = sample.checked(EVERYTHING)
    assert [(one.read_class, one.true_class) for one in own] == [("positive", "negative")]


def test_topics_languages_textblob_and_not_sure(login: Callable[..., Client], chief: User) -> None:
    speed, price = make_topic("speed"), make_topic("price")
    for number in range(6):
        checked("negative", "negative", by=chief, read_topic=speed, true_topic=speed if number else price)
        checked("positive", "positive", by=chief, language="en", opinion="neutral" if number else "positive")
        checked("neutral", "neutral", by=chief, sure=0.3)
    rows = sample.checked(EVERYTHING)
    topics = {one.key: one for one in figures.of_topics(rows)}
    assert (topics[speed.pk].precision.num, topics[speed.pk].precision.den) == (5, 6)
    assert topics[price.pk].recall.num == 0 and topics[price.pk].f1.den == 1
    assert (figures.unsure(rows).num, figures.unsure(rows).den) == (6, 18)
    beside = figures.beside_textblob(rows)
    assert (beside.ours.num, beside.textblob.num, beside.textblob.den) == (6, 1, 6)
    client = login(chief)
    assert "Too few comments (under 5): Price" in page(client)
    narrowed = page(client, "?language=en").partition("Topics in the random sample")[0]
    assert "Speed" not in narrowed and "A sure class is right 100% (61–100), n=6" in narrowed


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_drawn_and_nothing_checked(login: Callable[..., Client], chief: User, number: int) -> None:
    for _one in range(number):
        Comment.objects.filter(pk=make_comment().pk).update(is_sample=True, classified_at=timezone.now())
    assert ("None of them is checked yet" if number else "No comment is drawn yet") in page(login(chief))


def rows(read: str, true: str, count: int, sure: float = 0.9) -> list[Sampled]:
    return [Sampled("ru", true, read, sure, true, read, "", frozenset(), frozenset())] * count


TWO = {"negative": figures.share(300, 1000), "positive": figures.share(700, 1000)}


def test_shares_are_corrected_from_two_hundred_on() -> None:
    many = rows("negative", "negative", 85) + rows("positive", "negative", 15) + rows("positive", "positive", 92)
    assert figures.skill(many) is None
    told = figures.corrected(TWO, figures.skill(many + rows("negative", "positive", 8)))
    negative = told["negative"]
    assert negative.value == pytest.approx((0.3 + 0.92 - 1) / (0.85 + 0.92 - 1))
    assert negative.lo < negative.value < negative.hi
    assert told["positive"].value == pytest.approx(1 - negative.value)
    pairs = [(read, true) for read in ("negative", "positive") for true in ("negative", "positive")]
    guessing = figures.skill([row for read, true in pairs for row in rows(read, true, 50)])
    assert figures.corrected(TWO, guessing) == {}, "whoever guesses cannot correct"


def test_a_class_that_is_hardly_checked_keeps_its_share() -> None:
    many = rows("negative", "negative", 95) + rows("positive", "negative", 5) + rows("positive", "positive", 100)
    known = figures.skill(many + rows("neutral", "neutral", 4) + rows("neutral", "positive", 6))
    parts = {name: figures.share(n, 1000) for name, n in (("negative", 300), ("positive", 600), ("neutral", 100))}
    told = figures.corrected(parts, known)
    assert told.keys() == {"negative", "positive"}
    assert sum(one.value for one in told.values()) == pytest.approx(0.9)
    assert figures.corrected({"negative": figures.share(3, 9)}, known) == {}


def test_no_error_among_few_is_not_taken_for_none() -> None:
    perfect = figures.skill(rows("negative", "negative", 100) + rows("positive", "positive", 100))
    told = figures.corrected(TWO, perfect)["negative"]
    assert told.hi - told.lo > 2 * 1.96 * (0.3 * 0.7 / 1000) ** 0.5


def asked(believed: float) -> float:
    """How likely a request is that is believed so much: without what a missed one counts for more."""
    return believed * ASKS / (believed * ASKS + (1 - believed) * (1 - ASKS))


def test_how_sure_a_class_is_is_the_class_own_sureness() -> None:
    """Neither that of the tone beside a likely request, nor that of a request that is believed rather too soon."""
    comment = Comment()
    tone = Label(comment=comment, scheme="tone", value="negative", confidence=0.9, version="fused@x")
    asks = Label(comment=comment, scheme="constructive", value="yes", confidence=0.6, version="fused@x")
    assert sample.class_of(tone, asks) == ("constructive", pytest.approx(asked(0.6)))
    asks.value = "no"
    assert sample.class_of(tone, asks) == ("negative", pytest.approx(0.9 * (1 - asked(0.4))))
    asks.version = "rules-3"
    assert sample.class_of(tone, asks) == ("negative", pytest.approx(0.9 * 0.6))
    assert sample.class_of(tone, None) == ("negative", 0.9)


def test_calibration_by_tenths() -> None:
    own = figures.calibration(rows("negative", "negative", 6, 0.85) + rows("negative", "positive", 2, 0.88))
    assert [(one.low, one.right.num, one.right.den) for one in own] == [(0.8, 6, 8)]


def test_dashboard_and_page_say_the_corrected_share(login: Callable[..., Client], chief: User) -> None:
    right, wrong = [("negative", "negative", 90), ("positive", "positive", 92)], [("positive", "negative", 10)]
    for read, true, count in [*right, *wrong, ("negative", "positive", 8)]:
        for _number in range(count):
            checked(read, true, by=chief)
    while rollups.roll_up():
        pass
    client = login(chief)
    assert re.search(r"Negative 49% \(42–56\), n=200 [^%]*50% \(43–57\), n=200 \d+% \(\d+–\d+\)", page(client))
    text = client.get(reverse("analytics:dashboard")).content.decode()
    assert "corrected for reading errors: " in text and "Not corrected for" not in text


def test_a_choice_is_corrected_by_its_own_errors_or_not_at_all(login: Callable[..., Client], chief: User) -> None:
    """Russian is read with errors, English without: neither says how the other is read."""
    for read, true, count in (("negative", "negative", 90), ("positive", "positive", 92), ("positive", "negative", 40)):
        for _number in range(count):
            checked(read, true, by=chief)
    for _number in range(30):
        checked("negative", "negative", by=chief, language="en")
    while rollups.roll_up():
        pass
    client = login(chief)

    def told(only: str) -> str:
        return client.get(reverse("analytics:dashboard"), {"only": only}).content.decode()

    everything = figures.known(EVERYTHING)
    assert figures.known(EVERYTHING, "ru") != everything and figures.known(EVERYTHING, "en") is None
    assert "corrected for reading errors: " in told("language:ru")
    assert ">corrected for reading errors: " not in told("language:en") and "Not corrected for" in told("language:en")
    filters = Filters(scope=EVERYTHING, period=Period(*[reporting_day(timezone.now())] * 2))
    assert figures.known_of(filters) == everything and figures.known_of(replace(filters, channel="phone")) is None


def test_a_new_reader_is_corrected_by_what_it_has_read_itself(
    login: Callable[..., Client], chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "CHECKED_COMMENTS", 16)

    def check(times: int) -> None:
        for read, true in (("negative", "negative"), ("positive", "positive"), ("positive", "negative")) * times:
            checked(read, true, by=chief)

    check(6)
    assert figures.known(EVERYTHING) is not None
    other = LearnedModel.objects.create(scheme="tone", languages=["en"], promoted_at=timezone.now())
    assert figures.known(EVERYTHING) is not None, "Russian is read as before"
    LearnedModel.objects.filter(pk=other.pk).update(languages=["ru"], promoted_at=timezone.now())
    assert figures.known(EVERYTHING) is None
    while rollups.roll_up():
        pass
    told = page(login(chief))
    assert "Checked so far: 0." in told and "it is corrected by comments that it has read itself alone" in told
    check(5)
    assert figures.known(EVERYTHING) is None
    check(1)
    assert figures.known(EVERYTHING) is not None
    LearnedModel.objects.update(retired_at=timezone.now(), discarded_at=timezone.now())
    assert figures.known(EVERYTHING) is None, "what was given up read them"


def test_shares_of_topics_drift_in_the_random_sample_alone(login: Callable[..., Client], chief: User) -> None:
    speed, now = make_topic("speed"), timezone.now()
    LearnedModel.objects.create(scheme="topic", promoted_at=now - dt.timedelta(days=9), promoted_by=chief)

    def said(count: int, days: int, *, about: bool, is_sample: bool = True) -> None:
        for _number in range(count):
            comment = make_comment(said_at=now - dt.timedelta(days=days))
            Comment.objects.filter(pk=comment.pk).update(is_sample=is_sample, classified_at=now)
            if about:
                CommentTopic.objects.create(comment=comment, topic=speed, confidence=0.5)

    said(20, 2, about=True)
    for _number in range(4):
        said_so = checked("neutral", "neutral", by=chief, read_topic=speed)  # nobody but the machine
        Comment.objects.filter(pk=said_so.pk).update(said_at=now - dt.timedelta(days=9))
    said(16, 0, about=False)
    said(40, 1, about=True, is_sample=False)
    said(6, 10, about=True)
    said(34, 15, about=False)
    said(30, 20, about=True)  # before what it is compared with
    told = page(login(chief))
    assert "Topics in the random sample since their model was promoted" in told
    assert re.search(r"60% \(45–74\), n=40 ▲ \+45", told), told[told.index("Topics in the random") :][:600]


def test_shares_of_classes_drift_in_the_random_sample_alone(login: Callable[..., Client], chief: User) -> None:
    """What managers pick and correct moves the shares of all comments, not those that tell of the reader."""
    now = timezone.now()
    LearnedModel.objects.create(scheme="tone", promoted_at=now - dt.timedelta(days=9), promoted_by=chief)

    def said(tone: str, count: int, days: int, *, is_sample: bool = True, is_counted: bool = True) -> None:
        for _number in range(count):
            comment = label(make_comment(said_at=now - dt.timedelta(days=days)), tone=tone)
            Comment.objects.filter(pk=comment.pk).update(is_sample=is_sample, is_counted=is_counted)

    said("negative", 22, 2)
    said("positive", 16, 9)
    for _number in range(2):
        corrected = checked("negative", "positive", by=chief)
        Comment.objects.filter(pk=corrected.pk).update(said_at=now - dt.timedelta(days=1))
    said("negative", 6, 10)
    said("positive", 34, 15)
    said("negative", 30, 20)  # before what it is compared with
    said("negative", 60, 1, is_sample=False)
    said("negative", 25, 3, is_counted=False)
    while rollups.roll_up():
        pass
    client = login(chief)
    told = page(client)
    assert "Shares since the last promotion" in told
    assert re.search(r"Negative 60% \(45–74\), n=40 ▲ \+45\.0 pp.{0,40} 82% \(\d+–\d+\), n=100", told), told
    drift = client.get(reverse("analytics:quality")).context["drift"]
    assert {row["sampled"].n for row in drift} == {40} and {row["metric"].n for row in drift} == {100}


class TestDeciding:
    @pytest.fixture
    def candidate(self, chief: User) -> LearnedModel:
        tally = {"n": 40, "rules": [20, 40, 40], "before": [20, 40, 40], "after": [36, 40, 40], "verdict": "good"}
        mine, other = make_comment(text="Плюмбус сломан, +7 921 555-12-34"), make_comment(text="Ничего")
        make_topic("plumbus")
        return LearnedModel.objects.create(
            scheme="topic", figures={"ru": tally}, languages=["ru"], manifest={"comments": 40},
            difference={"n": 900, "changed": 12, "counts": {"plumbus": [11, 1]},
                        "samples": [[mine.pk, [], ["plumbus"]], [other.pk, ["plumbus"], []]]},
        )  # fmt: skip

    def act(self, client: Client, **form: Any) -> str:
        reply = client.post(reverse("analytics:quality_decide"), form, follow=True)
        return " ".join(re.sub(r"<[^>]*>", " ", reply.content.decode()).split())

    def test_a_candidate_is_shown_as_a_difference_promoted_and_rolled_back(
        self, login: Callable[..., Client], chief: User, candidate: LearnedModel
    ) -> None:
        client = login(chief)
        told = page(client)
        assert f"topics-{candidate.pk} would read better" in told
        assert "50% (35–65), n=40 of all there are, 50% 90% (77–96), n=40 of all there are, 90% good enough" in told
        assert "It would change 12 comments of the newest 900: Plumbus +11 −1" in told
        assert "Плюмбус сломан, [phone hidden] — → Plumbus" in told
        assert "reads new comments now" in self.act(client, promote=candidate.pk)
        assert "Somebody has decided" in self.act(client, promote=candidate.pk)
        assert LearnedModel.objects.active().get().promoted_by == chief
        assert "without what was learned" in self.act(client, roll_back=candidate.pk)
        assert not LearnedModel.objects.active().exists()

    def test_discarding_the_setting_learning_and_reading_anew(
        self, login: Callable[..., Client], chief: User, candidate: LearnedModel
    ) -> None:
        client = login(chief)
        assert "was discarded" in self.act(client, discard=candidate.pk)
        assert "without asking" in self.act(client, automatic="yes")
        assert promotion.Learning.current().is_automatic
        assert "Learning has begun" in self.act(client, learn="1") and "already" in self.act(client, learn="1")
        assert "being read anew" in self.act(client, read_anew="1")
        assert set(Job.objects.values_list("kind", flat=True)) == {"learning", "reclassify"}
        assert "Learn from corrections" in page(client)
        for odd in ("x", "", "9" * 40):
            assert "nothing was changed" in self.act(client, promote=odd)

    def test_a_teams_manager_sees_own_figures_and_decides_nothing(
        self, login: Callable[..., Client], candidate: LearnedModel, manager: User, outsider: User, team: Team,
        other_team: Team, viewer: User,
    ) -> None:  # fmt: skip
        User.objects.update(language="en")
        for _number in range(7):
            checked("negative", "negative", by=manager, team=team)
        for _number in range(3):
            checked("negative", "positive", by=outsider, team=other_team)
        client = login(manager)
        told = page(client)
        assert "7 of 7 sampled comments" in told and "Плюмбус" not in told and "would read better" not in told
        assert client.post(reverse("analytics:quality_decide"), {"promote": candidate.pk}).status_code == 403
        assert login(viewer).get(reverse("analytics:quality")).status_code == 403

    def test_a_broken_model_is_named(self, login: Callable[..., Client], chief: User, candidate: LearnedModel) -> None:
        promotion.promote(candidate.pk, by=chief)
        lessons.load(LearnedModel.objects.active())
        assert f"topics-{candidate.pk} is broken" in page(login(chief))


def test_as_many_queries_for_more_rows(
    login: Callable[..., Client], chief: User, django_assert_max_num_queries: Any
) -> None:
    client = login(chief)
    checked("negative", "negative", by=chief, read_topic=make_topic("a"))
    page(client)
    with django_assert_max_num_queries(24) as few:
        page(client)
    for number in range(12):
        checked(
            "negative", "positive", by=chief, language=["ru", "en"][number % 2], read_topic=make_topic(f"t{number}")
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        page(client)
