"""A real browser for tests, Debian's Chromium; where there is none, tests that need it say how to install it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip

# On a machine with many other things to do a page may take long; a test that waits for the right thing waits no longer.
expect.set_options(timeout=30_000)

STILL = """() => document.readyState === "complete" && document.getAnimations().every(
    ({playState, effect}) => playState !== "running" || effect?.getComputedTiming().endTime === Infinity)"""

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver keeps an event loop in this thread
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


def at_rest(page: Page) -> Page:
    """The page once nothing of it is on its way any more: axe would measure a colour that nobody reads."""
    page.wait_for_function(STILL)
    return page
