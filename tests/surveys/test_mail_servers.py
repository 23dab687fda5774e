"""Against a real server process with every bad habit: a mail leaves at most once and nothing is forgotten."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import lights
from ground import outgoing, smtp
from ground.models import Outgoing
from surveys import sending
from surveys.models import Invitation, Message
from tests import mail_server
from tests.campaign import accounts
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
TURNS = 40

# Behaviour of the server: state of the invitation, of its message, and how many mails the server took.
EXPECTED = {
    "accept": ("sent", "accepted", 1),
    "slow-rcpt": ("sent", "accepted", 1),
    "slow-dot": ("sent", "accepted", 1),
    "busy-rcpt": ("planned", "failed", 0),
    "busy-data": ("planned", "failed", 0),
    "busy-text": ("planned", "failed", 0),
    "leaving": ("planned", "failed", 0),
    "drop-rcpt": ("planned", "failed", 0),
    "drop-data": ("planned", "failed", 0),
    "unknown": ("failed", "failed", 0),
    "no-data": ("failed", "failed", 0),
    "no-text": ("failed", "failed", 0),
    # The text was with the server when the line went silent or broke: nobody can know.
    "drop-text": ("uncertain", "uncertain", 0),
    "drop-after": ("uncertain", "uncertain", 1),
    "hang": ("uncertain", "uncertain", 0),
    "garbage": ("uncertain", "uncertain", 1),
}


def connect(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2
    smtp.drop()


@pytest.fixture
def ledger(tmp_path: Path, settings: Any) -> Iterator[Path]:
    with mail_server.running(tmp_path / "taken", seconds=0.3) as port:
        connect(settings, port)
        yield tmp_path / "taken"
        smtp.drop()


def planned(make_invitation: Any, address: str) -> Invitation:
    return make_invitation(state="planned", sent_at=None, customer=make_customer(email=address))


def test_every_behaviour_of_the_server_is_expected() -> None:
    assert set(EXPECTED) == set(mail_server.BEHAVIOURS)


@pytest.mark.parametrize("behaviour", EXPECTED)
def test_one_mail(ledger: Path, settings: Any, make_invitation: Any, behaviour: str) -> None:
    settings.EMAIL_TIMEOUT = 2 if behaviour == "hang" else 30  # only one is given up for its silence
    invitation = planned(make_invitation, f"{behaviour}+1@example.org")
    following = planned(make_invitation, "accept+2@example.org")
    sending.send([invitation.pk, following.pk])
    state, message, taken = EXPECTED[behaviour]
    assert Invitation.objects.get(pk=invitation.pk).state == state
    assert Message.objects.get(invitation=invitation).state == message
    recipients = [recipient for _number, recipient in mail_server.taken(ledger)]
    assert recipients.count(f"{behaviour}+1@example.org") == taken
    if Invitation.objects.get(pk=following.pk).state == "planned":  # a silent server used up the bunch's time
        sending.send([following.pk])
    assert Invitation.objects.get(pk=following.pk).state == "sent"


def test_all_of_them_in_one_bunch_again_and_again(ledger: Path, settings: Any, make_invitation: Any) -> None:
    """However often the bell rings, no mail leaves twice, and each ends as its server's word was."""
    settings.EMAIL_TIMEOUT = 30
    mails = [planned(make_invitation, f"{behaviour}+1@example.org").pk for behaviour in EXPECTED if behaviour != "hang"]
    for _bell in range(3):
        sending.send(mails)
    numbers = [number for number, _recipient in mail_server.taken(ledger)]
    assert len(numbers) == len(set(numbers)) == sum(taken for _state, _message, taken in EXPECTED.values())
    states = {one.customer.email.partition("+")[0]: one.state for one in Invitation.objects.select_related("customer")}
    assert states == {behaviour: state for behaviour, (state, *_rest) in EXPECTED.items() if behaviour != "hang"}


