"""Doorbells of asking: find what is due, ring; claim, send."""

from celery import Task, shared_task

from ground import rowqueue
from surveys import bounces, expiry, invitations, own_data, pace, reminders, schedule, sending, thanks

BUNCH, BUNCHES = 50, 4


@shared_task
def ring_due() -> None:
    sending.sweep()
    room = pace.room()
    for queue, task in ((thanks, send_thanks), (invitations, send_invitations), (reminders, send_reminders)):
        ids = rowqueue.waiting_ids(queue.waiting(), limit=int(min(room, BUNCH * BUNCHES)))
        room -= len(ids)
        ring(task, ids)
    ring(mail_own_data, rowqueue.waiting_ids(own_data.waiting(), limit=BUNCH))
    ring(understand_mails, bounces.due())
    ring(ask_at_intervals, schedule.due())


def ring(task: Task, ids: list[int]) -> None:
    for start in range(0, len(ids), BUNCH):
        task.apply_async((ids[start : start + BUNCH],), expires=30)


@shared_task
def send_invitations(ids: list[int]) -> None:
    sending.send(ids)


@shared_task
def send_reminders(ids: list[int]) -> None:
    sending.remind(ids)


@shared_task
def send_thanks(ids: list[int]) -> None:
    sending.thank(ids)


@shared_task
def mail_own_data(ids: list[int]) -> None:
    own_data.mail(ids)


@shared_task
def expire_links() -> None:
    expiry.expire()
    expiry.mix_anonymous()
    own_data.forget_old()


@shared_task
def understand_mails(ids: list[int]) -> None:
    bounces.take_up(ids)


@shared_task
def ask_at_intervals(rule_ids: list[int]) -> None:
    schedule.advance(rule_ids)
