"""Doorbells of feedback: find comments to read, touches to settle, answers to match, contacts to tell of; ring; do."""

from celery import shared_task

from feedback import classify, matching, notices, settlement
from feedback.models import Comment
from ground import rowqueue

BUNCH, BUNCHES = 100, 10


@shared_task
def ring_due() -> None:
    rowqueue.sweep(Comment.objects.waiting())
    ids = rowqueue.waiting_ids(Comment.objects.waiting(), limit=BUNCH * BUNCHES)
    for start in range(0, len(ids), BUNCH):
        classify_comments.apply_async((ids[start : start + BUNCH],), expires=10)
    if settling := settlement.due(limit=BUNCH):
        settle_touches.apply_async((settling,), expires=10)
    if reported := matching.due(limit=BUNCH):
        match_answers.apply_async((reported,), expires=10)
    if asking := notices.contacts_due(limit=BUNCH):
        tell_of_contacts.apply_async((asking,), expires=10)


@shared_task
def classify_comments(ids: list[int]) -> None:
    classify.classify(ids)


@shared_task
def settle_touches(invitation_ids: list[int]) -> None:
    settlement.settle(invitation_ids)


@shared_task
def match_answers(invitation_ids: list[int]) -> None:
    matching.match(invitation_ids)


@shared_task
def tell_of_contacts(response_ids: list[int]) -> None:
    notices.tell_of_contacts(response_ids)
