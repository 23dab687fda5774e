"""The pages of agents: each score beside how it came about, and what chance and the mix of cases leave of it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from analytics import agents as standings
from analytics import rollups
from analytics.models import ServiceLevel
from feedback import intake
from feedback.filters import responses_found
from feedback.intake import Given
from ground.access import scope_of
from ground.models import Change, Membership, Role, Team, User
from surveys.models import Agent, Interaction, Invitation, Skip, Survey
from tests.analytics.rows import answer, answer_all, ask_further, invite
from tests.factories import make_interaction

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/agents/"
Login = Callable[[User], Client]


def catch_up() -> None:
    while rollups.roll_up():
        pass
    assert not rollups.verify().differences


def page_of(client: Client, query: str = "") -> Any:
    catch_up()
    page = client.get(ADDRESS + query)
    assert page.status_code == 200
    return page


def row_of(page: Any, agent: Agent) -> Any:
    return next((row for row in page.context["rows"] if row["agent"] == agent), None)


def served(agent: Agent, survey: Survey, *, contacts: int, asked: int, answered: int, skipped: int) -> None:
    for number in range(contacts):
        interaction = make_interaction(team=agent.team, agent=agent)
        if number < asked:
            state = "confirmed" if number < answered else "none"
            invite(survey, interaction=interaction, answer_state=state)
        elif number < asked + skipped:
            Skip.objects.create(interaction=interaction, agent=agent, reason="знакомый")
    Change.mark("interaction", timezone.now() - dt.timedelta(hours=3))


def colleague(team: Team, number: int) -> Agent:
    return Agent.objects.create(external_id=f"many{number}", name=f"Agent {number}", team=team)


@pytest.fixture
def person(team: Team, agent: Agent) -> User:
    """The agent's log-in."""
    user = User.objects.create_user("own@example.org")
    Membership.objects.create(user=user, team=team, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=user)
    return user


def test_score_and_rates_stand_beside_each_other(login: Login, manager: User, agent: Agent, survey: Survey) -> None:
    served(agent, survey, contacts=10, asked=6, answered=3, skipped=2)
    answer_all(survey, [5] * 30 + [1] * 10, team=agent.team, agent=agent)
    answer_all(survey, [1] * 40, team=agent.team, agent=agent, evidence="held")
    answer_all(survey, [1] * 40, team=agent.team, agent=agent, is_excluded=True)
    row = row_of(page_of(login(manager)), agent)
    assert (row["metric"].value, row["metric"].n, row["metric"].state) == (0.75, 40, "full")
    assert (row["rates"].ask_rate, row["rates"].skip_rate, row["rates"].response_rate) == (0.6, 0.2, 0.5)
    assert client_finds(login(manager), row["answers_href"]) and client_finds(login(manager), row["contacts_href"])


