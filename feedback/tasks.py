"""Doorbells of feedback: find comments to read, touches to settle, answers to match, contacts to tell of; ring; do."""

from collections.abc import Callable
from typing import Any

from celery import shared_task

from feedback import classify, matching, notices, retention, settlement
from feedback.ideas import grouping
from feedback.learning import training
from feedback.models import Comment
from feedback.themes import finding
from ground import pulses, rowqueue

BUNCH, BUNCHES = 100, 10


@shared_task
def ring_due() -> None:
    rowqueue.sweep(Comment.objects.waiting())
    ids = rowqueue.waiting_ids(Comment.objects.waiting(), limit=BUNCH * BUNCHES)
    if not ids:
        pulses.say(pulses.READ)
    for start in range(0, len(ids), BUNCH):
        classify_comments.apply_async((ids[start : start + BUNCH],), expires=30)
    for task, due in OTHERS:
        if found := due(limit=BUNCH):
            task.apply_async((found,), expires=30)


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


@shared_task
def group_ideas(comment_ids: list[int]) -> None:
    grouping.group(comment_ids)


@shared_task
def look_for_corrections(keys: list[int]) -> None:
    training.look()


@shared_task
def look_for_themes(keys: list[str]) -> None:
    finding.look()


@shared_task
def forget_answers(survey_ids: list[int]) -> None:
    retention.forget(survey_ids)


# The other bells, and what each is rung for.
OTHERS: list[tuple[Any, Callable[..., list[Any]]]] = [
    (settle_touches, settlement.due),
    (match_answers, matching.due),
    (tell_of_contacts, notices.contacts_due),
    (group_ideas, grouping.due),
    (look_for_themes, finding.due),
    (look_for_corrections, training.due),
    (forget_answers, retention.due),
]
