"""Did a person answer? Opened links are kept as touches and judged in groups; a GET alone is never an answer.

A group is what one client (address prefix and agent string) opened with at most 60 seconds between two openings. It
is swept when it hit the hidden link or several scores; a swept client's answer is held for review, never dropped.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from feedback.models import Response, Touch
from feedback.nonces import Nonce
from ground.public import client_prefix
from surveys.models import Invitation, Message

log = logging.getLogger(__name__)

GAP = dt.timedelta(seconds=60)
SWEEP_TIME = dt.timedelta(seconds=2)
SWEEP_SCORES = 3
EARLIEST_SECONDS = 15.0
YOUNGEST_PAGE = dt.timedelta(seconds=1.5)
FLAG_SECONDS, FLAG_MAILS, FLAG_SHARE = 60.0, 3, 0.1
# Flagging looks at the latest mails only: a scanner that was switched off is forgotten, and the look stays cheap.
FLAG_LOOK_BACK = 20_000

# Programs that open links to show a preview or to index them, and say so.
PREVIEWERS = (
    "bot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "vkshare", "slack-imgproxy", "embedly",
    "snapchat", "viber", "google-read-aloud", "mail.ru", "yandex.com/bots", "headlesschrome-lighthouse",
)  # fmt: skip


@dataclass(frozen=True)
class Visitor:
    """The client behind a request, as hashes: enough to tell two apart, nothing to find one by."""

    kind: str
    prefix_hash: str
    agent_hash: str

    @property
    def leaves_touch(self) -> bool:
        return self.kind not in ("preview", "prefetch")


def visitor_of(request: HttpRequest) -> Visitor:
    agent = request.headers.get("User-Agent", "")[:500]
    return Visitor(
        kind=_kind(request, agent.lower()),
        prefix_hash=client_prefix(request),
        agent_hash=salted_hmac("feedback.agent", agent, algorithm="sha256").hexdigest()[:32],
    )


def _kind(request: HttpRequest, agent: str) -> str:
    purposes = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
    if any("pre" in request.headers.get(name, "").lower() for name in purposes):
        return "prefetch"
    if any(name in agent for name in PREVIEWERS):
        return "preview"
    if request.headers.get("Sec-Fetch-User") == "?1":
        return "navigation"
    return "loading" if "Sec-Fetch-Mode" in request.headers else "plain"


def note_touch(request: HttpRequest, invitation: Invitation, *, score: int | None, is_trap: bool = False) -> None:
    """Store that the link was opened; nothing for HEAD, prefetch and previews. A failed write is logged, not raised."""
    visitor = visitor_of(request)
    if request.method != "GET" or not visitor.leaves_touch:
        return
    now = timezone.now()
    touch = Touch(
        invitation=invitation,
        score=score,
        is_trap=is_trap,
        at=now,
        seconds_since_handover=_seconds_since_handover(invitation, now),
        method=request.method,
        header_class=visitor.kind,
        prefix_hash=visitor.prefix_hash,
        agent_hash=visitor.agent_hash,
    )
    try:
        with transaction.atomic():
            touch.save(force_insert=True)
    except DatabaseError as error:
        log.error("touch not stored: %s", type(error).__name__)


def _seconds_since_handover(invitation: Invitation, now: dt.datetime) -> float | None:
    """None when nothing was mailed. A mail that is still being handed over counts as handed over this moment."""
    if invitation.sent_at:
        return (now - invitation.sent_at).total_seconds()
    return 0.0 if invitation.state == Invitation.State.SENDING else None


def groups(touches: Sequence[Touch]) -> list[list[Touch]]:
    """The touches of one invitation, cut by client and by pauses of more than 60 seconds; oldest group first."""
    by_client: dict[tuple[str, str], list[list[Touch]]] = defaultdict(list)
    for touch in sorted(touches, key=lambda touch: touch.at):
        runs = by_client[(touch.prefix_hash, touch.agent_hash)]
        if runs and touch.at - runs[-1][-1].at <= GAP:
            runs[-1].append(touch)
        else:
            runs.append([touch])
    return sorted((run for runs in by_client.values() for run in runs), key=lambda run: run[0].at)


def is_swept(group: Sequence[Touch]) -> bool:
    """The hidden link, three or more different scores, or two different ones within two seconds."""
    scored = [touch for touch in group if touch.score is not None]
    return (
        any(touch.is_trap for touch in group)
        or len({touch.score for touch in scored}) >= SWEEP_SCORES
        or any(
            one.score != other.score and other.at - one.at <= SWEEP_TIME
            for one, other in zip(scored, scored[1:], strict=False)
        )
    )


def is_early(group: Sequence[Touch]) -> bool:
    """First opened within 15 seconds of the mail: quicker than people are, usual for scanners."""
    seconds = group[0].seconds_since_handover
    return seconds is not None and seconds < EARLIEST_SECONDS


def judge_post(
    touches: Sequence[Touch], *, visitor: Visitor, nonce: Nonce, decoy: str, now: dt.datetime
) -> Response.Evidence:
    """Confirmed, or held when the decoy is filled, the page is younger than 1.5 s or the client's own group swept."""
    own = [
        group
        for group in groups(touches)
        if (group[0].prefix_hash, group[0].agent_hash) == (visitor.prefix_hash, visitor.agent_hash)
    ]
    opened = [group for group in own if group[0].at - GAP <= nonce.issued_at <= group[-1].at + GAP] or own[-1:]
    is_doubtful = bool(decoy) or now - nonce.issued_at < YOUNGEST_PAGE or any(is_swept(group) for group in opened)
    return Response.Evidence.HELD if is_doubtful else Response.Evidence.CONFIRMED


