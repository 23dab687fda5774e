"""The seals of the audit log: each hangs on all before it, so that a change, a gap or a late addition shows.

Who can write to the database but does not have the key cannot make a seal. How far the log was sealed stands in a file
beside the keys as well, so that its end cannot be cut off unseen.
"""

import bisect
import datetime as dt
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ground import hashed_file
from ground.models import AuditEntry, AuditSeal

NAME, RESTORED = "audit", "restored:"
# Whoever writes an entry has committed it by then: one that comes later, with an earlier key, was put in.
SETTLED = dt.timedelta(minutes=2)
BUNCH = 500
# The clocks of two hosts differ by less.
SKEW = dt.timedelta(minutes=10)
COLUMNS = ("pk", "at", "actor", "verb", "subject", "detail")

CHANGED, REMOVED, INSERTED, CUT, UNSEALED, AHEAD = (
    _("changed"), _("removed"), _("put in afterwards"), _("the end of the log is missing"), _("a seal is missing"),
    _("dated later than it was sealed"),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What is wrong with one entry; of one that is gone only the key is known, of a cut the last key that is left."""

    what: Any
    entry: int

    def __str__(self) -> str:
        return f"#{self.entry}: {self.what}"


@dataclass(frozen=True)
class Shortened:
    """A restore after which the log went on from an earlier seal: those up to `reached` are gone."""

    at: str
    position: int
    reached: int


@dataclass(frozen=True)
class Verified:
    """How many entries are sealed, how many wait for the seal, what is wrong, and which restores shortened the log."""

    sealed: int
    waiting: int
    findings: tuple[Finding, ...]
    shortened: tuple[Shortened, ...] = ()


def seal() -> int:
    """Seal the entries that have settled, in the order of their keys; returns how many. Safe to run twice at once."""
    done = 0
    while True:
        try:
            count = _seal_bunch()
        except IntegrityError:  # somebody else seals at this moment
            return done
        done += count
        if count < BUNCH:
            return done


@transaction.atomic
def _seal_bunch() -> int:
    last = AuditSeal.objects.order_by("-position").first()
    position, previous, after = (last.position, last.digest, last.entry) if last else (0, "", 0)
    waiting, now = AuditEntry.objects.filter(pk__gt=after).order_by("pk"), timezone.now()
    # One that is younger than those behind it was written later than its key says, or waits: those behind it wait too.
    # Not for one that no clock of ours can have dated so: it would keep all that follow from being sealed.
    first = waiting.filter(at__gt=now - SETTLED, at__lte=now + SKEW).first()
    rows = list((waiting.filter(pk__lt=first.pk) if first else waiting).values_list(*COLUMNS)[:BUNCH])
    seals = []
    for row in rows:
        position += 1
        previous = _digest(previous, row)
        seals.append(AuditSeal(position=position, entry=row[0], digest=previous))
    AuditSeal.objects.bulk_create(seals)
    if seals:
        transaction.on_commit(lambda: hashed_file.add(NAME, [f"{position} {previous}"]))
    return len(seals)


def _digest(previous: str, row: tuple[Any, ...]) -> str:
    key, at, *rest = row
    told = json.dumps([previous, key, at.astimezone(dt.UTC).isoformat(), *rest], sort_keys=True)
    return hashed_file.digest(NAME, told)


def verify() -> Verified:
    """Hold every entry against its seal, the seals against each other, and their end against the file."""
    sealed, findings, last = 0, [], (0, "", 0)
    heads, shortened = _told_by_file()
    latest_of = _sealing_times(heads)
    latest = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
    keys: set[int] = set()
    for position, entry, digest, row in _rows():
        sealed += 1
        keys.add(entry)
        if position != last[0] + 1:
            findings.append(Finding(UNSEALED, entry))
        elif row is None:
            findings.append(Finding(REMOVED, entry))
        elif not hmac.compare_digest(_digest(last[1], row), digest):
            findings.append(Finding(CHANGED, entry))
        elif row[1] > latest_of(position) + SKEW:
            findings.append(Finding(AHEAD, entry))
        elif row[1] < latest - SKEW:
            findings.append(Finding(INSERTED, entry))
        else:
            latest = max(latest, row[1])
        last = (position, digest, entry)
    findings += [Finding(INSERTED, key) for key in _unsealed_before(last[2])]
    furthest = max(heads, default=0)
    if furthest > last[0] or (furthest and furthest == last[0] and heads[furthest][0] != last[1]):
        findings.append(Finding(CUT, last[2]))
    waiting = AuditEntry.objects.filter(pk__gt=last[2]).count()
    return Verified(sealed, waiting, tuple(findings), tuple(shortened))


def _rows() -> Iterator[tuple[int, int, str, tuple[Any, ...] | None]]:
    """Each seal with the entry that it belongs to, if that is there."""
    at = -1
    while bunch := list(AuditSeal.objects.filter(position__gt=at).order_by("position")[:BUNCH]):
        known = AuditEntry.objects.filter(pk__in=[one.entry for one in bunch]).values_list(*COLUMNS)
        rows = {row[0]: row for row in known}
        yield from ((one.position, one.entry, one.digest, rows.get(one.entry)) for one in bunch)
        at = bunch[-1].position


def _unsealed_before(key: int) -> list[int]:
    sealed = AuditSeal.objects.values("entry")
    return list(
        AuditEntry.objects.filter(pk__lt=key).exclude(pk__in=sealed).order_by("pk").values_list("pk", flat=True)
    )


Heads = dict[int, tuple[str, str]]


def _told_by_file() -> tuple[Heads, list[Shortened]]:
    """How far the file says that the log is sealed: digest and moment by position; and what restores cut off.

    A restore counts with its mark alone, which nobody makes without the key, and which fits no other place of the file.
    """
    heads: Heads = {}
    shortened = []
    for at, first, second in hashed_file.lines(NAME, words=3):
        if first.isdecimal() and len(second) == 64:
            heads[int(first)] = second, at
        elif first.startswith(RESTORED) and (told := first.removeprefix(RESTORED)).isdecimal():
            position = int(told)
            if hmac.compare_digest(second.encode(), _restore_mark(position, heads).encode()):
                if position < max(heads, default=0):
                    shortened.append(Shortened(at, position, max(heads)))
                heads = {key: head for key, head in heads.items() if key <= position}
    return heads, shortened


def _sealing_times(heads: Heads) -> Callable[[int], dt.datetime]:
    """When an entry at a position was sealed at the latest, by the file; now where it does not say."""
    positions, now = sorted(heads), timezone.now()

    def latest(position: int) -> dt.datetime:
        place = bisect.bisect_left(positions, position)
        if place == len(positions):
            return now
        try:
            return dt.datetime.fromisoformat(heads[positions[place]][1])
        except ValueError:
            return now

    return latest


def _restore_mark(position: int, heads: Heads) -> str:
    furthest = max(heads, default=0)
    reached = heads[furthest][0] if furthest else ""
    return hashed_file.digest(NAME, f"{RESTORED}{position}|{furthest}|{reached}")


def note_restore() -> None:
    """Say in the file that the database came back from a copy, whose log goes on from where it ended then."""
    last = AuditSeal.objects.order_by("-position").values_list("position", flat=True).first() or 0
    heads, _shortened = _told_by_file()
    hashed_file.add(NAME, [f"{RESTORED}{last} {_restore_mark(last, heads)}"])
