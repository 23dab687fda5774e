"""The door under load and trouble: parallel posts, a locked and a lost database."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection
from django.test import Client

from feedback import intake
from feedback.intake import Given, Said
from feedback.models import Answer, Comment, Response, Revision
from ground.text import TextTooLong
from surveys import links
from surveys.models import Invitation
from tests.feedback.answering import Fields, answer, send

Make = Callable[..., Invitation]


def in_parallel(count: int, work: Callable[[int], None]) -> None:
    def run(number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_hundred_parallel_answers_to_one_invitation_are_one(make_invitation: Make) -> None:
    invitation = make_invitation()
    outcomes: list[str] = []
    given = [Given(score=number % 5 + 1, text=f"Ответ {number}", proofs=(f"key {number}",)) for number in range(100)]
    # As many as the pool has connections beside that of this thread.
    in_parallel(7, lambda worker: outcomes.extend(intake.record(invitation, one).outcome for one in given[worker::7]))
    response = Response.objects.get()
    assert len(outcomes) == 100 and outcomes.count("created") == 1
    assert Comment.objects.count() == Answer.objects.count() == 1
    assert response.answers.get().value == response.score
    numbers = sorted(Revision.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 101))
    last = Revision.objects.order_by("-number")[0]
    assert (last.score, last.text) == (response.score, response.comment.text)


@pytest.mark.django_db(transaction=True)
def test_parallel_twins_of_a_review_are_one(organisation: object) -> None:
    said = Said(source="review", origin="maps", external_key="r1", text="Хорошо")
    fresh: list[bool] = []
    in_parallel(7, lambda worker: fresh.extend(intake.add_comment(said)[1] for _time in range(5)))
    assert fresh.count(True) == 1 and Comment.objects.count() == 1


@pytest.mark.django_db
def test_equal_keys_in_one_bunch_are_one_comment(organisation: object) -> None:
    said = Said(source="review", origin="maps", external_key="r1", text="Хорошо")
    assert [is_fresh for _comment, is_fresh in intake.add_comments([said, said])] == [True, False]
    assert Comment.objects.count() == 1


@pytest.mark.django_db
def test_text_is_cleaned_and_too_long_a_one_refused_whole(make_invitation: Make) -> None:
    invitation = make_invitation()
    intake.record(invitation, Given(score=5, text="  a\0\ud800\r\nb  "))
    assert Comment.objects.get().text == "a\nb"
    with pytest.raises(TextTooLong):
        intake.record(make_invitation(), Given(score=5, text="x" * 5001))
    assert Response.objects.count() == 1


@pytest.mark.django_db
def test_rows_keep_their_team_when_the_agent_moves(make_invitation: Make, team: object, other_team: object) -> None:
    invitation = make_invitation(team=team, channel="chat", reason="delivery")
    response = intake.record(invitation, Given(score=5, text="Да")).response
    Invitation.objects.filter(pk=invitation.pk).update(team=other_team)
    for row in (response, Comment.objects.get()):
        row.refresh_from_db()
        assert (row.team, row.channel, row.reason) == (team, "chat", "delivery")


@pytest.mark.django_db
def test_held_comment_is_counted_once_a_person_confirms(make_invitation: Make) -> None:
    invitation = make_invitation()
    intake.record(invitation, Given(score=5, text="Да", evidence="held", proofs=("a",)))
    assert not Comment.objects.get().is_counted
    intake.record(invitation, Given(score=5, text="", proofs=("b",)))
    assert Comment.objects.get().is_counted and Response.objects.get().evidence == "confirmed"


@pytest.mark.django_db(transaction=True)
def test_locked_database_keeps_score_text_and_tick(
    client: Client, make_invitation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the lock on one file is SQLite's")
    invitation = make_invitation(language="en")
    page = client.get(links.answer_path(invitation, 4))
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            connection.lock()
            taken.set()
            done.wait(120)
            cursor.execute("ROLLBACK")
        connection.unlock()
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(60)
    with monkeypatch.context() as impatient:
        impatient.setattr(connection.write_lock, "timeout", 0.2)
        busy = send(client, invitation, page, comment="I waited four days", contact="on")
    done.set()
    thread.join()
    assert busy.status_code == 503 and busy.headers["Retry-After"] == "5"
    values = Fields(busy).values
    assert (values["score"], values["comment"], values["contact"]) == ("4", "I waited four days", "on")
    assert not Response.objects.exists()
    assert send(client, invitation, busy).status_code == 200
    assert Response.objects.get().comment.text == "I waited four days"


def gone(*args: object) -> None:
    raise OperationalError("connection refused")


@pytest.mark.django_db(transaction=True)
def test_lost_database_keeps_what_was_typed_in_a_plain_page(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation(language="en")
    page = client.get(links.answer_path(invitation, 4))
    with connection.execute_wrapper(gone):
        lost = send(client, invitation, page, comment="<b>I waited</b>", contact="on")
        bare = client.get(links.answer_path(invitation, 4))
    assert lost.status_code == bare.status_code == 503
    assert bare.headers["Retry-After"] == "5" and bare.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "<b>I waited" not in lost.content.decode()
    assert send(client, invitation, lost).status_code == 200
    response = Response.objects.get()
    assert (response.score, response.comment.text, response.wants_contact) == (4, "<b>I waited</b>", True)


@pytest.mark.django_db
def test_an_answer_costs_few_queries(
    client: Client, make_invitation: Make, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    invitation = make_invitation()
    with django_assert_max_num_queries(8):
        page = client.get(links.answer_path(invitation, 4))
    with django_assert_max_num_queries(36):
        send(client, invitation, page, comment="Да")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe%00", b"comment=%00%ED%A0%80&nonce=%F0", b"score=" + b"9" * 10_000, b"&".join([b"a=1"] * 300)],
)
def test_hostile_forms_get_a_page_and_store_nothing(client: Client, make_invitation: Make, body: bytes) -> None:
    reply = client.post(links.answer_path(make_invitation()), body, content_type="application/x-www-form-urlencoded")
    assert 400 <= reply.status_code < 500 and b"<html" in reply.content
    assert not Response.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain; charset=x", "application/json"]
)
def test_other_kinds_of_bodies_get_a_page(client: Client, make_invitation: Make, kind: str) -> None:
    reply = client.generic("POST", links.answer_path(make_invitation()), b"--x\r\n\xff" * 10, content_type=kind)
    assert 400 <= reply.status_code < 500


@pytest.mark.django_db
def test_ten_megabytes_are_refused(client: Client, make_invitation: Make) -> None:
    path, body, costs = links.answer_path(make_invitation()), b"comment=" + b"x" * 10_000_000, []
    assert client.post(path, {"comment": "x" * 10_000_000}).status_code in (400, 413)
    for _time in range(3):
        began = time.thread_time()
        reply = client.post(path, body, content_type="application/x-www-form-urlencoded")
        costs.append(time.thread_time() - began)
        assert reply.status_code in (400, 413)
    assert min(costs) < 0.05


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [61, 600])
def test_a_page_that_was_open_for_hours_is_answered_without_a_cookie(
    client: Client, make_invitation: Make, minutes: int
) -> None:
    invitation = make_invitation()
    page = client.get(links.answer_path(invitation, 5))
    assert not page.cookies
    assert send(Client(), invitation, page, later=60 * minutes, comment="Only now").status_code == 200
    response = Response.objects.get()
    assert (response.score, response.evidence, response.comment.text) == (5, "confirmed", "Only now")


@pytest.mark.django_db
def test_hostile_text_comes_back_as_it_was(client: Client, make_invitation: Make) -> None:
    for text in ("<script>alert(1)</script>", "</textarea><b>x", "{{ 7*7 }}", "\u202eabc", "👩‍👩‍👧 ё\u0301", "a\n\nb"):
        invitation = make_invitation()
        thanks = answer(client, invitation, 4, comment=text)
        assert Comment.objects.get(response__invitation=invitation).text == text
        assert Fields(thanks).values["comment"] == text and "<script>alert" not in thanks.content.decode()


ANSWER_TABLE = {
    # docs/states.md: from each state, what a clean POST, a held POST, and the two settlements make of it.
    "none": {"confirmed": "confirmed", "held": "held", "presumed": "presumed", "unverified": "unverified"},
    "unverified": {"confirmed": "confirmed", "held": "held", "presumed": "presumed", "unverified": "unverified"},
    "held": {"confirmed": "confirmed", "held": "held", "presumed": "held", "unverified": "held"},
    "presumed": {"confirmed": "confirmed", "held": "presumed", "presumed": "presumed", "unverified": "presumed"},
    "confirmed": {"confirmed": "confirmed", "held": "confirmed", "presumed": "confirmed", "unverified": "confirmed"},
}


@pytest.mark.parametrize("event", ["confirmed", "held", "presumed", "unverified"])
@pytest.mark.parametrize("state", ANSWER_TABLE)
def test_each_cell_of_the_answers_table(make_invitation, state: str, event: str) -> None:
    invitation = make_invitation()
    if state != "none":
        intake.record(invitation, Given(score=1, text="x", evidence=state))
    intake.record(invitation, Given(score=5, text=None, evidence=event, replace=True))
    invitation.refresh_from_db()
    assert invitation.answer_state == ANSWER_TABLE[state][event]
    response = Response.objects.get()
    assert response.evidence == invitation.answer_state
    comment = Comment.objects.filter(response=response).first()
    assert comment is None or comment.is_counted is (response.evidence in ("presumed", "confirmed"))


def test_what_was_only_opened_never_outweighs_a_held_post(make_invitation) -> None:
    invitation = make_invitation()
    intake.record(invitation, Given(score=1, text="spam", evidence="held"))
    intake.record(invitation, Given(score=5, evidence="presumed"))
    assert Response.objects.get().score == 1
