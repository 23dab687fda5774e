"""The queue of labels to check: its lanes, one word on all labels, undo, two people, and the same said elsewhere."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from feedback import checking, intake, labels, lanes, search, understanding
from feedback.checking import Verdict
from feedback.contents import UNREAD
from feedback.intake import Given
from feedback.models import Check, Comment, CommentTopic, Label
from ground import access
from ground.models import Change, Membership, Role, Team, User
from surveys.models import Survey
from tests import factories
from tests.config.reading import make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db
PAGE = "admin:feedback_comment_checking"
Login = Callable[..., Client]


def read(comment: Comment, *, tone: str = "negative", sure: float = 0.9, topics: tuple[str, ...] = (),
         sample: bool = False) -> Comment:  # fmt: skip
    """The comment as the worker leaves it, label by label."""
    for scheme, value in (("language", "ru"), ("tone", tone), ("constructive", "no")):
        comment.labels.create(scheme=scheme, value=value, confidence=sure, source="model", spans=[[0, 4, "tone-"]])
    for code in topics:
        comment.labels.create(scheme="topic", topic=make_topic(code), value="yes", confidence=sure, source="rule")
    Comment.objects.filter(pk=comment.pk).update(classified_at=timezone.now(), is_sample=sample)
    labels.bring_up_to_date(Comment.objects.get(pk=comment.pk))
    return Comment.objects.get(pk=comment.pk)


@pytest.fixture(autouse=True)
def english(manager: User) -> None:
    User.objects.update(language="en")
    cache.clear()


@pytest.fixture
def doubtful(team: Team) -> Comment:
    return read(make_comment(team=team, text="Так себе, ждал."), sure=0.45, topics=("delays",))


@pytest.fixture
def desk(login: Login, manager: User) -> Client:
    return login(manager)


@pytest.fixture
def colleague(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def given(lane: str, person: User, number: int = 9, **more: Any) -> list[int]:
    checks = lanes.give(lane, to=person, scope=access.scope_of(person), number=number, **more)
    return [check.comment_id for check in checks]


def send(client: Client, comment: Comment, *, verb: str = "check", script: bool = False, **values: Any) -> Any:
    seen = comment.labels.order_by("-pk").values_list("pk", flat=True).first() or 0
    form = {"tone": "negative", "seen": seen, "at": comment.pk, "shown": ["delays"], "topic": ["delays"]} | values
    headers = {"accept": "application/json" if script else "text/html"}
    return client.post(reverse(f"admin:feedback_comment_{verb}", args=[comment.pk]), form, headers=headers)


def test_each_lane_offers_what_it_says(survey: Survey, team: Team, manager: User) -> None:
    def answer(score: int, tone: str, **more: Any) -> Comment:
        return read(make_response(survey, team=team, score=score, text="Текст", **more).comment, tone=tone,
                    topics=("delays",))  # fmt: skip

    doubt = read(make_comment(team=team), sure=0.5, topics=("delays",))
    doubtless = read(make_comment(team=team), sure=0.55, topics=("delays",))
    bare = read(make_comment(team=team))
    sample = read(make_comment(team=team), sure=0.3, sample=True)
    low, high, agreeing = answer(1, "positive"), answer(5, "negative"), answer(1, "negative")
    make_comment(team=team)  # not read yet
    assert given("doubt", manager) == [doubt.pk, doubtless.pk]
    assert given("topicless", manager) == [bare.pk]
    assert given("sample", manager) == [sample.pk]
    assert set(given("conflict", manager)) == {low.pk, high.pk}
    assert agreeing.pk not in given("conflict", manager)
    with pytest.raises(ValueError, match="nothing"):
        given("nothing", manager)


@pytest.mark.parametrize("lane", lanes.LANES[1:])
def test_each_lane_is_walked_along_its_own_index(lane: str, team: Team) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which would rather read so few rows as they lie
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
            )
    one, whole = access.Scope(teams=((team.pk, Role.MANAGER),), whole=None), access.EVERYTHING
    for scope in (one, whole):
        plan = lanes.waiting(lane, scope).values_list("pk")[:3].explain()
        assert f"feedback_comment_{lane}" in plan
        assert "TEMP B-TREE" not in plan


def test_the_mix_is_made_of_thirds(team: Team, manager: User) -> None:
    for _number in range(4):
        read(make_comment(team=team), sure=0.5, topics=("delays",))
        read(make_comment(team=team))
        read(make_comment(team=team), sample=True)
    came = []
    for _turn in range(9):
        (check,) = lanes.give("mixed", to=manager, scope=access.scope_of(manager), number=1)
        checking.check(check.comment, Verdict("negative", False), by=manager, seen=10**12)
        came.append(check.lane)
    assert {lane: came.count(lane) for lane in came} == {"doubt": 3, "topicless": 3, "sample": 3}
    assert came[:3] == came[3:6] == came[6:]


def test_all_correct_is_kept_as_a_persons_word_and_the_comment_leaves_the_queue(
    desk: Client, doubtful: Comment, manager: User
) -> None:
    Change.objects.all().delete()
    reply = send(desk, doubtful)
    assert (reply.status_code, reply["Location"]) == (302, f"{reverse(PAGE)}?lane=mixed&said={doubtful.pk}")
    doubtful.refresh_from_db()
    assert (doubtful.checked_by, doubtful.tone_confidence) == (manager, 1)
    said = Label.objects.filter(source="human", author=manager)
    assert {(label.scheme, label.value) for label in said} == {
        ("tone", "negative"), ("constructive", "no"), ("topic", "yes"),
    }  # fmt: skip
    assert Change.objects.filter(scope="comment").exists()
    assert given("doubt", manager) == []
    assert "checked today" in desk.get(reply["Location"]).content.decode()


def test_a_correction_changes_what_counts(desk: Client, doubtful: Comment) -> None:
    make_topic("speed", "Скорость")
    send(desk, doubtful, tone="positive", constructive="yes", topic=["speed"])
    doubtful.refresh_from_db()
    assert (doubtful.tone, doubtful.constructive, doubtful.derived_class) == ("positive", True, "constructive")
    assert [row.topic.code for row in CommentTopic.objects.filter(comment=doubtful)] == ["speed"]


def test_undo_brings_back_exactly_what_there_was(desk: Client, doubtful: Comment, manager: User) -> None:
    send(desk, doubtful, tone="positive", topic=[])
    back = reverse("admin:feedback_comment_checking_back")
    reply = desk.post(back, {"lane": "doubt"}, headers={"accept": "text/html"})
    assert reply["Location"] == f"{reverse(PAGE)}?lane=doubt&at={doubtful.pk}"
    after = Comment.objects.get(pk=doubtful.pk)
    assert (after.tone, after.tone_confidence, after.checked_at) == ("negative", 0.45, None)
    assert [row.topic.code for row in after.topics.all()] == ["delays"]
    assert given("doubt", manager) == [doubtful.pk]
    assert desk.post(back, headers={"accept": "application/json"}).status_code == 409


def test_nobody_is_given_what_a_colleague_has_open(
    team: Team, manager: User, administrator: User, doubtful: Comment
) -> None:
    other = read(make_comment(team=team), sure=0.5, topics=("delays",))
    assert given("doubt", manager, 1) == [doubtful.pk]
    assert given("doubt", administrator, 1) == [other.pk]
    assert given("doubt", manager, 1) == [doubtful.pk]  # and a page that is loaded again shows the same
    with time_machine.travel(timezone.now() + lanes.LEASE * 2):
        assert given("doubt", administrator, 1) == [doubtful.pk]


def test_the_slower_of_two_is_told_and_then_corrects(desk: Client, colleague: Client, doubtful: Comment) -> None:
    seen = doubtful.labels.latest("pk").pk
    send(colleague, doubtful, tone="mixed")
    reply = send(desk, doubtful, tone="positive", seen=seen, script=True)
    assert reply.status_code == 409
    assert "Admin said “tone: mixed”" in reply.json()["said"]
    page = send(desk, doubtful, tone="positive", seen=seen)
    assert page.status_code == 409
    assert 'value="positive" checked' in page.content.decode()
    assert send(desk, doubtful, tone="positive").status_code == 302
    assert Comment.objects.get(pk=doubtful.pk).tone == "positive"
    assert [label.value for label in doubtful.labels.filter(scheme="tone", source="human")] == ["mixed", "positive"]


def test_two_who_agree_are_not_in_each_others_way(desk: Client, colleague: Client, doubtful: Comment) -> None:
    seen = doubtful.labels.latest("pk").pk
    send(colleague, doubtful)
    assert send(desk, doubtful, seen=seen, script=True).status_code == 200
    assert Check.objects.filter(state="checked").count() == 2
    assert doubtful.labels.filter(scheme="tone", source="human").count() == 1


def test_a_text_that_was_read_again_is_looked_at_again(desk: Client, doubtful: Comment) -> None:
    seen = doubtful.labels.latest("pk").pk
    read(doubtful, tone="positive")
    assert send(desk, doubtful, seen=seen, script=True).status_code == 409
    Comment.objects.filter(pk=doubtful.pk).update(**UNREAD)
    assert send(desk, doubtful).status_code == 409
    assert not Label.objects.filter(source="human").exists()


def test_what_is_skipped_stays_away_for_a_day(desk: Client, manager: User, doubtful: Comment) -> None:
    given("doubt", manager)
    told = send(desk, doubtful, verb="skip", script=True, lane="doubt").json()
    assert (told["said"], told["more"]) == ("Skipped: it comes again tomorrow.", [])
    assert given("doubt", manager) == []
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        assert given("doubt", manager) == [doubtful.pk]


def test_the_same_words_elsewhere_get_the_same_labels_and_are_taken_back_together(
    desk: Client, team: Team, doubtful: Comment, manager: User
) -> None:
    others = [read(make_comment(team=team, text="Так себе, ждал!"), sure=0.45) for _number in range(3)]
    spoken, sample = others[2], read(make_comment(team=team), sure=0.4, sample=True)
    spoken.labels.create(scheme="tone", value="mixed", confidence=1, source="human", author=manager)
    Comment.objects.update(lemmas="так себя ждать")
    told = send(desk, doubtful, tone="neutral", script=True).json()
    assert told["same"]["said"] == "2 more comments say the same."
    page = desk.get(reverse(PAGE), {"said": doubtful.pk}).content.decode()
    assert "2 more comments say the same." in page
    assert send(desk, doubtful, verb="same", script=True).json()["said"] == "Applied to 2 more comments."
    alike = Comment.objects.filter(pk__in=[row.pk for row in others], checked_by=manager, tone="neutral")
    assert alike.count() == 2
    assert not Comment.objects.get(pk=sample.pk).checked_at
    assert checking.pace(manager).today == 1
    desk.post(reverse("admin:feedback_comment_checking_back"))
    assert not alike.exists()
    assert Comment.objects.get(pk=doubtful.pk).checked_at


@pytest.mark.parametrize(
    "values",
    [{"tone": "angry"}, {"seen": "x"}, {"topic": ["nothing"]}, {"shown": ["nothing"]}, {"topic": ["idle"]}],
)
def test_what_no_card_sends_is_refused(desk: Client, doubtful: Comment, values: dict[str, Any]) -> None:
    idle = make_topic("idle")
    idle.is_active = False
    idle.save()
    assert send(desk, doubtful, **values).status_code == 400
    assert send(desk, doubtful, tone="").status_code == 400
    assert not Label.objects.filter(source="human").exists()


def test_viewers_look_and_only_managers_of_the_team_check(
    client: Client, team: Team, doubtful: Comment, manager: User
) -> None:
    person = User.objects.create_user("viewer@example.org", "correct horse battery", language="en")
    client.force_login(person)
    assert client.get(reverse(PAGE)).status_code in (302, 403)
    Membership.objects.create(user=person, team=team, role=Role.VIEWER)
    shown = client.get(reverse(PAGE)).content.decode()
    assert "себе, ждал" in shown
    assert "All correct" not in shown
    assert send(client, doubtful).status_code == 403
    elsewhere = Team.objects.create(code="far", name="Far")
    Membership.objects.filter(user=person).update(team=elsewhere, role=Role.MANAGER)
    assert "себе, ждал" not in client.get(reverse(PAGE)).content.decode()
    assert client.get(reverse(PAGE), {"at": doubtful.pk}).status_code == 404
    assert send(client, doubtful).status_code == 404
    assert not Check.objects.exists()


def test_the_page_asks_the_same_number_of_questions_however_much_waits(desk: Client, team: Team) -> None:
    def ask() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            desk.get(reverse(PAGE))
        return len(asked)

    for _number in range(3):
        read(make_comment(team=team), sure=0.5, topics=("delays",))
        read(make_comment(team=team))
        read(make_comment(team=team), sample=True)
    desk.get(reverse(PAGE))
    few = ask()
    for _number in range(12):
        read(make_comment(team=team), sure=0.5, topics=("delays", "speed"))
    assert ask() <= few <= 60


def test_personal_data_is_hidden_and_each_label_shows_its_words(desk: Client, team: Team) -> None:
    read(make_comment(team=team, text="Ужас! Звоните +7 916 123-45-67"), sure=0.45)
    shown = desk.get(reverse(PAGE)).content.decode()
    assert "123-45-67" not in shown
    assert "<q" in shown and "Ужас"[:4] in shown


def test_an_edited_text_is_no_longer_checked(survey: Survey, team: Team, manager: User) -> None:
    invitation = factories.make_invitation(survey, team=team)
    intake.record(invitation, Given(score=2, text="Ждал."))
    comment = read(Comment.objects.get())
    checking.check(comment, Verdict("negative", False), by=manager, seen=10**12)
    intake.record(invitation, Given(score=2, text="Ждал, но дождался."))
    comment.refresh_from_db()
    assert (comment.text, comment.checked_at) == ("Ждал, но дождался.", None)


def test_the_way_to_the_same_phrases_is_asked_for_apart(desk: Client, team: Team) -> None:
    for text in ("Так себе, ждал.", "Так себе магазин", "Спасибо"):
        comment = read(make_comment(team=team, text=text), sure=0.45)
        Comment.objects.filter(pk=comment.pk).update(lemmas=search.text(understanding.read([text])[0].lemmas))
    search.remember(dict(Comment.objects.values_list("pk", "lemmas")))
    Label.objects.filter(scheme="tone").update(spans=[[0, 8, "tone-"]])
    first, _second, alone = Comment.objects.order_by("pk")
    page = "admin:feedback_comment_phrases"
    shown = desk.get(reverse(page, args=[first.pk])).content.decode()
    assert "«Так себе»" in shown and "1 more comment" in shown
    assert "No other comment" in desk.get(reverse(page, args=[alone.pk])).content.decode()


def test_the_reading_list_says_who_checked_and_who_said_what(login: Login, manager: User, team: Team) -> None:
    comment = read(make_comment(team=team), topics=("delays",))
    other = read(make_comment(team=team))
    checking.check(comment, Verdict("positive", False, {make_topic("delays"): True}), by=manager, seen=10**12)
    page = login(manager).get(reverse("admin:feedback_comment_changelist"), {"checked": "me"}).content.decode()
    assert "✓ checked: Manager" in page and "set by Manager" in page
    assert f'id="c{comment.pk}"' in page and f'id="c{other.pk}"' not in page


def test_a_card_names_the_language_that_is_not_read(desk: Client, team: Team) -> None:
    comment = read(make_comment(team=team, text="Das Essen war kalt."), tone="", sure=0.0)
    assert "This language is not read" not in desk.get(reverse(PAGE), {"lane": "doubt"}).content.decode()
    Comment.objects.filter(pk=comment.pk).update(language="de")
    assert "This language is not read: German." in desk.get(reverse(PAGE), {"lane": "doubt"}).content.decode()
