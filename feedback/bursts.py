"""Votes through links that anybody may open: what comes too thick or twice from one device is taken, but held.

Nobody is told: the page thanks as always, and a person decides in the queue. Counters are counted in the transaction
that stores the answer, last of all, so that each answer sees every one before it.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncHour
from django.utils.crypto import salted_hmac

from feedback import later, notices, sealed
from feedback.anonymous import day_of
from feedback.models import Comment, Response
from feedback.reviewing import WAITS
from ground import limits, remembered
from ground.access import Scope
from ground.limits import Limit
from ground.models import Change
from surveys.models import Invitation, Link, Survey

HeldFor = Response.HeldFor
FLAGS = (HeldFor.DUPLICATE, HeldFor.VELOCITY)
SAME_DEVICE = dt.timedelta(hours=24)
OF_NEIGHBOURS = Limit("public-neighbours", 600, 600)
OF_SURVEY = Limit("public-survey", 50, 1)
# A burst of one link: more than so many within an hour, and more than so many times what is usual for it.
BURST, BURST_TIMES = 30, 10
HOUR, OF_LINK = dt.timedelta(hours=1), Limit("public-link", BURST, 3600)
# What a link usually sees is read from so many days; a bot that begins slowly does not raise it within the first.
USUAL_DAYS = 28
MOST_HELD = 10_000


@dataclass(frozen=True)
class Through:
    """The link that an answer came through, and who posted it, as hashes; `is_numbered` says that a caller with the
    secret signed the customer's own number, so that one address may post any number of them."""

    link: Link
    prefix_hash: str
    agent_hash: str
    is_numbered: bool

    @property
    def device(self) -> str:
        """What tells one device from another on this link, "" where one stands for many customers."""
        if self.link.kind == Link.Kind.TEMPLATE or self.link.is_shared:
            return ""
        value = f"{self.link.pk}|{self.prefix_hash}|{self.agent_hash}"
        return salted_hmac("feedback.device", value, algorithm="sha256").hexdigest()[:32]


def flag_of(invitation: Invitation) -> str | None:
    """Why its answer was flagged here, "" for one that was not, None while there is none."""
    known = Response.objects.filter(invitation=invitation).values_list("held_for", "review").first()
    if known is None:
        return None
    held_for, review = known
    return held_for if held_for in FLAGS and review != Response.Review.RELEASED else ""


@transaction.atomic
def watch(invitation: Invitation, through: Through, *, before: str | None) -> None:
    """Flag the answer that was just stored, in its transaction; `before` is what `flag_of` said until then.

    What was flagged stays so when its author writes more.
    """
    response = Response.objects.filter(invitation=invitation).first()
    if response is None or response.link_id is None or through.is_numbered:
        return
    if before is None:
        before = _look(response, through)
    if before:
        hold(Response.objects.filter(pk=response.pk), why=before)


def _look(response: Response, through: Through) -> str:
    """Why a first answer is flagged, "" when it is not."""
    device, at = through.device, response.answered_at
    is_double = bool(device) and _same_device(response, device)
    Response.objects.filter(pk=response.pk).update(device=device)
    is_thick = [_of_neighbours(through, at), _of_survey(through.link, at), _of_link(through.link, response)]
    return HeldFor.VELOCITY if any(is_thick) else HeldFor.DUPLICATE if is_double else ""


def _same_device(response: Response, device: str) -> bool:
    before = Response.objects.filter(link=response.link_id, device=device)
    return before.filter(answered_at__gt=response.answered_at - SAME_DEVICE).exists()


def _of_neighbours(through: Through, at: dt.datetime) -> bool:
    """Whether one network answers thicker than any shop or office does."""
    count = limits.count(OF_NEIGHBOURS, f"{through.link.survey_id}:{through.prefix_hash}", now=at)
    if count == OF_NEIGHBOURS.count + 1:
        came = through_links_of(through.link.survey_id, since=limits.window_of(OF_NEIGHBOURS, at))
        hold(came.filter(revisions__number=1, revisions__prefix_hash=through.prefix_hash), why=HeldFor.VELOCITY)
    return count > OF_NEIGHBOURS.count


