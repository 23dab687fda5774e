"""Complaints in customers' own words: which texts are one by the rules, and how far somebody has got with each (M25).

Open is what nobody has reacted to, answered where somebody has contacted the customer, closed what is done. Apart is
what is not about a contact that the help desk has marked as a complaint itself.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback import topics
from feedback.models import Comment, CommentTopic, ComplaintRule, Reaction, Response
from feedback.models.comments import CONSTRUCTIVE_SURE, TONE_SURE
from ground import audit
from ground.models import User

ALL, OPEN, ANSWERED, CLOSED, APART = "all", "open", "answered", "closed", "apart"
# Somebody has reacted: in time, at all, or ought to have.
IN_TIME, REACTED, DUE = "in_time", "reacted", "due"
CLOSE_THE_LOOP = dt.timedelta(hours=48)
STATES = {
    OPEN: Q(done_at=None, reaction=None),
    ANSWERED: Q(done_at=None, reaction__isnull=False),
    CLOSED: Q(done_at__isnull=False),
    APART: Q(interaction=None) | Q(interaction__is_complaint=False),
}

LOOPS: list[tuple[str, Any]] = [
    (ALL, _("all")),
    (OPEN, _("nobody has reacted")),
    (ANSWERED, _("the customer was contacted")),
    (CLOSED, _("done")),
    (APART, _("not about a contact marked as one")),
    (IN_TIME, _("contacted within 48 hours")),
    (DUE, _("contacted within 48 hours, or 48 hours are over")),
    (REACTED, _("contacted at all, or done")),
]


def are_complaints() -> Q:
    """The condition on texts: sent in as a complaint, or fit by a rule. Nobody can be told apart in anonymous ones."""
    found = Q(source=Comment.Source.COMPLAINT)
    for rule in ComplaintRule.objects.select_related("topic"):
        found |= _fits(rule)
    return found & Q(is_counted=True) & (Q(survey=None) | Q(survey__is_anonymous=False))


def in_state(state: str) -> Q:
    """Those of the complaints that somebody has got so far with; all of them with "all"."""
    return are_complaints() & (_by_time(state) if state in (IN_TIME, REACTED, DUE) else STATES.get(state, Q()))


def _by_time(state: str) -> Q:
    """Whoever closes a matter without a word about it has reacted by then."""
    if state == REACTED:
        return Q(reaction__isnull=False) | Q(done_at__isnull=False)
    until = ExpressionWrapper(F("said_at") + CLOSE_THE_LOOP, DateTimeField())
    in_time = Q(reaction__at__lte=until) | Q(done_at__lte=until)
    return in_time if state == IN_TIME else in_time | Q(said_at__lt=timezone.now() - CLOSE_THE_LOOP)


def _fits(rule: ComplaintRule) -> Q:
    # What the index of the lists holds comes first: what it rules out is not read.
    if rule.kind == ComplaintRule.Kind.SCORE:
        on_scale = Response.objects.filter(pk=OuterRef("response"), scale=rule.scale)
        return Q(score__lte=rule.at_most) & Q(Exists(on_scale))
    if rule.kind == ComplaintRule.Kind.TOPIC and rule.topic:
        about = CommentTopic.objects.filter(comment=OuterRef("pk"), topic__in=topics.meant_by(rule.topic.code))
        return Q(derived_class="negative") & Q(Exists(about))
    sure = Q(constructive_confidence__gte=CONSTRUCTIVE_SURE, tone_confidence__gte=TONE_SURE)
    return Q(constructive=True, tone=Comment.Tone.NEGATIVE) & sure


@transaction.atomic
def react(comment: Comment, *, by: User) -> bool:
    """Note that the customer has been contacted; False where somebody has noted it before."""
    _reaction, is_new = Reaction.objects.get_or_create(comment=comment, defaults={"by": by, "at": timezone.now()})
    if is_new:
        audit.note("comment.contacted", by=by, subject=comment)
    return is_new