def test_every_number_opens_as_many_rows(login: Login, manager: User, agent: Agent, survey: Survey) -> None:
    User.objects.update(language="en")
    ServiceLevel.objects.create(minutes=60, is_working_time=False, since=dt.date(2026, 1, 1))
    served(agent, survey, contacts=12, asked=9, answered=7, skipped=2)
    anonymous = Survey.objects.create(code="anonymous", name="Anonymous", is_anonymous=True)
    Invitation.objects.filter(answer_state="none").update(survey=anonymous)  # of whom nobody is told
    began = timezone.now() - dt.timedelta(days=20)
    for number in range(30):
        fields = {
            "team": agent.team, "agent": agent, "created_at": began, "reason": "delivery" if number % 3 else "payment",
            "first_response_at": began + dt.timedelta(minutes=10 * number),
            "closed_at": began + dt.timedelta(days=number % 10), "is_resolved": number % 4 > 0,
            "resolution_working_seconds": 60 * number if number % 4 else None,
        }  # fmt: skip
        contact = make_interaction(**fields)
        answered = invite(survey, interaction=contact, answer_state="confirmed")
        told = {"team": agent.team, "agent": agent, "reason": contact.reason}
        answer(survey, 1 + number % 5, invitation=answered, **told)
    rollups.mark_contacts(dt.date(2026, 1, 1))
    client = login(manager)
    page = page_of(client)
    row = row_of(page, agent)

    def rows(address: str) -> int:
        found = client.get(address)
        assert found.status_code == 200
        return found.context["cl"].result_count

    work, behind = row["work"]["found"], row["behind"]
    for metric, part, whole in (
        (work.within, "within", "judged"), (work.solved, "in_time", "old_enough"),
        (work.back.resolved, "done", "question"),
    ):  # fmt: skip
        assert (rows(behind[part]), rows(behind[whole])) == (metric.num, metric.den), part
    assert work.within.num and work.solved.num and rows(behind["solved"]) == work.resolution.n
    rates = row["rates"]
    assert (rows(row["asked"]["sent"]), rows(row["asked"]["answered"])) == (rates.sent, rates.answered)
    own = client.get(f"/admin/agents/{agent.pk}/").context
    assert own["asked"] == row["asked"] and len(own["by_reason"]) == 2
    (cells,) = [line["cells"] for line in page.context["by_reason"]]
    counts = {cell["href"]: cell["found"].n for cell in cells} | {
        line["href"]: line["score"].n for line in own["by_reason"]
    }
    assert {address: responses_behind(address, manager) for address in counts} == counts
    file = client.get(f"{ADDRESS}?format=csv").content.decode("utf-8-sig")
    assert "Asked about" in file and "Done at the first contact" in file and "CSAT by agent and reason" in file
    assert "Asked and answered" in client.get(f"{ADDRESS}{agent.pk}/?format=csv").content.decode("utf-8-sig")


def responses_behind(address: str, person: User) -> int:
    return responses_found(dict(parse_qsl(urlsplit(address).query)), scope=scope_of(person)).count()


def client_finds(client: Client, address: str) -> bool:
    return client.get(address).status_code == 200


def test_few_answers_are_hidden_and_old_ones_left_out(
    login: Login, manager: User, agent: Agent, survey: Survey
) -> None:
    answer_all(survey, [5] * 4, team=agent.team, agent=agent)
    answer_all(survey, [5] * 40, team=agent.team, agent=agent, at=timezone.now() - dt.timedelta(days=100))
    row = row_of(page_of(login(manager)), agent)
    assert (row["metric"].state, row["metric"].value, row["pulled"], row["adjusted"]) == ("hidden", None, "—", "—")
    assert row_of(page_of(login(manager), "?period=365"), agent)["metric"].n == 44


def test_another_scale(login: Login, manager: User, agent: Agent, nps_survey: Survey) -> None:
    answer_all(nps_survey, [10] * 20 + [0] * 20, team=agent.team, agent=agent)
    page = page_of(login(manager), "?scale=csat_5")  # which nobody answered on
    assert row_of(page, agent)["metric"].value == 0 and not page.context["is_share"]


def test_only_who_lies_outside_the_funnel_is_called_different(
    login: Login, manager: User, team: Team, survey: Survey
) -> None:
    people = [colleague(team, number) for number in range(5)]
    for number, one in enumerate(people):
        good = (10, 52, 48, 50, 4)[number]
        answer_all(survey, [5] * good + [1] * ((60 if number < 4 else 10) - good), team=team, agent=one)
    page = page_of(login(manager))
    verdicts = [row["look"] if row["verdict"] else "" for row in (row_of(page, one) for one in people)]
    assert verdicts == ["neg", "pos", "", "", ""]  # the last has too few answers to say
    points = {point.title.split(":")[0]: point for point in page.context["plot"].points}
    assert len(points) == 5 and points["Agent 4"].is_weak and points["Agent 0"].label == "Agent 0"
    assert "Agent 0" in page.context["spoken"] and "Agent 2" not in page.context["spoken"]


