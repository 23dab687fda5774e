"""Doorbells of the ground: find jobs to go on with, ring; do. And housekeeping."""

from celery import shared_task

from ground import idempotency, jobs, limits, rowqueue


@shared_task
def ring_due() -> None:
    rowqueue.sweep(jobs.waiting())
    for pk in rowqueue.waiting_ids(jobs.waiting(), limit=20):
        run_jobs.apply_async(([pk],), expires=10)


@shared_task
def run_jobs(ids: list[int]) -> None:
    jobs.work(ids)


@shared_task
def forget_old() -> None:
    idempotency.forget_old()
    limits.forget_old()
