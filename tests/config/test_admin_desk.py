"""Working at the desk: corrections, read and done, by buttons, by script and by keys; who may, and who was faster."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Comment, CommentTopic, Label, ReadMark, Topic
from ground.models import Membership, Role, Team, User
from surveys.models import Agent
from tests.browsing import at_rest, needs_browser
from tests.config.reading import label, make_comment, make_topic
from tests.config.test_admin_browser import as_administrator

pytestmark = pytest.mark.django_db
LIST = "admin:feedback_comment_changelist"
in_browser = [
    pytest.mark.django_db(transaction=True),
    needs_browser,
]
Login = Callable[..., Client]


@pytest.fixture
def comment(team: Team, manager: User) -> Comment:
    User.objects.filter(pk=manager.pk).update(language="en")
    return label(make_comment(team=team), topic=make_topic())


@pytest.fixture
def desk(login: Login, manager: User, comment: Comment) -> Client:
    return login(manager)


def act(client: Client, comment: Comment, verb: str, *, script: bool = False, **values: Any) -> Any:
    values.setdefault("seen", 10**17)
    headers = {"accept": "application/json"} if script else {"accept": "text/html"}
    return client.post(reverse(f"admin:feedback_comment_{verb}", args=[comment.pk]), values, headers=headers)


def test_buttons_work_without_script_and_say_what_happened(desk: Client, comment: Comment) -> None:
    page = reverse("admin:feedback_comment_change", args=[comment.pk])
    shown = desk.get(page).content.decode()
    for words in ("It is a suggestion", "Add topic", "Remove topic", "Undo", 'value="mixed"'):
        assert words in shown
    reply = act(desk, comment, "tone", tone="positive")
    assert (reply.status_code, reply["Location"]) == (302, page)
    shown = desk.get(page).content.decode()
    assert "Tone: positive" in shown
    assert "set by Manager" in shown
    comment.refresh_from_db()
    assert comment.tone == "positive"


def test_every_act_reaches_the_database(desk: Client, comment: Comment) -> None:
    speed = make_topic("speed", "Скорость")
    act(desk, comment, "constructive", yes="yes")
    act(desk, comment, "topic", topic="speed", yes="yes")
    act(desk, comment, "topic", topic="delays", yes="no")
    act(desk, comment, "done")
    comment.refresh_from_db()
    assert comment.constructive is True
    assert [row.topic for row in CommentTopic.objects.filter(comment=comment)] == [speed]
    assert comment.done_at
    act(desk, comment, "undo")
    comment.refresh_from_db()
    assert comment.done_at is None
    act(desk, comment, "done")
    act(desk, comment, "reopen")
    comment.refresh_from_db()
    assert comment.done_at is None


def test_a_script_gets_the_row_as_it_is(desk: Client, comment: Comment, manager: User) -> None:
    reply = act(desk, comment, "tone", script=True, tone="neutral")
    told = reply.json()
    assert told["said"] == "Tone: neutral"
    newest = Label.objects.latest("pk")
    assert f'data-seen="{newest.pk}"' in told["row"]
    assert "set by Manager" in told["row"]
    assert ReadMark.objects.filter(user=manager, comment=comment).exists()


@pytest.mark.parametrize("script", [True, False])
def test_the_slower_of_two_is_told_who_said_what(
    desk: Client, comment: Comment, administrator: User, script: bool
) -> None:
    seen = comment.labels.latest("pk").pk
    Label.objects.create(
        comment=comment, scheme="tone", value="mixed", confidence=1, source="human", author=administrator
    )
    reply = act(desk, comment, "tone", script=script, tone="positive", seen=seen)
    assert reply.status_code == 409
    said = reply.json()["said"] if script else reply.content.decode()
    assert "meanwhile Admin said “tone: mixed”" in said
    assert not Label.objects.filter(value="positive").exists()


def test_done_already_names_who(desk: Client, comment: Comment, administrator: User) -> None:
    Comment.objects.update(done_at=timezone.now(), done_by=administrator)
    assert act(desk, comment, "done", script=True).json()["said"] == "Done already: Admin"


@pytest.mark.parametrize(
    ("verb", "values"),
    [("tone", {"tone": "angry"}), ("tone", {}), ("tone", {"tone": "mixed", "seen": "x"}), ("constructive", {}),
     ("topic", {"topic": "nothing", "yes": "yes"}), ("topic", {"topic": "idle", "yes": "yes"}),
     ("topic", {"topic": "delays", "yes": "perhaps"}), ("topic", {"topic": "\0", "yes": "yes"})],
)  # fmt: skip
def test_what_no_button_sends_is_refused(desk: Client, comment: Comment, verb: str, values: dict[str, str]) -> None:
    Topic.objects.create(code="idle", is_active=False)
    assert act(desk, comment, verb, **values).status_code == 400
    assert not Label.objects.filter(source="human").exists()


def test_only_post_with_the_pages_token(desk: Client, comment: Comment, manager: User) -> None:
    address = reverse("admin:feedback_comment_done", args=[comment.pk])
    assert desk.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    assert strict.post(address).status_code == 403
    comment.refresh_from_db()
    assert comment.done_at is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_who_may_only_look_changes_nothing(login: Login, comment: Comment, team: Team, role: str) -> None:
    person = User.objects.create_user("looks@example.org", "correct horse battery")
    Membership.objects.create(user=person, team=team, role=role)
    comment.agent = Agent.objects.create(external_id="looks", team=team, user=person)
    comment.save()
    client = login(person)
    for verb in ("tone", "constructive", "topic", "undo", "done", "reopen"):
        assert act(client, comment, verb, tone="mixed", yes="yes", topic="delays").status_code == 403
    page = client.get(reverse("admin:feedback_comment_change", args=[comment.pk])).content.decode()
    assert 'name="tone"' not in page
    assert not Label.objects.filter(source="human").exists()


def test_another_teams_comment_does_not_exist(login: Login, comment: Comment, outsider: User) -> None:
    client = login(outsider)
    assert act(client, comment, "done").status_code == 404
    address = reverse("admin:feedback_comment_done", args=[comment.pk])
    assert client.post(address.replace(str(comment.pk), "9" * 30)).status_code == 404


def listed(client: Client, **params: str) -> set[int]:
    response = client.get(reverse(LIST), params)
    return {row.pk for _day, rows in response.context["days"] for row in rows}


def test_the_list_shows_and_filters_how_far_one_is(
    desk: Client, comment: Comment, team: Team, administrator: User
) -> None:
    fresh = make_comment(team=team)
    ReadMark.objects.create(user=administrator, comment=fresh)
    desk.get(reverse("admin:feedback_comment_change", args=[comment.pk]))
    assert listed(desk, state="unread") == {fresh.pk}
    assert listed(desk, state="read") == {comment.pk}
    act(desk, fresh, "done")
    assert listed(desk, state="done") == {fresh.pk}
    assert listed(desk, state="open") == {comment.pk}
    assert listed(desk, state="sideways") == {fresh.pk, comment.pk}
    page = desk.get(reverse(LIST), {"state": "done"}).content.decode()
    assert "✓ done: Manager" in page
    assert 'class="row done"' in page


def test_the_story_keeps_what_was_taken_back(desk: Client, comment: Comment) -> None:
    act(desk, comment, "tone", tone="mixed")
    act(desk, comment, "undo")
    response = desk.get(reverse("admin:feedback_comment_change", args=[comment.pk]))
    tone = [(said.value, said.holds) for said in response.context["statements"] if said.about == "tone"]
    assert ("negative", True) in tone
    assert ("taken back: mixed", False) in tone
    assert ("mixed", False) in tone
    assert "set by Manager" not in response.content.decode()


@pytest.fixture
def five(team: Team, manager: User) -> list[Comment]:
    """Five comments as the list has them, the newest first."""
    User.objects.filter(pk=manager.pk).update(language="en")
    now = timezone.now()
    topic = make_topic()
    make_topic("patience", "Терпение")
    return [
        label(make_comment(team=team, text=f"Ответ {number}", said_at=now - dt.timedelta(minutes=number)), topic=topic)
        for number in range(1, 6)
    ]


def open_list(browser: Browser, live_server: LiveServer, person: User) -> Page:
    page = as_administrator(browser, live_server, person, locale="en", viewport={"width": 1280, "height": 900})
    page.goto(live_server.url + reverse(LIST))
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


class TestByKeys:
    pytestmark = in_browser

    def test_five_comments_are_worked_through(
        self, browser: Browser, live_server: LiveServer, manager: User, five: list[Comment]
    ) -> None:
        page = open_list(browser, live_server, manager)
        said = page.locator(".said-now")
        press(page, "j", "1", "e")
        press(page, "4", "c", "e")
        press(page, "t")
        page.keyboard.type("pati")
        press(page, "Enter")
        expect(said).to_have_text("Topic added: Patience")
        press(page, "e", "2", "e")
        press(page, "3", "u")
        expect(said).to_have_text("Taken back: tone: neutral")
        press(page, "u")
        expect(said).to_have_text("Taken back: done")
        first, second, third, fourth, fifth = (Comment.objects.get(pk=row.pk) for row in five)
        assert [row.tone for row in (first, second, third, fourth, fifth)] == [
            "positive", "mixed", "negative", "negative", "negative",
        ]  # fmt: skip
        assert second.constructive is True
        assert set(third.topics.values_list("topic__code", flat=True)) == {"delays", "patience"}
        assert [bool(row.done_at) for row in (first, second, third, fourth, fifth)] == [True, True, True, False, False]
        assert fourth.labels.filter(source="human", author=manager, value="negative").exists()
        assert fifth.labels.filter(takes_back__value="neutral").exists()
        assert ReadMark.objects.filter(user=manager).count() == 5
        page.context.close()

    def test_keys_open_a_comment_and_press_its_buttons_in_a_russian_layout(
        self, browser: Browser, live_server: LiveServer, manager: User, five: list[Comment]
    ) -> None:
        page = open_list(browser, live_server, manager)
        for key, code in (("о", "KeyJ"), ("щ", "KeyO")):
            page.evaluate(
                "([key, code]) => (document.activeElement || document.body).dispatchEvent("
                "new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true}))",
                [key, code],
            )
        page.wait_for_url(f"**/{five[0].pk}/change/")
        press(page, "1")
        expect(page.get_by_text("Tone: positive")).to_be_visible()
        page.wait_for_load_state()  # the page that came listens to keys
        press(page, "e")
        expect(page.get_by_role("button", name="Open again")).to_be_visible()
        for said in ("Topic added: Patience", "Topic removed: Patience"):
            page.wait_for_load_state()
            press(page, "t")
            page.keyboard.type("pati")
            press(page, "Enter")
            expect(page.get_by_text(said)).to_be_visible()
        row = Comment.objects.get(pk=five[0].pk)
        assert (row.tone, bool(row.done_at)) == ("positive", True)
        page.context.close()

    def test_the_overlays_are_accessible(
        self, browser: Browser, live_server: LiveServer, manager: User, five: list[Comment]
    ) -> None:
        page = open_list(browser, live_server, manager)
        for key, dialog in (("?", "Keys"), ("t", "Topics")):
            press(page, "j", key)
            expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
            faults = [
                (fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]
            ]
            assert (dialog, faults) == (dialog, [])
            press(page, "Escape")
        press(page, "1", "e")
        expect(page.locator(".row.done")).to_have_count(1)
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(at_rest(page)).response["violations"]]
        assert faults == []
        page.context.close()
