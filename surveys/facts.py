"""What the database knows that deciding needs, gathered for one case or for many in the same few statements."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from ground.calendars import Calendars
from ground.models import Organisation
from surveys import channels, daily, quotas, sampling, windows
from surveys.eligibility import NEVER, Asked, Facts
from surveys.events import CLOSED, RESOLVED
from surveys.models import (
    AskingPolicy,
    Customer,
    Gateway,
    Interaction,
    Invitation,
    Pause,
    SendingRule,
    Skip,
    Suppression,
    Survey,
)
from surveys.sampling import ALL_ALIKE
from surveys.suppression import fold, readings

State = Invitation.State
NOT_ASKED = frozenset({State.REFUSED, State.CANCELLED, State.FAILED})


@dataclass(frozen=True)
class Case:
    """One question: may this customer be asked about this at `now`? `once` for an interaction, however often closed.

    `own` is the planned invitation that is decided again. `sees` tells which earlier invitations count, where not all.
    """

    interaction: Interaction
    customer: Customer
    survey: Survey
    closing: int
    now: dt.datetime
    rule: SendingRule | None = None
    once: bool = False
    own: Invitation | None = None
    latest: dt.datetime = NEVER
    sees: Callable[[Invitation], bool] | None = None

    @property
    def horizon(self) -> dt.datetime:
        """Nothing before it matters to the survey's own clock and the gap."""
        days = max(self.survey.rest_after_answer_days, self.survey.rest_after_silence_days, self.survey.gap_days)
        return self.now - dt.timedelta(days=days)


class Circumstances:
    """What holds for everybody at present; whoever asks about many reads it once."""

    @cached_property
    def policy(self) -> AskingPolicy:
        return AskingPolicy.current()

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars()

    @cached_property
    def organisation(self) -> Organisation:
        return Organisation.current()

    @property
    def zone(self) -> dt.tzinfo:
        return self.organisation.timezone


@dataclass
class _Known:
    """Rows by what they belong to."""

    asked: dict[int, list[tuple[Invitation, Asked]]] = field(default_factory=lambda: defaultdict(list))
    # By interaction, whoever it belonged to when the invitation was made.
    about: dict[int, list[Invitation]] = field(default_factory=lambda: defaultdict(list))
    suppressed: dict[tuple[str, int | None], str] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    pauses: dict[int, list[Pause]] = field(default_factory=lambda: defaultdict(list))
    skipped: set[int] = field(default_factory=set)
    answers: dict[int, int] = field(default_factory=dict)
    answers_of_surveys: dict[int, int] = field(default_factory=dict)
    full_days: dict[int, set[dt.date]] = field(default_factory=dict)


def gather(
    interaction: Interaction,
    customer: Customer,
    survey: Survey,
    *,
    now: dt.datetime,
    closing: int | None = None,
    rule: SendingRule | None = None,
    once: bool = False,
    own: Invitation | None = None,
    latest: dt.datetime = NEVER,
    around: Circumstances | None = None,
) -> Facts:
    """The facts of one case."""
    if closing is None:
        closing = own.closing if own else interaction.closings
    case = Case(
        interaction, customer, survey, closing, now, rule=own.rule if own else rule, once=once, own=own, latest=latest
    )
    return gather_many([case], around=around)[0]


def gather_many(cases: Sequence[Case], *, around: Circumstances | None = None) -> list[Facts]:
    """The facts of each case, in their order; the number of statements does not grow with them."""
    if not cases:
        return []
    around = around or Circumstances()
    known = _read(cases, around)
    return [_facts(case, known, around) for case in cases]


def _read(cases: Sequence[Case], around: Circumstances) -> _Known:
    known = _Known()
    customers = {case.customer.pk for case in cases}
    interactions = {case.interaction.pk for case in cases}
    since = min(
        min(case.horizon for case in cases),
        min(case.now for case in cases) - dt.timedelta(days=around.policy.rolling_days),
    )
    for invitation in _earlier(customers, interactions, since):
        known.asked[invitation.customer_id].append((invitation, asked(invitation)))
        known.about[invitation.interaction_id].append(invitation)
    addresses = {fold(text) for case in cases for text in (case.customer.email, case.customer.phone) if text}
    listed = readings(addresses)
    entries = Suppression.objects.filter(address__in=listed).order_by("-pk")
    known.suppressed = {(listed[entry.address], entry.survey_id): entry.reason for entry in entries}
    known.dead = {
        address for (address, survey), reason in known.suppressed.items()
        if survey is None and reason == Suppression.Reason.HARD_BOUNCE
    }  # fmt: skip
    for pause in Pause.objects.filter(customer__in=customers).order_by("pk"):
        known.pauses[pause.customer_id].append(pause)
    known.skipped = set(Skip.objects.filter(interaction__in=interactions).values_list("interaction_id", flat=True))
    rules = {case.rule.pk: case.rule for case in cases if case.rule}.values()
    if limited := [rule for rule in rules if rule.quota is not None]:
        known.answers = quotas.answers(limited, now=timezone.now(), zone=around.zone)
    if limited_surveys := {case.survey.pk: case.survey for case in cases if case.survey.quota is not None}:
        known.answers_of_surveys = quotas.answers_of_surveys(
            limited_surveys.values(), now=timezone.now(), zone=around.zone
        )
    first_day = min(case.now for case in cases).date() - dt.timedelta(days=1)
    known.full_days = daily.full_days(rules, since=first_day)
    return known


