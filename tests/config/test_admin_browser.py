"""The desk in a real browser: axe finds nothing, the console stays silent, nothing scrolls sideways."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from ground.models import Team, User
from surveys.models import Agent, Survey
from tests import factories
from tests.browsing import needs_browser
from tests.config.reading import label, make_response, make_topic

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    needs_browser,
]


@pytest.fixture
def addresses(survey: Survey, team: Team, agent: Agent) -> list[str]:
    """The reading lists and a story, with something in them."""
    answer = make_response(survey, score=2, text="Долго ждал ответа", team=team, agent=agent, channel="phone")
    factories.make_invitation(survey, team=team, state="uncertain", error="TimeoutError")
    label(answer.comment, topic=make_topic(), spans=[[0, 5, "tone-"]])
    return [
        reverse("admin:feedback_comment_changelist"),
        reverse("admin:feedback_comment_change", args=[answer.comment.pk]),
        reverse("admin:feedback_response_changelist"),
        reverse("admin:surveys_sendingrule_add"),
        reverse("desk:quarantine"),
        reverse("admin:surveys_invitation_unsettled"),
        reverse("admin:surveys_survey_changelist"),
        reverse("desk:notifications"),
    ]


def as_administrator(browser: Browser, live_server: LiveServer, user: User, **options: Any) -> Page:
    client = Client()
    client.force_login(user)
    context = browser.new_context(**options)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return context.new_page()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_are_accessible_silent_and_fit(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str], theme: Any, width: int
) -> None:
    page = as_administrator(
        browser, live_server, administrator, color_scheme=theme, viewport={"width": width, "height": 900}
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in addresses:
        page.goto(live_server.url + address)
        page.wait_for_timeout(300)
        faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page).response["violations"]]
        assert (address, faults) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert said == []
    page.context.close()


def test_the_list_is_read_and_filtered_without_script(
    browser: Browser, live_server: LiveServer, administrator: User, addresses: list[str]
) -> None:
    page = as_administrator(browser, live_server, administrator, java_script_enabled=False, locale="en")
    page.goto(live_server.url + addresses[0])
    page.get_by_text("Filters", exact=True).click()
    page.locator("select[name=class]").select_option("positive")
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.get_by_role("heading", name="Nothing fits these filters").is_visible()
    page.get_by_role("link", name="Show everything").click()
    page.get_by_role("link", name="Долго ждал ответа").click()
    assert page.get_by_role("heading", name="How it came about").is_visible()
    page.context.close()