@pytest.mark.campaign
@pytest.mark.e2e
def test_forty_times_all_of_them(ledger: Path, make_invitation: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the silent one, who keeps each of its mails for as long as we wait."""
    behaviours = [behaviour for behaviour in EXPECTED if behaviour != "hang"]
    for turn in range(TURNS):
        mails = [planned(make_invitation, f"{behaviour}+{turn}@example.org").pk for behaviour in behaviours]
        for _bell in range(3):
            sending.send(mails)
    numbers = [number for number, _recipient in mail_server.taken(ledger)]
    found = Invitation.objects.values_list("customer__email", "state")
    wrong = [(address, state) for address, state in found if EXPECTED[address.partition("+")[0]][0] != state]
    told = accounts.line(
        attempted=len(found), acknowledged=sum(state == "sent" for _address, state in found), lost=len(wrong),
        doubled=len(numbers) - len(set(numbers)), faults=TURNS * (len(behaviours) - 1),
    )  # fmt: skip
    uncertain = sum(state == "uncertain" for _address, state in found)
    accounts.tell(capsys, f"mail servers: {told} (refusals, pauses, lines that break); uncertain {uncertain}")
    assert (wrong, len(numbers) - len(set(numbers))) == ([], 0)
    assert len(numbers) == TURNS * sum(taken for _state, _message, taken in EXPECTED.values())


@pytest.mark.parametrize("how", [{"banner": "554 go away"}, {"banner": "421 too busy"}, {"tls": True}])
def test_a_server_that_does_not_let_us_in(tmp_path: Path, settings: Any, make_invitation: Any, how: Any) -> None:
    with mail_server.running(tmp_path / "taken", **how) as port:
        connect(settings, port)
        settings.EMAIL_USE_TLS = "tls" in how
        invitation = planned(make_invitation, "accept+1@example.org")
        sending.send([invitation.pk])
        smtp.drop()
    after = Invitation.objects.get()
    assert after.state == "planned"
    assert after.due_at > invitation.due_at
    assert not mail_server.taken(tmp_path / "taken")


def test_a_wrong_password_lets_mails_wait_until_it_is_right(
    tmp_path: Path, settings: Any, make_invitation: Any, manager: Any
) -> None:
    """It is the operator's fault and no mail's: the page of the system says what to do, and then they leave."""
    with mail_server.running(tmp_path / "taken", password="swordfish") as port:
        connect(settings, port)
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "otklik", "sawfish"
        invitation = planned(make_invitation, "accept+1@example.org")
        notice = Outgoing.objects.create(user=manager, address=manager.email, subject="s", text="t", html="")
        sending.send([invitation.pk])
        outgoing.deliver([notice.pk])
        waits, waiting = Invitation.objects.get(), Outgoing.objects.get()
        assert (waits.state, waits.due_at > invitation.due_at) == ("planned", True)
        assert waiting.sent_at is None and waiting.quarantined_at is None
        light = server_light()
        assert light.level == lights.RED and "EMAIL_URL" in light.todo

        settings.EMAIL_HOST_PASSWORD = "swordfish"
        Invitation.objects.update(due_at=invitation.due_at)
        Outgoing.objects.update(leased_until=None)
        assert sending.send([invitation.pk]) == outgoing.deliver([notice.pk]) == 1
        smtp.drop()
    assert len(mail_server.taken(tmp_path / "taken")) == 2
    assert server_light().level == lights.OK


def server_light() -> lights.Light:
    return next(light for light in lights.mails() if light.name == "mail_server")


def test_a_slow_server_does_not_hold_a_bunch(ledger: Path, make_invitation: Any, monkeypatch: Any) -> None:
    """Twenty mails at 30 seconds each would hold the worker, and notices to managers, for ten minutes."""
    monkeypatch.setattr(sending, "FRESH_SECONDS", 1.5)
    mails = [planned(make_invitation, f"slow-dot+{number}@example.org").pk for number in range(40)]
    began = time.monotonic()
    sent = sending.send(mails)
    assert time.monotonic() - began < 40 * 0.3
    assert 1 <= sent < 20
    assert Invitation.objects.filter(state="planned", lease="", leased_until=None).count() == 40 - sent
