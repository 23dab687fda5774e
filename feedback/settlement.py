"""Ten minutes after its last touch an invitation is settled: presumed, unverified, or nothing.

Posts are judged once more with all that was opened since: a scanner that submits each page it opens shows itself only
by the pages after the first.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils import timezone

from feedback import counting, evidence, intake
from feedback.evidence import Judged, Posted, Settled
from feedback.intake import Given
from feedback.models import Response, Touch
from ground import aside
from ground.models import Change
from surveys.models import Invitation, Message

log = logging.getLogger(__name__)

WHAT = "settlement"


def due(*, limit: int, now: dt.datetime | None = None) -> list[int]:
    """Invitations whose last touch is old enough to be settled, by primary key."""
    quiet = Touch.objects.filter(settled_at=None).order_by().values("invitation_id").annotate(last=Max("at"))
    quiet = quiet.filter(last__lte=_cutoff(now)).exclude(invitation__in=aside.resting_keys(WHAT))
    return list(quiet.values_list("invitation_id", flat=True)[:limit])


def unsettled(invitation_ids: Iterable[int]) -> set[int]:
    """Those of the invitations whose link was opened and not judged yet: no reminder leaves before that."""
    open_touches = Touch.objects.filter(invitation__in=list(invitation_ids), settled_at=None)
    return set(open_touches.values_list("invitation_id", flat=True))


def _cutoff(now: dt.datetime | None) -> dt.datetime:
    return (now or timezone.now()) - dt.timedelta(seconds=settings.SETTLEMENT_SECONDS)


def settle(invitation_ids: Iterable[int], *, now: dt.datetime | None = None) -> int:
    """Settle those of the invitations that have been quiet long enough; returns how many. Safe to run twice."""
    invitations = Invitation.objects.select_related("survey", "version").filter(pk__in=list(invitation_ids))
    domains = _domains(invitations)
    flagged = evidence.flagged_domains(set(domains.values()))
    done = [
        aside.tried(WHAT, one.pk, _settle, one, is_flagged=domains.get(one.pk) in flagged, now=now)
        for one in invitations
    ]
    return sum(map(bool, done))


def _domains(invitations: Iterable[Invitation]) -> dict[int, str]:
    """The mail domain each invitation went to last."""
    mails = Message.objects.filter(invitation__in=invitations).order_by("pk").values_list("invitation_id", "address")
    return {invitation: address.rpartition("@")[2].lower() for invitation, address in mails}


@transaction.atomic
def _settle(invitation: Invitation, *, is_flagged: bool, now: dt.datetime | None) -> bool:
    if invitation.survey.is_anonymous:  # it was made so after the link had been opened
        Touch.objects.filter(invitation=invitation).delete()
        Change.mark("invitation", invitation.sent_at)
        return False
    touches = list(Touch.objects.filter(invitation=invitation))
    if not touches or max(touch.at for touch in touches) > _cutoff(now):
        return False
    judge(invitation, touches, is_flagged=is_flagged, now=now)
    return True


def judge_again(invitation_ids: Iterable[int]) -> None:
    """Judge invitations that were settled before by the present rules; what is not quiet yet waits for its time.

    Call inside a transaction.
    """
    invitations = Invitation.objects.select_related("survey", "version").filter(pk__in=list(invitation_ids))
    domains = _domains(invitations)
    flagged = evidence.flagged_domains(set(domains.values()))
    touches = defaultdict(list)
    for touch in Touch.objects.filter(invitation__in=invitations):
        touches[touch.invitation_id].append(touch)
    for invitation in invitations:
        own = touches[invitation.pk]
        if own and max(touch.at for touch in own) <= _cutoff(None):
            judge(invitation, own, is_flagged=domains.get(invitation.pk) in flagged, again=True)


def judge(
    invitation: Invitation,
    touches: Sequence[Touch],
    *,
    is_flagged: bool,
    now: dt.datetime | None = None,
    again: bool = False,
) -> None:
    """Bring an invitation's answer to what its touches and posts amount to; call inside a transaction.

    With `again`, an answer that was merely opened may also get weaker than it is.
    """
    response = Response.objects.select_for_update(of=("self",)).filter(invitation=invitation).first()
    posts = judged_posts(response, touches) if response else {}
    if response and not response.review:
        _judge_post_again(response, posts)
    doubted = {posted.client for posted, judged in posts.values() if not judged.counts}
    settled = evidence.settle(touches, domain_is_flagged=is_flagged, doubted=doubted)
    if again and response and not response.review and _was_merely_opened(response):
        _judge_touches_again(response, settled)
    elif settled.evidence is not None and settled.at is not None:
        given = Given(
            score=settled.score, evidence=settled.evidence, held_for=settled.held_for, at=settled.at,
            language=invitation.language,
        )  # fmt: skip
        response = intake.record(invitation, given).response
    if response and not response.review:
        _bring_reason(response, settled)
    moment = now or timezone.now()
    for touch in touches:
        touch.verdict = Touch.Verdict.CLEAN if touch.pk in settled.clean_ids else Touch.Verdict.SUSPECT
        touch.settled_at = touch.settled_at or moment
    Touch.objects.bulk_update(touches, ["verdict", "settled_at"])
    Change.mark("invitation", invitation.sent_at)


def _was_merely_opened(response: Response) -> bool:
    """Whether nobody has given the answer. One without a key may come from a program, a messenger, a person erased."""
    return not response.edit_key_hash and response.evidence in intake.SETTLED


def reconsider(invitation: Invitation) -> None:
    """Judge an answer that counts once more before somebody else's post meets it; call inside a transaction."""
    response = Response.objects.select_for_update(of=("self",)).filter(invitation=invitation, review="").first()
    if response:
        _judge_post_again(response, judged_posts(response, list(Touch.objects.filter(invitation=invitation))))


