"""So many mails a minute in all, so many to one provider: the rest is put off, nothing fails, nobody starves."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone
from time_machine import travel

from ground import smtp as handing_over
from surveys import invitations, pace, sending
from surveys.models import AskingPolicy, Invitation, Message
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, 0, 5, tzinfo=dt.UTC)


def plan(make_invitation, count: int, domain: str) -> list[int]:
    made = [
        make_invitation(
            state="planned",
            sent_at=None,
            due_at=timezone.now() - dt.timedelta(hours=1),
            customer=make_customer(email=f"{domain[0]}{number}@{domain}"),
        )
        for number in range(count)
    ]
    return [invitation.pk for invitation in made]


def states() -> dict[str, int]:
    found = list(Invitation.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


def test_a_crowded_provider_is_put_off_and_others_pass(smtp, make_invitation) -> None:
    AskingPolicy.objects.update(domain_mails_a_minute=2)
    with travel(NOON, tick=False):
        big, small = plan(make_invitation, 7, "big.example"), plan(make_invitation, 2, "small.example")
        assert sending.send([*big, *small]) == 4
        assert states() == {"planned": 5, "sent": 4}
        waits = Invitation.objects.filter(state="planned").order_by("pk").values_list("due_at", flat=True)
        assert [int((due - NOON).total_seconds() + 5) // 60 for due in waits] == [1, 1, 2, 2, 3]
    with travel(NOON + dt.timedelta(minutes=1), tick=False):
        assert sending.send(big) == 2
        assert not Message.objects.exclude(state="accepted").exists()


def test_those_behind_a_crowd_are_let_through(smtp, make_invitation) -> None:
    """The bell looks at the first rows alone: a crowd must not fill it minute after minute."""
    AskingPolicy.objects.update(domain_mails_a_minute=1)
    with travel(NOON, tick=False):
        big, small = plan(make_invitation, 30, "big.example"), plan(make_invitation, 1, "small.example")
        sending.send(big[:5])
        assert list(invitations.waiting().values_list("pk", flat=True)) == small


def test_the_limit_for_all_leaves_the_rest_in_the_queue(smtp, make_invitation) -> None:
    AskingPolicy.objects.update(mails_a_minute=3)
    with travel(NOON, tick=False):
        mails = plan(make_invitation, 5, "a.example")
        assert pace.room() == 3
        assert sending.send(mails) == 3
        assert pace.room() == 0
        assert sending.send(mails) == 0
        assert invitations.waiting().count() == 2
    with travel(NOON + dt.timedelta(minutes=1), tick=False):
        assert sending.send(mails) == 2


def test_reminders_count_too(smtp, make_invitation) -> None:
    AskingPolicy.objects.update(mails_a_minute=3)
    with travel(NOON, tick=False):
        reminded = make_invitation(next_reminder_at=timezone.now())
        assert sending.remind([reminded.pk]) == 1
        assert pace.room() == 2


@pytest.mark.django_db(transaction=True)
def test_four_workers_keep_one_limit(smtp, make_invitation) -> None:
    AskingPolicy.objects.update(domain_mails_a_minute=5, mails_a_minute=8)
    mails = plan(make_invitation, 12, "a.example") + plan(make_invitation, 12, "b.example")

    def work(own: list[int]) -> None:
        sending.send(own)
        handing_over.drop()
        connection.close()

    threads = [threading.Thread(target=work, args=(mails[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A test that runs across a full minute may see two of them.
    minutes = {message.handed_over_at.replace(second=0, microsecond=0) for message in Message.objects.all()}
    assert len(smtp.mails) <= 8 * len(minutes)
    assert max(sum("@a." in mail["To"] for mail in smtp.mails), 1) <= 5 * len(minutes)
    assert states()["planned"] == 24 - len(smtp.mails)
    assert not Message.objects.filter(state="failed").exists()
