"""The indicators narrowed to an agent, a topic, a language or a segment of customers, one at a time."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics import rollups, slices
from analytics.models import ScoreSliceDay
from feedback.models import Topic
from ground.access import EVERYTHING
from ground.models import Team, User
from surveys import interactions
from surveys.models import Agent, Segment, Survey
from tests.analytics.rows import answer, answer_all, invite, say
from tests.factories import make_customer

URL = "/admin/dashboard/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
YESTERDAY = NOON - dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, administrator: User) -> None:
    time_machine.move_to(NOON, tick=False)
    User.objects.update(language="en")


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()


def seen(client: Client, query: str) -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\xa0", " ").split())


def rows_behind(client: Client, query: str, label: str) -> str:
    """How many rows the link of a number on the page leads to."""
    html = client.get(URL + query).content.decode().replace("&amp;", "&")
    found = re.search(rf'href="(/admin/feedback/[^"]*)">{label}<', html)
    assert found, label
    listed = re.search(r'role="status"><b>(\d+)', client.get(found[1]).content.decode())
    assert listed
    return listed[1]


def test_by_agent(login: Callable, administrator: User, survey: Survey, team: Team, agent: Agent) -> None:
    answer_all(survey, [5] * 30 + [1] * 10, at=YESTERDAY, team=team, agent=agent)
    answer_all(survey, [1] * 60, at=YESTERDAY, team=team)
    for _ in range(6):
        say("negative", agent=agent)
    say("positive")
    catch_up()
    client = login(administrator)
    page = seen(client, f"?only=agent:{agent.pk}")
    assert "Agent: Д. Климов." in page and "75% interval 60–86 n = 40" in page and "6 comments" in page
    assert "left out here: invitations, topics." in page and "No comment of this period mentions" not in page
    assert page.count("Not counted by agent, and left out: ") == 2
    assert rows_behind(client, f"?only=agent:{agent.pk}", "n = 40") == "40"
    assert f"only=agent%3A{agent.pk}" in client.get(f"{URL}?only=agent:{agent.pk}").content.decode()


def test_by_topic(login: Callable, administrator: User, survey: Survey) -> None:
    waiting, price = (Topic.objects.create(code=code, names={"en": code}) for code in ("t-waiting", "t-price"))
    for number in range(12):
        response = answer(survey, 1 if number < 9 else 5, at=YESTERDAY)
        topics = ([waiting], [waiting, price], [price])[number % 3]
        say("negative", at=YESTERDAY, response=response, survey=survey, topics=topics, score=response.score,
            evidence=response.evidence)  # fmt: skip
    catch_up()
    client = login(administrator)
    page = seen(client, "?only=topic:t-waiting")
    assert "25% interval 7–59 n = 8" in page and "8 comments" in page
    assert rows_behind(client, "?only=topic:t-waiting", "n = 8") == "8"


def test_by_language(login: Callable, administrator: User, survey: Survey, nps_survey: Survey) -> None:
    answer_all(survey, [5] * 7, at=YESTERDAY, language="en")
    answer_all(survey, [1] * 9, at=YESTERDAY, language="ru")
    Survey.objects.filter(pk=nps_survey.pk).update(is_anonymous=True)
    answer_all(nps_survey, [9] * 9, at=YESTERDAY, language="en")
    say("positive", language="en")
    say("negative", language="ru")
    catch_up()
    client = login(administrator)
    page = seen(client, "?only=language:en")
    assert "100% interval 65–100 n = 7" in page and "1 comment:" in page and "NPS: no answers" not in page
    assert rows_behind(client, "?only=language:en", "n = 7") == "7"
    assert "n = 9" not in page, "the anonymous survey is told by no language"


def test_by_segment_as_the_crm_tells_it_last(
    login: Callable, administrator: User, survey: Survey, team: Team, api: APIClient
) -> None:
    client = login(administrator)
    client.post("/admin/surveys/segment/add/", {"attribute": "tariff", "name": "Plan"})
    customers = [make_customer(attributes={"tariff": "gold" if number < 6 else "basic"}) for number in range(9)]
    for customer in customers:
        invitation = invite(survey, customer=customer, team=team, answered_at=YESTERDAY, answer_state="confirmed")
        answer(survey, 5, at=YESTERDAY, invitation=invitation, customer=customer, team=team)
    catch_up()
    assert "Plan: gold" in client.get(URL).content.decode()
    assert "100% interval 61–100 n = 6" in seen(client, "?only=segment:tariff=gold")
    assert "too few answers (under 5)" in seen(client, "?only=segment:tariff=basic")
    assert rows_behind(client, "?only=segment:tariff=gold", "n = 6") == "6"
    page = seen(client, "?only=segment:tariff=gold")
    assert "Sent 6 Delivered 6" in page and "Opened the page" not in page and "Of surveys that are not" in page
    html = client.get(f"{URL}?only=segment:tariff=gold").content.decode().replace("&amp;", "&")
    behind = re.search(r'href="(/admin/surveys/invitation/[^"]*)"><b>6<', html)
    assert behind and client.get(behind[1]).context["cl"].result_count == 6
    for more, n in (({}, 6), ({"by": "week"}, 6), ({"by": "team"}, 6), ({"segment": "tariff=basic"}, 3)):
        reply = api.get("/api/v1/metrics/response_rate/", {"segment": "tariff=gold"} | more).json()["values"]
        assert [row["n"] for row in reply if row["n"]] == [n]
    assert api.get("/api/v1/metrics/response_rate/", {"segment": "tariff=gold", "by": "segment"}).status_code == 400
    interactions.change_customer(customers[8], {"attributes": {"tariff": "gold"}})
    catch_up()
    assert "n = 7" in seen(client, "?only=segment:tariff=gold")
    client.post(f"/admin/surveys/segment/{Segment.objects.get().pk}/delete/", {"post": "yes"})
    catch_up()
    assert not ScoreSliceDay.objects.filter(kind="segment").exists()
    assert client.get(f"{URL}?only=segment:tariff=gold").status_code == 400


def test_only_what_the_reader_may_see_is_offered_and_found(
    login: Callable, manager: User, survey: Survey, team: Team, other_team: Team, agent: Agent
) -> None:
    User.objects.update(language="en")
    theirs = Agent.objects.create(external_id="a9", name="Theirs", team=other_team)
    answer_all(survey, [5] * 6, at=YESTERDAY, team=other_team, agent=theirs, language="en")
    answer_all(survey, [5] * 6, at=YESTERDAY, team=team, agent=agent)
    catch_up()
    client = login(manager)
    html = client.get(URL).content.decode()
    assert "Д. Климов" in html and "Theirs" not in html and 'value="language:en"' not in html
    assert client.get(f"{URL}?only=agent:{theirs.pk}").status_code == 400
    assert client.get(f"{URL}?only=agent:999").status_code == 400
    assert "n = 6" not in seen(client, "?only=language:en")


def test_a_block_says_beside_itself_which_filters_it_does_not_follow(
    login: Callable, administrator: User, survey: Survey, team: Team
) -> None:
    for _number in range(6):
        answer(survey, 5, at=YESTERDAY, invitation=invite(survey, team=team), team=team)
        say("negative", team=team, survey=survey)
    catch_up()
    client = login(administrator)

    def section(html: str, start: str) -> str:
        return html[html.index(start) :].partition("<article")[0]

    starts = {"service": 'id="service"', "invitations": 'id="funnel"', "comments": 'id="comments"'}
    said = {"survey": "a contact belongs to none", "evidence": "are not narrowed by it", "source": "Of all sources"}
    expected = {
        f"?survey={survey.pk}": {"survey": ["service"]},
        "?evidence=confirmed": {"evidence": ["service", "invitations", "comments"]},
        "?source=survey": {"source": ["service", "invitations"]},
        "": {},
    }
    for query, by_filter in expected.items():
        html = client.get(URL + query).content.decode()
        found = {
            name: [block for block, start in starts.items() if words in section(html, start)]
            for name, words in said.items()
        }
        assert {name: blocks for name, blocks in found.items() if blocks} == by_filter
    file = client.get(f"{URL}?source=survey&format=csv").content.decode()
    assert "Not narrowed by the filters" in file and "Of all sources" in file


def test_an_old_link_leads_to_the_topic_that_a_merged_one_counts_for(administrator: User) -> None:
    stays = Topic.objects.create(code="t-stays", names={"en": "Waiting"})
    between = Topic.objects.create(code="t-between", names={"en": "Queues"}, merged_into=stays, is_active=False)
    Topic.objects.create(code="t-gone", names={"en": "Lines"}, merged_into=between, is_active=False)
    found = slices.read("topic:t-gone", EVERYTHING)
    assert found and (str(found), found.name, found.key) == ("topic:t-stays", "Waiting", stays.pk)


@pytest.mark.parametrize("only", ["agent", "agent:x", "topic:none", "language:", "mood:bad", "segment:tariff", "\0"])
def test_odd_slices_are_refused(login: Callable, administrator: User, only: str) -> None:
    assert login(administrator).get(URL, {"only": only}).status_code == 400


def test_pages_that_cannot_follow_a_slice_do_not_pretend_to(
    login: Callable, administrator: User, survey: Survey, agent: Agent
) -> None:
    answer_all(survey, [5] * 6, at=YESTERDAY)
    catch_up()
    html = login(administrator).get(f"/admin/fix-first/?only=agent:{agent.pk}").content.decode()
    assert "Agent:" not in html and 'name="only"' not in html
