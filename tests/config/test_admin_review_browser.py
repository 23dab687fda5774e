"""The queue of held answers by keyboard: one key lets an answer count, one takes that back."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from ground.models import Team, User
from surveys.models import Survey
from tests.browsing import needs_browser
from tests.config.reading import make_response

pytestmark = [pytest.mark.django_db(transaction=True), needs_browser]


def test_one_key_decides_and_one_takes_it_back(
    live_server: LiveServer, browser: Browser, client: Client, manager: User, survey: Survey, team: Team
) -> None:
    response = make_response(survey, team=team, text="Ужасно", evidence="held", held_for="sweep")
    client.force_login(manager)
    context = browser.new_context()
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("admin:feedback_response_review"))
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url("**done=*")
    response.refresh_from_db()
    assert (response.review, response.evidence) == ("released", "confirmed")
    page.keyboard.press("z")
    expect(page.locator(".review .entry")).to_have_count(1)
    response.refresh_from_db()
    assert (response.review, response.evidence) == ("", "unverified")  # the cast has no revision of a held answer
    context.close()
