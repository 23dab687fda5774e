"""How the contacts of one agent or of one segment are served: on the dashboard, in its file and the API."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics.models import ServiceLevel
from analytics.served_slice import Served
from ground.models import ApiKey, Organisation, Team, User
from surveys.models import Agent, Customer, Interaction, Segment
from tests.analytics.test_returns import DAY, NOON, TODAY, catch_up
from tests.analytics.test_rows_behind import behind
from tests.analytics.test_segments_served import served
from tests.conftest import client_with_key
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
URL, CONTACTS = "/admin/dashboard/", "/admin/surveys/interaction/"
GOLD = "segment:tariff=gold"
Login = Callable[[User], Client]


@pytest.fixture(autouse=True)
def noon(time_machine: Any, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def told(team: Team, other_team: Team, agent: Agent) -> None:
    """Golden customers who were served late a month ago and in time now, some again, two who wait; and a few others.

    The agent of the first team had most of the contacts there, and six in the other team.
    """
    Segment.objects.create(attribute="tariff", name="Plan")
    ServiceLevel.objects.create(minutes=60, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(40):
        make_customer(external_id=f"g{number}", attributes={"tariff": "gold", "shoe": "41"})
        make_customer(external_id=f"b{number}", attributes={"tariff": "basic"})
    for number in range(3):
        make_customer(external_id=f"r{number}", attributes={"tariff": "rare"})
    for number in range(36):
        served(number, f"g{number}", ago=20, team=team if number < 30 else other_team)
    for number in range(32):
        served(100 + number, f"g{number}", ago=40, minutes=120, team=team)
    for number in range(4):
        served(200 + number, f"g{number}", ago=18, team=team)
    for number in (36, 37):
        served(210 + number, f"g{number}", ago=1, minutes=None, took=None, is_resolved=None, team=team)
    for number in range(8):
        served(300 + number, f"b{number}", ago=15, team=team)
    for number in range(3):
        served(400 + number, f"r{number}", ago=15, team=team)
    rows = Interaction.objects.all()
    for row in rows.filter(external_id__in=["T-0", "T-1", "T-31"]):
        rows.filter(pk=row.pk).update(reopened_at=row.created_at + DAY / 20)
    ours = [f"T-{number}" for number in (*range(36), *range(100, 131), *range(200, 204), 246)]
    rows.filter(external_id__in=ours).update(agent=agent)
    catch_up()


def only(kind: str) -> str:
    return GOLD if kind == "segment" else f"agent:{Agent.objects.get().pk}"


def block_of(client: Client, kind: str) -> Mapping[str, Any]:
    User.objects.update(language="en")
    page = client.get(URL, {"only": only(kind)})
    assert page.status_code == 200
    return page.context["of_slice"]


def parts(found: Served) -> dict[str, Any]:
    return {
        "Within the service level": found.within,
        "Solved within 7 days": found.solved,
        "Reopened": found.reopened,
        "Came back within 7 days": found.followed,
        "Done at the first contact": found.at_once,
    }


@pytest.mark.parametrize(
    ("kind", "who", "now", "before"),
    [("segment", "administrator", 42, 32), ("segment", "manager", 36, 32), ("agent", "administrator", 41, 31),
     ("agent", "manager", 35, 31)],
)  # fmt: skip
def test_every_number_opens_as_many_rows(
    told: None, login: Login, request: pytest.FixtureRequest, kind: str, who: str, now: int, before: int
) -> None:
    client = login(request.getfixturevalue(who))
    block = block_of(client, kind)
    found: Served = block["found"]
    assert (found.contacts, found.contacts_before) == (now, before)
    assert (behind(client, block["contacts_href"]), behind(client, block["before_href"])) == (now, before)
    cells = {cell.name: cell for cell in block["cells"]}
    assert {cell.key for cell in cells.values()} >= {"within_target", "repeat_contacts", "first_contact_resolution"}
    assert ("Reopened" in cells) == (kind == "segment") == ("First response: half within" in cells)
    assert ("Solved: half within" in cells) == (kind == "agent")
    for cell in cells.values():
        assert cell.value, cell.name
        if cell.n_href:
            assert behind(client, cell.n_href) == int(cell.n), cell.name
    for name, metric in parts(found).items():
        if metric:
            assert behind(client, cells[name].href) == metric.num and metric.den == int(cells[name].n), name
    assert found.within and found.followed.num == 4
    assert (found.within.num, found.within.prev) == (now - 2 if kind == "segment" else now - 1, 0)
    assert found.within.flag == "up" and cells["Within the service level"].change.look == "good"
    if found.reopened:
        assert found.reopened.num == (3 if who == "administrator" else 2)
    if found.response:
        assert (found.response.n, found.response.open) == (now - 2, 2)


def test_the_page_says_what_it_shows_and_what_not(told: None, login: Login, administrator: User) -> None:
    client = login(administrator)
    block = block_of(client, "segment")
    html = client.get(URL, {"only": GOLD}).content.decode()
    assert 'id="service"' in html and 'href="#service"' in html and "2 without a response" in html
    assert "left out here: topics, comments." in html
    assert client.get(URL, {"only": "language:en"}).context["of_slice"] is None
    assert "left out here: invitations, service, topics." in client.get(URL, {"only": "language:en"}).content.decode()
    told_of_few = client.get(URL, {"only": "segment:tariff=rare"})
    assert {cell.value for cell in told_of_few.context["of_slice"]["cells"]} == {""}
    assert "too few to tell" in told_of_few.content.decode()
    assert block["found"].contacts == 42


@pytest.mark.parametrize("slice_", ["segment:tariff=platinum", "agent"])
def test_a_slice_without_contacts_has_no_block(
    told: None, login: Login, administrator: User, team: Team, slice_: str
) -> None:
    if slice_ == "agent":
        slice_ = f"agent:{Agent.objects.create(external_id='idle', name='Idle', team=team).pk}"
    client = login(administrator)
    page = client.get(URL, {"only": slice_})
    assert page.context["of_slice"]["found"].contacts == 0 and page.context["is_empty"]
    assert 'id="service"' not in page.content.decode()
    for form in ("csv", "xlsx"):
        assert client.get(URL, {"only": slice_, "format": form}).status_code == 200


def test_the_file_says_the_same(told: None, login: Login, manager: User) -> None:
    client = login(manager)
    within = block_of(client, "segment")["found"].within
    lines = client.get(URL, {"only": GOLD, "format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert '"Contacts","contacts",36' in "\n".join(lines)
    assert '"In the comparison period","contacts",32' in "\n".join(lines)
    line = next(line for line in lines if line.startswith('"Within the service level"'))
    assert line.split(",")[2:] != [] and str(within.value) in line and ",36," in line and line.endswith('"up"')
    few = client.get(URL, {"only": "segment:tariff=rare", "format": "csv"}).content.decode("utf-8-sig")
    assert '"Within the service level","share, 0 to 1","","","","under 5"' in few
    assert client.get(URL, {"only": GOLD, "format": "xlsx"}).status_code == 200


def test_the_api_says_the_same(
    told: None, api: APIClient, team_api: APIClient, login: Login, administrator: User, manager: User, agent: Agent
) -> None:
    asked: dict[str, Any] = {"start": TODAY - 27 * DAY, "end": TODAY}
    narrowed = {"segment": {"segment": "tariff=gold"}, "agent": {"agent": agent.external_id}}
    for reader, who in ((api, administrator), (team_api, manager)):
        client = login(who)
        for kind, more in narrowed.items():
            found: Served = block_of(client, kind)["found"]
            told_of = {"within_target": found.within, "resolved_share": found.solved,
                       "repeat_contacts": found.followed, "first_contact_resolution": found.at_once}  # fmt: skip
            for key, metric in told_of.items():
                (value,) = reader.get(f"/api/v1/metrics/{key}/", asked | more).json()["values"]
                assert metric and (value["num"], value["n"], value["flag"]) == (metric.num, metric.n, metric.flag), key
            (value,) = reader.get("/api/v1/metrics/volume/", asked | more).json()["values"]
            assert value["n"] == found.contacts
            span, key = (found.response, "first_response") if found.response else (found.resolution, "resolution")
            (value,) = reader.get(f"/api/v1/metrics/{key}_time/", asked | more).json()["values"]
            assert span and (value["value"], value["n"]) == (span.half.value, span.n)


@pytest.mark.parametrize(
    ("key", "asked"),
    [("volume", {"segment": "tariff=gold", "by": "week"}), ("volume", {"segment": "tariff=gold", "by": "team"}),
     ("volume", {"segment": "shoe=41"}), ("volume", {"topic": "price"}), ("first_response_time", {"agent": "a1"}),
     ("resolution_time", {"agent": "a1", "clock": "wall"}), ("resolution_time", {"segment": "tariff=gold"}),
     ("transferred", {"agent": "a1"}), ("repeat_load", {"segment": "tariff=gold"})],
)  # fmt: skip
def test_what_is_not_told_by_a_slice_is_refused(told: None, api: APIClient, key: str, asked: dict[str, str]) -> None:
    assert api.get(f"/api/v1/metrics/{key}/", asked).status_code == 400


def test_a_key_of_another_team_knows_nothing_of_the_agent(told: None, agent: Agent, other_team: Team) -> None:
    _key, secret = ApiKey.objects.create_key(name="theirs", team=other_team)
    assert client_with_key(secret).get("/api/v1/metrics/volume/", {"agent": agent.external_id}).status_code == 400


def test_rows_of_segments_open_their_contacts(
    told: None, login: Login, administrator: User, django_assert_max_num_queries: Any
) -> None:
    client = login(administrator)
    User.objects.update(language="en")
    lines = [line for block in client.get("/admin/service/").context["segments"] for line in block["lines"]]
    assert {line["name"] for line in lines} == {"gold", "basic", "rare"}
    for line in lines:
        row = line["row"]
        assert behind(client, line["href"]) == row.contacts
        assert behind(client, line["responded_href"]) == row.response.n
        numbers = ((row.within, "within", "judged"), (row.solved, "solved_in_time", "old_enough"),
                   (row.reopened, "reopened", "finished"), (line["back"], "back", "ended"))  # fmt: skip
        for metric, part, whole in numbers:
            assert behind(client, line[f"{whole}_href"]) == metric.n
            assert metric.num in (None, behind(client, line[f"{part}_href"]))
    gold = next(line for line in lines if line["name"] == "gold")
    page = client.get(gold["href"]).content.decode()
    assert "Plan gold" in page and "segment=tariff%3Dgold" in client.get("/admin/service/").content.decode()
    with django_assert_max_num_queries(24):
        client.get(gold["href"])


def test_the_list_knows_segments_alone_and_what_its_reader_may_know(
    told: None, login: Login, manager: User, outsider: User
) -> None:
    client = login(manager)
    User.objects.update(language="en")
    every = behind(client, CONTACTS)
    assert behind(client, f"{CONTACTS}?segment=tariff=basic") == 8 < every
    for odd in ("shoe=41", "tariff=", "tariff", "=", "external_id=g1", "tariff=%00", "%00=x", "tariff=gol"):
        assert behind(client, f"{CONTACTS}?segment={odd}") == 0, odd
    assert "no such segment" in client.get(f"{CONTACTS}?segment=shoe=41").content.decode()
    Interaction.objects.filter(external_id="T-300").update(is_claim=True)  # the customer is another team's
    assert behind(client, f"{CONTACTS}?segment=tariff=basic") == 7
    assert behind(login(outsider), f"{CONTACTS}?segment=tariff=gold") == 6


def test_long_values_and_numbers_are_found_as_they_are_told(
    told: None, login: Login, administrator: User, team: Team
) -> None:
    long = "x" * 70
    for number, value in enumerate((long, 7, True)):
        Customer.objects.filter(external_id__in=[f"b{3 * number + place}" for place in range(2)]).update(
            attributes={"tariff": value}
        )
        served(500 + number, f"b{3 * number}", ago=3, team=team)
        served(510 + number, f"b{3 * number + 1}", ago=15, team=team)
    catch_up()
    client = login(administrator)
    for value in (long[:64], "7", "true"):
        block = client.get(URL, {"only": f"segment:tariff={value}"}).context["of_slice"]
        assert 2 <= block["found"].contacts == behind(client, block["contacts_href"]), value


def test_the_page_of_an_agent_tells_the_same(told: None, login: Login, manager: User, agent: Agent) -> None:
    client = login(manager)
    block = block_of(client, "agent")
    page = client.get(f"/admin/agents/{agent.pk}/")
    shown = page.context["served"]
    assert shown["found"] == block["found"] and shown["cells"] == block["cells"]
    assert "1 still open" in page.content.decode()
    file = client.get(f"/admin/agents/{agent.pk}/?format=csv").content.decode("utf-8-sig")
    assert '"Contacts","contacts",35' in file and "Solved: half within" in file