def test_case_mix_makes_hard_cases_count_less(login: Login, manager: User, team: Team, survey: Survey) -> None:
    hard, easy = colleague(team, 1), colleague(team, 2)
    for one, reason, good, bad in [(hard, "refund", 20, 20), (hard, "hours", 9, 1), (easy, "refund", 5, 5),
                                   (easy, "hours", 36, 4)]:  # fmt: skip
        answer_all(survey, [5] * good + [1] * bad, team=team, agent=one, reason=reason)
    page = page_of(login(manager))
    told = {one: row_of(page, one) for one in (hard, easy)}
    assert told[hard]["metric"].value == pytest.approx(0.58) and told[easy]["metric"].value == pytest.approx(0.82)
    assert told[hard]["adjusted_value"] == told[easy]["adjusted_value"] == pytest.approx(0.7)


def test_training_hint_is_for_those_who_lead_the_team(
    login: Login, manager: User, viewer: User, team: Team, survey: Survey
) -> None:
    User.objects.update(language="en")
    behind, other = colleague(team, 1), colleague(team, 2)
    answer_all(survey, [5] * 8 + [1] * 17, team=team, agent=behind, reason="refund")
    answer_all(survey, [5] * 45 + [1] * 5, team=team, agent=other, reason="refund")
    answer_all(survey, [1] * 12, team=team, agent=behind, reason="hours")  # too few to say
    answer_all(survey, [5] * 12, team=team, agent=other, reason="hours")
    page = page_of(login(manager))
    assert page.context["hints"] == ["Agent 1, refund: 32% (n=25), colleagues 90%"]
    assert "hints" not in page_of(login(viewer)).context


def test_work_counts_what_is_late_and_what_was_solved(
    login: Login, manager: User, agent: Agent, team: Team, other_team: Team
) -> None:
    ServiceLevel.objects.create(minutes=30, is_working_time=False, since=dt.date(2020, 1, 1))
    began = timezone.now() - dt.timedelta(days=10)
    for number in range(10):
        responded = began + dt.timedelta(minutes=10 if number < 7 else 60)
        one = make_interaction(
            team=team, agent=agent, created_at=began, first_response_at=responded, resolved_at=responded,
            is_resolved=number < 8,
        )  # fmt: skip
        Interaction.objects.filter(pk=one.pk).update(resolution_working_seconds=3600)
    make_interaction(team=team, agent=agent, created_at=began, closed=False)  # who waits still is late as well
    make_interaction(team=team, created_at=began)  # nobody's
    first = Interaction.objects.filter(agent=agent).order_by("pk")
    again = {"customer": first[0].customer, "created_at": began + dt.timedelta(hours=2), "reason": "x"}
    Interaction.objects.filter(pk__in=[first[0].pk, first[1].pk]).update(reason="x")
    Interaction.objects.filter(pk=first[1].pk).update(**again)
    for scope in ("interaction", "returns"):
        Change.mark(scope, began, again["created_at"])  # which may be on the next day
    page = page_of(login(manager))
    work = row_of(page, agent)["work"]["found"]
    assert work.within and (work.contacts, work.within.num, work.within.den) == (11, 7, 11)
    assert (work.solved.num, work.solved.den) == (8, 11)
    assert work.resolution.half.value == pytest.approx(3600, rel=0.011)
    assert work.back and (work.back.resolved.num, work.back.resolved.den) == (6, 9)  # one came back with the same
    assert (work.back.followed.num, work.back.followed.den) == (1, 10)
    assert page.context["teams"] == []  # there is no other to compare with


def test_a_manager_of_another_team_sees_nobody(
    login: Login, outsider: User, agent: Agent, survey: Survey, other_team: Team
) -> None:
    served(agent, survey, contacts=6, asked=3, answered=1, skipped=0)
    answer_all(survey, [5] * 40, team=agent.team, agent=agent)
    page = page_of(login(outsider))
    assert page.context["rows"] == [] and page.context["teams"] == []
    assert login(outsider).get(f"{ADDRESS}{agent.pk}/").status_code == 404


