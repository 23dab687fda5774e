"""The door for interactions: API, import and demo all call `take`."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from ground.access import EVERYTHING, Scope
from ground.calendars import Calendars
from ground.models import Change, Role, Team
from ground.text import clean_line
from surveys import acquaintance, consents, phones, planning, returning, service_times
from surveys.events import BY_COLUMN
from surveys.models import Agent, Consent, Customer, Interaction, InteractionEvent, Segment

TIMES = (
    "created_at", "enqueued_at", "answered_at", "first_response_at", "resolved_at", "closed_at", "reopened_at",
)  # fmt: skip

# Answers are counted by how their contact was served: whoever changes one of these changes their day, too.
SERVED = (
    "created_at", "enqueued_at", "answered_at", "first_response_at", "response_working_seconds", "resolved_at",
    "closed_at", "is_resolved", "replies", "reason", "channel", "priority", "is_complaint",
)  # fmt: skip


class Refused(ValueError):
    """An interaction that cannot be taken; `attr` names the field, the message is for people."""

    def __init__(self, attr: str, message: str) -> None:
        super().__init__(message)
        self.attr = attr


@dataclass(frozen=True)
class Taken:
    """What became of a delivery: created, updated, or stale (older than what we have: acknowledged and ignored)."""

    interaction: Interaction
    outcome: str


@dataclass(frozen=True)
class Report:
    """An interaction as its source tells it. None in `fields` leaves what is known as it is."""

    source: str
    external_id: str
    updated_at: dt.datetime
    customer: dict[str, Any]
    team: dict[str, str] | None = None
    agent: dict[str, str] | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    events: tuple[tuple[str, dt.datetime], ...] = ()


def lacking(report: Report) -> Refused | None:
    """What an interaction that nobody told of before has to name and this report does not; None when all is there."""
    if report.fields.get("channel") is None:
        return Refused("channel", _("This is required for a new interaction."))
    return None if _names_somebody(report.customer) else nameless()


# What cannot have happened before what, by the words of one report.
ORDER = (
    ("created_at", "first_response_at"), ("created_at", "answered_at"), ("created_at", "resolved_at"),
    ("created_at", "closed_at"), ("created_at", "reopened_at"), ("enqueued_at", "answered_at"),
)  # fmt: skip
# Two clocks of one program may differ so much.
SKEW = dt.timedelta(minutes=5)


def contradiction(report: Report) -> Refused | None:
    """What a report says that cannot be true together; what was told earlier is not held against it."""
    told = report.fields
    for earlier, later in ORDER:
        first, then = told.get(earlier), told.get(later)
        if first and then and then < first - SKEW:
            names = {"later": _label(later), "earlier": _label(earlier)}
            return Refused(later, _("“%(later)s” lies before “%(earlier)s”.") % names)
    if told.get("is_abandoned") and told.get("answered_at"):
        return Refused("is_abandoned", _("It was given up before it was answered, or answered: say one of the two."))
    return None


def _label(name: str) -> str:
    return str(getattr(Interaction._meta.get_field(name), "verbose_name", name))


def _names_somebody(customer: dict[str, Any]) -> bool:
    return any(customer.get(name) for name in ("external_id", "email", "phone"))


def nameless() -> Refused:
    return Refused("customer", _("An external_id, an email or a phone is needed."))


def codes_of(writer: Scope) -> set[str]:
    """The codes of the teams that a writer of some teams writes for."""
    return set(Team.objects.filter(pk__in=writer.team_ids(least=Role.MANAGER)).values_list("code", flat=True))


def is_foreign(report: Report, stored: Interaction | None, own: set[str]) -> bool:
    """Whether a writer for these teams may not take it: it names none of them, or belongs to another one so far."""
    named = report.team["code"] if report.team else None
    return named not in own or (stored is not None and (stored.team is None or stored.team.code not in own))


@dataclass
class Met:
    """What one transaction has met: the team or agent of a code as it was told last, with what was told, and how teams
    work."""

    rows: dict[tuple[str, str], tuple[dict[str, Any], Any]] = field(default_factory=dict)
    calendars: Calendars = field(default_factory=Calendars)


def take(report: Report, *, writer: Scope = EVERYTHING, met: Met | None = None) -> Taken:
    """Create or update the interaction and those it names, in the order of the source's own clock.

    A report not newer than the stored one changes nothing. A writer of some teams changes no customer, agent or team
    of the others. Who takes many in one transaction gives `met`, which spares looking teams, agents and calendars up
    again. Raises Refused.
    """
    met = met or Met()
    if fault := contradiction(report):
        raise fault
    try:
        return _take(report, writer, met)
    except IntegrityError:
        return _take(report, writer, met)  # a parallel report created one of the rows first; now it is found


@transaction.atomic
def _take(report: Report, writer: Scope, met: Met) -> Taken:
    known = (
        Interaction.objects.select_for_update(of=("self",))
        .filter(source=report.source, external_id=report.external_id)
        .first()
    )
    if known and report.updated_at <= known.updated_at:
        return Taken(interaction=known, outcome="stale")
    values = {name: value for name, value in report.fields.items() if value is not None}
    values["updated_at"] = report.updated_at
    seen: dict[tuple[str, str], tuple[dict[str, Any], Any]] = {}
    if report.team:
        key = "team", report.team["code"]
        values["team"] = _again(met, key, report.team) or take_team(**report.team, writer=writer)
        seen[key] = report.team, values["team"]
    if report.agent:
        key = "agent", report.agent["external_id"]
        told: dict[str, Any] = {**report.agent, "team": values.get("team")}
        values["agent"] = _again(met, key, told) or take_agent(**told, writer=writer)
        if known is None or known.agent_id != values["agent"].pk:
            _check_own(values["agent"], writer)
        seen[key] = told, values["agent"]
    began, served = (known.created_at, _served(known)) if known else (None, None)
    place = _place(known) if known else None
    before = returning.seen(known) if known else None
    interaction, outcome = _written(report, known, values, writer, met.calendars)
    Change.mark("interaction", began, interaction.created_at)
    after = returning.seen(interaction)
    days, answered = returning.to_count_anew(before, after)
    Change.mark("returns", *days)
    if known and (before != after or served != _served(interaction)):
        answered |= _answered(interaction)
    Change.mark("response", *answered)
    if place and place != _place(interaction):
        Change.mark("decision", *interaction.decisions.values_list("decided_at", flat=True))
    met.rows |= seen  # only now: what a refused report created is taken back
    return Taken(interaction=interaction, outcome=outcome)


def _served(interaction: Interaction) -> list[Any]:
    """What scores are told by."""
    return [getattr(interaction, name) for name in SERVED]


def _place(interaction: Interaction) -> tuple[int | None, str]:
    return interaction.team_id, interaction.channel


def _answered(interaction: Interaction) -> set[dt.datetime | None]:
    return set(interaction.invitations.values_list("answered_at", flat=True))


def _again(met: Met, key: tuple[str, str], told: dict[str, Any]) -> Any:
    before, row = met.rows.get(key, ({}, None))
    return row if before == told else None


def _written(
    report: Report, known: Interaction | None, values: dict[str, Any], writer: Scope, calendars: Calendars
) -> tuple[Interaction, str]:
    if known is None:
        return _create(report, values, writer, calendars), "created"
    if _names_somebody(report.customer):
        values["is_claim"] = _is_claim(report.customer, writer, known)
        values["customer"] = take_customer(**report.customer, writer=writer)
    else:
        _bring_up_to_date(known.customer, report.customer, writer)
        _hear(known.customer, report.customer.get("consent"), writer)
    before = known.customer_id
    _update(known, values, calendars)
    if known.customer_id != before:
        planning.hand_on(known)
    _note_events(known, report)
    return known, "updated"


def _create(report: Report, values: dict[str, Any], writer: Scope, calendars: Calendars) -> Interaction:
    fault = lacking(report)
    if fault:
        raise fault
    values.setdefault("created_at", values.get("closed_at") or report.updated_at)
    interaction = Interaction(
        source=report.source,
        external_id=report.external_id,
        is_claim=_is_claim(report.customer, writer, None),
        customer=take_customer(**report.customer, writer=writer),
        closings=1 if values.get("closed_at") else 0,
        **values,
    )
    service_times.measure(interaction, calendars)
    interaction.save(force_insert=True)
    _note_events(interaction, report)
    return interaction


def _update(known: Interaction, values: dict[str, Any], calendars: Calendars) -> None:
    """A later closing time than the known one is one more closing; it may be asked about again."""
    closed_at = values.get("closed_at")
    if closed_at and (known.closed_at is None or closed_at > known.closed_at):
        values["closings"] = known.closings + 1
    for name, value in values.items():
        setattr(known, name, value)
    known.save(update_fields=[*values, *service_times.measure(known, calendars)])


def _note_events(interaction: Interaction, report: Report) -> None:
    known = [(kind, at) for kind, name in BY_COLUMN.items() if (at := getattr(interaction, name)) is not None]
    InteractionEvent.objects.bulk_create(
        [
            InteractionEvent(interaction=interaction, kind=kind, at=at, agent_id=interaction.agent_id)
            for kind, at in [*known, *report.events]
        ],
        ignore_conflicts=True,
    )


def take_customer(
    *, external_id: str | None = None, consent: dict[str, Any] | None = None, writer: Scope = EVERYTHING, **known: Any
) -> Customer:
    """Find the customer by the CRM's id, else by e-mail, and bring what is known up to date; create when absent.

    `consent` is what the customer said about being asked: `given`, and the words and moment of it.
    """
    values = _told(known)
    if not external_id and not values.get("email") and not values.get("phone"):
        raise nameless()
    customer = _find_customer(external_id, values)
    if customer is None:
        customer = Customer.objects.create(external_id=external_id or None, told_by_id=_team_of(writer), **values)
    else:
        if external_id and not customer.external_id:
            values["external_id"] = external_id
        if (number := phones.e164(values.get("phone", ""))) and number == phones.e164(customer.phone):
            del values["phone"]  # the same, written in another way
        _bring_up_to_date(customer, values, writer)
    _hear(customer, consent, writer)
    return customer


def _team_of(writer: Scope) -> int | None:
    teams = writer.team_ids(least=Role.MANAGER)
    return None if writer.covers_all() or not teams else teams[0]


def _is_claim(told: dict[str, Any], writer: Scope, known: Interaction | None) -> bool:
    """Whether a contact names a customer whom these teams do not know; asked before the customer is taken."""
    if writer.covers_all():
        return False
    customer = known_customer(**told)
    if known is not None and customer is not None and customer.pk == known.customer_id:
        return known.is_claim
    return customer is not None and not acquaintance.knows(writer, customer)


def _hear(customer: Customer, consent: dict[str, Any] | None, writer: Scope) -> None:
    if consent and _may_write(customer, writer):
        told = {name: value for name, value in consent.items() if name != "given" and value is not None}
        said = consents.Said(**({"source": consents.PROGRAM} | told))
        consents.tell(customer, is_given=consent["given"], said=said)


def known_customer(*, external_id: str | None = None, **known: Any) -> Customer | None:
    """Whom `take_customer` would bring up to date; None when it would create one."""
    return _find_customer(external_id, _told(known))


def _told(known: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in known.items() if name != "consent" and value not in (None, "")}
    if "email" in values:
        values["email"] = values["email"].strip().lower()
    return values


def _bring_up_to_date(customer: Customer, known: dict[str, Any], writer: Scope) -> None:
    if _may_write(customer, writer):
        change_customer(customer, _told(known))


def change_customer(customer: Customer, values: dict[str, Any]) -> None:
    """Write what differs from what is known; a consent that comes or goes is kept as a statement."""
    changed = {name: value for name, value in values.items() if getattr(customer, name) != value}
    if changed:
        before = customer.attributes
        Customer.objects.filter(pk=customer.pk).update(**changed)
        for name, value in changed.items():
            setattr(customer, name, value)
        if "no_consent" in changed:
            act = Consent.Act.WITHDRAWN if customer.no_consent else Consent.Act.GRANTED
            consents.record(customer, act, consents.Said(source=consents.PROGRAM))
        if "attributes" in changed:  # by which answers may be counted
            answered = customer.invitations.exclude(answered_at=None).values_list("answered_at", flat=True)
            Change.mark("response", *answered)
            sent = customer.invitations.exclude(sent_at=None).values_list("sent_at", flat=True)
            Change.mark("invitation", *sent)
            names = Segment.objects.values_list("attribute", flat=True)
            if any(before.get(name) != customer.attributes.get(name) for name in names):
                began = list(customer.interactions.values_list("created_at", flat=True))
                for scope in ("interaction", "returns"):
                    Change.mark(scope, *began)


def _may_write(customer: Customer, writer: Scope) -> bool:
    """A team's program may change a customer whom it knows and no other team has served."""
    if writer.covers_all():
        return True
    teams = writer.team_ids()
    is_shared = not teams or customer.interactions.exclude(team__in=teams).exists()
    return not is_shared and acquaintance.knows(writer, customer)


