"""`make bench-deciding`: how fast the checks decide on PostgreSQL, beside many customers and five times the past asks.

What is counted is the CPU of this process and of the one that serves it, and the clock on the wall. The plans of every
statement are printed, and those of the ledger.
"""

import argparse
import datetime as dt
import random
import sys
import time
from collections.abc import Iterable
from typing import Any

from bench import costs, product, table

GOAL, BUNCH = 1000, 200
FRESH = 5000


def fill(table: Any, rows: str, **given: str) -> None:
    """Insert a row for each of `rows`; columns that are not given get what their fields give by default."""
    from django.db import connection

    columns = {}
    for field in table._meta.concrete_fields:
        if field.primary_key:
            continue
        value = field.get_default()
        columns[field.column] = given.get(field.column) or literal(field, value)
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table._meta.db_table} ({names}) SELECT {values} FROM {rows}")


def literal(field: Any, value: Any) -> str:
    from django.db import connection

    stored = field.get_db_prep_save(value, connection)
    if stored is None:
        return "NULL"
    with connection.cursor() as cursor:
        return cursor.mogrify("%s", [stored]) if hasattr(cursor, "mogrify") else quoted(stored)


def quoted(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    text = getattr(value, "dumps", lambda obj: str(obj))(getattr(value, "obj", value))
    return "'" + str(text).replace("'", "''") + "'"


def past(customers: int) -> tuple[Any, Any]:
    """The customers and what they were asked, each five times within two years; returns the survey and its rule."""
    from surveys.models import AskingPolicy, Customer, Decision, Interaction, Invitation, SendingRule
    from surveys.starters import CSAT, start_survey

    survey = start_survey(CSAT, code="bench", name="Bench")
    AskingPolicy.objects.create(skips_holidays=True)
    rule = SendingRule.objects.create(
        name="Bench", survey=survey, delay_minutes=60, sample_percent=80, sample_by="channel", spreads=True
    )
    series, now = f"generate_series(1, {customers}) AS i", "now()"
    fill(Customer, series, external_id="'c' || i", email="'c' || i || '@example.org'", language="'ru'",
         name="'Customer ' || i", created_at=now)  # fmt: skip
    shift = Customer.objects.order_by("pk").first().pk - 1
    began = "now() - (i % 700) * interval '1 day'"
    fill(Interaction, series, source="'past'", external_id="'p' || i", customer_id=f"i + {shift}", channel="'phone'",
         updated_at=began, created_at=began, received_at=began, closings="5", closed_at=began)  # fmt: skip
    first = Interaction.objects.order_by("pk").first().pk - 1
    due = "now() - ((i * 7 + n * 131) % 730 + 1) * interval '1 day'"
    pairs = f"generate_series(1, {customers}) AS i, generate_series(1, 5) AS n"
    fill(Invitation, pairs, public_id="gen_random_uuid()", token_hash="encode(sha256((i || 'a' || n)::bytea), 'hex')",
         unsubscribe_hash="encode(sha256((i || 'u' || n)::bytea), 'hex')", survey_id=str(survey.pk),
         version_id=str(survey.published.pk), interaction_id=f"i + {first}", closing="n", customer_id=f"i + {shift}",
         rule_id=str(rule.pk), channel="'phone'", language="'ru'", state="'sent'", created_at=due, due_at=due,
         sent_at=due, expires_at=f"{due} + interval '30 days'",
         answered_at=f"CASE WHEN (i + n) % 5 = 0 THEN {due} END")  # fmt: skip
    fill(Decision, pairs.replace("5)", "1)"), interaction_id=f"i + {first}", closing="n", rule_id=str(rule.pk),
         rule_version="1", survey_id=str(survey.pk), outcome="CASE WHEN i % 3 = 0 THEN 'send' ELSE 'refuse' END",
         reason="CASE i % 3 WHEN 0 THEN '' WHEN 1 THEN 'gap' ELSE 'sampled_out' END", decided_at=began)  # fmt: skip
    return survey, rule


def fresh(customers: int, count: int) -> list[Any]:
    """Interactions that have just ended, of customers drawn at random."""
    from django.utils import timezone

    from surveys.models import Customer, Interaction

    now, first, dice = timezone.now(), Customer.objects.order_by("pk").first().pk, random.Random(7)
    return Interaction.objects.bulk_create(
        [
            Interaction(
                source="bench", external_id=str(number), customer_id=first + dice.randrange(customers), closings=1,
                channel=dice.choice(["phone", "email", "chat"]), updated_at=now, created_at=now,
                closed_at=now - dt.timedelta(minutes=5),
            )
            for number in range(count)
        ],
        batch_size=1000,
    )  # fmt: skip


def measure(customers: int, bunch: int) -> None:
    from django.db import connection, reset_queries

    from surveys import deciding
    from surveys.choosing import active_rules

    began = time.monotonic()
    survey, _rule = past(customers)
    waiting = fresh(customers, FRESH)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{customers:,} customers, {customers * 5:,} past asks, laid in {time.monotonic() - began:.0f} s")
    rules = active_rules()
    deciding.consider_many(waiting[:bunch], rules=rules)
    rest = waiting[bunch:]
    server = costs.server()
    wall, own, both = time.monotonic(), costs.used(), costs.used(server)
    decided = []
    for start in range(0, len(rest), bunch):
        decided += deciding.consider_many(rest[start : start + bunch], rules=rules)
    wall, own, both = time.monotonic() - wall, costs.used() - own, costs.used(server) - both
    count = len(rest)
    asked = sum(1 for decision in decided if decision and decision.outcome != "refuse")
    print(f"{count:,} decided in bunches of {bunch}, {asked:,} of them to ask: {count / wall:,.0f}/s by the clock")
    here, there = own / count * 1e3, (both - own) / count * 1e3
    print(f"CPU of each: {here:.2f} ms here and {there:.2f} ms in PostgreSQL, that is")
    print(f"{count / own:,.0f}/s on a core here, {count / both:,.0f}/s with PostgreSQL on it (goal {GOAL:,})")
    connection.force_debug_cursor = True
    reset_queries()
    deciding.consider_many(fresh_again(waiting[:bunch]), rules=active_rules())
    explain([query["sql"] for query in connection.queries])
    explain(ledger_queries(survey))


def fresh_again(done: list[Any]) -> list[Any]:
    """The same interactions closed a second time."""
    for interaction in done:
        interaction.closings = 2
    return done


def ledger_queries(survey: Any) -> list[str]:
    from django.db import connection, reset_queries
    from django.utils import timezone

    from ground.access import EVERYTHING
    from surveys import ledger
    from surveys.models import Customer

    reset_queries()
    now = timezone.now()
    begun = time.monotonic()
    ledger.counts(EVERYTHING, since=now - dt.timedelta(days=90), until=now, survey=survey)
    print(f"\nledger: reasons of 90 days counted in {(time.monotonic() - begun) * 1e3:.0f} ms", end="; ")
    begun = time.monotonic()
    list(ledger.about(EVERYTHING, customers=[Customer.objects.order_by("pk").first().pk])[:30])
    print(f"of one customer listed in {(time.monotonic() - begun) * 1e3:.0f} ms")
    return [query["sql"] for query in connection.queries]


def explain(statements: Iterable[str]) -> None:
    """Print the plan of each SELECT, its long lists cut short."""
    from django.db import connection

    for sql in statements:
        if not sql.startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = [row[0] for row in cursor.fetchall()]
        print("\n" + sql[:60].replace("\n", " ") + " ... FROM " + sql.partition(" FROM ")[2][:60])
        for line in plan:
            print("   " + (line if len(line) < 140 else line[:137] + "..."))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=50_000, help="past asks are five times as many")
    parser.add_argument("--bunch", type=int, default=BUNCH)
    given = parser.parse_args()
    print(table.machine(), flush=True)
    with product.on("PostgreSQL", DATABASE_POOL="1") as environment:
        product.ask_once(environment, "bench.deciding.measure", given.customers, given.bunch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
