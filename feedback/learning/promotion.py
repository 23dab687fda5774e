"""Who decides what the machine has learned: a candidate is promoted or discarded, and the former one comes back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from feedback import reclassify
from feedback.models import LearnedModel, Learning
from ground import audit
from ground.models import User

PROMOTED, DISCARDED, ROLLED_BACK, SET = (
    "learned.promoted", "learned.discarded", "learned.rolled_back", "learned.automatic",
)  # fmt: skip


class Overtaken(Exception):
    """The model is not what the author saw: somebody has decided, or a newer candidate has come."""


def store(row: LearnedModel, *, is_good: bool) -> LearnedModel:
    """Keep a trained model in place of the last one that nobody decided about.

    A good one is a candidate, or active at once where that is allowed; another is kept for its figures alone.
    """
    with transaction.atomic():
        learning = _locked()
        now = timezone.now()
        LearnedModel.objects.filter(scheme=row.scheme, promoted_at=None, discarded_by=None).delete()
        if not is_good:
            row.discarded_at, row.weights = now, b""
        row.save()
        if is_good and learning.is_automatic:
            _promote(row, by=None)
    return row


@transaction.atomic
def promote(pk: int, *, by: User) -> LearnedModel:
    """Read with this candidate: new comments, and those of the last months anew. Raises Overtaken."""
    _locked()
    row = LearnedModel.objects.waiting().filter(pk=pk).first()
    if row is None:
        raise Overtaken
    return _promote(row, by=by)


@transaction.atomic
def discard(pk: int, *, by: User) -> LearnedModel:
    """Never use this candidate. Raises Overtaken."""
    _locked()
    row = LearnedModel.objects.waiting().filter(pk=pk).first()
    if row is None:
        raise Overtaken
    row.discarded_at, row.discarded_by, row.weights = timezone.now(), by, b""
    row.save(update_fields=["discarded_at", "discarded_by", "weights"])
    audit.note(DISCARDED, by=by, subject=row)
    return row


@transaction.atomic
def roll_back(pk: int, *, by: User) -> LearnedModel | None:
    """Give up the active model for the one before it, or for reading without; returns that one. Raises Overtaken.

    Then nothing is promoted without asking any more: the next corrections would bring much the same model back.
    """
    learning = _locked()
    now = timezone.now()
    row = LearnedModel.objects.active().filter(pk=pk).first()
    if row is None:
        raise Overtaken
    former = LearnedModel.objects.former().filter(scheme=row.scheme).first()
    row.retired_at, row.discarded_at, row.discarded_by = now, now, by
    row.save(update_fields=["retired_at", "discarded_at", "discarded_by"])
    if former:
        former.retired_at, former.promoted_at, former.promoted_by = None, now, by
        former.save(update_fields=["retired_at", "promoted_at", "promoted_by"])
    audit.note(ROLLED_BACK, by=by, subject=row, to=former.version if former else "")
    reclassify.start_recent(by=by)
    _set_automatic(learning, False, by=by)
    return former


@transaction.atomic
def set_automatic(is_automatic: bool, *, by: User) -> None:
    """Let good candidates be promoted without asking, or not."""
    _set_automatic(_locked(), is_automatic, by=by)


def loses(languages: Sequence[str], *, scheme: str) -> set[str]:
    """Languages that the active model reads and one for `languages` would not."""
    active = LearnedModel.objects.active().filter(scheme=scheme).light().first()
    return set(active.languages if active else ()) - set(languages)


def changed_at(*schemes: str) -> dict[str, dt.datetime]:
    """By language, when what was learned for these schemes last changed: was promoted, or given up."""
    found: dict[str, dt.datetime] = {}
    rows = LearnedModel.objects.filter(scheme__in=schemes, promoted_at__isnull=False)
    for languages, *moments in rows.values_list("languages", "promoted_at", "retired_at"):
        newest = max(moment for moment in moments if moment)
        found |= {language: max(newest, found.get(language, newest)) for language in languages}
    return found


def _promote(row: LearnedModel, *, by: User | None) -> LearnedModel:
    now = timezone.now()
    LearnedModel.objects.active().filter(scheme=row.scheme).update(retired_at=now)
    row.promoted_at, row.promoted_by = now, by
    row.save(update_fields=["promoted_at", "promoted_by"])
    # One step back is enough: the weights of those before are let go.
    for old in LearnedModel.objects.former().filter(scheme=row.scheme).light()[1:]:
        LearnedModel.objects.filter(pk=old.pk).update(weights=b"", discarded_at=now)
    audit.note(PROMOTED, by=by, subject=row, languages=row.languages)
    reclassify.start_recent(by=by)
    return row


def _set_automatic(learning: Learning, is_automatic: bool, *, by: User) -> None:
    if learning.is_automatic != is_automatic:
        learning.is_automatic = is_automatic
        learning.save(update_fields=["is_automatic"])
        audit.note(SET, by=by, state=is_automatic)


def _locked() -> Learning:
    """One decision at a time."""
    Learning.current()
    return Learning.objects.select_for_update().get(pk=1)


def standing() -> dict[str, dict[str, Any]]:
    """By scheme: the active model, the candidate, the one a roll-back leads to, and the last that was not good."""
    rows: dict[str, dict[str, Any]] = {scheme: {} for scheme in LearnedModel.Scheme.values}
    people = LearnedModel.objects.light().select_related("promoted_by", "discarded_by")
    for row in people.order_by("pk"):
        own = rows[row.scheme]
        if row.promoted_at is None:
            own["candidate" if row.discarded_at is None else "refused"] = row
        elif row.retired_at is None:
            own["active"] = row
        elif row.discarded_at is None and row.retired_at >= own.get("former", row).retired_at:
            own["former"] = row
    return rows
