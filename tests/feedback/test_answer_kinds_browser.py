"""A page with every kind of question in a real browser: without script, by keyboard, small, and for screen readers."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback import contents
from feedback.models import Response
from ground.models import Organisation
from surveys import links
from surveys.models import Invitation
from tests import factories
from tests.browsing import needs_browser
from tests.feedback import kinds
from tests.feedback.states import LOOKS

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]


@pytest.fixture
def invitation(organisation: Organisation) -> Invitation:
    asked = [kinds.required(one) if one["code"] in ("way", "aspects") else one for one in kinds.EVERYTHING]
    return factories.make_invitation(kinds.make_survey(*asked), language="en")


def opened(browser: Browser, live_server: LiveServer, invitation: Invitation, score: int, **options: object) -> Page:
    page = browser.new_page(viewport={"width": 390, "height": 844}, **options)
    page.goto(live_server.url + links.answer_path(invitation, score))
    return page


def given(response: Response) -> dict[str, dict[str, int]]:
    return contents.of(response, response.version).answers


def test_without_script_questions_follow_the_answers_and_what_is_open_is_asked(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation, 2, java_script_enabled=False)
    wrong, good, why = (page.get_by_text(text) for text in ("went wrong?", "What was good?", "What was missing?"))
    expect(wrong).to_be_visible()
    expect(good).to_be_hidden()
    page.get_by_label("5 Excellent").first.check(force=True)
    expect(wrong).to_be_hidden()
    page.get_by_label("A clear explanation").check()
    expect(why).to_be_hidden()
    page.get_by_role("group", name="Is it resolved?").get_by_label("No").check(force=True)
    expect(why).to_be_visible()
    page.get_by_label("What was missing?").fill("A date")
    page.get_by_label("Anything else?").fill("Mind the gap")
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("What you entered is kept")
    expect(page.locator("#a-way")).to_be_focused()
    assert Response.objects.get().comment.text == "Mind the gap"
    page.get_by_label("By chat").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    response = Response.objects.get()
    assert given(response) == {"liked": {"clear": 1}, "solved": {"": 0}, "way": {"chat": 1}}
    assert contents.of(response, response.version).texts == {"why": "A date"}
    expect(page.get_by_role("region", name="Your answer")).to_contain_text("A clear explanation")
    assert not page.context.cookies()
    page.close()


def test_by_keyboard_alone_every_kind_is_answered(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation, 2)
    page.wait_for_timeout(1600)
    for key in (
        "Tab", "ArrowLeft", "Tab", "Space", "Tab", "ArrowRight", "Tab", "Space",  # the score and three aspects
        "Tab", "ArrowDown", "Tab", "Space", "Tab", "ArrowRight", "Tab", "ArrowRight",  # way, solved, effort, again
        "Tab", "O", "k", "Tab", "Space",  # comment; the question about what was missing is not asked; contact
    ):  # fmt: skip
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.wants_contact) == (1, "Ok", True)
    assert given(response) == {
        "aspects": {"speed": 1, "manners": 2, "solved": 1}, "way": {"chat": 1}, "solved": {"": 1}, "effort": {"": 2},
        "again": {"": 1},
    }  # fmt: skip
    page.close()


@pytest.mark.parametrize("width", [320, 256])
def test_small_screens_need_no_sideways_scroll_and_targets_are_large(
    browser: Browser, live_server: LiveServer, invitation: Invitation, width: int
) -> None:
    looks = factories.make_invitation(kinds.make_survey(kinds.SCORE, *LOOKS, kinds.COMMENT, code="looks"))
    page = browser.new_page(viewport={"width": width, "height": 600})
    for asked in (invitation, looks):
        page.goto(live_server.url + links.answer_path(asked, 2))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 320:
            small = page.evaluate(
                "[...document.querySelectorAll('label.step, label.tick, button, textarea')]"
                ".map(one => [one.textContent.trim(), one.getBoundingClientRect()])"
                ".filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5))"
                ".map(([name, box]) => `${name} ${box.width}x${box.height}`)"
            )
            assert not small
    page.close()
