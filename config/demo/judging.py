"""What people have said about the demo's comments: a checked random sample, and corrections to learn from."""

import datetime as dt
import random

from django.utils import timezone

from config.demo.people import CHECKER
from feedback import classify, labels
from feedback.models import Comment, Label, Learning, Topic
from feedback.understanding import labelled
from ground.models import User

SAMPLED, CORRECTED, DRAWN = 60, 80, 84
# The newest are left for the reader of the demo to judge.
UNTOUCHED = 150
# The workers have comments to read first.
LEARN_AFTER_SECONDS = 30


def judge(dice: random.Random, *, now: dt.datetime) -> None:
    """Every text of the demo was labelled by hand once; here somebody says the same about some of them."""
    truth = {row.text: row for row in labelled.for_training()}
    newest = Comment.objects.filter(said_at__lt=now).order_by("-said_at")[UNTOUCHED : UNTOUCHED + 500]
    known = [comment for comment in newest if comment.text in truth]
    chosen = dice.sample(known, min(len(known), DRAWN + CORRECTED))
    classify.warm()  # or the time that a bunch may take would go to dictionaries
    classify.classify([comment.pk for comment in chosen])
    Comment.objects.filter(pk__in=[comment.pk for comment in chosen]).update(is_sample=False)
    Comment.objects.filter(pk__in=[comment.pk for comment in chosen[:DRAWN]]).update(is_sample=True)
    author, topics = User.objects.get(email=CHECKER), dict(Topic.objects.values_list("code", "pk"))
    judged = chosen[:SAMPLED] + chosen[DRAWN:]
    Label.objects.bulk_create(
        label for comment in judged for label in _said(comment, truth[comment.text], topics, author=author)
    )
    keys = [comment.pk for comment in judged]
    labels.bring_up_to_date(*Comment.objects.select_for_update(of=("self",)).filter(pk__in=keys))
    Comment.objects.filter(pk__in=keys).update(checked_at=timezone.now(), checked_by=author)
    learning = Learning.current()
    learning.rest(LEARN_AFTER_SECONDS)


def _said(comment: Comment, truth: labelled.Labelled, topics: dict[str, int], *, author: User) -> list[Label]:
    read = set(comment.topics.values_list("topic__code", flat=True))
    words: list[tuple[str, str | None, str]] = [
        (Label.Scheme.TONE, None, "mixed" if truth.is_mixed else truth.polarity)
    ]
    words += [(Label.Scheme.CONSTRUCTIVE, None, "yes" if truth.is_constructive else "no")]
    words += [
        (Label.Scheme.TOPIC, code, "yes" if code in truth.topics else "no") for code in sorted(truth.topics | read)
    ]
    return [
        Label(
            comment=comment, scheme=scheme, topic_id=topics[code] if code else None, value=value, confidence=1,
            source=Label.Source.HUMAN, author=author,
        )
        for scheme, code, value in words
        if code is None or code in topics
    ]  # fmt: skip
