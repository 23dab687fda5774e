"""Every cell of docs/states.md: what an invitation becomes after each event, from each state."""

import datetime as dt

import pytest
from django.utils import timezone

from ground.access import EVERYTHING
from ground.models import User
from surveys import channels, expiry, restored, sending, suppression, unsettled
from surveys.attempts import Withdrawn
from surveys.channels import NotSent, Unknown
from surveys.channels import email as channel
from surveys.models import Invitation, Message, Suppression

pytestmark = pytest.mark.django_db

WAITING = ["planned", "postponed"]
STATES = [state.value for state in Invitation.State]


def due(invitation: Invitation, monkeypatch, answer: Exception | None = None) -> None:
    def send(invitation: Invitation, message: Message) -> None:
        assert Invitation.objects.get(pk=invitation.pk).state == "sending"
        if answer:
            raise answer

    monkeypatch.setattr(channel, "send", send)
    sending.send([invitation.pk])


def fine(invitation: Invitation, monkeypatch) -> None:
    due(invitation, monkeypatch)


def refuses(invitation: Invitation, monkeypatch) -> None:
    suppression.suppress(invitation.customer.email, reason=Suppression.Reason.MANUAL)
    due(invitation, monkeypatch)


def too_old(invitation: Invitation, monkeypatch) -> None:
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    due(invitation, monkeypatch)


def busy(invitation: Invitation, monkeypatch) -> None:
    due(invitation, monkeypatch, NotSent("451", passing=True))


def unknown_user(invitation: Invitation, monkeypatch) -> None:
    due(invitation, monkeypatch, NotSent("550", passing=False))


def lost(invitation: Invitation, monkeypatch) -> None:
    due(invitation, monkeypatch, Unknown("disconnected"))


def worker_died(invitation: Invitation, monkeypatch) -> None:
    Invitation.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    sending.sweep()


def worker_died_and_resends(invitation: Invitation, monkeypatch) -> None:
    type(invitation.survey).objects.update(on_uncertain="resend")
    if invitation.state == "sending":
        Message.objects.create(invitation=invitation, address="a@example.org", state="sending")
    worker_died(invitation, monkeypatch)


def opted_out(invitation: Invitation, monkeypatch) -> None:
    due(invitation, monkeypatch, Withdrawn("unsubscribed"))


def link_over(invitation: Invitation, monkeypatch) -> None:
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(hours=1))
    expiry.expire()


def late_word(invitation: Invitation, monkeypatch) -> None:
    message = Message.objects.create(invitation=invitation, address="a@example.org", state="sending")
    sending.record_accepted(message, at=timezone.now())


def sent_again(invitation: Invitation, monkeypatch) -> None:
    unsettled.send_again({invitation.pk: 0}, scope=EVERYTHING, by=User.objects.create_user("m@example.org"))


def left(invitation: Invitation, monkeypatch) -> None:
    unsettled.leave({invitation.pk: 0}, scope=EVERYTHING, by=User.objects.create_user("m@example.org"))


def restored_from_a_backup(invitation: Invitation, monkeypatch) -> None:
    restored.settle()


AFTER = {
    fine: dict.fromkeys(WAITING, "sent"),
    refuses: dict.fromkeys(WAITING, "refused"),
    too_old: dict.fromkeys(WAITING, "expired"),
    busy: dict.fromkeys(WAITING, "planned"),
    unknown_user: dict.fromkeys(WAITING, "failed"),
    lost: dict.fromkeys(WAITING, "uncertain"),
    worker_died: {"sending": "uncertain"},
    worker_died_and_resends: {"sending": "planned"},
    opted_out: dict.fromkeys(WAITING, "refused"),
    link_over: {"sent": "expired"},
    sent_again: {"uncertain": "planned", "failed": "planned"},
    restored_from_a_backup: dict.fromkeys(WAITING, "uncertain"),
    left: {"uncertain": "sent", "failed": "cancelled"},
}


@pytest.mark.parametrize("event", AFTER, ids=lambda event: event.__name__)
@pytest.mark.parametrize("state", STATES)
def test_each_cell(make_invitation, monkeypatch, state: str, event) -> None:
    invitation = make_invitation(state=state, sent_at=None)
    event(invitation, monkeypatch)
    assert Invitation.objects.get().state == AFTER[event].get(state, state)


@pytest.mark.parametrize("state", ["planned", "sending", "uncertain"])
def test_the_servers_late_word_makes_it_sent(make_invitation, monkeypatch, state: str) -> None:
    late_word(make_invitation(state=state), monkeypatch)
    assert Invitation.objects.get().state == "sent"
    assert Message.objects.get().state == "accepted"


@pytest.mark.parametrize("answer", ["unverified", "held", "presumed", "confirmed"])
def test_an_answer_proves_that_the_mail_arrived(make_invitation, monkeypatch, answer: str) -> None:
    sent_again(invitation := make_invitation(state="uncertain", answer_state=answer), monkeypatch)
    assert Invitation.objects.get().state == "uncertain"
    Invitation.objects.update(state="planned", sent_at=None)
    fine(invitation, monkeypatch)
    assert Invitation.objects.get().state == "sent"
    assert not Message.objects.exists()


def test_every_channel_can_be_loaded() -> None:
    assert all(callable(channels.get(kind).send) for kind in channels.KINDS)


ANSWERS = ["none", "unverified", "held", "presumed", "confirmed"]


@pytest.mark.parametrize("before", ANSWERS)
@pytest.mark.parametrize("evidence", ["unverified", "held", "presumed", "confirmed"])
def test_an_answer_never_gets_less_sure_once_confirmed(make_invitation, before: str, evidence: str) -> None:
    invitation = make_invitation(answer_state=before)
    changed = invitation.mark_answered(evidence=evidence, at=timezone.now())
    assert changed is (before != "confirmed")
    after = Invitation.objects.get()
    assert after.answer_state == ("confirmed" if before == "confirmed" else evidence)
    if changed:
        assert (after.answered_at is not None) is (evidence in ("presumed", "confirmed"))