def _find_customer(external_id: str | None, values: dict[str, Any]) -> Customer | None:
    """By the CRM's id when it gives one; a nameless address may be adopted by it, another's never."""
    if external_id:
        named = Q(external_id=external_id)
        if values.get("email"):
            named |= Q(external_id=None, email=values["email"])
        return Customer.objects.filter(named).order_by(F("external_id").desc(nulls_last=True), "pk").first()
    if values.get("email"):
        return Customer.objects.filter(email=values["email"]).order_by("pk").first()
    return _by_phone(values["phone"]).order_by("pk").first() if values.get("phone") else None


def _by_phone(written: str) -> QuerySet[Customer]:
    """Whoever has this telephone, as programs write it. SQLite takes a partial index only for its very condition."""
    has_phone = RawSQL("NOT (surveys_customer.phone = '')", (), output_field=BooleanField())
    return Customer.objects.filter(has_phone, phone__in=phones.spelled(written))


def take_team(*, code: str, name: str = "", writer: Scope = EVERYTHING) -> Team:
    """The team of this code; a given name is brought up to date."""
    name = clean_line(name)[:100]
    team, created = Team.objects.get_or_create(code=code, defaults={"name": name or code})
    if name and not created and team.name != name and writer.allows(team.pk, least=Role.VIEWER):
        Team.objects.filter(pk=team.pk).update(name=name)
        team.name = name
    return team


def _check_own(agent: Agent, writer: Scope) -> None:
    """A team's contacts are not hung on another team's agent, whose name and score would come along. Raises Refused."""
    if agent.team_id is not None and not writer.allows(agent.team_id, least=Role.VIEWER):
        raise Refused("agent", _("This agent belongs to another team: a key of the whole organisation may say so."))


def take_agent(*, external_id: str, name: str = "", team: Team | None = None, writer: Scope = EVERYTHING) -> Agent:
    """The agent of this id; a given name or team is brought up to date."""
    agent, created = Agent.objects.select_related("team").get_or_create(
        external_id=external_id, defaults={"name": name, "team": team}
    )
    changed = {
        key: value for key, value in {"name": name, "team": team}.items() if value and getattr(agent, key) != value
    }
    if changed and not created and writer.allows(agent.team_id, least=Role.VIEWER):
        Agent.objects.filter(pk=agent.pk).update(**changed)
    return agent
