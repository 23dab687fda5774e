"""`make bench-trial`: the CPU that the trial of a rule costs over 100,000 interactions."""

import argparse
import datetime as dt
import random
import sys
import time

from bench import product, table
from bench.product import DATABASES

INTERACTIONS, CUSTOMERS, GOAL_SECONDS = 100_000, 40_000, 60


def make(interactions: int = INTERACTIONS, customers: int = CUSTOMERS, *, seed: int = 7) -> None:
    """Interactions of the last 90 days with their closings, customers who were asked before, and two rules."""
    from django.utils import timezone

    from ground.models import Organisation, Team
    from surveys.models import Customer, Interaction, InteractionEvent, SendingRule
    from surveys.starters import CSAT, NPS, start_survey

    dice, now = random.Random(seed), timezone.now()
    Organisation.objects.create(name="Bench", language="ru")
    teams = [Team.objects.create(code=f"t{number}", name=f"Team {number}") for number in range(8)]
    people = Customer.objects.bulk_create(
        [
            Customer(external_id=str(n), email=f"c{n}@example.org", language=dice.choice(["ru", "en"]),
                     is_vip=n % 50 == 0, attributes={"segment": dice.choice(["b2b", "b2c"])})
            for n in range(customers)
        ],
        batch_size=5000,
    )  # fmt: skip
    served = []
    for number in range(interactions):
        began = now - dt.timedelta(minutes=dice.randrange(1, 90 * 24 * 60))
        served.append(
            Interaction(
                source="bench", external_id=str(number), updated_at=began, created_at=began, closed_at=began,
                closings=1, customer=dice.choice(people), team=dice.choice(teams),
                channel=dice.choice(["phone", "chat", "email"]),
                reason=dice.choice(["delivery", "refund", "other"]), replies=dice.randrange(8),
                attributes={"tariff": dice.choice(["gold", "silver", "none"])},
            )
        )  # fmt: skip
    served = Interaction.objects.bulk_create(served, batch_size=5000)
    InteractionEvent.objects.bulk_create(
        [InteractionEvent(interaction=one, kind="closed", at=one.closed_at) for one in served], batch_size=5000
    )
    support, loyalty = start_survey(CSAT, code="csat", name="CSAT"), start_survey(NPS, code="nps", name="NPS")
    _ask_before(support, served[: interactions // 5])
    strong = [{"field": "reason", "op": "equals", "value": "refund"}, {"field": "replies", "op": "greater", "value": 4}]
    SendingRule.objects.create(name="Refunds", survey=loyalty, priority=5, conditions=strong)
    SendingRule.objects.create(name="All", survey=support, sample_percent=80, daily_maximum=2000)


def _ask_before(survey, served) -> None:
    from surveys import links
    from surveys.models import Invitation

    version, asked = survey.published, []
    for one in served:
        invitation = Invitation(
            survey=survey, version=version, interaction=one, closing=1, customer_id=one.customer_id,
            channel=one.channel, language="ru", state="sent", created_at=one.closed_at, due_at=one.closed_at,
            sent_at=one.closed_at, expires_at=one.closed_at + dt.timedelta(days=30),
        )  # fmt: skip
        links.stamp(invitation)
        asked.append(invitation)
    Invitation.objects.bulk_create(asked, batch_size=5000)


def measure() -> None:
    """Try the changed rule beside the stored one, step by step as the worker does; prints what it took."""
    from ground import jobs
    from ground.models import User
    from surveys import tryout
    from surveys.models import SendingRule

    make()
    rule = SendingRule.objects.select_related("survey").get(name="All")
    changes = {"delay_minutes": 240, "sample_percent": 50}
    for what, change in (("as stored", {}), ("changed, beside the stored one", changes)):
        for name, value in change.items():
            setattr(rule, name, value)
        job = tryout.start(rule, author=User.objects.get_or_create(email="bench@example.org")[0])
        began, clock = time.process_time(), time.perf_counter()
        job = jobs.finish_now(job)
        cpu, passed = time.process_time() - began, time.perf_counter() - clock
        counts = {lane: found["counts"] for lane, found in job.result.items()}
        print(f"  {what}: {job.done} occasions, {cpu:.1f} s of CPU, {passed:.1f} s; {counts}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    chosen = parser.parse_args()
    print(f"{table.machine()} Goal: less than {GOAL_SECONDS} s of CPU for {INTERACTIONS} interactions.\n")
    for name in chosen.databases:
        print(name, flush=True)
        with product.on(name) as environment:
            product.ask_once(environment, "bench.trial.measure")
    return 0


if __name__ == "__main__":
    sys.exit(main())
