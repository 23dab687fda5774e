"""The preview shows what goes out, and a test mail leads to a page that stores nothing."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import Response, Touch
from ground import outgoing
from ground.models import AuditEntry, Outgoing, User
from surveys import trials
from surveys.models import Invitation, Message, Survey
from tests.browsing import at_rest, needs_browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.update(language="en")
    return login(administrator)


def page_of(survey: Survey) -> str:
    return reverse("admin:surveys_version_preview", args=[survey.published.pk])


@pytest.mark.parametrize("kind", ["invitation", "reminder1", "reminder2", "thanks"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_preview_shows_each_mail_in_each_language(desk, survey, kind: str, language: str) -> None:
    texts = survey.published.texts[language]
    prefix = "" if kind == "invitation" else f"{kind}_"
    html = desk.get(page_of(survey), {"kind": kind, "language": language}).content.decode()
    assert texts[f"{prefix}subject"] in html and texts[f"{prefix}intro"].split("\n")[0] in html
    assert html.count("<iframe") == 2 and html.count('sandbox="allow-same-origin"') == 2
    assert not re.search(r"href=&quot;(?!#&quot;)", html)  # nothing in a shown mail leads anywhere


@pytest.mark.parametrize("query", ["", "?kind=x&language=zz&night=9", "?kind[]=%00", "?language=' OR 1"])
def test_odd_wishes_show_the_first(desk, survey, query: str) -> None:
    assert desk.get(page_of(survey) + query).status_code == 200


def test_a_draft_without_anything_says_so(desk, survey) -> None:
    version = survey.versions.create(texts={"ru": {"subject": "x"}})
    html = desk.get(reverse("admin:surveys_version_preview", args=[version.pk])).content.decode()
    assert "cannot be written yet" in html
    empty = survey.versions.create(texts={})
    assert desk.get(reverse("admin:surveys_version_preview", args=[empty.pk])).status_code == 200
    assert (
        desk.post(reverse("admin:surveys_version_preview", args=[version.pk]), {"address": "a@b.c"}).status_code == 302
    )
    assert not Outgoing.objects.exists()


def test_a_test_mail_leaves_and_its_links_store_nothing(desk, survey, administrator, smtp, settings) -> None:
    settings.BASE_URL = "http://127.0.0.1"
    view = f"{page_of(survey)}?language=en&night=1"
    answer = desk.post(view, {"address": "me@example.org"}, follow=True)
    assert answer.redirect_chain == [(view, 302)]
    assert "The test mail to me@example.org is on its way." in answer.content.decode()
    outgoing.deliver(list(Outgoing.objects.values_list("pk", flat=True)))
    (mail,) = smtp.mails
    assert (mail["To"], mail["Subject"]) == ("me@example.org", "[Test] How did we handle your request?")
    html = mail.get_body(("html",)).get_content()
    found = re.findall(r'href="(http://127.0.0.1/p/[^"]*)"', html)
    assert len(found) == 5 + 3 and "/r/" not in html and "/u/" not in html
    for link in found:
        response = Client().get(link.removeprefix("http://127.0.0.1"))
        assert response.status_code == 200
        assert "nothing is stored" in response.content.decode()
    chosen = next(link for link in found if link.endswith("/4"))
    assert "You picked 4 in the e-mail" in Client().get(chosen.removeprefix("http://127.0.0.1")).content.decode()
    counted = [model.objects.count() for model in (Invitation, Message, Touch, Response)]
    assert counted == [0, 0, 0, 0]
    entry = AuditEntry.objects.get(verb="mail.tested")
    assert entry.actor == administrator and "example.org" not in str(entry.detail)


@pytest.mark.usefixtures("early")
def test_test_mails_are_limited_and_need_an_address(desk, survey, monkeypatch) -> None:
    monkeypatch.setattr(trials, "MAILS", trials.Limit("test-mail", 2, 3600))
    for address in ("me@example.org", "nonsense", "a@b.c\r\nBcc: x@y.z", "me@example.org", "me@example.org"):
        last = desk.post(page_of(survey), {"address": address}, follow=True).content.decode()
    assert "At most 2 test mails an hour" in last
    assert Outgoing.objects.count() == 2


@pytest.mark.parametrize("sealed", ["x", "x:y:z", "a" * 500])
def test_a_forged_link_leads_nowhere(survey, sealed: str) -> None:
    assert Client().get(f"/p/{sealed}/4").status_code == 404


def test_only_those_who_lead_the_whole_organisation_see_it(login, survey, manager, viewer) -> None:
    for user in (manager, viewer):
        assert login(user).get(page_of(survey)).status_code in (403, 404)
        assert login(user).post(page_of(survey), {"address": "a@b.c"}).status_code in (403, 404)
    assert not Outgoing.objects.exists()


@needs_browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "night"), [(1280, ""), (390, "&night=1")])
def test_a_browser_shows_the_mails(browser, live_server, login, administrator, survey, settings, width, night) -> None:
    User.objects.update(language="en")
    client = login(administrator)
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}{page_of(survey)}?language=en{night}")
    expect(page.locator(".wide[style]")).to_have_count(2)
    for frame in page.frames[1:]:
        assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")  # its end is seen
        assert frame.locator("h1").inner_text() == "How did we handle your request?"
        colour = frame.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colour == ("rgb(20, 17, 14)" if night else "rgb(245, 240, 231)")
    assert len(page.frames) == 3
    assert refused == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(at_rest(page), options={"iframes": False}).response["violations"] == []
    context.close()
