"""Did a person answer? Opened links are kept as touches and judged in groups; a GET alone is never an answer.

A group is what one client (address prefix and agent string) opened with at most 60 seconds between two openings. It
is swept when it hit the hidden link or several scores; a swept client's answer is held for review, never dropped.
Clients that open one link each in the same minute are looked at together: a scanner may have many addresses.

docs/evidence.md says what the rules come to against the scanners that we know.
"""

import datetime as dt
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import DatabaseError
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Value
from django.db.models.functions import Lower, StrIndex, Substr
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from feedback.models import Response, Touch
from ground import quick
from ground.prepared import Prepared
from ground.public import client_prefix
from surveys.models import Invitation, Message

log = logging.getLogger(__name__)
Evidence, HeldFor = Response.Evidence, Response.HeldFor

# What is judged by, all of it; the wait before a settlement is `settings.SETTLEMENT_SECONDS`.
GAP = dt.timedelta(seconds=60)
SWEEP_TIME = dt.timedelta(seconds=2)
SWEEP_SCORES = 3
EARLIEST_SECONDS = 15.0
YOUNGEST_PAGE = dt.timedelta(seconds=1.5)
# How far the clocks of two hosts may be apart. A page from further ahead was served before the clock was set back.
CLOCKS_APART = dt.timedelta(seconds=10)
FLAG_SECONDS, FLAG_MAILS, FLAG_SHARE = 60.0, 3, 0.1
# What a quick client opens for so long tells whether it sweeps; a sweep of so many addresses as scores is one, too.
FLAG_SWEEP_SECONDS = 300.0
# Flagging looks at the latest mails only: a scanner that was switched off is forgotten, and the look stays cheap.
FLAG_LOOK_BACK = 20_000

# Programs that open links to show a preview or to index them, and say so.
PREVIEWERS = (
    "bot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "vkshare", "slack-imgproxy", "embedly",
    "snapchat", "viber", "google-read-aloud", "mail.ru", "yandex.com/bots", "headlesschrome-lighthouse",
)  # fmt: skip
# A make of telephones whose name sounds like one of them.
A_PHONE = "cubot"
# A client that is no browser, or says that it is one and does not behave like it.
PROGRAM = "program"
BROWSERS = ("mozilla/", "opera/", "ucweb/")
# Browsers send Sec-Fetch-Mode from these versions on.
FETCHES_SINCE = {"chrome": 80, "firefox": 90}
FETCHING = re.compile(r"\b(chrome|firefox)/(\d{1,4})\b")


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
    if any(name in agent.replace(A_PHONE, "") for name in PREVIEWERS):
        return "preview"
    if request.headers.get("Sec-Fetch-User") == "?1":
        return "navigation"
    if "Sec-Fetch-Mode" in request.headers:
        return "loading"
    if not agent.startswith(BROWSERS) or (request.is_secure() and _claims_to_say_more(agent)):
        return PROGRAM
    return "plain"


def _claims_to_say_more(agent: str) -> bool:
    """Whether the browser that it says it is tells, over HTTPS, what each request is for: Sec-Fetch-Mode."""
    said = FETCHING.search(agent)
    return said is not None and int(said[2]) >= FETCHES_SINCE[said[1]]


