"""The page of a customer's own data and that of an anonymous survey in a real browser, without script."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys import links, own_data, suppression
from surveys.models import Consent, Customer, ErasureRequest, Invitation, OwnDataLink, Survey
from tests import factories
from tests.browsing import needs_browser
from tests.config.reading import make_response

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]


@pytest.fixture
def invitation(survey: Survey, customer: Customer) -> Invitation:
    old = make_response(survey, customer=customer, score=4, text="Быстро и вежливо.\nСпасибо!")
    old.invitation.messages.create(address=customer.email, state="accepted", handed_over_at=timezone.now())
    make_response(survey, customer=customer, score=2, at=timezone.now() - dt.timedelta(days=40))
    Consent.objects.create(customer=customer, act="granted", text="Я согласна получать опросы.")
    return factories.make_invitation(survey, customer=customer)


def faults(page: Page) -> list[str]:
    return [fault["id"] for fault in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_state_is_accessible_and_fits_a_phone(
    browser: Browser, live_server: LiveServer, invitation: Invitation, language: str, theme: str
) -> None:
    own_data.ask_for_link(invitation, language=language)
    mine = own_data.path_of(own_data.token_of(OwnDataLink.objects.get()))
    page = browser.new_page(color_scheme=theme, viewport={"width": 320, "height": 720})  # type: ignore[arg-type]
    paths = [links.own_data_path(invitation), mine, f"/m/{'0' * 27}", links.unsubscribe_path(invitation)]
    for path in paths:
        page.goto(f"{live_server.url}{path}?lang={language}")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.close()


def test_it_works_without_script(browser: Browser, live_server: LiveServer, invitation: Invitation) -> None:
    page = browser.new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(f"{live_server.url}{links.answer_path(invitation)}?lang=en")
    page.get_by_role("link", name="Your data").click()
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    page.goto(f"{live_server.url}{own_data.path_of(own_data.token_of(OwnDataLink.objects.get()))}?lang=en")
    expect(page.get_by_text("Быстро и вежливо.")).to_be_visible()
    page.get_by_role("button", name="Stop all surveys").click()
    expect(page.get_by_role("button", name="Ask me again")).to_be_visible()
    assert suppression.is_suppressed("olga@example.org", invitation.survey)
    page.get_by_role("button", name="Ask me again").click()
    expect(page.get_by_role("button", name="Stop all surveys")).to_be_visible()
    assert not suppression.is_suppressed("olga@example.org", invitation.survey)
    page.get_by_role("button", name="Ask for erasure").click()
    expect(page.get_by_text("It will be done by")).to_be_visible()
    page.get_by_role("button", name="Withdraw the request").click()
    expect(page.get_by_role("button", name="Ask for erasure")).to_be_visible()
    assert ErasureRequest.objects.get().is_withdrawn
    page.get_by_role("button", name="Change my answer").first.click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Close this link").click()
    expect(page.get_by_role("heading", name="The link is closed")).to_be_visible()
    assert not page.context.cookies()
    page.close()


def test_an_anonymous_survey_says_so(browser: Browser, live_server: LiveServer, invitation: Invitation) -> None:
    Survey.objects.update(is_anonymous=True)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{live_server.url}{links.answer_path(invitation, 4)}?lang=en")
    expect(page.get_by_text("This survey is anonymous")).to_be_visible()
    assert faults(page) == []
    page.wait_for_timeout(1700)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    page.goto(f"{live_server.url}{links.answer_path(invitation, 2)}?lang=en")
    expect(page.get_by_role("heading", name="You have answered already")).to_be_visible()
    assert faults(page) == []
    page.close()
