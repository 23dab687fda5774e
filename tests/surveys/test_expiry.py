"""A link's life ends: what nobody answered is expired, whatever was answered stays."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from surveys import expiry
from surveys.models import Invitation

pytestmark = pytest.mark.django_db
STATES = [state.value for state in Invitation.State]


@pytest.mark.parametrize("state", STATES)
def test_only_what_was_sent_expires_by_itself(make_invitation, state: str) -> None:
    make_invitation(state=state, expires_at=timezone.now() - dt.timedelta(days=1), next_reminder_at=timezone.now())
    assert expiry.expire() == (state == "sent")
    after = Invitation.objects.get()
    assert after.state == ("expired" if state == "sent" else state)
    assert (after.next_reminder_at is None) is (state == "sent")


@pytest.mark.parametrize(
    ("answer", "expires"),
    [("none", True), ("unverified", True), ("held", False), ("presumed", False), ("confirmed", False)],
)
def test_an_answer_keeps_it(make_invitation, answer: str, expires: bool) -> None:
    make_invitation(answer_state=answer, expires_at=timezone.now() - dt.timedelta(days=1))
    assert expiry.expire() == expires


def test_a_link_that_lives_stays(make_invitation) -> None:
    make_invitation(expires_at=timezone.now() + dt.timedelta(seconds=9))
    assert expiry.expire() == 0


def test_a_link_opened_in_its_last_minute_may_settle_first(make_invitation, settings) -> None:
    make_invitation(expires_at=timezone.now() - dt.timedelta(seconds=settings.SETTLEMENT_SECONDS))
    assert expiry.expire() == 0


def test_many_at_once(make_invitation, monkeypatch) -> None:
    monkeypatch.setattr(expiry, "BUNCH", 2)
    for _number in range(5):
        make_invitation(expires_at=timezone.now() - dt.timedelta(days=1))
    assert expiry.expire() == 5


def test_it_searches_an_index(make_invitation) -> None:
    if connection.vendor == "sqlite":
        assert "surveys_invitation_expiry" in expiry.over().explain()
