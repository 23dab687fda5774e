"""Doorbells of knowing: ring while a change waits; count the changed days anew, judge those that are over."""

from celery import shared_task

from analytics import audit, digest, month_sums, rollups
from analytics.watch import nightly
from ground import pulses


@shared_task
def ring_due() -> None:
    if rollups.has_work():
        roll_up.apply_async(expires=5)
    else:
        pulses.say(pulses.COUNTS)
        if month_sums.is_due():
            sum_month.apply_async(expires=60)
    audit.begin_if_due()
    if nightly.is_due():
        judge_days.apply_async(expires=60)
    digest.begin_if_due()


@shared_task
def roll_up() -> None:
    rollups.roll_up()


@shared_task
def sum_month() -> None:
    month_sums.sum_next()


@shared_task
def judge_days() -> None:
    nightly.judge_due()
