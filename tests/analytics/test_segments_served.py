"""How segments of customers are served: by what the CRM tells of them now."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics import rollups
from analytics.models import ContactSliceDay, DurationSliceDay, ReturnSliceDay, ServiceLevel
from ground.models import Organisation, Team, User
from surveys import interactions
from surveys.models import Customer, Segment
from tests.analytics.test_returns import DAY, NOON, TODAY, catch_up, tell
from tests.analytics.test_rows_behind import behind
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
URL = "/admin/service/"


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)
    User.objects.update(language="en")


def served(number: int, who: str, *, ago: float, minutes: float | None = 10, **fields: Any) -> None:
    began = NOON - ago * DAY
    if minutes is not None:
        fields["first_response_at"] = began + dt.timedelta(minutes=minutes)
    tell(number, who=who, ago=ago, **fields)


@pytest.fixture
def told(team: Team, other_team: Team) -> None:
    """Twelve golden customers, four of whom came back, and sixteen others, of whom six wait."""
    Segment.objects.create(attribute="tariff", name="Plan")
    ServiceLevel.objects.create(minutes=60, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(16):
        make_customer(external_id=f"g{number}", attributes={"tariff": "gold"})
        make_customer(external_id=f"b{number}", attributes={"tariff": "basic", "region": number})
    make_customer(external_id="u", attributes={})
    for number in range(12):
        served(number, f"g{number}", ago=20, team=team)
    for number in range(4):
        served(20 + number, f"g{number}", ago=18, team=team)
    for number in range(10):
        served(40 + number, f"b{number}", ago=15, minutes=120, team=other_team)
    for number in range(10, 16):
        served(40 + number, f"b{number}", ago=1, minutes=None, took=None, is_resolved=None, team=other_team)
    served(90, "u", ago=15)
    catch_up()


def rows(client: Client) -> dict[str, Any]:
    found = client.get(URL).context["segments"]
    return {line["name"]: line for block in found for line in block["lines"]}


def part(metric: Any) -> tuple[int, int]:
    return metric.num, metric.den


def test_each_segment_has_its_figures(
    told: None, client: Client, administrator: User, manager: User, api: APIClient
) -> None:
    User.objects.update(language="en")
    client.force_login(administrator)
    found = rows(client)
    gold, basic = found["gold"], found["basic"]
    assert [name for name in found] == ["basic", "gold"]
    assert (gold["row"].contacts, basic["row"].contacts) == (16, 16)
    assert (part(gold["row"].within), part(basic["row"].within)) == ((16, 16), (0, 16))
    assert (part(gold["row"].solved), part(basic["row"].solved)) == ((16, 16), (10, 10))
    assert (part(gold["back"]), part(basic["back"])) == ((4, 16), (0, 10))
    assert (part(gold["at_once"]), part(basic["at_once"])) == ((8, 12), (10, 10))
    assert (behind(client, gold["done_href"]), behind(client, gold["questions_href"])) == (8, 12)
    assert part(gold["row"].reopened) == (0, 16)
    assert (gold["row"].response.n, basic["row"].response.n, basic["row"].response.open) == (16, 10, 6)
    assert "By Plan" in client.get(URL).content.decode()
    assert "Served by Plan" in client.get(f"{URL}?format=csv").content.decode("utf-8-sig")
    asked = {"start": TODAY - 27 * DAY, "end": TODAY, "by": "segment"}
    for key, values in (("repeat_contacts", [0, 4]), ("within_target", [0, 16]), ("resolved_share", [10, 16]),
                        ("volume", [None, None])):  # fmt: skip
        read = api.get(f"/api/v1/metrics/{key}/", asked).json()["values"]
        assert [(value["key"], value["num"]) for value in read] == list(
            zip(("tariff=basic", "tariff=gold"), values, strict=True)
        )
    assert len(api.get("/api/v1/metrics/first_response_time/", asked).json()["values"]) == 2
    assert api.get("/api/v1/metrics/volume/", asked | {"by": "segment,week"}).status_code == 400
    client.force_login(manager)
    assert rows(client) == {}  # of one value alone there is nothing to compare


def test_what_the_crm_tells_later_is_counted_anew(told: None, client: Client, administrator: User) -> None:
    client.force_login(administrator)
    customer = Customer.objects.get(external_id="g9")
    interactions.change_customer(customer, {"attributes": {"tariff": "basic"}})
    catch_up()
    assert {name: line["row"].contacts for name, line in rows(client).items()} == {"basic": 17, "gold": 15}
    before = rollups.verify().days
    interactions.change_customer(customer, {"attributes": {"tariff": "basic", "shoe": 41}})
    assert not rollups._marks().filter(scope="returns").exists() and before
    client.post(f"/admin/surveys/segment/{Segment.objects.get().pk}/delete/", {"post": "yes"})
    catch_up()
    assert not any(table.objects.exists() for table in (ContactSliceDay, DurationSliceDay, ReturnSliceDay))
    assert rows(client) == {}
