"""The queue of held answers: what a person's word does, and what it outweighs."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from feedback import notices, reviewing, settlement
from feedback.models import Comment, Response, Touch
from ground.access import scope_of
from ground.models import AuditEntry, Change, Team, User
from surveys import links
from surveys.models import Invitation
from tests.feedback.answering import answer

pytestmark = pytest.mark.django_db
Make = Callable[..., Invitation]
AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


@pytest.fixture
def held(client: Client, make_invitation: Make, team: Team) -> Response:
    """Held because the decoy was filled in."""
    invitation = make_invitation(team=team, next_reminder_at=timezone.now() + dt.timedelta(days=2))
    answer(client, invitation, 2, hours=-1, website="x", comment="Ужасно", contact="on")
    return Response.objects.get()


def unverified(make_invitation: Make, team: Team, *scores: int) -> Response:
    """Opened right after the mail."""
    invitation = make_invitation(team=team, sent_at=timezone.now() - dt.timedelta(minutes=30, seconds=5))
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=30), tick=False):
        for score in scores:
            Client(headers={"User-Agent": AGENT}).get(links.answer_path(invitation, score))
    settlement.settle([invitation.pk])
    return Response.objects.get(invitation=invitation)


def test_what_waits_says_why(held: Response, make_invitation: Make, team: Team, manager: User) -> None:
    early = unverified(make_invitation, team, 4)
    waiting = reviewing.waiting(scope_of(manager))
    assert {row.pk: row.held_for for row in waiting} == {held.pk: "decoy", early.pk: "early"}


def test_released_it_counts_everywhere(held: Response, manager: User) -> None:
    Change.objects.all().delete()
    came = reviewing.release([held.pk], scope=scope_of(manager), by=manager)
    held.refresh_from_db()
    assert came.done == (held.pk,) and (held.evidence, held.review, held.reviewed_by) == (
        "confirmed", "released", manager,
    )  # fmt: skip
    assert Comment.objects.get().is_counted and Comment.objects.get().evidence == "confirmed"
    assert held.invitation.answer_state == "confirmed" and held.invitation.next_reminder_at is None
    assert held.revisions.last().evidence == "confirmed" and held.revisions.last().text == "Ужасно"
    assert set(Change.objects.values_list("scope", flat=True)) == {"response", "comment", "invitation"}
    assert AuditEntry.objects.get().verb == reviewing.RELEASED
    assert notices.contacts_due(limit=5) == [held.pk]


def test_rejected_it_leaves_the_queue_and_reminders_go_on(held: Response, manager: User) -> None:
    reviewing.reject([held.pk], scope=scope_of(manager), by=manager)
    held.refresh_from_db()
    assert (held.evidence, held.review) == ("held", "rejected")
    assert not reviewing.waiting(scope_of(manager)).exists()
    assert held.invitation.next_reminder_at is not None and not Comment.objects.get().is_counted


def test_later_openings_do_not_bring_a_rejected_one_back(make_invitation: Make, team: Team, manager: User) -> None:
    early = unverified(make_invitation, team, 4)
    reviewing.reject([early.pk], scope=scope_of(manager), by=manager)
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=15), tick=False):
        Client(headers={"User-Agent": f"{AGENT} other"}).get(links.answer_path(early.invitation, 5))
    settlement.settle([early.invitation_id])
    early.refresh_from_db()
    assert (early.evidence, early.review, early.score) == ("unverified", "rejected", 4)


def test_a_persons_answer_counts_after_a_rejection(held: Response, manager: User) -> None:
    reviewing.reject([held.pk], scope=scope_of(manager), by=manager)
    answer(Client(headers={"User-Agent": AGENT}), held.invitation, 5)
    held.refresh_from_db()
    assert (held.evidence, held.score, held.review, held.held_for) == ("confirmed", 5, "", "")
    assert not Comment.objects.exists()


def test_a_persons_answer_goes_over_a_released_click_without_a_question(
    make_invitation: Make, team: Team, manager: User
) -> None:
    early = unverified(make_invitation, team, 4)
    reviewing.release([early.pk], scope=scope_of(manager), by=manager)
    answer(Client(headers={"User-Agent": AGENT}), early.invitation, 1)
    early.refresh_from_db()
    assert (early.evidence, early.score) == ("confirmed", 1)


def test_without_a_single_score_nothing_can_count(make_invitation: Make, team: Team, manager: User) -> None:
    swept = unverified(make_invitation, team, 1, 2, 3)
    came = reviewing.release([swept.pk], scope=scope_of(manager), by=manager)
    assert (came.done, came.without_score) == ((), 1)
    assert Response.objects.get().evidence == "unverified"


@pytest.mark.parametrize("act", [reviewing.release, reviewing.reject])
def test_a_decision_is_taken_back_wholly(held: Response, manager: User, act: Callable) -> None:
    reminder = held.invitation.survey.first_reminder_days
    act([held.pk], scope=scope_of(manager), by=manager)
    came = reviewing.take_back([held.pk], scope=scope_of(manager), by=manager)
    held.refresh_from_db()
    held.invitation.refresh_from_db()
    assert came.done == (held.pk,) and (held.evidence, held.review, held.held_for) == ("held", "", "decoy")
    assert held.invitation.answer_state == "held" and held.invitation.answered_at is None
    assert (held.invitation.next_reminder_at is not None) is bool(reminder or act is reviewing.reject)
    assert not Comment.objects.get().is_counted


def test_what_the_customer_changed_since_is_not_taken_back(held: Response, manager: User) -> None:
    reviewing.release([held.pk], scope=scope_of(manager), by=manager)
    answer(Client(headers={"User-Agent": AGENT}), held.invitation, 5, hours=1, comment="Нет, хорошо")
    came = reviewing.take_back([held.pk], scope=scope_of(manager), by=manager)
    assert (came.done, came.missed) == ((), 1)


def test_two_people_and_another_team(held: Response, manager: User, outsider: User) -> None:
    assert reviewing.release([held.pk], scope=scope_of(outsider), by=outsider).missed == 1
    assert reviewing.reject([held.pk], scope=scope_of(manager), by=manager).done
    assert reviewing.release([held.pk], scope=scope_of(manager), by=manager).missed == 1


def test_a_release_is_not_judged_again(held: Response, manager: User) -> None:
    reviewing.release([held.pk], scope=scope_of(manager), by=manager)
    Touch.objects.update(at=timezone.now() - dt.timedelta(hours=1))
    settlement.settle([held.invitation_id])
    held.refresh_from_db()
    assert held.evidence == "confirmed"


def test_a_burst_that_was_released_is_held_again(client: Client, make_invitation: Make, manager: User) -> None:
    answer(client, make_invitation(team=manager.memberships.get().team), 2, hours=-1)
    Response.objects.update(evidence="held", held_for="velocity")
    key = Response.objects.get().pk
    reviewing.release([key], scope=scope_of(manager), by=manager)
    reviewing.take_back([key], scope=scope_of(manager), by=manager)
    assert Response.objects.get().evidence == "held"


def test_the_queue_is_found_by_its_own_index_whole_and_within_teams(manager: User) -> None:
    """With what is held as parameters SQLite would look through every answer, on every page of the desk."""
    if connection.vendor == "sqlite":
        assert "INDEX feedback_response_review_team" in reviewing.waiting(scope_of(manager)).explain()
        everywhere = User.objects.create_superuser("all@example.org")
        assert "INDEX feedback_response_review" in reviewing.waiting(scope_of(everywhere)).explain()
