"""The whole way of an answer through the page, without script and without a cookie."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feedback.models import Comment, Response, Revision, Touch
from ground.models import Change, LimitCounter
from surveys import links
from surveys.models import Invitation, Survey
from tests.feedback.answering import Fields, send

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]


def test_get_shows_the_chosen_score_and_answers_nothing(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    page = client.get(links.answer_path(invitation, 4))
    assert Fields(page).values["score"] == "4"
    assert Touch.objects.get().score == 4
    assert not Response.objects.exists()


def test_post_stores_answer_comment_revision_and_marks(client: Client, make_invitation: Make, team: object) -> None:
    invitation = make_invitation(team=team)
    thanks = send(client, invitation, client.get(links.answer_path(invitation, 2)), comment="Ждал четыре дня.")
    response = Response.objects.get()
    assert thanks.status_code == 200 and "Ждал четыре дня." in thanks.content.decode()
    assert (response.score, response.evidence, response.team, response.scale) == (2, "confirmed", team, "csat_5")
    assert response.answers.get().value == 2
    comment = Comment.objects.get()
    assert (comment.text, comment.source, comment.classified_at, comment.team) == (
        "Ждал четыре дня.", "survey", None, team,
    )  # fmt: skip
    assert Revision.objects.get().score == 2
    invitation.refresh_from_db()
    assert invitation.answer_state == "confirmed" and invitation.answered_at == response.answered_at
    assert set(Change.objects.values_list("scope", flat=True)) == {"response", "comment", "invitation"}


def test_page_sets_no_cookie_and_is_sealed(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    for response in (
        client.get(links.answer_path(invitation, 4)),
        send(client, invitation, client.get(links.answer_path(invitation))),
        client.get("/r/nothing"),
        client.options(links.answer_path(invitation)),
        client.put(links.answer_path(invitation)),
        client.get(links.unsubscribe_path(invitation)),
        client.get("/u/nothing"),
    ):
        assert not response.cookies
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


def test_page_is_light_and_self_contained(make_invitation: Make) -> None:
    invitation = make_invitation()
    page = Client(headers={"accept-encoding": "gzip"}).get(links.answer_path(invitation, 4))
    assert page.headers["Content-Encoding"] == "gzip" and len(page.content) < 14 * 1024
    text = Client().get(links.answer_path(invitation, 4)).content.decode()
    assert not re.search(r"""(src|href)=["'](?!data:|/u/|\?)""", text)


def test_page_shows_nothing_about_the_customer(client: Client, make_invitation: Make, customer: object) -> None:
    text = client.get(links.answer_path(make_invitation(customer=customer), 4)).content.decode()
    for secret in ("Ольга", "olga@example.org", "900 000", "c-olga", "T-"):
        assert secret not in text


@pytest.mark.parametrize("score", [0, 6, 99])
def test_score_outside_the_scale_is_not_chosen(client: Client, make_invitation: Make, score: int) -> None:
    page = client.get(f"{links.answer_path(make_invitation())}/{score}")
    assert page.status_code == 200 and "score" not in Fields(page).values


def test_nps_has_eleven_tiles(client: Client, make_invitation: Make, nps_survey: Survey) -> None:
    from tests.factories import make_invitation as make

    invitation = make(nps_survey)
    page = client.get(links.answer_path(invitation, 10))
    assert page.content.decode().count('name="score"') == 11
    send(client, invitation, page)
    assert Response.objects.get().score == 10


