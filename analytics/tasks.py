"""Doorbells of knowing: count the changed days anew, sum months, judge days that are over, count who left."""

from celery import shared_task

from analytics import audit, digest, month_sums, rollups
from analytics.staying import counting
from analytics.watch import nightly
from ground import pulses


@shared_task
def ring_due() -> None:
    is_behind = rollups.has_work()
    if not is_behind:
        pulses.say(pulses.COUNTS)
    if is_behind or month_sums.is_due():
        roll_up.apply_async(expires=30)
    audit.begin_if_due()
    if nightly.is_due():
        judge_days.apply_async(expires=60)
    digest.begin_if_due()


@shared_task
def roll_up() -> None:
    rollups.roll_up(passing_over=True)
    if not rollups.has_work(passing_over=True):
        month_sums.sum_next()


@shared_task
def judge_days() -> None:
    nightly.judge_due()
    counting.ask_for_last_month()