def touch_of(request: HttpRequest, invitation: Invitation, *, score: int | None, is_trap: bool = False) -> Touch | None:
    """That the link was opened, not stored yet; nothing for HEAD, prefetch and previews."""
    visitor = visitor_of(request)
    if request.method != "GET" or not visitor.leaves_touch:
        return None
    now = timezone.now()
    return Touch(
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


def note(touch: Touch | None) -> None:
    """Store a touch, if it is one. A failed write is logged, not raised."""
    if touch is None:
        return
    try:
        quick.together([quick.insert(touch)])
    except DatabaseError as error:
        log.error("touch not stored: %s", type(error).__name__)


def touches(invitation: Invitation) -> list[Touch]:
    """What of the link was opened, in its order."""
    return _TOUCHES.rows(invitation.pk)


_TOUCHES = Prepared(lambda mark: Touch.objects.filter(invitation=mark), int)


def _seconds_since_handover(invitation: Invitation, now: dt.datetime) -> float | None:
    """None when nothing was mailed. A mail that is still being handed over counts as handed over this moment."""
    if invitation.sent_at:
        return (now - invitation.sent_at).total_seconds()
    return 0.0 if invitation.state == Invitation.State.SENDING else None


@dataclass(frozen=True)
class Posted:
    """Who posted an answer, as hashes, and how: kept with its revision, so that it can be judged again."""

    prefix_hash: str
    agent_hash: str
    page_served_at: dt.datetime
    is_decoyed: bool

    @property
    def client(self) -> tuple[str, str]:
        return self.prefix_hash, self.agent_hash


@dataclass(frozen=True)
class Judged:
    """What a post is worth, and why it does not count."""

    evidence: str
    held_for: str = ""

    @property
    def counts(self) -> bool:
        return self.evidence in Response.COUNTED


@dataclass(frozen=True)
class Group:
    """What one client opened in one go; `why` says what gives it away as a program's, "" when nothing does.

    `is_beside` says that it is doubtful only for what others opened in the same minute: no post is held for that.
    """

    touches: list[Touch]
    why: str = ""
    is_beside: bool = False

    @property
    def client(self) -> tuple[str, str]:
        return self.touches[0].prefix_hash, self.touches[0].agent_hash

    @property
    def is_early(self) -> bool:
        """First opened within 15 seconds of the mail: quicker than people are, usual for scanners."""
        seconds = self.touches[0].seconds_since_handover
        return seconds is not None and seconds < EARLIEST_SECONDS

    @property
    def is_program(self) -> bool:
        return all(touch.header_class == PROGRAM for touch in self.touches)

    def was_open(self, moment: dt.datetime) -> bool:
        return self.touches[0].at - GAP <= moment <= self.touches[-1].at + GAP


def groups(touches: Sequence[Touch]) -> list[Group]:
    """The touches of one invitation, cut by client and by pauses of more than 60 seconds; oldest group first."""
    by_client: dict[tuple[str, str], list[Touch]] = defaultdict(list)
    for touch in touches:
        by_client[(touch.prefix_hash, touch.agent_hash)].append(touch)
    runs = sorted((run for own in by_client.values() for run in _runs(own)), key=lambda run: run[0].at)
    scattered = [touch for run in runs if len({(touch.score, touch.is_trap) for touch in run}) == 1 for touch in run]
    crowds = [crowd for crowd in _runs(scattered) if _is_crowd(crowd)]
    crowded = {id(touch) for crowd in crowds for touch in crowd}
    beside = {id(touch) for crowd in crowds for touch in _strangers(crowd)}
    return [_group(run, is_crowded=id(run[0]) in crowded, is_beside=id(run[0]) in beside) for run in runs]


def _group(run: list[Touch], *, is_crowded: bool, is_beside: bool) -> Group:
    own = why_swept(run)
    return Group(run, why=own or (HeldFor.SWEEP if is_crowded else ""), is_beside=is_beside and not own)


def _is_crowd(touches: Sequence[Touch]) -> bool:
    """Whether clients that opened one link each have, between them, swept: a trap alone accuses nobody beside it."""
    return len(_scores(touches)) >= SWEEP_SCORES - any(touch.is_trap for touch in touches)


def _strangers(crowd: Sequence[Touch]) -> list[Touch]:
    """What was opened by clients that have neither address nor agent in common with those which sweep without them."""
    clients = {(touch.prefix_hash, touch.agent_hash) for touch in crowd}
    prefixes, agents = (Counter(parts) for parts in zip(*clients, strict=True))
    alone: list[Touch] = []
    kin: list[Touch] = []
    for touch in crowd:
        is_alone = prefixes[touch.prefix_hash] == agents[touch.agent_hash] == 1
        (alone if is_alone else kin).append(touch)
    return alone if _is_crowd(kin) else []


def _runs(touches: Sequence[Touch]) -> list[list[Touch]]:
    """Cut by pauses of more than 60 seconds."""
    runs: list[list[Touch]] = []
    for touch in sorted(touches, key=lambda touch: touch.at):
        if runs and touch.at - runs[-1][-1].at <= GAP:
            runs[-1].append(touch)
        else:
            runs.append([touch])
    return runs


def _scores(touches: Sequence[Touch]) -> set[int]:
    return {touch.score for touch in touches if touch.score is not None}


def why_swept(run: Sequence[Touch]) -> str:
    """The hidden link, or three and more different scores, or two different ones within two seconds; "" for none."""
    if any(touch.is_trap for touch in run):
        return HeldFor.TRAP
    scored = [touch for touch in run if touch.score is not None]
    at_once = any(
        one.score != other.score and other.at - one.at <= SWEEP_TIME
        for one, other in zip(scored, scored[1:], strict=False)
    )
    return HeldFor.SWEEP if at_once or len(_scores(run)) >= SWEEP_SCORES else ""


def judge_post(touches: Sequence[Touch], posted: Posted, *, at: dt.datetime) -> Judged:
    """Confirmed, or held when the decoy is filled, the page is younger than 1.5 s or the client's own group swept.

    `touches` may go on after the post: a scanner that submits each page it opens shows itself by the later ones.
    """
    if posted.is_decoyed:
        return Judged(Evidence.HELD, HeldFor.DECOY)
    found = groups(touches)
    own = [group for group in found if group.client == posted.client]
    around = [group for group in own or found if group.was_open(posted.page_served_at)]
    why = next((group.why for group in around or own[-1:] if group.why and not group.is_beside), "")
    if not why and -CLOCKS_APART < at - posted.page_served_at < YOUNGEST_PAGE:
        why = HeldFor.YOUNG
    return Judged(Evidence.HELD, why) if why else Judged(Evidence.CONFIRMED)


def of_guessable(judged: Judged, *, is_matched: bool, is_stranger: bool) -> Judged:
    """What a post through an address that can be guessed is worth: held until its interaction is reported.

    Held too is a stranger's word beside an answer that is there. What is doubtful by itself is never released.
    """
    if not judged.counts:
        return Judged(Evidence.UNVERIFIED, judged.held_for)
    return judged if is_matched and not is_stranger else Judged(Evidence.HELD, HeldFor.UNMATCHED)


@dataclass(frozen=True)
class Settled:
    """What the touches of one invitation amount to when no more come. `evidence` is None when no score was opened."""

    evidence: str | None
    score: int | None
    at: dt.datetime | None
    clean_ids: frozenset[int]
    held_for: str = ""


def settle(touches: Sequence[Touch], *, domain_is_flagged: bool, doubted: Collection[tuple[str, str]] = ()) -> Settled:
    """Presumed with the last score of a clean group; else unverified, with a score only when there was just one.

    `doubted` are the clients whose posts are held: what they opened is no better than what they posted.
    """
    doubts = [(group, _doubt(group, domain_is_flagged, doubted)) for group in groups(touches)]
    clean = [touch for group, doubt in doubts if not doubt for touch in group.touches]
    clean_ids = frozenset(touch.pk for touch in clean)
    scored = sorted((touch for touch in clean if touch.score is not None), key=lambda touch: touch.at)
    if scored:
        return Settled(evidence=Evidence.PRESUMED, score=scored[-1].score, at=scored[-1].at, clean_ids=clean_ids)
    opened = [(touch, doubt) for group, doubt in doubts for touch in group.touches if touch.score is not None]
    if not opened:
        return Settled(evidence=None, score=None, at=None, clean_ids=clean_ids)
    last, held_for = max(opened, key=lambda pair: pair[0].at)
    is_one = len({touch.score for touch, _doubt in opened}) == 1
    score = last.score if is_one else None
    return Settled(evidence=Evidence.UNVERIFIED, score=score, at=last.at, clean_ids=clean_ids, held_for=held_for)


def _doubt(group: Group, domain_is_flagged: bool, doubted: Collection[tuple[str, str]]) -> str:
    """Why what a group opened cannot be presumed to be a person's answer, "" when it can."""
    if group.why or group.client in doubted:
        return group.why or HeldFor.SWEEP
    if group.is_program:
        return HeldFor.PROGRAM
    if group.is_early:
        return HeldFor.EARLY
    return HeldFor.DOMAIN if domain_is_flagged else ""


@dataclass(frozen=True)
class Domain:
    """A mail domain: how many mails went there of late, and how many were opened at once by what looks like people."""

    name: str
    mails: int
    quick: int

    @property
    def is_flagged(self) -> bool:
        return self.mails >= FLAG_MAILS and self.quick >= FLAG_SHARE * self.mails


def flagged_domains(names: Collection[str] | None = None) -> dict[str, Domain]:
    """Those mail domains (of these, or of all) whose mails are opened within 60 seconds, by name, the largest first.

    What a swept group opened flags nobody: it is known by itself, and people behind such a scanner keep their click.
    """
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    first = Touch.objects.filter(invitation=OuterRef("invitation"), seconds_since_handover__lt=FLAG_SWEEP_SECONDS)
    at_once = (
        first.order_by()
        .values("prefix_hash", "agent_hash")
        .annotate(
            quickest=Min("seconds_since_handover"),
            scores=Count("score", distinct=True),
            traps=Count("pk", filter=Q(is_trap=True)),
        )
        .filter(quickest__lt=FLAG_SECONDS, scores__lt=SWEEP_SCORES, traps=0)
    )
    addresses = first.order_by().values("invitation").annotate(number=Count("prefix_hash", distinct=True))
    is_quick = Exists(at_once) & ~Exists(addresses.filter(number__gte=SWEEP_SCORES))
    mailed = Message.objects.filter(pk__gt=newest - FLAG_LOOK_BACK, address__contains="@").order_by()
    mailed = mailed.annotate(domain=Lower(Substr("address", StrIndex("address", Value("@")) + 1)))
    if names is not None:
        mailed = mailed.filter(domain__in=names)
    counted = mailed.values("domain").annotate(
        mails=Count("invitation", distinct=True),
        quick=Count("invitation", distinct=True, filter=Q(is_quick)),
    )
    found = counted.filter(mails__gte=FLAG_MAILS, quick__gte=F("mails") * FLAG_SHARE).order_by("-mails", "domain")
    return {row["domain"]: Domain(row["domain"], row["mails"], row["quick"]) for row in found}
