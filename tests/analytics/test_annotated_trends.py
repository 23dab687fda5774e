"""Notes stand on the trends of every page that has some, for whoever may see them."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from analytics import rollups
from analytics.models import Annotation, ServiceLevel
from feedback.models import Topic
from ground.models import Membership, Role, Team, User
from surveys.models import Agent, Survey
from tests.analytics.rows import answer_all, say
from tests.analytics.test_returns import DAY, NOON, TODAY, tell

DAYS = TODAY - 10 * DAY
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def told(time_machine: object, survey: Survey, team: Team, agent: Agent) -> None:
    """Forty contacts of one team, answered and commented upon, some of them complaints, and a note for it."""
    time_machine.move_to(NOON, tick=False)  # type: ignore[attr-defined]
    ServiceLevel.objects.create(minutes=120, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(40):
        began = NOON - 10 * DAY
        tell(number, ago=10, who=f"v{number}", team=team, is_complaint=number < 8,
             first_response_at=began + dt.timedelta(hours=1))  # fmt: skip
    answer_all(survey, [5] * 30 + [1] * 10, at=NOON - 10 * DAY, team=team, agent=agent)
    topic = Topic.objects.create(code="t-wait", names={"en": "Waiting", "ru": "Ожидание"})
    for _number in range(8):
        say("negative", at=NOON - 10 * DAY, topics=(topic,), team=team)
    while rollups.has_work():
        rollups.roll_up()


def pages(agent: Agent) -> list[str]:
    """Those with trends, beside the dashboard."""
    return [
        "/admin/returns/", "/admin/complaints/", "/admin/service/", "/admin/topics/?about=t-wait",
        f"/admin/agents/{agent.pk}/",
    ]  # fmt: skip


def read(client: Client, address: str) -> str:
    User.objects.update(language="en")
    reply = client.get(address)
    assert reply.status_code == 200, address
    return reply.content.decode()


def test_each_trend_has_the_note_its_table_and_its_list(
    login: Callable[[User], Client], manager: User, team: Team, agent: Agent
) -> None:
    client = login(manager)
    assert all("noted" not in read(client, address) for address in pages(agent))
    Annotation.objects.create(start=DAYS, end=DAYS, text="Mail was down", kind="outage", team=team)
    for address in pages(agent):
        html = read(client, address)
        trends = html.count('class="c trend"')
        assert trends and html.count('<line class="noted"') == trends, address
        assert html.count("<td>outage: Mail was down</td>") == trends, address
        assert "/admin/analytics/annotation/add/" in html and html.count('id="notes"') == 1, address
        in_file = client.get(address + ("&" if "?" in address else "?") + "format=csv").content.decode()
        assert "Mail was down" in in_file, address


def test_notes_of_another_team_are_on_no_trend_of_mine(
    login: Callable[[User], Client], manager: User, other_team: Team, agent: Agent
) -> None:
    Annotation.objects.create(start=DAYS, end=DAYS, text="Theirs", kind="release", team=other_team)
    assert all("Theirs" not in read(login(manager), address) for address in pages(agent))


def test_the_trends_of_an_agent_have_the_notes_of_the_own_team_and_the_agent_sees_none(
    login: Callable[[User], Client], administrator: User, team: Team, other_team: Team, agent: Agent
) -> None:
    for text, of in (("For all", None), ("Ours", team), ("Theirs", other_team)):
        Annotation.objects.create(start=DAYS, end=DAYS, text=text, kind="release", team=of)
    html = read(login(administrator), f"/admin/agents/{agent.pk}/")
    assert "release: For all" in html and "release: Ours" in html and "Theirs" not in html
    own = User.objects.create_user("own@example.org")
    Membership.objects.create(user=own, team=team, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=own)
    html = read(login(own), "/admin/agents/own/")
    assert 'class="c trend"' in html and "release:" not in html and "/annotation/add/" not in html