def test_comment_without_score_is_kept(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    send(client, invitation, client.get(links.answer_path(invitation)), comment="Просто скажу")
    assert Response.objects.get().score is None and Comment.objects.get().text == "Просто скажу"


def test_nothing_given_is_said_and_stores_nothing(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation(language="en")
    page = send(client, invitation, client.get(links.answer_path(invitation)))
    assert page.status_code == 400 and "Choose a score" in page.content.decode()
    assert not Response.objects.exists()


def test_long_comment_is_refused_with_its_text_score_and_tick_kept(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    long = "ж" * 5001
    page = send(client, invitation, client.get(links.answer_path(invitation, 3)), comment=long, contact="on")
    assert page.status_code == 400 and not Response.objects.exists()
    values = Fields(page).values
    assert (values["comment"], values["score"], values["contact"]) == (long, "3", "on")
    assert 'aria-invalid="true"' in page.content.decode()


def test_longest_allowed_comment_comes_back_whole(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    send(client, invitation, client.get(links.answer_path(invitation, 3)), comment="ж" * 5000)
    assert len(Comment.objects.get().text) == 5000


def test_forged_or_foreign_nonce_keeps_the_text_and_stores_nothing(client: Client, make_invitation: Make) -> None:
    invitation, other = make_invitation(), make_invitation()
    foreign = Fields(client.get(links.answer_path(other))).values["nonce"]
    for nonce in ("", "x" * 500, foreign):
        page = send(client, invitation, client.get(links.answer_path(invitation, 3)), comment="Текст", nonce=nonce)
        assert page.status_code == 400 and Fields(page).values["comment"] == "Текст"
    assert not Response.objects.exists()
    assert send(client, invitation, page).status_code == 200 and Response.objects.get().score == 3


def test_what_was_typed_stays_text(client: Client, make_invitation: Make) -> None:
    """On the page of an open question, and on that of one whose time is over."""
    typed = "</textarea><img src=x onerror=alert(1)>"
    invitation = make_invitation()
    for expires_at in (invitation.expires_at, timezone.now() - dt.timedelta(days=1)):
        Invitation.objects.update(expires_at=expires_at)
        page = send(client, invitation, client.get(links.answer_path(invitation)), comment=typed, nonce="")
        assert Fields(page).values["comment"] == typed
        assert "<img src=x" not in page.content.decode()


def test_other_language_keeps_what_was_typed(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    russian = client.get(links.answer_path(invitation, 4))
    typed = Fields(russian).values | {"comment": "Начал писать", "contact": "on", "score": "2", "lang": "en"}
    english = client.post(f"{links.answer_path(invitation)}?lang=en", typed)
    values = Fields(english).values
    assert english.status_code == 200 and not Response.objects.exists()
    assert (values["comment"], values["contact"], values["score"]) == ("Начал писать", "on", "2")
    assert '<html lang="en"' in english.content.decode() and "Excellent" in english.content.decode()


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [("?lang=en", "ru", "en"), ("", "en", "ru"), ("?lang=xx", "de", "ru"), ("?lang=EN-gb", "", "en")],
)
def test_language_is_the_links_then_the_customers(
    client: Client, make_invitation: Make, query: str, header: str, language: str
) -> None:
    page = client.get(links.answer_path(make_invitation()) + query, headers={"accept-language": header})
    assert f'<html lang="{language}"' in page.content.decode() and page.headers["Content-Language"] == language


def test_language_of_the_browser_when_the_survey_lacks_the_customers(client: Client, make_invitation: Make) -> None:
    page = client.get(links.answer_path(make_invitation(language="kk")), headers={"accept-language": "fr, en;q=0.8"})
    assert '<html lang="en"' in page.content.decode()


def test_expired_link_says_so_and_takes_a_message_once(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation(expires_at=timezone.now() - dt.timedelta(days=1), language="en")
    page = client.get(links.answer_path(invitation, 4))
    assert "This link has expired" in page.content.decode() and "score" not in Fields(page).values
    for _ in range(2):
        told = send(client, invitation, page, comment="It broke again")
    assert told.status_code == 200 and "We have your message" in told.content.decode()
    comment = Comment.objects.get()
    assert (comment.source, comment.text, comment.customer) == ("message", "It broke again", invitation.customer)
    assert not Response.objects.exists()


def test_closed_survey_says_so(client: Client, make_invitation: Make, survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(closes_at=timezone.now() - dt.timedelta(minutes=1))
    invitation = make_invitation(language="en")
    assert "This survey has ended" in client.get(links.answer_path(invitation)).content.decode()


def test_score_sent_after_the_end_is_not_stored_and_its_text_is_kept(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation(language="en")
    page = client.get(links.answer_path(invitation, 4))
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    ended = send(client, invitation, page, comment="Too late?")
    assert "This link has expired" in ended.content.decode() and Fields(ended).values["comment"] == "Too late?"
    assert not Response.objects.exists()


def test_unknown_link_is_explained(client: Client, organisation: object) -> None:
    page = client.get("/r/abc", headers={"accept-language": "en"})
    assert page.status_code == 404 and "cannot be read" in page.content.decode()


@pytest.mark.usefixtures("early")
def test_guessing_is_slowed_down_but_valid_links_are_not(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    statuses = [client.get("/r/guess").status_code for _ in range(61)]
    assert statuses[:60] == [404] * 60 and statuses[60] == 429
    assert client.get(links.answer_path(invitation)).status_code == 200


@pytest.mark.usefixtures("early")
def test_whoever_guesses_on_writes_nothing(client: Client, make_invitation: Make) -> None:
    make_invitation()
    for _number in range(60):
        client.get("/r/guess")
    with CaptureQueriesContext(connection) as caught:
        assert [client.get(path).status_code for path in ("/r/guess", "/u/guess", "/q/guess")] == [429] * 3
    assert not [query["sql"] for query in caught if not query["sql"].startswith("SELECT")]
    assert LimitCounter.objects.get(key__startswith="unknown-link").count == 60


@pytest.mark.usefixtures("early")
def test_one_link_posts_at_most_twenty_times(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    page = client.get(links.answer_path(invitation, 4))
    last = [send(client, invitation, page, comment=f"Раз {number}") for number in range(21)][-1]
    assert last.status_code == 429 and Fields(last).values["comment"] == "Раз 20"
    assert Revision.objects.count() == 20


def test_tokens_of_one_purpose_are_nothing_for_another(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    assert client.get(links.answer_path(invitation).replace("/r/", "/u/")).status_code == 404
    assert client.get(links.unsubscribe_path(invitation).replace("/u/", "/r/")).status_code == 404