def _of_survey(link: Link, at: dt.datetime) -> bool:
    """Whether all links of a survey together are answered quicker than people are about."""
    count = limits.count(OF_SURVEY, str(link.survey_id), now=at)
    if count == OF_SURVEY.count + 1:
        hold(through_links_of(link.survey_id, since=limits.window_of(OF_SURVEY, at)), why=HeldFor.VELOCITY)
    return count > OF_SURVEY.count


def _of_link(link: Link, response: Response) -> bool:
    """Whether the link is answered far more often than is usual for it; then what came within the hour is held too."""
    at, subject = response.answered_at, str(link.pk)
    part = (at - limits.window_of(OF_LINK, at)) / HOUR
    earlier = limits.counted(OF_LINK, subject, now=at - HOUR) * (1 - part)
    within_hour = limits.count(OF_LINK, subject, now=at) + earlier
    if within_hour <= BURST or within_hour <= BURST_TIMES * usual(link, at):
        return False
    if hold(
        Response.objects.filter(link=link, answered_at__gt=at - HOUR).exclude(pk=response.pk), why=HeldFor.VELOCITY
    ):
        notices.tell_of_burst(link, at=at)
    return True


# --- anonymous surveys: nothing finer than a day is kept, so days are what is counted -------------------------------

DAY_SECONDS = 86_400
PAGE_OF_DAY = Limit("anonymous-page", 1, DAY_SECONDS)
DEVICE_OF_DAY = Limit("anonymous-device", 1, DAY_SECONDS)
NEIGHBOURS_OF_DAY = Limit("anonymous-neighbours", 600, DAY_SECONDS)
LINK_OF_DAY, DAY_TIMES = Limit("anonymous-link", BURST, DAY_SECONDS), 3


def is_first_of_page(page: str, *, at: dt.datetime) -> bool:
    """Whether this page view answers for the first time; it is known by a keyed hash."""
    return limits.hit(PAGE_OF_DAY, _hashed(page), now=at)


def flag_by_day(through: Through, *, at: dt.datetime) -> str:
    """Why an anonymous answer through a public link is to be held, "" when it is not; in the transaction that stores
    it, before it is stored."""
    link, device = through.link, through.device
    is_double = bool(device) and not limits.hit(DEVICE_OF_DAY, device, now=at)
    is_thick = not limits.hit(NEIGHBOURS_OF_DAY, _hashed(f"{link.survey_id}|{through.prefix_hash}"), now=at)
    count, today = limits.count(LINK_OF_DAY, _hashed(f"link|{link.pk}"), now=at), limits.window_of(LINK_OF_DAY, at)
    if count > BURST and count > DAY_TIMES * usual_day(link, at):
        is_thick = True
        # What still waits for others is counted by no day.
        held = sealed.hold(link.pk, why=HeldFor.VELOCITY)
        if hold(Response.objects.filter(link=link, answered_at__gte=day_of(today)), why=HeldFor.VELOCITY) or held:
            notices.tell_of_burst(link, at=at)
    return HeldFor.VELOCITY if is_thick else HeldFor.DUPLICATE if is_double else ""


def _hashed(value: str) -> str:
    return salted_hmac("feedback.anonymous", value, algorithm="sha256").hexdigest()[:32]


def usual_day(link: Link, at: dt.datetime) -> int:
    """How many answers a day with answers has had that counted, in the four weeks before this day."""
    since, until = at - dt.timedelta(days=USUAL_DAYS), at - SAME_DEVICE
    counted = Response.objects.filter(link=link, evidence__in=Response.COUNTED, answered_at__gt=since)
    found = (
        counted.filter(answered_at__lt=until)
        .order_by()
        .aggregate(answers=Count("pk"), days=Count("answered_at", distinct=True))
    )
    return round(found["answers"] / found["days"]) if found["days"] else 0


