"""Stop being asked: GET shows, POST does, and mail programs do it in one click."""

from collections.abc import Callable

import pytest
from django.test import Client

from surveys import links, suppression
from surveys.models import Customer, Invitation, Suppression, Survey

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]


@pytest.fixture
def invitation(make_invitation: Make, customer: Customer) -> Invitation:
    return make_invitation(customer=customer, language="en")


def test_get_shows_and_changes_nothing(client: Client, invitation: Invitation) -> None:
    page = client.get(links.unsubscribe_path(invitation))
    assert page.status_code == 200 and "Stop sending you surveys?" in page.content.decode()
    assert "olga" not in page.content.decode() and not Suppression.objects.exists()


def test_post_stops_all_surveys(client: Client, invitation: Invitation, nps_survey: Survey) -> None:
    page = client.post(links.unsubscribe_path(invitation), {"scope": "all"})
    assert page.status_code == 200 and "No more surveys" in page.content.decode()
    assert suppression.is_suppressed("olga@example.org", nps_survey)


def test_post_may_stop_this_survey_alone(client: Client, invitation: Invitation, nps_survey: Survey) -> None:
    client.post(links.unsubscribe_path(invitation), {"scope": "survey"})
    assert suppression.is_suppressed("olga@example.org", invitation.survey)
    assert not suppression.is_suppressed("olga@example.org", nps_survey)


def test_one_click_of_a_mail_program_needs_no_cookie_and_no_origin_of_ours(invitation: Invitation) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "https://mail.example"})
    done = strict.post(
        links.unsubscribe_path(invitation),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert done.status_code == 200 and not done.cookies
    assert suppression.is_suppressed("olga@example.org", invitation.survey)


def test_undo_brings_surveys_back_but_not_a_dead_address(client: Client, invitation: Invitation) -> None:
    client.post(links.unsubscribe_path(invitation), {"scope": "all"})
    suppression.suppress("olga@example.org", reason="hard_bounce", survey=invitation.survey)
    page = client.post(links.unsubscribe_path(invitation), {"undo": "1"})
    assert "Surveys are back" in page.content.decode()
    assert [row.reason for row in Suppression.objects.all()] == ["hard_bounce"]


def test_twice_is_once(client: Client, invitation: Invitation) -> None:
    for _time in range(2):
        assert client.post(links.unsubscribe_path(invitation)).status_code == 200
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("path", ["/u/", "/u/nothing", "/U//x/y"])
def test_unknown_link_is_explained_and_does_nothing(client: Client, organisation: object, path: str) -> None:
    for page in (client.get(path), client.post(path, {"scope": "all"})):
        assert page.status_code == 404 and page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not Suppression.objects.exists()
