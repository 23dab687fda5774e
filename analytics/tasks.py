"""Doorbells of knowing: ring while a change waits; count the changed days anew."""

from celery import shared_task

from analytics import audit, rollups


@shared_task
def ring_due() -> None:
    if rollups.has_work():
        roll_up.apply_async(expires=5)
    audit.begin_if_due()


@shared_task
def roll_up() -> None:
    rollups.roll_up()
