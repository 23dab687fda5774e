"""The window on a web site: whom it is shown to, what it says to the site, and where it may stand."""

import datetime as dt
import re
from collections.abc import Callable
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from feedback.models import Response
from surveys import public_links, widgets
from surveys.models import Customer, Invitation, Link, Suppression, Survey, WidgetShow
from tests.feedback.answering import Fields

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VISITOR = "a1b2c3d4e5f6a7b8"


@pytest.fixture
def window(survey: Survey) -> Link:
    return Link.objects.create(
        kind=Link.Kind.WIDGET,
        label="Сайт",
        survey=survey,
        channel="web",
        public_key=public_links.new_key(),
        placement={"origins": ["https://shop.example.com"], "rest_days": 30},
    )


@pytest.fixture
def browser_client() -> Client:
    return Client(headers={"User-Agent": "Mozilla/5.0 Firefox/140", "Accept-Language": "en"})


def address(window: Link, **said: str) -> str:
    return widgets.path(window) + "?" + "&".join(f"{name}={value}" for name, value in {"w": "1", **said}.items())


def signed(window: Link, customer: str) -> dict[str, str]:
    now = int(timezone.now().timestamp())
    secret = public_links.new_secret(window)
    signature = public_links.sign(secret, key=window.public_key, number=customer, time=now)
    return {"c": customer, "t": str(now), "s": signature}


def answer(client: Client, where: str, **said: str) -> None:
    """Open the page and press its button some seconds later."""
    page = client.get(where)
    action = unescape(re.findall(r'<form method="post" action="([^"]+)"', page.content.decode())[0])
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=5), tick=False):
        assert client.post(action, Fields(page).values | said).status_code == 200


def opens(client: Client, where: str) -> bool:
    reply = client.get(where)
    assert reply.status_code == 200
    return 'otklik:"no"' not in reply.content.decode()


def test_the_script_carries_the_links_settings_and_is_small(client: Client, window: Link) -> None:
    reply = client.get(f"{widgets.path(window)}.js", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["Content-Type"].startswith("text/javascript")
    assert len(reply.content) < 6_000
    text = widgets.script(window)
    assert window.public_key in text
    assert "__SETTINGS__" not in text
    assert not re.search(r"innerHTML|document\.write|eval\(", text)
    again = client.get(f"{widgets.path(window)}.js", headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_only_the_links_own_sites_may_frame_it(client: Client, window: Link) -> None:
    policy = client.get(widgets.path(window)).headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://shop.example.com" in policy
    assert "X-Frame-Options" not in client.get(widgets.path(window)).headers
    elsewhere = client.get(f"/q/{window.public_key}")
    assert elsewhere.status_code == 404


def test_it_asks_once_whatever_the_page_forgets(browser_client: Client, window: Link) -> None:
    where = address(window, v=VISITOR)
    assert opens(browser_client, where)
    assert opens(browser_client, where)  # a look alone is not asking
    shown = where.replace("?", "/shown?")
    assert browser_client.post(shown).status_code == 204
    assert not opens(browser_client, where)
    assert opens(browser_client, address(window, v=VISITOR[::-1]))
    WidgetShow.objects.update(shown_at=timezone.now() - dt.timedelta(days=31))
    assert opens(browser_client, where)
    assert VISITOR not in WidgetShow.objects.get().visitor


def test_a_look_writes_nothing(browser_client: Client, window: Link) -> None:
    browser_client.get(address(window, v=VISITOR))
    browser_client.get(address(window, v=VISITOR).replace("?", "/shown?"))
    assert not WidgetShow.objects.exists()
    assert not Invitation.objects.exists()


def test_an_answer_counts_for_the_link(browser_client: Client, window: Link) -> None:
    where = address(window, v=VISITOR)
    answer(browser_client, where, score="5", comment="Удобно")
    response = Response.objects.get()
    assert (response.score, response.evidence, response.channel) == (5, "confirmed", "web")
    assert response.invitation.link == window


def test_a_signed_customer_is_asked_by_the_rules_for_all(browser_client: Client, window: Link) -> None:
    customer = Customer.objects.create(external_id="c42", email="c42@example.org")
    said = signed(window, "c42")
    where = address(window, **said)
    assert opens(browser_client, where)
    browser_client.post(where.replace("?", "/shown?"))
    invitation = Invitation.objects.get()
    assert (invitation.customer, invitation.state) == (customer, "sent")
    assert not opens(browser_client, where)
    answer(browser_client, where.replace("w=1&", ""), score="2", comment="")
    assert Response.objects.get().customer == customer
    assert Invitation.objects.count() == 1


def test_a_signed_customer_who_was_asked_or_wants_nothing_is_left_alone(
    browser_client: Client, window: Link, make_invitation: Callable[..., Invitation]
) -> None:
    customer = make_invitation().customer
    assert customer.external_id
    Invitation.objects.update(state="sent", sent_at=timezone.now() - dt.timedelta(days=2))
    assert not opens(browser_client, address(window, **signed(window, customer.external_id)))
    Customer.objects.create(external_id="c9", email="c9@example.org")
    Suppression.objects.create(address="c9@example.org", reason="unsubscribed")
    assert not opens(browser_client, address(window, **signed(window, "c9")))


def test_a_wrong_signature_names_nobody(browser_client: Client, window: Link) -> None:
    said = signed(window, "c42") | {"c": "c43"}
    answer(browser_client, address(window, **said), score="4", comment="")
    assert not Customer.objects.filter(external_id="c43").exists()


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("shop.example.com", "https://shop.example.com"),
        ("https://shop.example.com/cart?x=1", "https://shop.example.com"),
        ("https://*.example.com", "https://*.example.com"),
        ("http://127.0.0.1:8025", "http://127.0.0.1:8025"),
        ("http://shop.example.com", None),
        ("https://a@b.example.com", None),
        ("javascript:alert(1)", None),
        ("https://x;script-src *", None),
        ("", None),
    ],
)
def test_origins_are_whole_and_safe(typed: str, origin: str | None) -> None:
    assert widgets.origin_of(typed) == origin
