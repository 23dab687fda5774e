"""Every number about staying and leaving opens exactly the customers that it counts, for the whole and for one team."""

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from analytics.models import Staying
from analytics.staying import counting, customers
from analytics.staying.tally import GROUPS, Frame
from ground.access import EVERYTHING, Scope, scope_of
from ground.models import Organisation, Team, User
from surveys.models import Customer, Interaction, Survey
from tests.analytics.rows import answer
from tests.analytics.test_returns import DAY, NOON, TODAY
from tests.analytics.test_rows_behind import behind
from tests.analytics.test_staying import made
from tests.factories import make_customer

LAST = TODAY - DAY
LIST = "/admin/surveys/customer/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def told(nps_survey: Survey, team: Team, other_team: Team) -> None:
    """Customers of both teams, with and without contracts, some of which nobody heard of by a contact."""
    dice, contacts = random.Random(11), []
    for number in range(120):
        customer = make_customer(created_at=NOON - dice.randrange(30, 500) * DAY)
        since = dice.choice([None, LAST - dice.randrange(600) * DAY])
        end = dice.choice([None, dt.date(2026, 9, 30), dt.date(2026, 10, 31), LAST - dice.randrange(-90, 200) * DAY])
        if number % 3 == 0:
            Customer.objects.filter(pk=customer.pk).update(contract_start=since, contract_end=end)
        for _contact in range(dice.choice([0, 1, 2, 14, 30])):
            at = NOON - dice.randrange(1, 500) * DAY + dt.timedelta(minutes=dice.randrange(-600, 870))
            own = dice.choice([team, other_team, None])
            contacts.append(
                Interaction(source="crm", external_id=f"S-{len(contacts)}", customer=customer, team=own,
                            channel="phone", created_at=at, updated_at=at, closed_at=at)
            )  # fmt: skip
        for _answer in range(dice.choice([0, 1, 2])):
            at = NOON - dice.randrange(80, 480) * DAY
            answer(nps_survey, dice.randrange(11), at=at, customer=customer, team=dice.choice([team, other_team]))
    Interaction.objects.bulk_create(contacts)


def named(counts: Staying) -> Iterator[tuple[tuple[dt.date | str, ...], int]]:
    """Every number that the counts hold, those of nobody too, by what its address is made of."""
    firsts = [first for first, _last in Frame(last=counts.day, window=counts.window).months()]
    found = {name: counts.found.get(name, {}) for name in ("months", "cohorts", "said", "over")}
    for what, how in customers.OF_MONTH:
        for first in firsts:
            yield (what, how, first), found["months"].get(f"{first} {how} {what}", 0)
    for at, first in enumerate(firsts):
        yield ("came", first), found["cohorts"].get(f"{first} 0", 0)
        for number, later in enumerate(firsts[at:]):
            if number:
                yield ("came", first, later), found["cohorts"].get(f"{first} {number}", 0)
    for group in GROUPS:
        yield ("said", group), found["said"].get(f"{group} active", 0)
        yield ("said", group, "lost"), found["said"].get(f"{group} lost", 0)
    yield ("left",), sum(found["over"].values())


def listed(scope: Scope, team: int | None, *parts: dt.date | str) -> int:
    value = customers.address(team, *parts).partition("counted=")[2]
    number = customers.read(value, scope)
    assert number is not None
    return number.rows(Customer.objects.all()).count()


def test_lists_say_what_the_counts_say(told: None, manager: User, team: Team) -> None:
    for at, (scope, name, chosen) in enumerate(
        (
            (EVERYTHING, counting.WHOLE, None),
            (EVERYTHING, str(team.pk), team.pk),
            (scope_of(manager), str(team.pk), None),
        )
    ):
        counts = counting.newest(name) or made(name)
        known = list(named(counts))
        assert 30 <= counts.window < 200 and sum(bool(n) for _parts, n in known) > 80
        # A third of them each: they are many, and the conditions the same.
        looked_at = known[at::3]
        found = {parts: listed(scope, chosen, *parts) for parts, _n in looked_at}
        assert {parts: n for parts, n in found.items() if n != dict(looked_at)[parts]} == {}


def test_a_contract_that_ends_with_a_month_is_lost_in_it(told: None) -> None:
    Customer.objects.update(contract_start=None, contract_end=None)
    for number in range(8):
        pk = make_customer().pk
        Customer.objects.filter(pk=pk).update(contract_start=dt.date(2025, 1, 1), contract_end=dt.date(2026, 10, 31))
        if number < 2:
            Customer.objects.filter(pk=pk).update(contract_end=dt.date(2026, 11, 1))
    found = made().found["months"]
    assert found["2026-10-01 contract active"] == 8 and found["2026-10-01 contract lost"] == 6
    assert listed(EVERYTHING, None, "lost", "contract", dt.date(2026, 10, 1)) == 6


def test_the_page_leads_to_its_customers_and_nobody_elses(
    login: Callable[[User], Client], administrator: User, manager: User, other_team: Team, told: None
) -> None:
    User.objects.update(language="en")
    for who in (administrator, manager):
        client = login(who)
        made(counting.name_of(scope_of(who), None))
        page = client.get("/admin/staying/").content.decode()
        found = re.findall(r'<a class="num" href="(/admin/surveys/customer/\?counted=stays[^"]*)">([^<]*)<', page)
        assert {address.split(".")[2] for address, _text in found} == {"lost", "active", "back", "came", "left", "said"}
        counts = {address: re.sub(r"\D", "", text) for address, text in found if "%" not in text}
        told_apart = [address for address in counts if not re.search(r"came\.\d{4}-\d\d\.", address)]
        for address in told_apart[::5]:
            assert behind(client, address) == int(counts[address]), address
    chosen = customers.address(other_team.pk, "active", "silence", dt.date(2026, 10, 1))
    assert behind(client, chosen) == 0 and "no such number" in client.get(chosen).content.decode()
    for odd in (
        "stays",
        "stays.0",
        "stays.x.left",
        "stays.0.lost.contract.2026-13",
        "stays.0.said.friends",
        "stays.0.",
    ):
        assert behind(client, f"{LIST}?counted={odd}") == 0
    assert behind(client, f"{LIST}?counted=nonsense") == behind(client, LIST) > 0
    shown = client.get(customers.address(None, "active", "silence", dt.date(2026, 10, 1)))
    assert "without a contract, customers as Oct" in shown.content.decode().replace("\xa0", " ")