def test_answers_in_another_team_are_in_no_number_of_mine(
    login: Login, manager: User, agent: Agent, survey: Survey, other_team: Team
) -> None:
    answer_all(survey, [5] * 40, team=agent.team, agent=agent, reason="refund")
    before = page_of(login(manager)).context["rows"]
    answer_all(survey, [1] * 40, team=other_team, agent=agent, reason="refund")  # lent out
    answer_all(survey, [1] * 40, team=other_team, agent=colleague(other_team, 1), reason="refund")
    after = page_of(login(manager)).context["rows"]
    assert [(row["agent"], row["metric"].num, row["adjusted"]) for row in after] == [
        (row["agent"], row["metric"].num, row["adjusted"]) for row in before
    ]
    alone = login(manager).get(f"{ADDRESS}{agent.pk}/")
    assert alone.context["cards"][0].card.metric.n == 40


def test_an_agent_sees_the_own_page_alone_and_no_colleague(
    login: Login, person: User, agent: Agent, team: Team, survey: Survey
) -> None:
    other = colleague(team, 1)
    answer_all(survey, [5] * 30 + [1] * 10, team=team, agent=agent, reason="refund")
    answer_all(survey, [1] * 40, team=team, agent=other, reason="refund")
    catch_up()
    client = login(person)
    assert client.get(ADDRESS).status_code == 403 and client.get(f"{ADDRESS}{other.pk}/").status_code == 404
    page = client.get(f"{ADDRESS}own/")
    assert page.context["agent"] == agent
    assert page.context["cards"][0].card.metric.value == 0.75 and not page.context["links"]["all"]
    assert [(row["reason"], row["score"].n, row["rest"]) for row in page.context["by_reason"]] == [("refund", 40, None)]


def test_a_log_in_that_is_linked_to_nobody_is_told_so(login: Login, team: Team) -> None:
    user = User.objects.create_user("nobody@example.org")
    Membership.objects.create(user=user, team=team, role=Role.AGENT)
    page = login(user).get(f"{ADDRESS}own/", follow=True)
    assert page.redirect_chain[-1][0] == "/admin/feedback/comment/" and len(page.context["messages"]) == 1


def test_page_of_one_agent_shows_strengths_beside_colleagues(
    login: Login, manager: User, agent: Agent, team: Team, survey: Survey
) -> None:
    answer_all(survey, [5] * 40, team=team, agent=agent, reason="refund")
    answer_all(survey, [5] * 20 + [1] * 30, team=team, agent=colleague(team, 1), reason="refund")
    answer(survey, 1, team=team, agent=agent, reason="hours")
    catch_up()
    page = login(manager).get(f"{ADDRESS}{agent.pk}/")
    refund, hours = page.context["by_reason"]
    assert (refund["rest"].num, refund["rest"].den, refund["look"]) == (20, 50, "pos")
    assert (hours["state"], hours["word"]) == ("hidden", "")
    assert page.context["cards"][0].trend is not None
    told = login(manager).get(f"{ADDRESS}{agent.pk}/?format=csv").content.decode()
    assert '"refund";"";"";"";"";"";0,4;50;' in told and '"hours";"";"";"";"";"";"";"";""' in told


@pytest.mark.parametrize("query", ["?period=x", "?from=2026-01-01", "?team=99999", "?period=%00"])
def test_an_odd_address_says_what_is_wrong(login: Login, manager: User, agent: Agent, query: str) -> None:
    for address in (ADDRESS, f"{ADDRESS}{agent.pk}/"):
        assert login(manager).get(address + query).status_code == 400


def test_export_holds_what_the_page_shows(login: Login, manager: User, agent: Agent, survey: Survey) -> None:
    User.objects.update(language="en")
    answer_all(survey, [5] * 30 + [1] * 10, team=agent.team, agent=agent)
    for number in (1, 2):
        answer_all(survey, [5] * 3, team=agent.team, agent=colleague(agent.team, number))
    page = page_of(login(manager), "?format=csv").content.decode("utf-8-sig")
    line = next(line for line in page.splitlines() if line.startswith(f'"{agent.name}"'))
    assert "0.75" in line and ",40," in line
    assert '"Agent 1","share, 0 to 1","","","","under 5","","",""' in page


