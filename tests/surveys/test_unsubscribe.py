"""Stop being asked: GET shows, POST does, and mail programs do it in one click."""

import time
from collections.abc import Callable

import pytest
from django.test import Client

from surveys import links, suppression
from surveys.models import Consent, Customer, Invitation, Suppression, Survey

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
    page = client.post(links.unsubscribe_path(invitation), {"undo": "1"}).content.decode()
    assert "Surveys are back" not in page and "Ask me again" not in page  # nothing is promised that does not hold
    assert [row.reason for row in Suppression.objects.all()] == ["hard_bounce"]


def test_twice_is_once(client: Client, invitation: Invitation) -> None:
    for _time in range(2):
        assert client.post(links.unsubscribe_path(invitation), {"scope": "all"}).status_code == 200
    assert sorted(Suppression.objects.values_list("address", flat=True)) == ["+79000000000", "olga@example.org"]


def test_undo_brings_surveys_back(client: Client, invitation: Invitation) -> None:
    for scope in ("survey", "all"):
        client.post(links.unsubscribe_path(invitation), {"scope": scope})
    assert "Surveys are back" in client.post(links.unsubscribe_path(invitation), {"undo": "1"}).content.decode()
    assert not Suppression.objects.exists()


def test_the_page_says_what_holds(client: Client, invitation: Invitation) -> None:
    path = links.unsubscribe_path(invitation)
    one = client.post(path, {"scope": "survey"}).content.decode()
    assert "No more mail of this survey" in one and "Stop all surveys" in one and "Ask me again" in one
    assert client.get(path).content.decode() == one
    everything = client.post(path, {"scope": "all"}).content.decode()
    assert "No more surveys" in everything and "Ask me again" in everything
    assert client.get(path).content.decode() == everything


@pytest.mark.parametrize("reason", ["spam_report", "manual", "erased", "hard_bounce"])
def test_what_is_not_the_customers_own_word_cannot_be_taken_back(
    client: Client, invitation: Invitation, reason: str
) -> None:
    suppression.suppress("olga@example.org", reason=reason)
    assert "Ask me again" not in client.get(links.unsubscribe_path(invitation)).content.decode()
    client.post(links.unsubscribe_path(invitation), {"undo": "1"})
    assert Suppression.objects.get().reason == reason


ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, "application/x-www-form-urlencoded"),
        (ONE_CLICK, "application/x-www-form-urlencoded; charset=UTF-8"),
        (ONE_CLICK, "text/plain"),
        (ONE_CLICK, ""),
        ('--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
    ],
)  # fmt: skip
def test_one_click_however_the_mail_program_sends_it(invitation: Invitation, body: str, kind: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    began = time.process_time()
    done = strict.post(links.unsubscribe_path(invitation), body, content_type=kind)
    assert done.status_code == 200 and not done.cookies and time.process_time() - began < 1
    entry = Suppression.objects.get(address="olga@example.org")
    assert entry.survey is None and Consent.objects.get().source == "one click in the mail program"


def test_a_post_that_says_nothing_changes_nothing(client: Client, invitation: Invitation) -> None:
    for data in ({}, {"scope": "everything"}, {"x": "y"}):
        assert client.post(links.unsubscribe_path(invitation), data).status_code == 400
    assert not Suppression.objects.exists() and not Consent.objects.exists()


def test_every_statement_is_kept_with_the_words_that_were_shown(client: Client, invitation: Invitation) -> None:
    path = links.unsubscribe_path(invitation)
    shown = client.get(path).content.decode()
    client.post(path, {"scope": "survey"})
    client.post(path, {"scope": "all"})
    client.post(f"{path}?lang=ru", {"undo": "1"})
    first, second, third = Consent.objects.order_by("pk")
    assert [row.act for row in (first, second, third)] == ["unsubscribed", "unsubscribed", "resubscribed"]
    assert first.survey == invitation.survey and second.survey is None
    assert first.text == "Stop sending you surveys? Only this survey" and first.language == "en"
    assert all(part in shown for part in ("Stop sending you surveys?", "Only this survey", "All surveys"))
    assert third.language == "ru" and third.source == "unsubscribe page"
    assert len({row.text_version for row in (first, second, third)} - {""}) == 3


def test_a_button_pressed_again_for_want_of_a_reply_is_one_statement(client: Client, invitation: Invitation) -> None:
    path = links.unsubscribe_path(invitation)
    for data in ({"scope": "all"}, {"scope": "all"}, {"undo": "1"}, {"undo": "1"}, {"scope": "all"}):
        client.post(path, data)
    acts = [row.act for row in Consent.objects.order_by("pk")]
    assert acts == ["unsubscribed", "resubscribed", "unsubscribed"]


@pytest.mark.parametrize("path", ["/u/", "/u/nothing", "/U//x/y"])
def test_unknown_link_is_explained_and_does_nothing(client: Client, organisation: object, path: str) -> None:
    for page in (client.get(path), client.post(path, {"scope": "all"})):
        assert page.status_code == 404 and page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not Suppression.objects.exists()
