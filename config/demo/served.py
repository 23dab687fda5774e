"""How the demo's contacts were served: queues, work, reopenings, those who hung up, and what is open at this moment."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from config.demo.people import AGENTS, TEAMS, Person
from config.demo.traffic import MINUTES, ZONE, Contact
from surveys import interactions

QUEUES = {"phone": 18, "chat": 30}
WORK = {"phone": 4, "chat": 7, "messenger": 5, "email": 6, "web": 6}
GAVE_UP, OPEN, OPEN_DAYS = 90, 60, 12
REOPENED = 0.05
QUEUE_SPREAD = 0.9


def fields(contact: Contact, dice: random.Random) -> dict[str, Any]:
    """What a program would tell of a contact besides its times."""
    told: dict[str, Any] = {"handle_seconds": int(60 * WORK[contact.channel] * dice.lognormvariate(0, 0.5))}
    if contact.channel in QUEUES:
        busy = 4 if contact.has_waited else 1
        wait = dt.timedelta(seconds=busy * QUEUES[contact.channel] * dice.lognormvariate(0, QUEUE_SPREAD))
        told["enqueued_at"] = max(contact.began, contact.first_response - wait)
        told["answered_at"] = contact.first_response
    if contact.is_resolved and dice.random() < REOPENED:
        told["reopened_at"] = first_solved(contact) + (contact.closed - first_solved(contact)) / 3
    return told


def first_solved(contact: Contact) -> dt.datetime:
    """When a contact that was reopened later was taken for solved."""
    return contact.first_response + (contact.closed - contact.first_response) / 2


def others(
    people: list[Person], *, now: dt.datetime, dice: random.Random, source: str
) -> Iterator[interactions.Report]:
    """Contacts that nobody is asked about: callers who hung up, and what came in lately and is open yet."""
    for number in range(GAVE_UP):
        day = now.astimezone(ZONE).date() - dt.timedelta(days=1 + int(dice.uniform(0, 60)))
        began = dt.datetime.combine(day, dt.time(dice.randrange(9, 20), dice.randrange(60)), ZONE)
        channel = dice.choice(["phone", "phone", "chat"])
        waited = dt.timedelta(seconds=QUEUES[channel] * 3 * dice.lognormvariate(0, QUEUE_SPREAD))
        yield _report(f"Q-{number}", channel, dice.choice(people), dice, source=source, at=began + waited, fields={
            "created_at": began, "enqueued_at": began, "closed_at": began + waited, "is_abandoned": True,
        })  # fmt: skip
    for number in range(OPEN):
        began = now - dt.timedelta(days=OPEN_DAYS * dice.random() ** 3)
        channel = dice.choice(["email", "email", "web", "messenger"])
        responded = began + dt.timedelta(minutes=MINUTES[channel] * dice.lognormvariate(0, 0.9))
        yield _report(f"O-{number}", channel, dice.choice(people), dice, source=source, at=now, fields={
            "created_at": began, "first_response_at": responded if responded < now and dice.random() < 0.8 else None,
        })  # fmt: skip


def _report(
    number: str, channel: str, person: Person, dice: random.Random, *, source: str, at: dt.datetime,
    fields: dict[str, Any],
) -> interactions.Report:  # fmt: skip
    code, name, *_rest = dice.choices(TEAMS, [team[2] for team in TEAMS])[0]
    agent = dice.choice(AGENTS[code])
    return interactions.Report(
        source=source,
        external_id=number,
        updated_at=at,
        customer=person.told(),
        team={"code": code, "name": name},
        agent=None if fields.get("is_abandoned") else {"external_id": f"{code}-{agent}", "name": agent},
        fields={"channel": channel, **fields},
    )