def test_the_busiest_come_first_and_the_rest_on_demand(
    login: Login, manager: User, team: Team, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "BUSIEST", 2)
    for number in range(4):
        served(colleague(team, number), survey, contacts=number + 1, asked=0, answered=0, skipped=0)
    page = page_of(login(manager))
    assert [str(row["agent"]) for row in page.context["rows"]] == ["Agent 3", "Agent 2"]
    assert page.context["left_out"] == 2
    whole = login(manager).get(page.context["all_href"])
    assert len(whole.context["rows"]) == 4 and "Agent 0" in whole.content.decode()
    assert "Agent 0" in login(manager).get(ADDRESS + "?format=csv").content.decode("utf-8-sig")


def rated(survey: Survey, agent: Agent, *, times: int, speed: int, manners: int | None = None) -> None:
    """So many answers about the agent's work with a low score, after which the aspects are asked."""
    given = {"speed": speed} | ({"manners": manners} if manners else {})
    for _number in range(times):
        intake.record(invite(survey, team=agent.team, agent=agent), Given(score=2, answers={"aspects": given}))


def qualities_of(page: Any) -> dict[str, list[tuple[Any, int, str] | None]]:
    return {
        str(row["agent"]): [(one.value, one.n, one.state) if one else None for one, _href in row["cells"]]
        for row in page.context["by_quality"]
    }


def test_qualities_of_each_agent_are_means_of_aspects(
    login: Login, administrator: User, manager: User, agent: Agent, team: Team, other_team: Team, survey: Survey,
    nps_survey: Survey,
) -> None:  # fmt: skip
    User.objects.update(language="en")
    ask_further(survey)
    survey = Survey.objects.get(pk=survey.pk)
    stranger = Agent.objects.create(external_id="x", name="Stranger", team=other_team)
    second = colleague(team, 1)
    rated(survey, agent, times=20, speed=4, manners=5)
    rated(survey, agent, times=10, speed=1)
    rated(survey, second, times=6, speed=2)
    rated(survey, stranger, times=8, speed=5)
    page = page_of(login(administrator))
    assert [one["name"] for one in page.context["qualities"]] == ["Speed", "Politeness"]
    told = qualities_of(page)
    assert told[str(agent)] == [(3.0, 30, "full"), (5.0, 20, "weak")]
    assert told[str(second)] == [(2.0, 6, "weak"), None] and told["Stranger"] == [(5.0, 8, "weak"), None]
    assert re.search("\\(2.46–3.54\\), <a[^>]*>n=30<", page.content.decode().replace("\u2009", ""))
    assert "Qualities by agent" in login(administrator).get(ADDRESS + "?format=csv").content.decode()
    assert "Stranger" not in qualities_of(page_of(login(manager)))
    assert qualities_of(page_of(login(administrator), f"?team={other_team.pk}")) == {"Stranger": [(5.0, 8, "weak")]}
    rated(survey, colleague(team, 2), times=3, speed=2)  # hidden, and so is the next smallest of the team
    cells = {name: row[0] for name, row in qualities_of(page_of(login(administrator))).items() if row[0]}
    assert set(cells) == {str(agent), "Stranger"} and {state for _value, _n, state in cells.values()} == {
        "full",
        "weak",
    }
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    rollups.mark_everything()
    assert qualities_of(page_of(login(administrator))) == {}


def test_as_many_statements_for_many_agents(
    login: Login, manager: User, team: Team, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    client = login(manager)
    for number in range(12):
        one = colleague(team, number)
        make_interaction(team=team, agent=one)
        answer_all(survey, [5] * 5, team=team, agent=one, reason=f"reason {number}")
    Change.mark("interaction", timezone.now() - dt.timedelta(hours=3))
    page_of(client)
    with django_assert_max_num_queries(28):
        assert len(client.get(ADDRESS).context["rows"]) == 12
    with django_assert_max_num_queries(28):
        client.get(f"{ADDRESS}{one.pk}/")
