"""A browser without script: reads a page's form and presses its button some seconds later."""

import datetime as dt
from html.parser import HTMLParser
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from surveys import links
from surveys.models import Invitation


class Fields(HTMLParser):
    """The values that a browser would send from the page's form."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self.area = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self.area = name
            self.values[name] = ""
        if tag != "input" or (given.get("type") in ("radio", "checkbox") and "checked" not in given):
            return
        value: Any = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        if given.get("type") == "checkbox" and name.startswith("a-"):
            value = [*self.values.get(name, []), value]
        self.values[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.values[self.area] = self.values[self.area].removeprefix("\n")
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] += data


def send(
    client: Client, invitation: Invitation, page: HttpResponse, *, later: float = 5, **changes: Any
) -> HttpResponse:
    """Press the page's button `later` seconds from this moment, with these fields changed."""
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=later), tick=False):
        return client.post(links.answer_path(invitation), Fields(page).values | changes)


def answer(
    client: Client, invitation: Invitation, opened: int | None, *, hours: float = 0, **changes: Any
) -> HttpResponse:
    """Open the link of one score and press the button, `hours` from this moment."""
    with time_machine.travel(timezone.now() + dt.timedelta(hours=hours), tick=False):
        return send(client, invitation, client.get(links.answer_path(invitation, opened)), **changes)
