"""The answer page in a real browser: with script, without it, by keyboard, and how heavy it is."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Comment, Response
from ground.models import Organisation
from surveys import letters, links
from surveys.models import Invitation
from tests.browsing import needs_browser

Make = Callable[..., Invitation]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    needs_browser,
]


@pytest.fixture
def invitation(make_invitation: Make) -> Invitation:
    return make_invitation(language="en")


def opened(browser: Browser, live_server: LiveServer, invitation: Invitation, *, script: bool = True) -> Page:
    page = browser.new_page(java_script_enabled=script, viewport={"width": 390, "height": 844})
    page.goto(live_server.url + links.answer_path(invitation, 4))
    return page


def open_mail(page: Page, live_server: LiveServer, settings: Any, invitation: Invitation) -> None:
    """The invitation's mail, as a mail program shows it; its links lead to the running server."""
    settings.BASE_URL = live_server.url
    written = letters.write(invitation.version, kind="invitation", language="en", organisation=Organisation.current())
    tokens = {purpose: links.token(invitation, purpose) for purpose in (links.ANSWER, links.UNSUBSCRIBE)}
    page.set_content(written.filled(**tokens).html)


def press_until(page: Page, key: str, target: Locator) -> None:
    """Press a key until this has the focus, as somebody does who looks where it is."""
    for _press in range(20):
        page.keyboard.press(key)
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{key} never led to {target}")


def test_without_script_from_the_mail_to_an_edit(
    browser: Browser, live_server: LiveServer, settings: Any, invitation: Invitation
) -> None:
    page = browser.new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    open_mail(page, live_server, settings, invitation)
    page.locator("a.score").nth(3).click()
    expect(page.locator("[name=score][value='4']")).to_be_checked()
    page.wait_for_timeout(1600)
    page.get_by_label("What did you like most?").fill("All of it")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    page.get_by_text("Change my answer").click()
    page.get_by_label("2 Bad").check(force=True)
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.evidence) == (2, "All of it", "confirmed")
    assert not page.context.cookies()
    page.close()


def test_by_keyboard_alone_from_the_mail_to_an_edit(
    browser: Browser, live_server: LiveServer, settings: Any, invitation: Invitation
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    open_mail(page, live_server, settings, invitation)
    press_until(page, "Tab", page.locator("a.score").nth(3))
    page.keyboard.press("Enter")
    expect(page.locator("[name=score][value='4']")).to_be_checked()
    page.wait_for_timeout(1600)
    for key in ("Tab", "ArrowLeft", "Tab", "N", "o", "Tab", "Space", "Tab"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    press_until(page, "Tab", page.locator(".edit > summary"))
    for key in ("Enter", "Tab", "ArrowLeft"):
        page.keyboard.press(key)
    press_until(page, "Tab", page.get_by_role("button", name="Save"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    response = Response.objects.get()
    assert (response.score, response.wants_contact, response.comment.text) == (2, True, "No")
    page.close()


def test_without_connection_the_page_keeps_the_answer_and_sends_it_by_itself(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation)
    page.locator("textarea").fill("From a tunnel")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("No connection: your answer is not sent yet.")
    expect(page.locator("textarea")).to_have_value("From a tunnel")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    assert Response.objects.get().comment.text == "From a tunnel"
    page.close()


def test_without_script_and_connection_the_way_back_leads_to_what_was_typed(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation, script=False)
    page.get_by_label("2 Bad").check(force=True)
    page.locator("textarea").fill("From a tunnel")
    page.get_by_role("link", name="Stop asking me").click()
    expect(page.get_by_role("heading", name="Stop sending you surveys?")).to_be_visible()
    page.go_back()
    expect(page.locator("textarea")).to_have_value("From a tunnel")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("textarea")).to_have_count(0)  # the browser's own page
    page.context.set_offline(False)
    page.go_back()
    expect(page.locator("textarea")).to_have_value("From a tunnel")
    expect(page.locator("[name=score][value='2']")).to_be_checked()
    page.wait_for_timeout(1600)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    assert Response.objects.get().score == 2
    page.close()


def test_first_press_confirms_the_score_of_a_tab_then_closed(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation)
    page.wait_for_timeout(1800)
    assert not Response.objects.exists()
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        page.locator("textarea").press("x")
    page.close()
    assert (Response.objects.get().score, Response.objects.get().evidence) == (4, "confirmed")
    assert not Comment.objects.exists()


def test_events_made_by_a_program_confirm_nothing(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation)
    page.evaluate("for (const n of ['pointerdown', 'keydown', 'change']) dispatchEvent(new Event(n))")
    page.wait_for_timeout(2500)
    assert not Response.objects.exists()
    page.close()


def test_page_is_two_requests_at_most_and_quiet(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = browser.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(live_server.url + links.answer_path(invitation, 4))
    page.wait_for_timeout(300)
    assert len([url for url in requests if not url.startswith("data:")]) == 1 and not complaints
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 240, 231)"
    page.close()


def test_language_switch_keeps_what_was_typed(
    browser: Browser, live_server: LiveServer, invitation: Invitation
) -> None:
    page = opened(browser, live_server, invitation, script=False)
    page.locator("textarea").fill("Half a sen")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("textarea")).to_have_value("Half a sen")
    expect(page.locator("[value='4']")).to_be_checked()
    assert not Response.objects.exists()
    page.close()