# --- what is usual -----------------------------------------------------------------------------------------------


def usual(link: Link, at: dt.datetime) -> int:
    """How many answers an hour with answers has had that counted, in the four weeks until yesterday."""

    def find() -> int:
        since, until = at - dt.timedelta(days=USUAL_DAYS), at - SAME_DEVICE
        counted = Response.objects.filter(link=link, answered_at__gt=since, answered_at__lt=until)
        rows = counted.filter(evidence__in=Response.COUNTED).annotate(hour=TruncHour("answered_at"))
        found = rows.order_by().aggregate(answers=Count("pk"), hours=Count("hour", distinct=True))
        return round(found["answers"] / found["hours"]) if found["hours"] else 0

    return remembered.while_costly(f"usual:{link.pk}:{at:%Y-%m-%d %H}", find, seconds=OF_LINK.seconds)


def through_links_of(survey_id: int, *, since: dt.datetime) -> QuerySet[Response]:
    """Answers through any public link of the survey from a moment on."""
    return Response.objects.filter(link__in=Link.objects.filter(survey=survey_id), answered_at__gte=since)


def hold(responses: QuerySet[Response], *, why: str) -> int:
    """Take those of the answers that count out of the scores until a person has looked; returns how many.

    What a person released stays.
    """
    waits = Q(evidence=Response.Evidence.HELD, held_for=HeldFor.UNMATCHED)
    counting = responses.filter(Q(evidence__in=Response.COUNTED) | waits).exclude(review=Response.Review.RELEASED)
    rows = list(counting.select_for_update(of=("self",)).order_by("pk")[:MOST_HELD])
    keys = [row.pk for row in rows]
    Response.objects.filter(pk__in=keys).update(evidence=Response.Evidence.HELD, held_for=why)
    Comment.objects.filter(response__in=keys).update(evidence=Response.Evidence.HELD, is_counted=False)
    invited = [row.invitation_id for row in rows if row.invitation_id]
    Invitation.hold_answers(invited)
    Invitation.mark_days(invited)
    for survey in Survey.objects.filter(pk__in={row.survey_id for row in rows}, is_full=True):
        survey.count_answers()  # whoever stuffs the ballot must not close it either
    days = {row.answered_at for row in rows}
    Change.mark("response", *days)
    later.mark_of(rows)
    Change.mark("comment", *days)
    return len(rows)


@dataclass(frozen=True)
class Tally:
    """What came through one link: how many answers, how many of them wait for a person, how many of these came in a
    burst, and when the last came."""

    count: int
    held: int
    burst: int
    last: dt.datetime


def tallies(links: list[int], *, scope: Scope) -> dict[int, Tally]:
    """What came through each of the links, of the answers that this scope covers."""
    found = (
        Response.objects.filter(scope.rows(), link__in=links)
        .order_by()
        .values("link")
        .annotate(
            count=Count("pk"),
            held=Count("pk", filter=WAITS),
            burst=Count("pk", filter=WAITS & Q(held_for=HeldFor.VELOCITY)),
            last=Max("answered_at"),
        )
        .values_list("link", "count", "held", "burst", "last")
    )
    return {link: Tally(*rest) for link, *rest in found}


def uninvited(survey_id: int, *, most: int) -> int:
    """How many answers count that no invitation knows of, at most so many: anonymous ones through public links."""
    found = Response.objects.filter(survey=survey_id, invitation=None, link__isnull=False)
    known = found.filter(evidence__in=Response.COUNTED)[:most].count()
    return known if known >= most else known + sealed.uninvited(survey_id, most=most - known)


def has_answers(survey_id: int) -> bool:
    """Whether anybody has answered this survey, in whatever way."""
    return Response.objects.filter(survey=survey_id).exists() or sealed.waits(survey_id)
