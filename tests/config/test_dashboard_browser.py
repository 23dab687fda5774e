"""Trends in a real browser: pointed at by keys, under the strict policy, and whole without a script."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from analytics import rollups
from ground.models import Team, User
from surveys.models import Survey
from tests.analytics.rows import answer_all
from tests.browsing import at_rest, needs_browser
from tests.config.test_admin_browser import as_administrator

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]


def test_a_trend_tells_each_week_by_keys_and_stays_without_script(
    browser: Browser, live_server: LiveServer, administrator: User, survey: Survey, team: Team
) -> None:
    for weeks in (0, 1, 3):
        answer_all(survey, [5] * 30 + [1] * 10, at=timezone.now() - dt.timedelta(days=1 + 7 * weeks), team=team)
    rollups.roll_up()
    page = as_administrator(browser, live_server, administrator, locale="en")
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/admin/dashboard/")
    trend = page.locator("figure.is-live").first
    expect(trend.locator(".live svg")).to_have_count(1)
    expect(trend.locator('.live svg path[stroke-width="8"]')).to_have_count(1)  # the week between two without answers
    trend.locator(".live").press("End")
    expect(trend.locator(".said")).to_contain_text("75% (60–86), n=40")
    assert faults == [] and not Axe().run(at_rest(page)).response["violations"]
    page.evaluate("document.documentElement.classList.add('dark'); dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 between its margins
    page.wait_for_function(
        "() => [...document.querySelectorAll('.knowing *')].every(one => one.getBoundingClientRect().right < 704)"
    )
    assert not page.evaluate("document.documentElement.classList.contains('dark')")
    for gone in (".presets", ".live", ".jump", ".exports"):
        expect(page.locator(f".knowing {gone}").first).to_be_hidden()
    expect(page.locator(".when .as")).to_be_visible()
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/admin/dashboard/")
    expect(plain.locator("svg.trend polygon.band").first).to_be_visible()
    expect(plain.locator(".live").first).to_be_hidden()
    context.close()
