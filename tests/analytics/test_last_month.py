"""Who left in the last month: a number of the first page and a line of the digest, where it can be told at all."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from analytics import digest, tasks
from analytics.models import Staying
from analytics.staying import counting
from analytics.watch import nightly
from ground import jobs
from ground.access import EVERYTHING, Scope, scope_of
from ground.models import Job, Organisation, Team, User
from ground.notices import Line
from surveys.models import Customer, Survey
from tests.analytics.rows import answer_all
from tests.analytics.test_returns import DAY, NOON, TODAY, catch_up, tell
from tests.factories import make_customer

URL = "/admin/dashboard/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: Any, organisation: Organisation, administrator: User, manager: User, survey: Survey) -> None:
    time_machine.move_to(NOON, tick=False)
    User.objects.update(language="en")
    answer_all(survey, [5] * 6, at=NOON - DAY)


def under_contract(customers: int, *, until: dict[int, dt.date], **fields: Any) -> None:
    for number in range(customers):
        customer = make_customer(**fields)
        Customer.objects.filter(pk=customer.pk).update(
            contract_start=dt.date(2025, 1, 1), contract_end=until.get(number)
        )


def counted() -> None:
    """What the worker does once a day, and the jobs of it."""
    tasks.judge_days()
    jobs.work(list(jobs.waiting().values_list("pk", flat=True)))
    assert not jobs.waiting().exists()


def focus(client: Client, query: str = "") -> dict[str, str]:
    """The cells by their names, as text."""
    html = client.get(URL + query).content.decode().replace("\xa0", " ")
    found = re.search(r'<dl class="focus".*?</dl>', html, re.DOTALL)
    told = re.findall(r"<dt>([^<]*)<.*?(<dd>.*?)</div>", found[0], re.DOTALL) if found else []
    return {name: " ".join(re.sub(r"<[^>]*>", " ", cell).split()) for name, cell in told}


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def told(scope: Scope) -> list[Line]:
    """The lines of the digest about who left."""
    lines = digest.section(scope, digest.week_before(TODAY), is_quiet=False).lines
    return [line for line in lines if "staying" in line.path]


def test_contracts_that_ended(client: Client, administrator: User, team: Team) -> None:
    ends = dict.fromkeys(range(7), dt.date(2026, 10, 20)) | dict.fromkeys(range(7, 47), dt.date(2026, 9, 10))
    under_contract(200, until=ends)
    tell(1, ago=3, team=team)
    catch_up()
    client.force_login(administrator)
    assert not any("Lost" in name or "silent" in name for name in focus(client))
    counted()
    cell = focus(client)["Lost by contract, Oct 2026"]
    assert cell.startswith("4% (2–9), n=160"), cell
    assert "against the month before" in cell and "better" in cell
    html = client.get(URL).content.decode().replace("&amp;", "&")
    (href,) = set(re.findall(r'href="(/admin/staying/[^"]*)"', re.search(r'<dl class="focus".*?</dl>', html, re.S)[0]))
    assert "In Oct" in client.get(href).content.decode()
    assert "contract_churn" in html  # how it is computed
    assert "Lost by contract, Oct 2026" in plain(client.get(f"{URL}?format=csv").content.decode("utf-8-sig"))
    assert "Lost by contract, Oct 2026" not in focus(client, "?channel=email")
    (line,) = told(EVERYTHING)
    assert plain(line.about) == "Lost by contract, Oct 2026" and "n=160" in line.text and line.path == "/admin/staying/"
    assert "better" in line.text
    User.objects.update(language="ru")
    assert "Ушли по договору, Окт 2026" in focus(client)


def test_silence_is_told_where_there_are_no_contracts_and_each_team_of_its_own(
    client: Client, manager: User, team: Team, other_team: Team
) -> None:
    tell(999, ago=400, who="once", team=team)  # contacts go back far enough to tell of silence
    for number in range(40):
        tell(number, ago=20 if number % 4 else 75, who=f"k{number}", team=team)
        tell(100 + number, ago=80, who=f"k{number}", team=team)
    catch_up()
    counted()
    client.force_login(manager)
    (name,) = [name for name in focus(client) if "Oct 2026" in name]
    assert name == "Fell silent, Oct 2026" and "n=40" in focus(client)[name]
    assert [plain(line.about) for line in told(scope_of(manager))] == [name]
    before = focus(client)[name]
    under_contract(50, until={})
    tell(200, ago=20, who="another", team=other_team)
    Staying.objects.all().delete()
    counted()
    assert focus(client)[name] == before


def test_nothing_is_told_where_nothing_can_be(client: Client, administrator: User, team: Team) -> None:
    for number in range(40):
        tell(number, ago=10, who=f"k{number}", team=team)
    catch_up()
    counted()
    client.force_login(administrator)
    assert not any("2026" in name for name in focus(client))
    assert told(EVERYTHING) == []


def test_a_month_is_counted_once(team: Team, other_team: Team, manager: User, time_machine: Any) -> None:
    counted()
    known = Job.objects.filter(kind="staying").count()
    assert set(Staying.objects.values_list("scope", flat=True)) == {"all", str(team.pk), str(other_team.pk)}
    for day in (1, 2, 12):  # until the last day of November
        time_machine.move_to(NOON + day * DAY, tick=False)
        counted()
    assert Job.objects.filter(kind="staying").count() == known
    time_machine.move_to(dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC), tick=False)
    assert counting.of_last_month("all") is None
    counted()
    assert Job.objects.filter(kind="staying").count() == 2 * known
    assert counting.of_last_month("all") is not None and not nightly.is_due()
