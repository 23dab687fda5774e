"""Markup in every text of every table runs on no page that can be opened, and makes no element of one."""

from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils.safestring import mark_safe
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from ground.models import Role
from surveys.models import Customer
from tests.browsing import needs_browser
from tests.config.payloads import PAYLOADS
from tests.config.test_admin_browser import as_administrator
from tests.config.test_admin_payloads import FOUND, watched
from tests.hostile import every_page, spoiling
from tests.hostile.every_page import Spoilt
from tests.hostile.spoiling import MARKS, Marked

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support"),
]


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": "x:y"}
    cache.clear()


class Looked:
    """What addresses answered: faults by address, the scripts that each page loads, and the routes that opened."""

    def __init__(self, client: Client, addresses: list[str]) -> None:
        self.faults: dict[str, Any] = {}
        self.scripts: dict[str, frozenset[str]] = {}
        self.opened: list[str] = []
        for address in addresses:
            reply = client.get(address, follow="/login/" not in address)
            if reply.status_code >= 500:
                self.faults[address] = reply.status_code
                continue
            if reply.status_code == 200:
                self.opened.append(address)
            self.look(address, reply)

    def look(self, address: str, reply: Any) -> None:
        content = reply.getvalue() if reply.streaming else reply.content
        if not reply.headers.get("Content-Type", "").startswith(("text/html", "image/svg")):
            if content and reply.headers.get("X-Content-Type-Options") != "nosniff":
                self.faults[address] = "a browser may guess what it is"
            return
        if not content:  # a browser shows nothing of it either
            return
        page = content.decode()
        marked = Marked(page)
        raw = [mark for mark in ("<img xssmark", "<b xssmark", "<svg xssmark") if mark in page]
        if marked.found or raw:
            self.faults[address] = [*marked.found, *raw]
        self.scripts[address] = frozenset(marked.scripts)

    def each_script(self) -> list[str]:
        """So few of the pages that each script is loaded by one of them."""
        chosen: list[str] = []
        missing = set().union(*self.scripts.values())
        while missing:
            best = max(self.scripts, key=lambda address: len(self.scripts[address] & missing))
            chosen.append(best)
            missing -= self.scripts[best]
        return chosen


def desk(spoilt: Spoilt) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(spoilt.boss)
    return client


def in_a_browser(page: Any, base: str, addresses: list[str]) -> dict[str, Any]:
    """What payloads did on pages, once their scripts had run."""
    ran, faults = watched(page), {}
    for address in addresses:
        page.goto(base + address)
        if found := page.evaluate(FOUND):
            faults[address] = found
        if ran:
            faults[address] = [*faults.get(address, []), *ran]
            ran.clear()
    return faults


@needs_browser
def test_no_text_of_any_table_becomes_part_of_a_page(browser: Browser, live_server: LiveServer, capsys: Any) -> None:
    spoilt = Spoilt([MARKS[0]])
    assert spoilt.empty == [], "tell how a row of it is made"
    inside, outside = Looked(desk(spoilt), spoilt.addresses()), Looked(Client(), spoilt.opened_by_anybody())
    assert (inside.faults, outside.faults) == ({}, {})
    assert every_page.recorded(Role.ADMINISTRATOR) - every_page.routes(inside.opened) == set()
    shown = inside.each_script() + outside.each_script()
    page = as_administrator(browser, live_server, spoilt.boss, locale="en")
    faults = in_a_browser(page, live_server.url, shown)
    page.context.close()
    read = f"{len(inside.opened)} of the desk and {len(outside.opened)} of customers read"
    with capsys.disabled():
        print(f"\npages: {read}, {len(shown)} shown in Chromium with all scripts; faults {len(faults)}")  # noqa: T201
    assert faults == {}


@needs_browser
@pytest.mark.campaign
@pytest.mark.e2e
@pytest.mark.parametrize("turn", range(2))
def test_no_payload_runs_on_any_page(browser: Browser, live_server: LiveServer, capsys: Any, turn: int) -> None:
    """Each text is another of the payloads, and in each turn another one."""
    spoilt = Spoilt(PAYLOADS[turn * len(PAYLOADS) // 2 :] + PAYLOADS)
    client = desk(spoilt)
    inside = Looked(client, spoilt.addresses(every_way=True))
    outside = Looked(Client(), spoilt.opened_by_anybody())
    page = as_administrator(browser, live_server, spoilt.boss, locale="en")
    shown = [*inside.scripts, *outside.scripts]
    faults = in_a_browser(page, live_server.url, shown)
    page.context.close()
    with capsys.disabled():
        print(f"\npages: {len(shown)} in a browser, {len(faults)} on which a payload ran or made an element")  # noqa: T201
    assert (inside.faults, outside.faults, faults) == ({}, {}, {})


def test_what_is_spared_exists_and_every_other_text_is_spoilt() -> None:
    known = {model._meta.label: {column.name for column in free} for model, free in spoiling.columns()}
    assert sum(map(len, known.values())) > 100
    for label, names in spoiling.SPARED.items():
        model = spoiling.apps.get_model(label)
        assert set(names.split()) <= {column.name for column in model._meta.concrete_fields}, label


def test_a_text_that_is_called_safe_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = Spoilt([MARKS[0]])
    client, page = desk(spoilt), f"/admin/surveys/customer/{spoilt.team.customer.pk}/change/"
    assert Looked(client, [page]).faults == {}
    monkeypatch.setattr(Customer, "__str__", lambda customer: mark_safe(customer.name))
    assert list(Looked(client, [page]).faults) == [page]


@pytest.mark.parametrize("said", MARKS)
@pytest.mark.parametrize("page", ["<p>%s</p>", '<p title="%s">x</p>', "<script>x = '%s'</script>"])
def test_a_mark_would_be_seen(said: str, page: str) -> None:
    looked = Looked(Client(), [])
    looked.look("/x", HttpResponse(page % said))
    assert "/x" in looked.faults, said
