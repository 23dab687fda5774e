"""Every state of the page in each of its languages, by day and by night: axe finds nothing, all of it fits."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from surveys.models import Survey
from tests.browsing import needs_browser
from tests.feedback.states import Walk

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
# By day axe looks with all its rules, for WCAG 2.2 AA and best practices; by night with those of colour and size.
ALL = {"resultTypes": ["violations"]}
OF_LOOKS = ALL | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}}


@pytest.mark.parametrize("language", ["ru", "en", "ar"])
def test_every_state_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, survey: Survey, language: str
) -> None:
    page = browser.new_page(viewport=PHONE, reduced_motion="reduce")  # no colour is caught on its way
    faults, seen = [], []
    for state in Walk(page, at=live_server.url, survey=survey, language=language).states():
        seen.append(state)
        for scheme, size, rules in (("dark", DESK, OF_LOOKS), ("light", PHONE, ALL)):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = Axe().run(page, options=rules).response["violations"]
            faults += [(state, scheme, fault["id"], fault["nodes"][0]["html"]) for fault in found]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append((state, scheme, "sideways", ""))
    assert faults == []
    assert len(seen) == len(set(seen)) == 32
    page.close()