def doubt(invitation: Invitation) -> None:
    """Hold at once an answer whose own client gives itself away by what it has just opened.

    As with a touch, a failed write is logged and fails no page: the settlement looks again.
    """
    try:
        with transaction.atomic():
            reconsider(invitation)
    except DatabaseError as error:
        log.error("answer not judged again: %s", type(error).__name__)


def judged_posts(response: Response, touches: Sequence[Touch]) -> dict[int, tuple[Posted, Judged]]:
    """What each post to this answer is worth in the light of all touches, by its revision's number."""
    posts = {}
    for revision in response.revisions.all():
        if revision.agent_hash and revision.page_served_at:
            posted = Posted(
                prefix_hash=revision.prefix_hash, agent_hash=revision.agent_hash,
                page_served_at=revision.page_served_at, is_decoyed=revision.is_decoyed,
            )  # fmt: skip
            posts[revision.number] = posted, evidence.judge_post(touches, posted, at=revision.at)
    return posts


def _judge_post_again(response: Response, posts: Mapping[int, tuple[Posted, Judged]]) -> None:
    """Hold an answer that counted when a program turns out to have posted it, and the other way round."""
    if response.held_for in counting.NOT_OF_TOUCHES or not response.edit_key_hash:
        return
    number = accepted(response, posts)
    if number is None:
        return
    client = posts[number][0].client
    own = [judged for known, (posted, judged) in posts.items() if known <= number and posted.client == client]
    best = max(own, key=lambda judged: judged.counts)
    if best.counts != (response.evidence in Response.COUNTED):
        counting.bring(response, evidence=best.evidence, held_for=best.held_for)


def _judge_touches_again(response: Response, settled: Settled) -> None:
    """An answer that nobody posted is what its touches are; one without any is anonymous and stays as it is."""
    if settled.evidence not in (None, response.evidence):
        counting.bring(
            response, evidence=str(settled.evidence), held_for=settled.held_for, score=settled.score
        )  # fmt: skip


def _bring_reason(response: Response, settled: Settled) -> None:
    """What was merely opened waits for what was found last, also when its score is the same as before."""
    is_opened = response.evidence == settled.evidence == Response.Evidence.UNVERIFIED and not response.edit_key_hash
    if is_opened and response.held_for != settled.held_for:
        response.held_for = settled.held_for
        response.save(update_fields=["held_for"])


def accepted(response: Response, posts: Mapping[int, tuple[Posted, Judged]]) -> int | None:
    """The number of the post whose words stand in the response; None when nobody knows who posted them."""
    rank, found = -1, None
    for revision in response.revisions.all():
        own = intake.RANK[Response.Evidence(revision.evidence)]
        if revision.number not in posts:
            rank = own
        elif own >= rank:
            rank, found = own, revision.number
    return found
