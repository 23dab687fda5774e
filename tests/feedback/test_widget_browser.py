"""The window on a site of another origin with a strict policy, in a real browser."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from feedback.models import Response
from surveys import public_links, widgets
from surveys.models import Link, Survey, WidgetShow
from tests.browsing import needs_browser

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]
SHOP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head>
<body><main><h1>Your order</h1><p>It is on its way.</p><button id="b">Pay</button></main>{script}</body></html>"""


class Shop(BaseHTTPRequestHandler):
    """A site with a policy that allows the script by its nonce and our frame, and nothing else."""

    script = policy = ""

    def do_GET(self) -> None:  # noqa: N802
        body = SHOP.replace("{script}", self.script).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.policy)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def window(survey: Survey, live_server: LiveServer, settings: Any, shop: ThreadingHTTPServer) -> Link:
    settings.BASE_URL = live_server.url
    link = Link.objects.create(
        kind=Link.Kind.WIDGET, label="Shop", survey=survey, channel="web", public_key=public_links.new_key(),
        placement={"origins": [f"http://127.0.0.1:{shop.server_port}"], "trigger": "delay", "delay": 0},
    )  # fmt: skip
    Shop.script = widgets.script_snippet(link).replace("<script", '<script nonce="abc"')
    Shop.policy = f"default-src 'none'; script-src 'nonce-abc'; frame-src {live_server.url}"
    return link


# The line for those who read with their ears goes after five seconds, which a busy machine may take to look for it.
LINGERS = """const later = setTimeout;
window.setTimeout = (act, wait, ...more) => wait === 5000 ? 0 : later(act, wait, ...more);"""


def opened(browser: Browser, shop: ThreadingHTTPServer, *, script: str = "", **options: object) -> Page:
    page = browser.new_page(locale="en", **options)
    if script:
        page.add_init_script(script)
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if "Policy" in said.text else None)
    page.goto(f"http://127.0.0.1:{shop.server_port}/")
    return page


def escape(page: Page) -> None:
    """As the key does it, but not by the key: Chromium's driver waits for ever for a frame that the key has closed."""
    page.frames[-1].wait_for_load_state()  # the page in it listens
    page.frame_locator("iframe").locator("body").dispatch_event("keydown", {"key": "Escape"})


def wait_until_noted(page: Page) -> None:
    """The server is told that the window was shown in its own time, beside everything else."""
    until = time.monotonic() + 30
    while not WidgetShow.objects.exists():
        assert time.monotonic() < until, "nobody told the server"
        page.wait_for_timeout(20)


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}])
def test_a_visitor_answers_in_the_window_and_is_asked_once(
    browser: Browser, shop: ThreadingHTTPServer, window: Link, size: dict[str, int]
) -> None:
    page = opened(browser, shop, viewport=size)
    dialog = page.get_by_role("dialog", name="A short survey")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")  # nobody is torn away from what they do
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("button", name="Send")).to_be_hidden()  # the score first, alone and small
    page.wait_for_function("() => document.querySelector('[role=dialog]').offsetHeight < 300")
    small = dialog.bounding_box()
    assert small
    frame.get_by_label("5 Excellent").check(force=True)
    page.wait_for_timeout(1700)
    frame.get_by_label("What did you like most?").fill("Easy to order")
    page.wait_for_function("(low) => document.querySelector('iframe').offsetHeight > low", arg=small["height"] + 100)
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("heading", name="Your answer is recorded")).to_be_visible()
    box = dialog.bounding_box()
    assert box and box["y"] >= 0 and box["x"] + box["width"] <= size["width"]
    response = Response.objects.get()
    assert (response.score, response.channel, response.evidence) == (5, "web", "confirmed")
    wait_until_noted(page)
    assert WidgetShow.objects.count() == 1
    assert page.complaints == []
    escape(page)
    expect(dialog).to_be_hidden()
    page.reload()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("localStorage.removeItem('otklik-' + Object.keys(window.otklik)[0])")
    page.close()


def test_the_page_keeps_its_place_and_the_server_remembers(
    browser: Browser, shop: ThreadingHTTPServer, window: Link
) -> None:
    page = opened(browser, shop, script=LINGERS)
    expect(page.get_by_role("dialog")).to_be_visible()
    shift = page.evaluate(
        """() => new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const one of
        list.getEntries()) sum += one.value; }).observe({type: "layout-shift", buffered: true});
        setTimeout(() => done(sum), 300); })"""
    )
    assert shift == 0
    expect(page.get_by_role("status")).to_have_text("A short survey: Маяк")
    page.get_by_role("button", name="Close the survey").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_until_noted(page)
    # The site forgets when it asked, but not who the visitor is: the server's clock holds.
    page.evaluate("""(key) => { const name = "otklik-" + key, kept = JSON.parse(localStorage.getItem(name));
        localStorage.setItem(name, JSON.stringify({id: kept.id})); }""", window.public_key)  # fmt: skip
    page.reload()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("dialog")).not_to_be_visible()
    page.close()


def test_by_code_it_takes_the_keyboard_and_gives_it_back(
    browser: Browser, shop: ThreadingHTTPServer, window: Link
) -> None:
    window.placement |= {"trigger": "code"}
    window.save()
    page = opened(browser, shop)
    page.wait_for_function("() => window.otklik")
    page.locator("#b").focus()
    page.evaluate("window.otklik.ask()")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    for finding in Axe().run(page).response["violations"]:
        raise AssertionError(finding["help"])
    escape(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "b"
    page.close()


def test_a_site_that_is_not_named_cannot_show_it(browser: Browser, shop: ThreadingHTTPServer, window: Link) -> None:
    window.placement |= {"origins": ["https://elsewhere.example.com"]}
    window.save()
    page = opened(browser, shop)
    page.wait_for_timeout(2000)
    expect(page.get_by_role("dialog")).not_to_be_visible()
    page.close()
