"""What is counted of the decisions of one day, and of the invitations that left on it: how far each got (M5).

Everything goes by the day of sending. By the days of the answers, a quiet week after a busy one would look like a
success, and the rate of one day could pass 100 %.
"""

from collections import Counter
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from analytics.completed import lacking
from analytics.scores import SCALES
from feedback.erased import TWO_LETTERS
from feedback.models import Comment, Response, Touch
from surveys.models import Decision, Invitation, Message

# How far an invitation can get; each is counted apart.
SENT, BOUNCED, STARTED, ANSWERED, COMPLETED, COMMENTED = (
    "sent", "bounced", "started", "answered", "completed", "commented"
)  # fmt: skip
# Answers on a scale of satisfaction, and the satisfied among them: what is weighted by who was asked.
CSATS = {
    "csat_5": ("rated", "satisfied"),
    "csat_3": ("rated_3", "satisfied_3"),
    "thumbs": ("rated_thumb", "thumbs_up"),
}
# The same of the recommendation.
RECOMMENDED, PROMOTER, DETRACTOR = "nps", "promoter", "detractor"
NPS = "nps"
# By scale: the facts of an answer on it, and which scores make each true.
OF_SCALE: dict[str, dict[str, frozenset[int]]] = {
    scale: {rated: frozenset(range(SCALES[scale].low, SCALES[scale].high + 1)), satisfied: SCALES[scale].top}
    for scale, (rated, satisfied) in CSATS.items()
} | {
    NPS: {RECOMMENDED: frozenset(range(11)), PROMOTER: SCALES[NPS].top, DETRACTOR: SCALES[NPS].bottom},
}  # fmt: skip

Counts = Counter[tuple[Any, ...]]


def invited() -> QuerySet[Invitation]:
    """Those that left; what somebody tried out and what came through a public link was never sent."""
    return Invitation.objects.filter(sent_at__isnull=False, is_test=False)


def counts_of(rows: QuerySet[Invitation]) -> Counts:
    """Counts of these invitations by survey, team, channel and fact."""
    told = {fact: Count("pk", filter=holds) for fact, holds in _of_way().items()}
    counts = _of_scores(rows)
    for survey, team, channel, *numbers in rows.order_by().values_list("survey", "team", "channel").annotate(**told):
        counts.update({(survey, team, channel, fact): n for fact, n in zip(told, numbers, strict=True) if n})
    counts.subtract((one.survey, one.team, one.channel, COMPLETED) for one in lacking(rows))
    return +counts


def _of_scores(rows: QuerySet[Invitation]) -> Counts:
    """The facts of `OF_SCALE`, from the answers at once: each invitation has one at most."""
    given = Response.objects.filter(
        invitation__in=rows.order_by().values("pk"), invitation__answer_state__in=Invitation.COUNTED,
        score__isnull=False, scale__in=OF_SCALE,
    )  # fmt: skip
    where = ("invitation__survey", "invitation__team", "invitation__channel", "scale", "score")
    counts: Counts = Counter()
    for *place, scale, score, n in given.order_by().values_list(*where).annotate(rows=Count("pk")):
        counts.update({(*place, fact): n for fact, scores in OF_SCALE[scale].items() if score in scores})
    return counts


def decisions_of(rows: QuerySet[Decision]) -> Counts:
    """Counts of these decisions by survey, by team and channel of their contact as it is now, by outcome and reason."""
    key = ("survey", "interaction__team", "interaction__channel", "outcome", "reason")
    return Counter({tuple(values): n for *values, n in rows.order_by().values_list(*key).annotate(rows=Count("pk"))})


def by_agent(rows: QuerySet[Invitation]) -> Counts:
    """Counts of these invitations by team, channel, agent and fact: those that left, and those that were answered."""
    told = {SENT: Count("pk"), ANSWERED: Count("pk", filter=Q(answer_state__in=Invitation.COUNTED))}
    named = rows.order_by().filter(agent__isnull=False, survey__is_anonymous=False)
    counts: Counts = Counter()
    for *who, sent, answered in named.values_list("team", "channel", "agent").annotate(**told):
        counts.update({(*who, fact): n for fact, n in ((SENT, sent), (ANSWERED, answered)) if n})
    return counts


def facts() -> dict[str, Q]:
    """When each fact is true of an invitation; one that was answered was started as well.

    Of those scored, `completed` leaves out what `lacking` finds.
    """
    answered = Q(answer_state__in=Invitation.COUNTED)
    scored = Response.objects.filter(invitation=OuterRef("pk"))
    return _of_way() | {
        fact: answered & Q(Exists(scored.filter(scale=scale, score__in=scores)))
        for scale, told in OF_SCALE.items()
        for fact, scores in told.items()
    }


def _of_way() -> dict[str, Q]:
    """How far it got, whatever the score."""
    own = {"invitation": OuterRef("pk")}
    bounce = Message.objects.filter(**own, kind=Message.Kind.INVITATION, state=Message.State.BOUNCED)
    opened = Touch.objects.filter(**own, verdict=Touch.Verdict.CLEAN)
    scored = Response.objects.filter(**own, score__isnull=False)
    text = Comment.objects.filter(response__invitation=OuterRef("pk"), text__regex=TWO_LETTERS)
    answered = Q(answer_state__in=Invitation.COUNTED)
    return {
        SENT: Q(pk__isnull=False),
        BOUNCED: Q(Exists(bounce)),
        STARTED: answered | Q(Exists(opened)),
        ANSWERED: answered,
        COMPLETED: answered & Q(Exists(scored)),
        COMMENTED: answered & Q(Exists(text)),
    }
