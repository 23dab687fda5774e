"""Ten minutes after its last touch an unanswered invitation is settled: presumed, unverified, or nothing."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from feedback import evidence, intake
from feedback.intake import Given
from feedback.models import Touch
from surveys.models import Invitation, Message

log = logging.getLogger(__name__)


def due(*, limit: int, now: dt.datetime | None = None) -> list[int]:
    """Invitations whose last touch is old enough to be settled, by primary key."""
    quiet = Touch.objects.filter(settled_at=None).order_by().values("invitation_id").annotate(last=Max("at"))
    return list(quiet.filter(last__lte=_cutoff(now)).values_list("invitation_id", flat=True)[:limit])


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
    return sum(
        _settle(invitation, is_flagged=domains.get(invitation.pk) in flagged, now=now) for invitation in invitations
    )


def _domains(invitations: Iterable[Invitation]) -> dict[int, str]:
    """The mail domain each invitation went to last."""
    mails = Message.objects.filter(invitation__in=invitations).order_by("pk").values_list("invitation_id", "address")
    return {invitation: address.rpartition("@")[2].lower() for invitation, address in mails}


@transaction.atomic
def _settle(invitation: Invitation, *, is_flagged: bool, now: dt.datetime | None) -> bool:
    touches = list(Touch.objects.filter(invitation=invitation))
    if not touches or max(touch.at for touch in touches) > _cutoff(now):
        return False
    settled = evidence.settle(touches, domain_is_flagged=is_flagged)
    if settled.evidence is not None and settled.at is not None:
        given = Given(score=settled.score, evidence=settled.evidence, at=settled.at, language=invitation.language)
        intake.record(invitation, given)
    open_touches = Touch.objects.filter(invitation=invitation, settled_at=None)
    moment = now or timezone.now()
    open_touches.filter(pk__in=settled.clean_ids).update(verdict=Touch.Verdict.CLEAN, settled_at=moment)
    open_touches.filter(pk__in=[touch.pk for touch in touches]).update(verdict=Touch.Verdict.SUSPECT, settled_at=moment)
    return True
