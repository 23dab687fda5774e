"""Answers by how their contact was served: what scores by service are computed from."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from analytics import contact_counts, return_counts, stored, waits
from analytics.ended_scores import ENDED
from analytics.levels import Levels
from analytics.periods import local_day
from feedback.ended_filter import ENDS
from feedback.models import Response
from ground.models import Organisation
from surveys import nobody
from surveys.models import Interaction

RESPONSE, QUEUE, RESOLUTION, REPLIES, WITHIN, REASON, REPEAT = (
    "response", "queue", "resolution", "replies", "within", "reason", "repeat"
)  # fmt: skip
# Who sees some teams only is told of returns within a team: others' contacts must not show in the own numbers.
REPEAT_TO_TEAM = "repeat_team"
# What one that stands for another is told of it, among its attributes.
KEPT = (REPEAT, REPEAT_TO_TEAM, WITHIN)
COLUMNS = (*contact_counts.COLUMNS, "replies", "reason")
# Whose first response was in time, or not: the others are in no share.
JUDGED = (contact_counts.MET, contact_counts.LATE)
LADDERS = {
    RESPONSE: waits.RESPONSE, QUEUE: waits.QUEUE, REPLIES: waits.REPLIES, RESOLUTION: waits.RESOLUTION,
    REPEAT: waits.REPEAT,
}  # fmt: skip
# What the packed keys mean, each step's place and the score: only ever add at the end, and have everything counted
# anew. Reasons are no steps: theirs are rows of their own, with the score for a key.
STEPS = (
    *((aspect, step) for aspect, ladder in LADDERS.items() for step in ladder.ends),
    *((WITHIN, step) for step in JUDGED),
    *((REPEAT_TO_TEAM, step) for step in waits.REPEAT.ends),
)
SCORES = 16  # more than any scale has
PLACES = {step: place * SCORES for place, step in enumerate(STEPS)}
KEY = ("survey", "scale", "team", "channel", "evidence", "reason", "steps")
WHERE = ("survey", "scale", "team", "channel", "evidence", "score", "invitation__interaction")


def counts_of(
    scored: QuerySet[Response], where: tuple[Any, ...] = WHERE, *, levels: Levels
) -> Counter[tuple[Any, ...]]:
    """Counts of these answers by survey, scale, team, channel, evidence, reason, and step with score."""
    asked = scored.filter(invitation__isnull=False).order_by()
    contacts = Interaction.objects.filter(pk__in=asked.values("invitation__interaction"))
    # A contact that is told between two of these statements has left its mark: the day is counted once more.
    steps = defaultdict[int, list[Any]](list)
    for contact in contacts.only(*COLUMNS).iterator():
        steps[contact.pk] += steps_of(contact, levels)
    for pk, known in _again_of(contacts).items():
        if pk in steps:
            steps[pk] += known.items()
    for pk, known in contacts.filter(source=nobody.SOURCE).values_list("pk", "attributes"):
        steps[pk] += ((aspect, step) for aspect, step in known.items() if aspect in KEPT)
    counts: Counter[tuple[Any, ...]] = Counter()
    for *place, score, pk in asked.values_list(*where).iterator():
        for aspect, step in steps[pk]:
            key = (step, score) if aspect == REASON else ("", PLACES[aspect, step] + score)
            counts[*place, *key] += 1
    return counts


def of_aspect(aspect: str) -> Q:
    """The condition on counts for what tells of an aspect; they may tell of others, too."""
    return ~Q(reason="") if aspect == REASON else Q(reason="")


def histograms(rows: QuerySet[Any], *columns: str) -> dict[tuple[Any, ...], Counter[int]]:
    """How many answers gave each score, by these columns, aspect and step."""
    found: dict[tuple[Any, ...], Counter[int]] = defaultdict(Counter)
    for (*told, reason), packed in stored.histograms(rows, *columns, "reason").items():
        for key, count in packed.items():
            place, score = divmod(key, SCORES)
            step = (REASON, reason) if reason else STEPS[place]
            found[*told, *step][score] += count
    return found


def kept_of(contacts: QuerySet[Interaction]) -> dict[int, dict[str, str]]:
    """What the counts would lose of these contacts once an answer is taken from its customer: it is kept as told.

    What hangs on the customer's other contacts, the day of the end, since the times move, and that it ended late
    without a response: its source tells of responses, that of what stands for it of none.
    """
    zone = Organisation.current().timezone
    ends = contacts.values_list("pk", *ENDS)
    kept = {
        pk: {ENDED: local_day(closed or resolved or created, zone).isoformat()}
        for pk, closed, resolved, created in ends
    }
    levels = Levels(zone)
    for contact in contacts.filter(~contact_counts.RESPONDED_TO).only(*COLUMNS) if levels else ():
        if contact_counts.kept(contact, levels) == contact_counts.LATE:
            kept[contact.pk][WITHIN] = contact_counts.LATE
    return kept | {pk: kept.get(pk, {}) | known for pk, known in _again_of(contacts).items()}


def _again_of(contacts: QuerySet[Interaction]) -> dict[int, dict[str, str]]:
    """Whether they are repeats of others, by what counts as one."""
    return {
        pk: {
            REPEAT_TO_TEAM if variant.within_team else REPEAT: waits.REPEAT.step(variant in variants) or ""
            for variant in return_counts.AGAIN
        }
        for pk, variants in return_counts.again(contacts).items()
    }


def steps_of(contact: Interaction, levels: Levels) -> Iterator[tuple[str, str]]:
    """The step of each aspect of service that is known of a contact."""
    queued = contact_counts.seconds(contact.enqueued_at, contact.answered_at)
    solved = contact_counts.seconds(contact.created_at, contact.solved_at)
    found = {
        RESPONSE: waits.RESPONSE.step(contact.response_working_seconds),
        QUEUE: waits.QUEUE.step(queued),
        RESOLUTION: waits.RESOLUTION.step(solved),
        REPLIES: waits.REPLIES.step(contact.replies or None),
        WITHIN: kept if (kept := contact_counts.kept(contact, levels)) in JUDGED else None,
        REASON: contact.reason,
    }
    yield from ((aspect, step) for aspect, step in found.items() if step)
