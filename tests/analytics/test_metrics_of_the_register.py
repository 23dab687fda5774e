"""Programs read what pages tell beside scores: agents fairly, complaints, tone, trends and what lasted how long."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from analytics import rollups
from analytics.agents import agents
from analytics.models import DurationDay, ScoreDay, ServiceLevel
from analytics.periods import Period
from analytics.quantiles import bucket
from analytics.reports import Filters
from feedback.models import ComplaintRule, Reaction, Topic
from ground.access import EVERYTHING
from ground.models import Team
from surveys.models import Agent, Survey
from tests.analytics.rows import answer_all, invite, keep, say
from tests.analytics.test_metrics_api import URL, read
from tests.analytics.test_returns import DAY, NOON, TODAY, tell

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: object) -> None:
    time_machine.move_to(NOON, tick=False)  # type: ignore[attr-defined]


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()


def by(rows: list[dict], name: str = "key") -> dict:
    return {row[name]: row for row in rows}


@pytest.fixture
def two(survey: Survey, team: Team, other_team: Team, agent: Agent) -> Agent:
    """One agent with forty answers on hard cases, another with eight on easy ones, and a stranger."""
    other = Agent.objects.create(external_id="a2", name="В. Мох", team=team)
    stranger = Agent.objects.create(external_id="a9", name="Пётр", team=other_team)
    at = NOON - DAY
    answer_all(survey, [5] * 20 + [1] * 20, at=at, team=team, agent=agent, reason="refund")
    answer_all(survey, [5] * 8, at=at, team=team, agent=other, reason="hours")
    answer_all(survey, [5] * 36 + [1] * 4, at=at - 7 * DAY, team=other_team, agent=stranger, reason="refund")
    catch_up()
    return other


def test_agents_are_told_as_far_as_they_are_known_and_as_answered(
    api: APIClient, team_api: APIClient, agent: Agent, two: Agent
) -> None:
    period = Period(TODAY - 27 * DAY, TODAY)
    shown = {one.agent.external_id: one for one in agents(
        Filters(scope=EVERYTHING, period=period, before=None), "csat_5", as_of=NOON
    ).standings}  # fmt: skip
    known, plain, mixed = (by(read(api, key)) for key in ("agent_score", "agent_score_plain", "case_mix"))
    assert set(known) == set(plain) == set(mixed) == {"a1", "a2", "a9"}
    for key, one in shown.items():
        assert (known[key]["value"], mixed[key]["value"]) == (one.pulled, one.adjusted), key
        assert known[key]["n"] == plain[key]["n"] and known[key]["lo"] is None
    assert plain["a1"]["value"] == 0.5 < known["a1"]["value"] and plain["a2"]["value"] == 1 > known["a2"]["value"]
    assert (known["a1"]["verdict"], known["a2"]["verdict"]) == (shown["a1"].side or None, None)
    assert set(by(read(team_api, "agent_score"))) == set(by(read(team_api, "agent_score_plain", by="week"))) == {
        "a1", "a2"
    }  # fmt: skip
    reply = api.get(f"{URL}agent_score/", {"scale": "nps"}).json()
    assert (reply["unit"], reply["definition_version"], reply["values"]) == ("points", 2, [])
    assert api.get(f"{URL}case_mix/", {"scale": "nps"}).status_code == 400


def test_agents_slot_by_slot_hide_what_could_be_worked_out(api: APIClient, agent: Agent, two: Agent) -> None:
    weeks = {(row["key"], row["start"]): row for row in read(api, "agent_score_plain", by="week")}
    known = {(row["key"], row["start"]): row for row in read(api, "agent_score", by="agent,week")}
    last, before = sorted({start for _key, start in weeks})[-2:][::-1]
    assert (weeks["a1", last]["value"], weeks["a1", last]["n"]) == (0.5, 40) and weeks["a9", before]["value"] == 0.9
    assert 0.5 < known["a1", last]["value"] < known["a2", last]["value"] < 1
    answer_all(Survey.objects.get(), [1] * 3, at=NOON - 14 * DAY, team=agent.team, agent=agent)
    answer_all(Survey.objects.get(), [5] * 9, at=NOON - 14 * DAY, team=agent.team, agent=two)
    catch_up()
    hidden = [row for row in read(api, "agent_score", by="week") if row["n"] in (3, 9)]
    assert len(hidden) == 2 and all((row["state"], row["value"]) == ("hidden", None) for row in hidden)


def test_means_and_trends_of_a_score(api: APIClient, survey: Survey, team: Team) -> None:
    catch_up()
    for ago in range(12):
        day = TODAY - (7 * ago + 2) * DAY
        keep(ScoreDay, day, {(survey.pk, "csat_5", team.pk, "phone", "confirmed", 5): 40 - ago,
                             (survey.pk, "csat_5", team.pk, "phone", "confirmed", 1): 10 + ago})  # fmt: skip
    days = {"start": str(TODAY - 90 * DAY), "end": str(TODAY)}
    weeks = [row for row in read(api, "mean_score", by="week", **days) if row["n"]]
    assert [row["value"] for row in weeks][-1] == 4.2 and len(weeks) == 12 and weeks[0]["lo"] < weeks[0]["value"]
    assert [row["key"] for row in read(api, "mean_score", by="team,week", **days) if row["n"]] == [team.code] * 12
    (found,) = read(api, "trend", **days)
    assert found["value"] == pytest.approx(0.02) and found["flag"] == "up" and found["n"] >= 8
    assert found["p_adj"] < 0.01 and read(api, "trend", scale="nps") == []


def test_who_was_served_fast_and_well_by_team_and_day(api: APIClient, survey: Survey, team: Team) -> None:
    ServiceLevel.objects.create(minutes=60, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(12):
        invitation = invite(survey, sent_at=NOON, team=team)
        contact = invitation.interaction
        later = contact.created_at + (2 * HOUR if number >= 6 else HOUR / 2)
        type(contact).objects.filter(pk=contact.pk).update(first_response_at=later)
        answer_all(survey, [5 if number < 9 else 1], at=NOON, team=team, invitation=invitation)
    catch_up()
    (whole,) = read(api, "fast_and_good")
    (own,) = read(api, "fast_and_good", by="team")
    assert (own["key"], own["num"], own["den"]) == (team.code, whole["num"], whole["den"])
    assert [(row["num"], row["den"]) for row in read(api, "fast_and_good", by="day") if row["n"]] == [
        (whole["num"], whole["den"])
    ]  # fmt: skip


def test_how_complaints_are_met(api: APIClient, team_api: APIClient, team: Team, other_team: Team) -> None:
    ServiceLevel.objects.create(minutes=120, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(40):
        began = NOON - 35 * DAY
        tell(number, ago=35, who=f"w{number}", is_complaint=True, team=team,
             first_response_at=began + (HOUR if number < 30 else 5 * HOUR))  # fmt: skip
    tell(99, ago=34, who="w1", is_complaint=True, team=team)
    tell(100, ago=35, who="x", is_complaint=True, team=other_team, first_response_at=NOON)
    catch_up()
    days = {"start": str(TODAY - 40 * DAY), "end": str(TODAY)}
    (half,), (nine,) = (
        read(team_api, "complaint_reaction", percentile=percentile, **days) for percentile in ("50", "90")
    )
    assert half["value"] == pytest.approx(3600, rel=0.02) and nine["value"] == pytest.approx(5 * 3600, rel=0.02)
    (within,) = read(team_api, "complaints_within_target", **days)
    assert (within["num"], within["den"]) == (30, 41)  # the last ended without a response
    (again,) = read(team_api, "complained_again", **days)
    assert again["num"] == 1 and again["den"] >= 40
    (solved,) = read(team_api, "complaint_resolution_time", **days)
    assert solved["value"] == pytest.approx(0.1 * 86400, rel=0.02)
    assert read(api, "complaint_reaction", **days)[0]["n"] == half["n"] + 1
    teams = by(read(api, "complaint_reaction", by="team", **days))
    assert (teams[team.code]["value"], teams[team.code]["n"]) == (half["value"], half["n"])
    assert teams[other_team.code]["state"] == "hidden" and teams[other_team.code]["value"] is None
    for key, part in (("complaints_within_target", within), ("complained_again", again)):
        (own,) = read(team_api, key, by="team", **days)
        (week,) = [row for row in read(team_api, key, by="week", **days) if row["n"]]
        assert (own["key"], week["start"]) == (team.code, "2026-10-12")
        assert [(row["num"], row["den"]) for row in (own, week)] == [(part["num"], part["den"])] * 2
    for key, part in (("complaint_reaction", half), ("complaint_resolution_time", solved)):
        (week,) = [row for row in read(team_api, key, by="channel,week", **days) if row["n"]]
        assert (week["key"], week["value"], week["n"]) == ("email", part["value"], part["n"])


def test_who_complained_in_words_and_was_contacted_by_team_and_week(
    api: APIClient, team: Team, other_team: Team, manager: object
) -> None:
    ComplaintRule.objects.all().delete()
    for number in range(8):
        text = say("negative", at=NOON - 5 * DAY, team=team, source="complaint")
        if number < 6:
            Reaction.objects.create(comment=text, at=NOON - 4 * DAY, by=manager)
    for _number in range(6):
        say("negative", at=NOON - HOUR, team=other_team, source="complaint")
    catch_up()
    (whole,) = read(api, "closed_loop")
    assert (whole["num"], whole["den"]) == (6, 8)
    teams = by(read(api, "closed_loop", by="team"))
    assert teams[team.code]["num"] == 6 and teams[other_team.code]["n"] == 0
    days = by(read(api, "closed_loop", by="day"), "start")
    assert (days[str(TODAY - 5 * DAY)]["num"], days[str(TODAY - 5 * DAY)]["preliminary"]) == (6, False)
    assert days[str(TODAY)]["preliminary"]


def test_net_tone_of_all_and_of_a_topic(api: APIClient, team_api: APIClient, team: Team, other_team: Team) -> None:
    topic = Topic.objects.create(code="t-wait", names={"en": "Waiting", "ru": "Ожидание"})
    for tone, count in (("positive", 6), ("negative", 12), ("neutral", 2)):
        for number in range(count):
            say(tone, at=NOON - DAY, team=team, topics=(topic,) if number < 6 else ())
    for _number in range(4):
        say("", at=NOON - DAY, team=team)
    say("positive", at=NOON - DAY, team=other_team)
    catch_up()
    (mine,) = read(team_api, "net_tone")
    assert (mine["value"], mine["n"]) == (pytest.approx(-0.3), 20) and mine["lo"] < -0.3 < mine["hi"]
    assert read(api, "net_tone")[0]["n"] == 21
    (about,) = read(team_api, "net_tone", by="topic")
    assert (about["key"], about["value"], about["n"]) == ("t-wait", 0, 14)
    days = [row for row in read(team_api, "net_tone", by="topic,day") if row["n"]]
    assert [(row["key"], row["value"]) for row in days] == [("t-wait", 0)]
    assert read(api, "corrected_share") == []  # nobody checked any


def test_reopened_work_and_the_first_solution(api: APIClient, team_api: APIClient, team: Team) -> None:
    for number in range(10):
        tell(number, ago=10, took=1, who=f"v{number}", team=team,
             **({"reopened_at": NOON - 8 * DAY} if number < 3 else {}))  # fmt: skip
    catch_up()
    keep(DurationDay, TODAY - 10 * DAY, {(team.pk, "email", "handle", bucket(300)): 40})
    (again,) = read(api, "reopened_share")
    assert (again["num"], again["den"]) == (3, 10)
    assert by(read(team_api, "reopened_share", by="team"))[team.code]["num"] == 3
    assert [row["num"] for row in read(api, "reopened_share", by="week") if row["n"]] == [3]
    (work,) = read(api, "handle_time")
    assert work["n"] == 40 and work["value"] == pytest.approx(300, rel=0.02)
    (first,) = read(api, "first_solution_time", by="channel")
    assert first["key"] == "email" and first["value"] == pytest.approx(86400, rel=0.02)
    assert [row["n"] for row in read(api, "first_solution_time", by="week") if row["n"]] == [first["n"]]
    assert api.get(f"{URL}handle_time/", {"clock": "wall"}).status_code == 400


def test_the_answered_of_all_that_were_sent(api: APIClient, survey: Survey) -> None:
    for number in range(10):
        invite(survey, sent_at=NOON - DAY, answer_state="confirmed" if number < 4 else "none")
    catch_up()
    (strict,) = read(api, "response_rate_strict")
    assert (strict["num"], strict["den"]) == (4, 10)
