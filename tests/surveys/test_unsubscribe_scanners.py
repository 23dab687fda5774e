"""Mail scanners, previews and crawlers open everything in a mail: none of them unsubscribes anybody."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from surveys import links, suppression
from surveys.models import Consent, Invitation, Suppression
from tests.browsing import needs_browser

pytestmark = pytest.mark.django_db

LINKS = re.compile(r'href="([^"]+)"')


@pytest.fixture
def path(make_invitation, customer) -> str:
    return links.unsubscribe_path(make_invitation(customer=customer, language="en"))


def nobody_unsubscribed() -> bool:
    return not Suppression.objects.exists() and not Consent.objects.exists()


def open_all_links(client: Client, path: str) -> None:
    """A gateway that opens each link of the mail, and those of the pages behind them."""
    waiting, seen = [path], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page = client.get(address).content.decode()
        for found in LINKS.findall(page):
            found = found.replace("&amp;", "&")
            if found.startswith(("/", "?")):
                waiting.append(found if found.startswith("/") else path + found)


def guess_parameters(client: Client, path: str) -> None:
    for query in ("scope=all", "List-Unsubscribe=One-Click", "_method=POST", "undo=1&scope=survey"):
        client.get(f"{path}?{query}")


def post_other_things(client: Client, path: str) -> None:
    for kind in ("application/json", "text/xml", "application/octet-stream", "application/x-www-form-urlencoded"):
        client.post(path, '{"url": "https://mail.example/?u=1"}', content_type=kind)


SCANNERS: dict[str, Callable[[Client, str], object]] = {
    "a gateway opens it": lambda client, path: client.get(path),
    "a checker sends HEAD": lambda client, path: client.head(path),
    "a checker asks for OPTIONS": lambda client, path: client.options(path),
    "a browser prefetches": lambda client, path: client.get(path, headers={"Sec-Purpose": "prefetch;prerender"}),
    "a messenger draws a preview": lambda client, path: client.get(path, headers={"User-Agent": "TelegramBot (like)"}),
    "a sandbox opens it three times": lambda client, path: [client.get(path) for _time in range(3)],
    "SafeLinks wraps it": lambda client, path: client.get(f"/u/{quote('https://x/u/', safe='')}{path[3:].upper()}"),
    "a crawler follows every link": open_all_links,
    "a scanner guesses parameters": guess_parameters,
    "a proxy overrides the method": lambda client, path: client.get(path, headers={"X-HTTP-Method-Override": "POST"}),
    "a tester tries other methods": lambda client, path: [client.put(path), client.delete(path), client.patch(path)],
    "a checker posts nothing": lambda client, path: client.post(path),
    "a scanner posts other things": post_other_things,
}


@pytest.mark.parametrize("who", SCANNERS)
def test_a_scanner_unsubscribes_nobody(client: Client, path: str, who: str) -> None:
    SCANNERS[who](client, path)
    assert nobody_unsubscribed()


@needs_browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_headless_browser_that_looks_at_everything_unsubscribes_nobody(
    live_server, browser: Browser, path: str, scripts: bool
) -> None:
    page = browser.new_page(java_script_enabled=scripts)
    page.goto(live_server.url + path)
    for _step in range(6):
        page.keyboard.press("Tab")
    page.mouse.wheel(0, 2000)
    for button in page.locator("button, label, a").all():
        button.hover()
    page.screenshot()
    page.reload()
    for link in page.locator("a").all():
        address = link.get_attribute("href") or ""
        page.context.request.get(live_server.url + (address if address.startswith("/") else path + address))
    page.close()
    assert nobody_unsubscribed()


@needs_browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_unsubscribes_and_comes_back(live_server, browser: Browser, path: str, scripts: bool) -> None:
    page = browser.new_page(java_script_enabled=scripts)
    page.goto(live_server.url + path)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading")).to_have_text("No more surveys")
    assert {entry.survey for entry in Suppression.objects.all()} == {None}
    page.get_by_role("button", name="Ask me again").click()
    expect(page.get_by_role("heading")).to_have_text("Surveys are back")
    page.close()
    assert not Suppression.objects.exists()


def test_what_a_scanner_sees_tells_nothing_of_the_customer(client: Client, path: str) -> None:
    suppression.unsubscribe(Invitation.objects.get(), everything=True)
    assert "olga" not in client.get(path).content.decode()
