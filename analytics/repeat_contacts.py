"""Customers who come back, and questions that are done at the first contact (M23, M24)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from analytics.scores import Share, share


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One inbound contact of whatever channel; moments in one unit on one clock, `end` None while it is open."""

    id: str
    customer: str | None
    topic: str
    start: float
    end: float | None

    def window(self, length: float) -> float:
        """Until when a next contact of the customer counts as coming back."""
        return float("inf") if self.end is None else max(self.start, self.end) + length


@dataclass(frozen=True, kw_only=True)
class RepeatContacts:
    """Which contacts were followed by another, among those whose window has closed, and which are repeats themselves.

    `forward` leads and belongs to the first contact, which caused the repeat; `backward` is for load. Contacts
    without a known customer are left out: `eligible` of `total` are not.
    """

    total: int
    eligible: int
    mature: frozenset[str]
    followed: frozenset[str]
    repeats: frozenset[str]

    @property
    def forward(self) -> Share:
        return share(len(self.followed), len(self.mature))

    @property
    def backward(self) -> Share:
        return share(len(self.repeats), self.eligible)


def repeat_contacts(
    contacts: Iterable[Contact], *, window: float, as_of: float, same_topic: bool = True
) -> RepeatContacts:
    """Repeats within `window` after the end of a contact, or while it was open, as they are known at `as_of`.

    A contact that ended after `as_of` was still open then. One whose window is open yet is left out of the followed,
    even if it is followed already: only counting such would bias the rate upwards.
    """
    known = [contact for contact in contacts if contact.start <= as_of]
    lines: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for contact in known:
        if contact.customer is not None:
            lines[contact.customer, contact.topic if same_topic else ""].append(contact)
    mature, followed, repeats = set(), set(), set()
    for line in lines.values():
        line.sort(key=lambda contact: (contact.start, contact.id))
        told = in_line([(contact.start, contact.window(window)) for contact in line])
        for contact, (is_followed, is_repeat) in zip(line, told, strict=True):
            if is_repeat:
                repeats.add(contact.id)
            if contact.window(window) <= as_of:
                mature.add(contact.id)
                if is_followed:
                    followed.add(contact.id)
    return RepeatContacts(
        total=len(known),
        eligible=sum(len(line) for line in lines.values()),
        mature=frozenset(mature),
        followed=frozenset(followed),
        repeats=frozenset(repeats),
    )


def first_contact_resolution(found: RepeatContacts, solved: Collection[str]) -> Share:
    """Share of questions that were solved and not asked again; a question is a mature contact that is no repeat."""
    issues = found.mature - found.repeats
    return share(len((issues & set(solved)) - found.followed), len(issues))


def in_line(spans: Sequence[tuple[float, float]]) -> list[tuple[bool, bool]]:
    """Of each contact of one customer whether it was followed, and whether it is a repeat.

    `spans` are the starts, the earliest first, with the moments until which a next contact counts as coming back. One
    that comes within the span of any earlier contact is a repeat, not only of the last: that may have ended before it.
    """
    reached, told = float("-inf"), []
    for (start, until), (later, _end) in zip(spans, [*spans[1:], (float("inf"), 0.0)], strict=True):
        told.append((later <= until and later < float("inf"), start <= reached))
        reached = max(reached, until)
    return told
