"""A QR code's page and a help desk's link in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Response
from ground.models import Team
from surveys import public_links
from surveys.models import Agent, Link, Survey
from tests.browsing import needs_browser

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]


@pytest.fixture
def desk(survey: Survey, team: Team, agent: Agent) -> Link:
    key = public_links.new_key()
    return Link.objects.create(label="Касса 4", survey=survey, team=team, agent=agent, public_key=key)


@pytest.mark.parametrize("script", [True, False])
def test_a_visitor_answers_by_telephone(browser: Browser, live_server: LiveServer, desk: Link, script: bool) -> None:
    page = browser.new_page(java_script_enabled=script, viewport={"width": 390, "height": 844}, locale="en")
    page.goto(live_server.url + public_links.path(desk))
    assert page.locator("input[name=score]:checked").count() == 0
    page.wait_for_timeout(1700)
    page.get_by_label("5 Excellent").check(force=True)
    page.get_by_label("What did you like most?").fill("Quick and kind")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.agent, response.evidence) == (
        5, "Quick and kind", desk.agent, "confirmed",
    )  # fmt: skip
    page.get_by_text("Change my answer").click()
    page.get_by_label("2 Bad").check(force=True)
    with page.expect_navigation():  # what it leads to says the same as the page before it
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your answer is recorded").first).to_be_visible()
    response.refresh_from_db()
    assert (response.score, Response.objects.count()) == (2, 1)
    assert not page.context.cookies()
    page.close()


def test_reload_and_back_are_views_of_their_own(browser: Browser, live_server: LiveServer, desk: Link) -> None:
    page = browser.new_page(java_script_enabled=False, locale="en")
    page.goto(live_server.url + public_links.path(desk))
    page.reload()
    page.wait_for_timeout(1700)
    page.get_by_label("4 Good", exact=True).check(force=True)
    page.get_by_role("button", name="Send").click()
    answered = page.get_by_role("heading", name="Your answer is recorded")
    expect(answered).to_be_visible()
    page.reload()  # the form is posted once more
    expect(answered).to_be_visible()
    assert Response.objects.count() == 1
    page.close()


def test_a_help_desks_link_in_both_themes_is_accessible(
    browser: Browser, live_server: LiveServer, survey: Survey
) -> None:
    link = Link.objects.create(kind="template", label="Z", survey=survey, public_key=public_links.new_key())
    for theme in ("light", "dark"):
        page = browser.new_page(color_scheme=theme, viewport={"width": 390, "height": 844}, locale="en")  # type: ignore[arg-type]
        page.goto(live_server.url + public_links.template_path(link, "77", 4))
        assert page.locator("input[name=score]:checked").get_attribute("value") == "4"
        assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
        page.close()
    assert not Response.objects.exists()
