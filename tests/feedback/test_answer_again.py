"""A second answer: by the page's edit key, by somebody with the link alone, and after the edit window."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from feedback.models import Comment, Response, Revision
from surveys import links
from surveys.models import Invitation
from tests.feedback.answering import Fields, answer, send

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]


@pytest.fixture
def invitation(make_invitation: Make) -> Invitation:
    return make_invitation(language="en")


def test_edit_on_the_thanks_page_replaces_and_keeps_revisions(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 5, comment="All good")
    again = send(client, invitation, thanks, later=60, score="2", comment="Not any more")
    third = send(client, invitation, again, later=90, score="3", comment="Not any more")
    assert third.status_code == 200
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.evidence) == (3, "Not any more", "confirmed")
    assert list(Revision.objects.values_list("score", "text")) == [
        (5, "All good"), (2, "Not any more"), (3, "Not any more"),
    ]  # fmt: skip
    assert response.answers.get().value == 3


def test_edited_comment_waits_to_be_read_again_the_same_one_does_not(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 5, comment="All good")
    Comment.objects.update(classified_at=timezone.now(), attempts=2)
    send(client, invitation, thanks, later=60, score="4")
    assert Comment.objects.get().classified_at
    send(client, invitation, thanks, later=70, comment="Worse")
    comment = Comment.objects.get()
    assert (comment.classified_at, comment.attempts, comment.text) == (None, 0, "Worse")


def test_author_may_take_the_comment_away(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 5, comment="All good")
    send(client, invitation, thanks, later=60, comment="")
    assert not Comment.objects.exists() and Revision.objects.first().text == "All good"


def test_same_page_sent_twice_is_one_answer_and_one_revision(client: Client, invitation: Invitation) -> None:
    page = client.get(links.answer_path(invitation, 4))
    for _time in range(2):
        assert send(client, invitation, page, comment="Once").status_code == 200
    assert Response.objects.count() == Revision.objects.count() == 1


def test_other_score_without_key_is_asked_about_first(client: Client, invitation: Invitation) -> None:
    with time_machine.travel(dt.datetime(2026, 5, 12, 9, tzinfo=dt.UTC), tick=False):
        invitation.expires_at = timezone.now() + dt.timedelta(days=30)
        invitation.save()
        answer(client, invitation, 5, comment="Mine")
        asked = answer(client, invitation, 2, hours=1)
        text = asked.content.decode()
        assert "Replace 5 with 2?" in text and "12\u00a0May" in text and "Mine" not in text
        assert Response.objects.get().score == 5
        kept = send(client, invitation, asked, later=4000, replace="no")
        assert Response.objects.get().score == 5 and "Change my answer" not in kept.content.decode()
        replaced = send(client, invitation, asked, later=4000, replace="yes")
    response = Response.objects.get()
    assert (response.score, response.comment.text) == (2, "Mine")
    assert "Mine" not in replaced.content.decode() and "Change my answer" not in replaced.content.decode()


def test_who_only_changed_the_score_reads_and_edits_nobody_elses_words(client: Client, invitation: Invitation) -> None:
    first = answer(client, invitation, 5, comment="Mine")
    other = answer(client, invitation, 4, hours=1, score="1")
    assert Response.objects.get().score == 1
    assert "Mine" not in other.content.decode() and "Change my answer" not in other.content.decode()
    assert "Mine" in send(client, invitation, first, later=4000).content.decode()


@pytest.mark.parametrize("changes", [{"comment": "More to say"}, {"score": "1"}, {"contact": "on"}])
def test_what_says_more_replaces_by_itself(client: Client, invitation: Invitation, changes: dict[str, str]) -> None:
    answer(client, invitation, 5)
    answer(client, invitation, 4, hours=1, **changes)
    response = Response.objects.get()
    assert response.score == int(changes.get("score", 4))
    assert Revision.objects.count() == 2


def test_same_score_again_without_key_changes_and_shows_nothing(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, 5, comment="Mine")
    again = answer(client, invitation, 5, hours=1)
    assert again.status_code == 200 and "Mine" not in again.content.decode()
    assert Response.objects.get().comment.text == "Mine" and Revision.objects.count() == 1


def test_a_score_where_there_was_none_is_added_without_a_question(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, None, comment="Words alone")
    answer(client, invitation, 2, hours=1)
    response = Response.objects.get()
    assert (response.score, response.comment.text) == (2, "Words alone")


def test_words_alone_do_not_vouch_for_the_score_of_a_program(client: Client, invitation: Invitation) -> None:
    """What it sent is held; the person who comes later writes without choosing a score."""
    answer(Client(HTTP_USER_AGENT="Mozilla/5.0 (scanner)"), invitation, 1, website="x")
    assert Response.objects.get().held_for == "decoy"
    answer(client, invitation, None, hours=1, comment="All good")
    response = Response.objects.get()
    assert (response.evidence, response.score, response.comment.text) == ("confirmed", None, "All good")
    assert not response.answers.exists() and response.comment.band == ""


def test_key_of_another_answer_opens_nothing(client: Client, invitation: Invitation, make_invitation: Make) -> None:
    foreign = Fields(answer(client, make_invitation(), 1)).values["key"]
    answer(client, invitation, 5, comment="Mine")
    asked = answer(client, invitation, 2, hours=1, key=foreign)
    assert "Replace 5 with 2?" in asked.content.decode() and Response.objects.filter(score=5).exists()


def test_unticked_contact_of_somebody_without_key_cancels_no_request(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, 5, contact="on")
    answer(client, invitation, 4, hours=1, comment="More")
    assert Response.objects.get().wants_contact


def later(days: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False)


def test_after_the_window_the_page_says_why_and_listens(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, 5, comment="Mine")
    with later(15):
        locked = client.get(links.answer_path(invitation))
        assert "already counted" in locked.content.decode() and "Mine" not in locked.content.decode()
        told = send(client, invitation, locked, comment="Something changed")
    assert "We have your message" in told.content.decode()
    assert Comment.objects.get(source="message").text == "Something changed"
    assert Response.objects.get().score == 5


def test_edit_after_the_window_is_refused_with_the_answer_shown(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 5, comment="Mine")
    with later(15):
        locked = send(client, invitation, thanks, score="1")
    assert "already counted" in locked.content.decode() and "Mine" in locked.content.decode()
    assert Response.objects.get().score == 5


def test_author_may_edit_a_day_after_the_link_expired(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 5)
    Invitation.objects.update(expires_at=timezone.now())
    with later(1):
        send(client, invitation, thanks, score="1")
    assert Response.objects.get().score == 1


def test_long_edit_keeps_the_page_open_with_its_text(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 5)
    refused = send(client, invitation, thanks, comment="x" * 5001)
    assert refused.status_code == 400 and '<details class="edit" open>' in refused.content.decode()
    assert len(Fields(refused).values["comment"]) == 5001


def test_script_confirms_the_score_alone_and_the_button_then_edits(client: Client, invitation: Invitation) -> None:
    page = client.get(links.answer_path(invitation, 4))
    beacon = send(client, invitation, page, only="score", comment="half a sen")
    assert beacon.status_code == 204 and not Comment.objects.exists()
    assert Response.objects.get().evidence == "confirmed"
    send(client, invitation, page, later=30, score="2", comment="Half a sentence, now whole")
    response = Response.objects.get()
    assert (response.score, response.comment.text) == (2, "Half a sentence, now whole")
