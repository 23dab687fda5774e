"""A clock that is set forward or back while everything runs: nothing is stuck, nothing is doubled, no link is dead."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from config import lights
from feedback.models import Comment, Response
from ground import pulses, rowqueue
from ground.models import Pulse, Session, User
from surveys import expiry, links, sending
from surveys.models import Invitation, Message
from tests.config.reading import make_comment
from tests.feedback.answering import Fields

pytestmark = pytest.mark.django_db
HOUR, STEPS = dt.timedelta(hours=1), [-60, -1, 1, 24]
Make = Callable[..., Invitation]


def ahead(hours: float, *, of: dt.datetime | None = None) -> time_machine.travel:
    return time_machine.travel((of or timezone.now()) + hours * HOUR, tick=False)


def test_what_a_worker_held_that_died_before_the_clock_was_set_back_is_taken_up() -> None:
    pk = make_comment(text="x", classified_at=None).pk
    with ahead(1):
        dead = rowqueue.claim(Comment.objects.waiting(), ids=[pk])
        assert dead.ids == (pk,)
    assert rowqueue.waiting_ids(Comment.objects.waiting(), limit=1) == [pk]
    heir = rowqueue.claim(Comment.objects.waiting(), ids=[pk])
    assert heir.ids == (pk,) and not rowqueue.owned(Comment, dead).exists()
    # Nor is a usual lease taken for one of those, or two would work on a row.
    assert rowqueue.claim(Comment.objects.waiting(), ids=[pk]).ids == ()
    longest = settings.EMAIL_TIMEOUT + settings.LEASE_SECONDS
    Comment.objects.update(lease="", leased_until=None)
    rowqueue.claim(Comment.objects.waiting(), ids=[pk], seconds=longest)
    assert rowqueue.claim(Comment.objects.waiting(), ids=[pk]).ids == ()


def test_what_was_put_off_stays_so() -> None:
    """Nobody holds it, so it may wait for as long as it was meant to."""
    pk = make_comment(text="x", classified_at=None).pk
    Comment.objects.update(leased_until=timezone.now() + 9 * HOUR)
    assert rowqueue.waiting_ids(Comment.objects.waiting(), limit=1) == []
    assert rowqueue.claim(Comment.objects.waiting(), ids=[pk]).ids == ()


@pytest.mark.parametrize("has_message", [True, False])
def test_a_mail_whose_worker_died_before_the_clock_was_set_back_is_settled(make_invitation: Make, has_message) -> None:
    invitation = make_invitation(state="sending", sent_at=None, lease="a" * 32, leased_until=timezone.now() + HOUR)
    if has_message:
        Message.objects.create(invitation=invitation, address="a@example.org", state="sending")
    assert sending.sweep() == 1
    invitation.refresh_from_db()
    assert (invitation.state, invitation.lease, invitation.leased_until) == ("uncertain", "", None)
    assert sending.sweep() == 0


def test_a_worker_that_died_before_the_clock_was_set_back_is_missed(organisation: object) -> None:
    name = pulses.name_of("send")
    with ahead(1):
        Pulse.beat(name)
    assert {light.name: light.level for light in lights.heartbeats()}["worker_send"] == lights.RED
    Pulse.beat(name)
    assert {light.name: light.level for light in lights.heartbeats()}["worker_send"] == lights.OK


def test_of_two_hosts_the_one_that_lives_counts() -> None:
    with ahead(1):
        Pulse.beat("send@gone")
    Pulse.beat("send@here")
    age = pulses.age("send")
    assert age is not None and age < 60


def test_a_link_that_a_clock_ahead_called_expired_opens_once_it_is_right(client: Client, make_invitation: Make) -> None:
    invitation = make_invitation()
    path = links.answer_path(invitation, 4)
    with ahead(24 * 60):
        assert "expired" in client.get(f"{path}?lang=en").content.decode()
        assert expiry.expire() == 1
    page = client.get(path)
    with ahead(0.01):
        assert client.post(path, Fields(page).values | {"comment": "Всё-таки отвечаю"}).status_code == 200
    assert Comment.objects.get().text == "Всё-таки отвечаю"
    assert Invitation.objects.get().answer_state == "confirmed"


def test_what_ended_before_it_was_sent_stays_ended(make_invitation: Make) -> None:
    assert not make_invitation(state="expired", sent_at=None).is_open()
    assert not make_invitation(state="cancelled").is_open()
    assert not make_invitation(state="expired", expires_at=timezone.now()).is_open()


@pytest.mark.parametrize("hours", STEPS)
def test_an_answer_counts_though_the_clock_was_set_while_it_was_written(
    client: Client, make_invitation: Make, hours: float
) -> None:
    invitation = make_invitation()
    now = timezone.now()
    with ahead(0, of=now):
        page = client.get(links.answer_path(invitation, 4))
    with ahead(hours, of=now):
        assert client.post(links.answer_path(invitation), Fields(page).values | {"comment": "x"}).status_code == 200
    assert Response.objects.get().evidence == "confirmed"


@pytest.mark.parametrize("seconds", [0.5, 0, -3])
def test_a_page_that_is_posted_at_once_is_held_on_hosts_whose_clocks_differ(
    client: Client, make_invitation: Make, seconds: float
) -> None:
    invitation, now = make_invitation(), timezone.now()
    with ahead(0, of=now):
        page = client.get(links.answer_path(invitation, 4))
    with ahead(seconds / 3600, of=now):
        client.post(links.answer_path(invitation), Fields(page).values | {"comment": "x"})
    assert Response.objects.get().evidence == "held"


@pytest.mark.parametrize("hours", STEPS)
def test_a_log_in_lives_through_a_step_and_ends_in_its_time(client: Client, administrator: User, hours: float) -> None:
    client.force_login(administrator)
    assert client.get("/admin/system/").status_code == 200
    with ahead(hours):
        assert client.get("/admin/system/").status_code == 200
    assert client.get("/admin/system/").status_code == 200
    seen = Session.objects.get().seen_at
    assert seen is not None and abs(timezone.now() - seen) < dt.timedelta(minutes=6)
    with ahead(24 * 15):
        assert client.get("/admin/system/").status_code == 302
