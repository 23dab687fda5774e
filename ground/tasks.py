"""Housekeeping of the ground."""

from celery import shared_task

from ground import idempotency, limits


@shared_task
def forget_old() -> None:
    idempotency.forget_old()
    limits.forget_old()
