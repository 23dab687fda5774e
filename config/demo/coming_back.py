"""Customers of the demo who come again, complaints that are still open, and contracts that end."""

import datetime as dt
import random

from config.demo.traffic import Contact
from surveys import interactions
from surveys.models import Customer

SEED = 20260402
# How likely somebody comes again whose question was not solved, or was; and whether it is about the same.
UNSOLVED, SOLVED, SAME = 0.17, 0.05, 0.8
OPEN_COMPLAINTS = 7
# One in so many customers has a contract, and of these one in so many has ended it by now.
WITH_CONTRACT, ENDED = 3, 7


def tell(told: list[Contact], *, source: str, now: dt.datetime) -> None:
    """More contacts of the same customers, and what decides who stays; a dice of its own leaves the rest as it is."""
    dice = random.Random(SEED)
    again = [contact for contact in told if dice.random() < (SOLVED if contact.is_resolved else UNSOLVED)]
    for contact in again:
        began = contact.closed + dt.timedelta(hours=36 * dice.lognormvariate(0, 1))
        closed = began + dt.timedelta(hours=dice.uniform(0.2, 5))
        if closed < now:
            reason = contact.reason if dice.random() < SAME else "другое"
            _take(contact, f"R-{contact.number}", source, created_at=began, reason=reason, closed_at=closed,
                  first_response_at=began + (closed - began) / 3, resolved_at=closed, is_resolved=True)  # fmt: skip
    for contact in dice.sample(told[-400:], OPEN_COMPLAINTS):
        began = now - dt.timedelta(hours=dice.uniform(0.2, 60))
        responded = began + dt.timedelta(minutes=40) if dice.random() < 0.4 else None
        first = responded if responded and responded < now else None
        _take(contact, f"Q-{contact.number}", source, created_at=began, reason=contact.reason, first_response_at=first,
              is_complaint=True)  # fmt: skip
    _sign_contracts(dice, now.date())


def _take(contact: Contact, number: str, source: str, **fields: object) -> None:
    report = interactions.Report(
        source=source,
        external_id=number,
        updated_at=max(moment for moment in fields.values() if isinstance(moment, dt.datetime)),
        customer={"external_id": contact.person.told()["external_id"]},
        team={"code": contact.team, "name": contact.team_name},
        agent={"external_id": f"{contact.team}-{contact.agent}", "name": contact.agent},
        fields={"channel": contact.channel, **fields},
    )
    interactions.take(report)


def _sign_contracts(dice: random.Random, today: dt.date) -> None:
    customers = list(Customer.objects.filter(external_id__startswith="C-").order_by("pk")[::WITH_CONTRACT])
    for customer in customers:
        customer.contract_start = today - dt.timedelta(days=dice.randrange(200, 1100))
        left = dice.randrange(ENDED) == 0
        days = -dice.randrange(1, 200) if left else dice.randrange(30, 365)
        customer.contract_end = today + dt.timedelta(days=days)
    Customer.objects.bulk_update(customers, ["contract_start", "contract_end"], batch_size=200)