def _earlier(customers: Iterable[int], interactions: Iterable[int], since: dt.datetime) -> Iterable[Invitation]:
    """What these customers were asked since then, and what they were ever asked about these interactions."""
    recent = Q(due_at__gte=since) | Q(answered_at__gte=since)
    return (
        Invitation.objects.filter(Q(customer__in=customers) & recent | Q(interaction__in=interactions))
        .select_related("survey")
        .only(
            "customer_id", "interaction_id", "rule_id", "closing", "state", "due_at", "sent_at", "created_at",
            "answered_at", "survey__kind", "survey__ignores_other_kind", "survey__gap_days",
        )
        .order_by("pk")
    )  # fmt: skip


def asked(invitation: Invitation) -> Asked:
    """The invitation as a piece of its customer's history."""
    return Asked(
        survey_id=invitation.survey_id,
        at=invitation.sent_at or invitation.leaves_at,
        answered_at=invitation.answered_at,
        kind=invitation.survey.kind,
        ignores_other_kind=invitation.survey.ignores_other_kind,
        gap=dt.timedelta(days=invitation.survey.gap_days),
    )


def _facts(case: Case, known: _Known, around: Circumstances) -> Facts:
    customer, survey, rule = case.customer, case.survey, case.rule
    lot = ALL_ALIKE if case.own else sampling.draw_lot(rule, case.interaction, customer)
    policy = around.policy
    return Facts(
        now=case.now,
        survey_id=survey.pk,
        rest_after_answer=dt.timedelta(days=survey.rest_after_answer_days),
        rest_after_silence=dt.timedelta(days=survey.rest_after_silence_days),
        gap=dt.timedelta(days=survey.gap_days),
        has_address=channels.address_for(rule, customer, dead=known.dead) is not None,
        is_own_staff=customer.is_staff,
        no_consent=customer.no_consent,
        suppressed=_suppression(case, known),
        is_finished=case.closing > 0 and not _is_reopened(case),
        is_abandoned=case.interaction.is_abandoned,
        asked_about_closing=_is_asked(case, known),
        history=_history(case, known),
        kind=survey.kind,
        ignores_other_kind=survey.ignores_other_kind,
        is_skipped=case.interaction.pk in known.skipped,
        rolling_maximum=policy.rolling_maximum,
        rolling=dt.timedelta(days=policy.rolling_days),
        pause=_pause(case, known),
        quota=rule.quota if rule else None,
        answers=known.answers.get(rule.pk, 0) if rule else 0,
        survey_quota=survey.quota,
        survey_answers=known.answers_of_surveys.get(survey.pk, 0),
        share=lot.share,
        draw=lot.draw,
        full_days=frozenset(known.full_days.get(rule.pk, ())) if rule else frozenset(),
        window=windows.window(policy, customer=customer, calendars=around.calendars, team_id=case.interaction.team_id),
        # Once it has its place in the day it keeps it.
        spread=sampling.draw(f"spread|{rule.pk}", case.interaction) if rule and rule.spreads and not case.own else None,
        latest=case.own.expires_at if case.own else case.latest,
    )


def _is_reopened(case: Case) -> bool:
    """Whether what was closed, or solved, has been opened again: there is nothing to ask about until it is done."""
    served, rule = case.interaction, case.rule
    if rule is None or served.reopened_at is None or served.reopened_at > case.now:
        return False
    ended = {CLOSED: served.closed_at, RESOLVED: served.solved_at}.get(rule.trigger)
    return ended is not None and ended < served.reopened_at


def _suppression(case: Case, known: _Known) -> str | None:
    """Why this customer gets nothing; a dead mailbox alone does not keep a text message back."""
    customer = case.customer
    way = channels.address_for(case.rule, customer, dead=known.dead)
    where = fold(way[1]) if way and way[0] != Gateway.Kind.WEBHOOK else ""
    for address in dict.fromkeys((where, *(fold(text) for text in (customer.email, customer.phone) if text))):
        reason = known.suppressed.get((address, None)) or known.suppressed.get((address, case.survey.pk))
        if reason and (address == where or not way or reason != Suppression.Reason.HARD_BOUNCE):
            return reason
    return None


def _is_asked(case: Case, known: _Known) -> bool:
    return any(
        invitation.survey_id == case.survey.pk
        and (invitation.closing == case.closing or (case.once and invitation.state not in NOT_ASKED))
        and (case.own is None or invitation.pk != case.own.pk)
        and (case.sees is None or case.sees(invitation))
        for invitation in known.about[case.interaction.pk]
    )


def _history(case: Case, known: _Known) -> tuple[Asked, ...]:
    """At the moment of sending only what came before counts: two planned at once must not refuse each other."""
    return tuple(
        one
        for invitation, one in known.asked[case.customer.pk]
        if invitation.state not in NOT_ASKED
        and (case.own is None or invitation.pk < case.own.pk)
        and (case.sees is None or case.sees(invitation))
    )


def _pause(case: Case, known: _Known) -> str:
    pauses = known.pauses[case.customer.pk]
    return next((pause.reason for pause in pauses if pause.until is None or pause.until > case.now), "")
