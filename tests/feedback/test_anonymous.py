"""Anonymous surveys: one answer for each invitation, and nothing that leads from the one to the other."""

import datetime as dt
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import bursts, sealed, settlement
from feedback.models import Answer, Comment, Response, Revision, Touch
from ground.models import LimitCounter, Organisation, Team, User
from surveys import expiry, links, public_links
from surveys.models import Agent, Customer, Interaction, Invitation, Link, Survey
from tests.feedback.answering import Fields, answer
from tests.feedback.voting import address, vote

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]
NOON = dt.datetime(2026, 3, 18, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer comes out at once: `test_sealed` is about those that wait for others."""
    monkeypatch.setattr(sealed, "TOGETHER", 1)


@pytest.fixture
def anonymous(survey: Survey) -> Survey:
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True, sends_thanks=True)
    survey.refresh_from_db()
    return survey


@pytest.fixture
def invitation(anonymous: Survey, make_invitation: Make, team: Team, agent: Agent) -> Invitation:
    return make_invitation(team=team, agent=agent, next_reminder_at=timezone.now())


def midnight(at: dt.datetime) -> dt.datetime:
    zone = Organisation.current().timezone
    return dt.datetime.combine(at.astimezone(zone).date(), dt.time(), tzinfo=zone)


# --- an invitation -----------------------------------------------------------------------------------------------


def test_an_answer_keeps_its_team_and_its_day(client: Client, invitation: Invitation, team: Team) -> None:
    with time_machine.travel(NOON, tick=False):
        Invitation.objects.update(expires_at=NOON + dt.timedelta(days=9))
        thanks = answer(client, invitation, 4, comment="Быстро")
    response, comment, revision = Response.objects.get(), Comment.objects.get(), Revision.objects.get()
    day = midnight(NOON)
    assert (response.invitation, response.customer, response.agent, response.link) == (None, None, None, None)
    assert (response.score, response.team, response.edit_key_hash, response.device) == (4, team, "", "")
    assert {response.answered_at, response.changed_at, comment.said_at, comment.received_at, revision.at} == {day}
    assert (comment.customer, comment.interaction, comment.text, comment.is_counted) == (None, None, "Быстро", True)
    assert comment.request == ""
    assert (revision.prefix_hash, revision.agent_hash, revision.page_served_at) == ("", "", None)
    invitation.refresh_from_db()
    assert (invitation.answer_state, invitation.answered_at) == ("confirmed", day)
    assert (invitation.thanks_due_at, invitation.next_reminder_at) == (None, None)
    assert not Touch.objects.exists()
    assert not LimitCounter.objects.filter(key__contains=str(invitation.pk)).exists()
    assert "Быстро" not in thanks.content.decode() and 'name="key"' not in thanks.content.decode()


def test_the_page_says_so_and_asks_for_no_contact(client: Client, invitation: Invitation) -> None:
    page = client.get(links.answer_path(invitation, 4) + "?lang=en").content.decode()
    assert "This survey is anonymous" in page
    assert 'name="contact"' not in page and "<script" not in page and "Your data" not in page


def test_a_second_answer_is_told_that_there_is_one_and_shown_nothing(client: Client, invitation: Invitation) -> None:
    page = client.get(links.answer_path(invitation))
    answer(client, invitation, 2, comment="Тайна")
    for reply in (
        client.get(links.answer_path(invitation)),
        client.post(links.answer_path(invitation), Fields(page).values),
    ):
        assert 'class="lead"' in reply.content.decode() and 'name="score"' not in reply.content.decode()
        assert "Тайна" not in reply.content.decode()
    assert Response.objects.get().score == 2


def test_errors_keep_what_was_typed_and_take_nothing(client: Client, invitation: Invitation) -> None:
    page = answer(client, invitation, None, comment="x" * 5001)
    assert page.status_code == 400 and "x" * 5001 in page.content.decode()
    assert not Response.objects.exists()
    invitation.refresh_from_db()
    assert invitation.answer_state == "none"


@pytest.mark.parametrize("only", ["score", "message"])
def test_a_part_alone_is_not_taken_for_the_answer(client: Client, invitation: Invitation, only: str) -> None:
    answer(client, invitation, 4, only=only)
    assert not Response.objects.exists() and not Comment.objects.exists()


def test_a_closed_one_takes_no_words_either(client: Client, invitation: Invitation) -> None:
    page = client.get(links.answer_path(invitation))
    Survey.objects.update(is_archived=True)
    assert client.post(links.answer_path(invitation), Fields(page).values | {"comment": "x"}).status_code == 410
    assert not Comment.objects.exists()


def test_a_robots_answer_is_held_and_the_invitation_does_not_say_so(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, 4, website="filled")
    assert (Response.objects.get().evidence, Response.objects.get().held_for) == ("held", "decoy")
    invitation.refresh_from_db()
    assert invitation.answer_state == "confirmed"


def test_what_was_opened_before_it_became_anonymous_is_forgotten(survey: Survey, make_invitation: Make) -> None:
    invitation = make_invitation()
    Touch.objects.create(invitation=invitation, score=4, header_class="navigation", at=timezone.now() - dt.timedelta(1))
    Survey.objects.update(is_anonymous=True)
    settlement.settle([invitation.pk])
    assert not Touch.objects.exists() and not Response.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_give_one_answer(invitation: Invitation) -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(seconds=9)):
        page = Fields(Client().get(links.answer_path(invitation))).values

    def press(score: int) -> int:
        try:
            return Client().post(links.answer_path(invitation), page | {"score": str(score)}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(press, [1, 2, 3, 4, 5] * 2)) == {200}
    assert (Response.objects.count(), Answer.objects.count(), Revision.objects.count()) == (1, 1, 1)


# --- a public link -----------------------------------------------------------------------------------------------


@pytest.fixture
def desk(anonymous: Survey, team: Team, agent: Agent) -> Link:
    return Link.objects.create(
        label="Касса 4", survey=anonymous, team=team, agent=agent, public_key=public_links.new_key()
    )


def test_a_public_link_makes_no_invitation_and_nobody(desk: Link, team: Team, agent: Agent) -> None:
    vote(desk, 4, at=NOON, comment="Быстро")
    response = Response.objects.get()
    assert (response.link, response.team, response.agent, response.channel) == (desk, team, agent, "in_person")
    assert response.answered_at == Comment.objects.get().said_at == midnight(NOON)
    assert not Invitation.objects.exists() and not Interaction.objects.exists() and not Customer.objects.exists()
    windows = {(row.window.hour, row.window.minute, row.window.second) for row in LimitCounter.objects.all()}
    assert windows == {(0, 0, 0)}


def test_one_page_is_one_answer(client: Client, desk: Link) -> None:
    path = public_links.path(desk)
    with time_machine.travel(NOON, tick=False):
        page = Fields(client.get(path)).values | {"score": "4"}
    with time_machine.travel(NOON + dt.timedelta(seconds=9), tick=False):
        replies = [client.post(path, page) for _time in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert Response.objects.count() == 1


def test_a_second_answer_of_a_device_on_one_day_is_held(desk: Link) -> None:
    vote(desk, 5, at=NOON)
    vote(desk, 1, at=NOON + dt.timedelta(hours=2))
    vote(desk, 5, at=NOON + dt.timedelta(days=1))
    assert sorted(Response.objects.values_list("held_for", flat=True)) == ["", "", "duplicate"]


def test_a_burst_is_held_with_what_came_that_day(desk: Link) -> None:
    vote(desk, 5, at=NOON - dt.timedelta(days=3))
    for number in range(40):
        vote(desk, 1, at=NOON + dt.timedelta(seconds=number), address=address(number))
    assert Response.objects.filter(held_for="velocity").count() == 40
    assert Response.objects.get(evidence="confirmed").score == 5


def test_another_limit_counts_answers_that_name_nobody(desk: Link) -> None:
    Survey.objects.update(response_limit=2)
    for number in range(2):
        vote(Link.objects.select_related("survey").get(), 4, at=NOON, address=address(number))
    survey = Survey.objects.get()
    assert survey.is_full
    for limit, is_full in ((3, False), (2, True), (None, False)):
        survey.response_limit = limit
        survey.count_answers()
        assert Survey.objects.get().is_full is is_full, limit


# --- the desk ----------------------------------------------------------------------------------------------------


def test_lists_and_stories_show_nobody(
    client: Client, invitation: Invitation, login: Callable[..., Client], administrator: User
) -> None:
    answer(client, invitation, 4, comment="Быстро")
    name = str(invitation.customer)
    desk, comment = login(administrator), Comment.objects.get()
    for page in (
        reverse("admin:feedback_response_changelist"), reverse("admin:feedback_comment_changelist"),
        reverse("admin:feedback_response_change", args=[Response.objects.get().pk]),
        reverse("admin:feedback_comment_change", args=[comment.pk]),
    ):  # fmt: skip
        reply = desk.get(page)
        assert reply.status_code == 200 and name not in reply.content.decode(), page


def test_it_cannot_be_switched_once_somebody_answered(client: Client, invitation: Invitation) -> None:
    survey = invitation.survey
    survey.is_anonymous = False
    survey.sends_thanks = False
    survey.clean()
    answer(client, invitation, 4)
    with pytest.raises(ValidationError):
        survey.clean()
    assert bursts.has_answers(survey.pk)


# --- the linker --------------------------------------------------------------------------------------------------


def rows_of(model: type[models.Model], *names: str) -> list[tuple[Any, ...]]:
    return list(model._default_manager.order_by("pk").values_list(*names))


def hits(truth: dict[int, int], guess: Iterable[tuple[int, int]]) -> int:
    """How many invitations were led to the score that they really gave; scores are told apart by their words."""
    return sum(truth[invitation] == said for invitation, said in guess)


def test_who_has_the_whole_database_finds_nobody(
    anonymous: Survey, make_invitation: Make, team: Team, other_team: Team, agent: Agent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Two hundred answers on one day, in an order that the attacker knows; each is told apart by its words."""
    monkeypatch.setattr(sealed, "TOGETHER", 5)
    second = Agent.objects.create(external_id="a2", name="Б", team=team)
    count = 200
    invitations = [
        make_invitation(
            team=team, agent=(agent, second)[number % 2], channel=("phone", "chat", "email")[number % 3],
            reason=f"r{number % 7}", language=("ru", "en")[number % 2],
        )
        for number in range(count)
    ]  # fmt: skip
    truth: dict[int, int] = {}
    begin = timezone.now().astimezone(Organisation.current().timezone).replace(hour=9, minute=0)
    Invitation.objects.update(expires_at=begin + dt.timedelta(days=30))
    for number, invitation in enumerate(invitations):  # they answer in the order in which they were asked
        truth[invitation.pk] = number
        with time_machine.travel(begin + dt.timedelta(minutes=2 * number), tick=False):
            answer(Client(HTTP_USER_AGENT=f"browser {number % 9}"), invitation, 1 + number % 5, comment=f"№{number}")
    expiry.mix_anonymous()
    asked = [pk for (pk,) in rows_of(Invitation, "pk")]
    words = {response: int(text[1:]) for response, text in rows_of(Comment, "response", "text")}
    ends: dict[str, list[int]] = {
        "response": [words[pk] for (pk,) in rows_of(Response, "pk")],
        "comment": [words[pk] for (pk,) in rows_of(Comment, "response")],
        "revision": [words[pk] for (pk,) in rows_of(Revision, "response")],
        "answer": [words[pk] for (pk,) in rows_of(Answer, "response")],
        "times": [words[pk] for pk, _at in sorted(rows_of(Response, "pk", "answered_at"), key=lambda row: row[1])],
    }
    chance = max(hits(truth, zip(asked, random.Random(1).sample(range(count), count), strict=True)), 1)
    for name, order in ends.items():
        found = hits(truth, zip(asked, order, strict=True))
        assert found <= chance + 6, (name, found)  # by chance one, and more than seven once in ten thousand runs
    if connection.vendor == "postgresql":
        assert _by_transaction() == 0
    known = {"survey", "version", "team", "scale", "evidence", "id"}
    for column in Response._meta.concrete_fields:  # nothing else tells one answer from another
        values = set(Response.objects.values_list(column.attname, flat=True))
        assert len(values) == 1 or column.name in known | {"score"}, column.name


def _by_transaction() -> int:
    """Pairs of an invitation and an answer that one transaction wrote, as PostgreSQL itself remembers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM surveys_invitation i JOIN feedback_response r ON i.xmin = r.xmin "
            "WHERE i.answer_state = 'confirmed' GROUP BY i.xmin HAVING count(*) < 100"
        )
        return len(cursor.fetchall())
