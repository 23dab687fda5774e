"""The list by keys never loses its place: however slow the server is, and whatever takes the focus away."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Comment
from ground.models import Team, User
from tests.browsing import needs_browser
from tests.config.reading import label, make_comment, make_topic
from tests.config.test_admin_browser import as_administrator

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
ACTS = "**/comment/*/*/"
LIST = "admin:feedback_comment_changelist"


@pytest.fixture
def rows(team: Team, manager: User) -> list[Comment]:
    """Four comments as the list has them, the newest first."""
    User.objects.update(language="en")
    now, topic = timezone.now(), make_topic()
    make_topic("patience", "Терпение")
    return [
        label(make_comment(team=team, text=f"Ответ {number}", said_at=now - dt.timedelta(minutes=number)), topic=topic)
        for number in range(4)
    ]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, manager: User, rows: list[Comment]) -> Iterator[Page]:
    page = as_administrator(browser, live_server, manager, locale="en", viewport={"width": 1280, "height": 900})
    page.goto(live_server.url + reverse(LIST))
    yield page
    page.context.close()


class Held:
    """Keeps the acts from the server, and counts them, until they are let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked = 0
        self.are_held = True
        self.waiting: list[Route] = []
        page.route(ACTS, self.take)

    def take(self, route: Route) -> None:
        self.asked += 1
        if self.are_held:
            self.waiting.append(route)
        else:
            route.continue_()

    def let_go(self, how: str = "continue_") -> None:
        until = time.monotonic() + 30
        while not self.waiting:
            assert time.monotonic() < until, "no act was asked for"
            self.page.wait_for_timeout(20)
        self.are_held = False
        for route in self.waiting:
            getattr(route, how)()

    def come_to(self, count: int) -> None:
        """Waits for so many acts: a row may be drawn as done before its own act is asked for."""
        until = time.monotonic() + 90
        while self.asked < count:
            assert time.monotonic() < until, f"{self.asked} acts of {count} were asked for"
            self.page.wait_for_timeout(20)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def is_at(page: Page, row: Any) -> None:
    """One row is marked as the current one, and its link has the focus."""
    expect(page.locator(".row[aria-current]")).to_have_id(f"c{row.pk}")
    expect(page.locator(".row[aria-current] .tl")).to_be_focused()


def test_one_goes_on_while_the_server_thinks(page: Page, rows: list[Comment]) -> None:
    acts = Held(page)
    press(page, "j", "e", "e", "2", "e")
    is_at(page, rows[3])
    assert acts.asked <= 1, "one after the other"
    acts.let_go()
    acts.come_to(4)
    expect(page.locator(".row.done")).to_have_count(3)
    is_at(page, rows[3])
    assert acts.asked == 4


PRESS = """
const press = (key) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
"""


@pytest.mark.parametrize(("key", "where"), [("j", ".row .tl"), ("/", "#find")])
def test_the_next_key_may_come_before_the_browser_moves_the_focus_out_of_a_closed_dialog(
    page: Page, key: str, where: str
) -> None:
    left = page.evaluate(
        f"""([key]) => {{
            {PRESS}
            press("?");
            document.querySelector("dialog.help").close();
            const left = document.activeElement.matches("dialog:not([open]) button");
            press(key);
            return left;
        }}""",
        [key],
    )
    assert left, "the browser leaves the focus where it was for a while"
    expect(page.locator(where).first).to_be_focused()


def test_the_next_key_may_come_before_the_browser_says_that_topics_closed(page: Page, rows: list[Comment]) -> None:
    press(page, "j", "t")
    page.keyboard.type("pati")
    page.evaluate(f"""() => {{
        {PRESS}
        document.querySelector("dialog.topics [value=set]").click();
        press("e");
    }}""")
    expect(page.locator(".row.done")).to_have_id(f"c{rows[0].pk}")
    is_at(page, rows[1])
    assert rows[0].topics.filter(topic__code="patience").exists()


@pytest.mark.parametrize("way", ["Escape", "button", "nothing typed"])
def test_topics_can_be_left(page: Page, rows: list[Comment], way: str) -> None:
    acts = Held(page)
    press(page, "j", "j", "t")
    expect(page.locator("dialog.topics")).to_be_visible()
    if way == "button":
        page.keyboard.type("pati")
        page.locator("dialog.topics").get_by_role("button", name="Close").click()
    else:
        press(page, "Enter" if way == "nothing typed" else way)
    expect(page.locator("dialog.topics")).to_be_hidden()
    is_at(page, rows[1])
    assert acts.asked == 0


def test_taking_back_does_not_pull_one_back_later(page: Page, rows: list[Comment]) -> None:
    acts = Held(page)
    press(page, "j", "1", "j", "u")
    is_at(page, rows[0])
    press(page, "j", "j")
    acts.let_go()
    expect(page.locator(".said-now")).to_have_text("Taken back: tone: positive")
    is_at(page, rows[2])


def test_what_did_not_arrive_is_not_taken_back(page: Page, rows: list[Comment]) -> None:
    acts = Held(page)
    press(page, "j", "1", "u")
    acts.let_go("abort")
    expect(page.locator(".said-now")).to_contain_text("This did not arrive")
    press(page, "3")
    expect(page.locator(".said-now")).to_have_text("Tone: neutral")
    assert acts.asked == 2


def test_a_focus_that_went_astray_comes_back(page: Page, rows: list[Comment]) -> None:
    press(page, "j", "j")
    page.evaluate("document.activeElement.blur()")
    press(page, "1")
    expect(page.locator(".said-now")).to_have_text("Tone: positive")
    is_at(page, rows[1])
    page.evaluate("document.activeElement.blur()")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "Escape", "j")
    is_at(page, rows[2])
    page.evaluate("document.activeElement.blur()")
    press(page, "Enter")
    page.wait_for_url(f"**/{rows[2].pk}/change/")


def test_opening_a_comment_waits_for_what_was_asked(page: Page, rows: list[Comment]) -> None:
    acts = Held(page)
    page.evaluate("addEventListener('click', () => { window.isLeaving = true; })")
    press(page, "j", "1", "c", "o")
    assert page.evaluate("window.isLeaving") is None
    acts.let_go()
    page.wait_for_url(f"**/{rows[0].pk}/change/")
    comment = Comment.objects.get(pk=rows[0].pk)
    assert (comment.tone, comment.constructive) == ("positive", True)


def test_after_the_last_row_comes_the_next_page_and_nothing_else(
    page: Page, rows: list[Comment], team: Team
) -> None:  # fmt: skip
    old = timezone.now() - dt.timedelta(days=3)
    Comment.objects.bulk_create(Comment(team=team, source="review", text="Долго", said_at=old) for _number in range(47))
    page.reload()
    last = page.locator(".row").last
    older = page.get_by_role("link", name="Older")
    press(page, "k")
    expect(last.locator(".tl")).to_be_focused()
    press(page, "j", "j")
    expect(older).to_be_focused()
    expect(page.locator(".row[aria-current]")).to_have_count(0)
    press(page, "e", "k")
    expect(last.locator(".tl")).to_be_focused()
    press(page, "j", "Enter")
    page.wait_for_url("**?before=*")
    expect(page.locator(".row")).to_have_count(1)
    assert not Comment.objects.exclude(done_at=None).exists()
