"""Doorbells of asking: find what is due, ring; claim, send."""

from celery import shared_task

from ground import rowqueue
from surveys import bounces, schedule, sending

BUNCH, BUNCHES = 20, 5


@shared_task
def ring_due() -> None:
    sending.sweep()
    ids = rowqueue.waiting_ids(sending.due(), limit=BUNCH * BUNCHES)
    for start in range(0, len(ids), BUNCH):
        send_invitations.apply_async((ids[start : start + BUNCH],), expires=30)
    if mails := bounces.due():
        understand_mails.apply_async((mails,), expires=30)
    if scheduled := schedule.due():
        ask_at_intervals.apply_async((scheduled,), expires=30)


@shared_task
def send_invitations(ids: list[int]) -> None:
    sending.send(ids)


@shared_task
def understand_mails(ids: list[int]) -> None:
    bounces.take_up(ids)


@shared_task
def ask_at_intervals(rule_ids: list[int]) -> None:
    schedule.advance(rule_ids)