def of_guessable(judged: Response.Evidence, *, is_matched: bool, is_stranger: bool) -> Response.Evidence:
    """What a post through an address that can be guessed is worth: held until its interaction is reported.

    Held too is a stranger's word beside an answer that is there. What is doubtful by itself is never released.
    """
    if judged != Response.Evidence.CONFIRMED:
        return Response.Evidence.UNVERIFIED
    return Response.Evidence.CONFIRMED if is_matched and not is_stranger else Response.Evidence.HELD


@dataclass(frozen=True)
class Settled:
    """What the touches of one invitation amount to when no more come. `evidence` is None when no score was opened."""

    evidence: Response.Evidence | None
    score: int | None
    at: dt.datetime | None
    clean_ids: frozenset[int]


def settle(touches: Sequence[Touch], *, domain_is_flagged: bool) -> Settled:
    """Presumed with the last score of a clean group; else unverified, with a score only when there was just one."""
    runs = groups(touches)
    clean = [
        touch for group in runs if not (is_swept(group) or is_early(group) or domain_is_flagged) for touch in group
    ]
    clean_ids = frozenset(touch.pk for touch in clean)
    scored = sorted((touch for touch in clean if touch.score is not None), key=lambda touch: touch.at)
    if scored:
        last = scored[-1]
        return Settled(evidence=Response.Evidence.PRESUMED, score=last.score, at=last.at, clean_ids=clean_ids)
    doubtful = [touch for touch in touches if touch.score is not None]
    if not doubtful:
        return Settled(evidence=None, score=None, at=None, clean_ids=clean_ids)
    scores = {touch.score for touch in doubtful}
    return Settled(
        evidence=Response.Evidence.UNVERIFIED,
        score=scores.pop() if len(scores) == 1 else None,
        at=max(touch.at for touch in doubtful),
        clean_ids=clean_ids,
    )


def flagged_domains(domains: set[str]) -> set[str]:
    """Those mail domains where at least 3 mails were sent and a tenth of them was opened within 60 seconds."""
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    flagged = set()
    for domain in domains:
        mailed = Message.objects.filter(pk__gt=newest - FLAG_LOOK_BACK, address__iendswith=f"@{domain}")
        mails = mailed.values("invitation").distinct().count()
        if mails < FLAG_MAILS:
            continue
        quick = Touch.objects.filter(
            invitation__in=mailed.values("invitation"), seconds_since_handover__lt=FLAG_SECONDS
        )
        if quick.values("invitation").distinct().count() >= FLAG_SHARE * mails:
            flagged.add(domain)
    return flagged
