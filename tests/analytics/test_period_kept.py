"""Whoever chooses something else on a page stays with the period, and who changes the period stays with the choice."""

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from analytics import rollups
from analytics.periods import Period
from feedback.models import Topic
from ground.models import Team, User
from surveys.models import Agent, Survey
from tests.analytics.rows import answer_all, say

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAYS = Period(dt.date(2026, 8, 1), dt.date(2026, 11, 20))
ASKED = f"from={DAYS.start}&to={DAYS.end}&compare=year"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def told(survey: Survey, nps_survey: Survey, team: Team, other_team: Team, agent: Agent) -> None:
    """Answers on two scales of two teams and channels, and a topic."""
    at = NOON - dt.timedelta(days=3)
    for own, channel in ((team, "phone"), (other_team, "chat")):
        where = {"at": at, "team": own, "channel": channel, "agent": agent}
        answer_all(survey, [5] * 30 + [1] * 10, **where)
        answer_all(nps_survey, [9] * 30, **where)
    topic = Topic.objects.create(code="t-wait", names={"en": "Waiting"})
    for _ in range(6):
        say("negative", at=at, topics=(topic,), team=team)
    while rollups.has_work():
        rollups.roll_up()


def addresses(client: Client, page: str, query: str) -> list[str]:
    """Those of the page itself that stand on it."""
    html = client.get(f"/admin/{page}/?{query}").content.decode().replace("&amp;", "&")
    return re.findall(rf'href="(/admin/{page}/\?[^"#]*)"', html)


@pytest.mark.parametrize(
    "page",
    ["fix-first", "service/scores", "dashboard/side-by-side", "topics", "results", "service", "agents"],
)
def test_another_choice_leaves_the_period_and_the_comparison(
    login: Callable[[User], Client], administrator: User, told: None, page: str
) -> None:
    client = login(administrator)
    own = [address for address in addresses(client, page, ASKED) if "period=" not in address]
    assert own
    for address in own:
        assert all(part in address for part in ASKED.split("&")), address
    filters = client.get(own[-1]).context["filters"]
    assert (filters.period, filters.before) == (DAYS, DAYS.year_ago())


@pytest.mark.parametrize("page", ["dashboard", "topics", "agents"])
def test_the_way_to_another_page_keeps_the_comparison(
    login: Callable[[User], Client], administrator: User, told: None, page: str
) -> None:
    html = login(administrator).get(f"/admin/{page}/?{ASKED}").content.decode().replace("&amp;", "&")
    others = [
        address
        for address in re.findall(r'href="(/admin/[^"]*)"', html)
        if re.match(r"/admin/(dashboard|service|topics|agents|returns|complaints|funnel|fix-first)/", address)
        and "from=" in address and not address.startswith(f"/admin/{page}/?")
    ]  # fmt: skip
    assert others
    for address in others:
        assert all(part in address for part in ASKED.split("&")), address


def test_what_shows_all_of_it_leaves_a_preset_as_it_is(
    login: Callable[[User], Client], administrator: User, told: None, agent: Agent
) -> None:
    """Named days would stand still where "90 days" go on."""
    client = login(administrator)
    page = client.get("/admin/agents/?period=90&compare=year")
    assert parse_qs(urlsplit(page.context["all_href"]).query) == {
        "all": ["1"], "period": ["90"], "compare": ["year"], "scale": ["csat_5"],
    }  # fmt: skip
    page = client.get(f"/admin/dashboard/?period=90&compare=year&only=agent:{agent.pk}")
    assert parse_qs(urlsplit(page.context["all_of_it_href"]).query) == {"period": ["90"], "compare": ["year"]}
    page = client.get(f"/admin/agents/{agent.pk}/?{ASKED}")
    assert "compare=year" in page.context["links"]["all"]


@pytest.mark.parametrize(
    ("page", "chosen"),
    [
        ("fix-first", "scale=nps"), ("service/scores", "scale=nps"), ("service", "clock=wall&within=30&formula=f2"),
        ("load", "target=30&chats=3"),
    ],
)  # fmt: skip
def test_another_period_leaves_the_choice(
    login: Callable[[User], Client], administrator: User, told: None, page: str, chosen: str
) -> None:
    presets = [
        address for address in addresses(login(administrator), page, f"{chosen}&{ASKED}") if "period=" in address
    ]
    assert len(presets) == 4
    for address in presets:
        assert all(part in address for part in chosen.split("&")), address
        assert "from=" not in address and "compare=year" in address
