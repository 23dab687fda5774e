"""Doorbells of the ground: find jobs to go on with, ring; do. And housekeeping."""

from celery import shared_task

from ground import (
    audit_chain,
    erasing,
    idempotency,
    inbox,
    jobfiles,
    jobs,
    limits,
    notice_mail,
    notices,
    outgoing,
    pulses,
    rowqueue,
    sessions,
)


@shared_task
def ring_due() -> None:
    pulses.say(pulses.TICK)
    rowqueue.sweep(jobs.waiting())
    for pk in jobs.due(limit=20):
        run_jobs.apply_async(([pk],), expires=30)
    if people := notice_mail.due_people(limit=20):
        gather_notices.apply_async((people,), expires=30)
    outgoing.sweep()
    if ids := rowqueue.waiting_ids(outgoing.waiting(), limit=20):
        deliver_messages.apply_async((ids,), expires=30)


@shared_task
def run_jobs(ids: list[int]) -> None:
    jobs.work(ids)


@shared_task
def gather_notices(user_ids: list[int]) -> None:
    notice_mail.gather(user_ids)


@shared_task
def deliver_messages(ids: list[int]) -> None:
    outgoing.deliver(ids)


@shared_task
def read_mailbox() -> None:
    inbox.read_new()


@shared_task
def forget_old() -> None:
    idempotency.forget_old()
    limits.forget_old()
    jobfiles.forget_old()
    notices.forget_old()
    outgoing.forget_old()
    inbox.forget_old()
    pulses.forget_old()
    erasing.clean_if_due()
    sessions.forget_expired()


@shared_task
def seal_audit() -> None:
    audit_chain.seal()
