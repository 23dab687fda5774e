"""Programs read the numbers of the dashboard: the same values, no more than their team's."""

import csv
import datetime as dt
import io

import pytest
from rest_framework.test import APIClient

from analytics import rollups
from analytics.models import ServiceLevel
from analytics.registry import METRICS
from feedback.models import Topic
from ground.models import Team
from surveys import interactions
from surveys.models import Agent, Survey
from tests.analytics.rows import answer, answer_all, invite, say

URL = "/api/v1/metrics/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def answered(survey: Survey, team: Team, other_team: Team) -> Survey:
    """Better than four weeks ago in one team; a few answers in the other."""
    for place, good, bad, ago in ((team, 95, 5, 1), (team, 60, 40, 30), (other_team, 3, 1, 1)):
        answer_all(survey, [5] * good + [1] * bad, at=NOON - dt.timedelta(days=ago), team=place)
    while rollups.roll_up():
        pass
    return survey


def read(client: APIClient, key: str, **asked: str) -> list[dict]:
    reply = client.get(f"{URL}{key}/", asked, headers={"Accept-Language": "en"})
    assert reply.status_code == 200, reply.json()
    return reply.json()["values"]


def test_register_is_told_in_the_callers_language(api: APIClient) -> None:
    told = {row["key"]: row for row in api.get(URL, headers={"Accept-Language": "ru"}).json()}
    assert set(told) == set(METRICS)
    assert told["csat"]["has_values"] and set(told["csat"]["by"]) >= {
        "channel",
        "team",
        "replies",
        "day",
        "week",
        "month",
    }
    assert told["csat"]["source"] == "Ответы на опросы" and told["case_mix"]["has_values"]
    assert not told["topic_table"]["has_values"] and told["topic_table"]["in_api"] and not told["csat"]["in_api"]


def test_score_with_interval_change_and_flag(api: APIClient, answered: Survey) -> None:
    (value,) = read(api, "csat")
    assert (value["num"], value["den"], value["n"], value["state"], value["flag"]) == (98, 104, 104, "full", "up")
    assert value["value"] == pytest.approx(98 / 104) and value["lo"] < value["value"] < value["hi"]
    assert value["diff"] == pytest.approx(98 / 104 - 0.6) and value["p_adj"] < 0.001
    assert read(api, "csat", compare="none")[0]["prev"] is None
    assert read(api, "nps")[0]["value"] is None
    (mean,) = read(api, "mean_score")
    assert mean["n"] == 104 and 1 < mean["lo"] < mean["value"] < mean["hi"] <= 5
    assert {row["state"] for row in read(api, "mean_score", by="team")} == {"hidden"}
    assert read(api, "mean_score", scale="ces_7")[0]["value"] is None


def test_breakdowns_hide_what_pages_hide(api: APIClient, team_api: APIClient, answered: Survey, team: Team) -> None:
    rows = {row["key"]: row for row in read(api, "csat", by="team")}
    assert rows["first-line"]["state"] == "hidden"  # else the four of the other team could be worked out
    assert {row["state"] for row in rows.values()} == {"hidden"}
    assert all(row["value"] is None and row["num"] is None for row in rows.values())
    (own,) = read(team_api, "csat", by="team")
    assert (own["key"], own["name"], own["n"], own["state"]) == ("first-line", team.name, 100, "full")


def test_series_have_every_slot_of_the_period_and_hide_as_pages_do(
    api: APIClient, team_api: APIClient, answered: Survey
) -> None:
    weeks = read(api, "csat", by="week")
    assert [week["start"] for week in weeks] == ["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16"]
    assert [week["n"] for week in weeks] == [0, 0, 0, 104]
    assert (weeks[0]["value"], weeks[0]["state"], weeks[0]["prev"]) == (None, "hidden", None)
    assert weeks[3]["value"] == pytest.approx(98 / 104) and weeks[3]["lo"] < weeks[3]["value"] < weeks[3]["hi"]
    asked = {"start": "2026-10-01", "end": "2026-11-30"}
    assert [(month["start"], month["n"]) for month in read(api, "csat", by="month", **asked)] == [
        ("2026-10-01", 100), ("2026-11-01", 104),
    ]  # fmt: skip
    days = read(api, "csat", by="day", **asked)
    assert len(days) == 61 and {day["start"]: day["n"] for day in days}["2026-10-23"] == 100
    both = {(row["key"], row["start"]): row for row in read(api, "csat", by="team,week")}
    assert len(both) == 8 and {row["state"] for row in both.values()} == {"hidden"}  # four of the other team, again
    (own,) = [row for row in read(team_api, "csat", by="team,week") if row["n"]]
    assert (own["key"], own["start"], own["n"], own["state"]) == ("first-line", "2026-11-16", 100, "full")


def test_keys_of_a_team_know_no_other(team_api: APIClient, answered: Survey, other_team: Team) -> None:
    assert read(team_api, "csat")[0]["n"] == 100
    reply = team_api.get(f"{URL}csat/", {"team": other_team.code})
    assert reply.status_code == 400 and reply.json()["errors"][0]["attr"] == "team"


def test_comments_and_topics(api: APIClient, team: Team) -> None:
    topic = Topic.objects.create(code="t-waiting", names={"ru": "Ожидание", "en": "Waiting time"})
    for _number in range(6):
        say("negative", at=NOON, team=team, topics=(topic,))
    for _number in range(4):
        say("positive", at=NOON, team=team)
    while rollups.roll_up():
        pass
    classes = {row["key"]: row for row in read(api, "comment_class")}
    assert (classes["negative"]["num"], classes["negative"]["den"]) == (6, 10)
    (row,) = read(api, "topic_share")
    assert (row["key"], row["name"], row["num"], row["den"]) == ("t-waiting", "Waiting time", 6, 10)


def test_comments_by_class_and_topic_week_by_week_and_what_topics_cost(
    api: APIClient, survey: Survey, team: Team
) -> None:
    topic = Topic.objects.create(code="t-waiting", names={"ru": "Ожидание", "en": "Waiting time"})
    for ago, mentions in ((1, 6), (8, 2), (22, 3)):
        for tone in ["negative"] * mentions + ["positive"] * (12 - mentions):
            say(tone, at=NOON - dt.timedelta(days=ago), team=team, topics=(topic,) if tone == "negative" else ())
    for score, topics in [(1, (topic,))] * 40 + [(5, ())] * 60:
        response = answer(survey, score, at=NOON, team=team)
        say("negative", at=NOON - dt.timedelta(days=20), team=team, topics=topics, response=response, survey=survey)
    while rollups.roll_up():
        pass
    classes = {(row["key"], row["start"]): row for row in read(api, "comment_class", by="week")}
    assert classes["negative", "2026-11-16"]["value"] == pytest.approx(0.5)
    assert classes["negative", "2026-11-09"]["num"] == 2
    weeks = {row["start"]: row for row in read(api, "topic_share", by="week")}
    assert (weeks["2026-11-16"]["num"], weeks["2026-11-16"]["den"], weeks["2026-11-16"]["name"]) == (
        6,
        12,
        "Waiting time",
    )
    assert (weeks["2026-11-09"]["state"], weeks["2026-11-09"]["num"]) == ("hidden", None)
    (cost,) = read(api, "topic_impact")
    assert (cost["key"], cost["n"], cost["verdict"]) == ("t-waiting", 40, "fix_first")
    assert cost["value"] == pytest.approx(-40) and cost["lo"] <= cost["hi"] < 0
    (month,) = read(api, "topic_impact", by="month")
    assert (month["start"], month["n"], month["value"]) == ("2026-11-01", 40, cost["value"])


def test_few_mentions_of_a_week_are_not_what_the_other_weeks_leave(api: APIClient, team: Team) -> None:
    topic = Topic.objects.create(code="t-waiting", names={"ru": "Ожидание", "en": "Waiting time"})
    for ago, mentions in ((1, 9), (8, 2), (15, 6)):
        for _number in range(mentions):
            say("negative", at=NOON - dt.timedelta(days=ago), team=team, topics=(topic,))
    while rollups.roll_up():
        pass
    assert read(api, "topic_share")[0]["num"] == 17
    states = {row["start"]: row["state"] for row in read(api, "topic_share", by="week")}
    assert [states[day] for day in ("2026-11-16", "2026-11-09", "2026-11-02")] == ["weak", "hidden", "hidden"]


def test_contacts_and_invitations_slot_by_slot(api: APIClient, team_api: APIClient, survey: Survey, team: Team) -> None:
    for number in range(7):
        sent = NOON - dt.timedelta(days=10)
        invite(survey, sent_at=sent, answer_state="confirmed" if number < 3 else "none", team=team)
    while rollups.roll_up():
        pass
    volume = [row for row in read(api, "volume", by="day") if row["n"]]
    assert [(row["value"], row["state"]) for row in volume] == [(7.0, "full")]
    assert read(api, "volume")[0]["value"] == 7 and read(team_api, "volume", by="channel")[0]["n"] == 7
    rates = {row["start"]: row for row in read(api, "response_rate", by="week")}
    assert (rates["2026-11-09"]["num"], rates["2026-11-09"]["den"]) == (3, 7)
    assert read(api, "response_rate", by="survey,week")[0]["key"] == survey.code


def test_contacts_that_were_solved_in_time_by_the_month_of_their_beginning(api: APIClient, team: Team) -> None:
    for number in range(6):
        began = NOON - dt.timedelta(days=20)
        solved = {"resolved_at": began + dt.timedelta(days=number * 2)} if number else {}
        interactions.take(interactions.Report(
            source="crm", external_id=f"T-{number}", updated_at=NOON, customer={"external_id": "c1"},
            team={"code": team.code}, fields={"channel": "email", "created_at": began, **solved},
        ))  # fmt: skip
    while rollups.roll_up():
        pass
    october, november = read(api, "resolved_share", by="month")
    assert (october["n"], november["num"], november["den"]) == (0, 3, 6)  # after 2, 4 and 6 days
    assert {row["n"] for row in read(api, "resolved_share", by="day")} == {0, 6}


def test_times_queues_and_those_who_come_back(
    api: APIClient, team_api: APIClient, team: Team, other_team: Team
) -> None:
    for number in range(40):
        began = NOON - dt.timedelta(days=20)
        queued = {"enqueued_at": began, "answered_at": began + dt.timedelta(seconds=10 + number)}
        interactions.take(interactions.Report(
            source="crm", external_id=f"T-{number}", updated_at=NOON, customer={"external_id": f"c{number // 2}"},
            team={"code": team.code if number < 36 else other_team.code},
            fields={"channel": "phone", "created_at": began, "reason": "billing", **queued,
                    "first_response_at": began + dt.timedelta(minutes=number + 1),
                    "resolved_at": began + dt.timedelta(hours=2), "closed_at": began + dt.timedelta(hours=2)},
        ))  # fmt: skip
    while rollups.roll_up():
        pass
    wall = {"clock": "wall"}
    (half,), (most,) = (read(api, "first_response_time", percentile=part, **wall) for part in ("50", "95"))
    assert half["n"] == 40 and half["value"] == pytest.approx(20.5 * 60, rel=0.06) and half["lo"] < half["hi"]
    assert most["value"] == pytest.approx(38 * 60, rel=0.05)
    assert read(api, "resolution_time", **wall)[0]["value"] == pytest.approx(7200, rel=0.02)
    assert {row["key"]: row["n"] for row in read(api, "first_response_time", by="team", **wall)} == {
        "first-line": 36, other_team.code: 4,
    }  # fmt: skip
    few = next(row for row in read(api, "first_response_time", by="team", **wall) if row["n"] == 4)
    assert (few["value"], few["state"]) == (None, "hidden")
    weeks = [row for row in read(api, "first_response_time", by="channel,week", percentile="90", **wall) if row["n"]]
    assert [(row["key"], row["start"], row["n"]) for row in weeks] == [("phone", "2026-11-02", 40)]
    assert read(api, "waiting_time")[0]["value"] == pytest.approx(29.5, rel=0.05)
    assert read(api, "service_level", target="30")[0]["num"] == 21 and read(api, "abandonment")[0]["num"] == 0
    assert read(api, "backlog")[0]["value"] == 0 and read(api, "resolved_share", by="channel")[0]["num"] == 40
    for key in ("resolved_share", "transferred", "service_level", "abandonment"):  # else the four could be worked out
        assert {row["state"] for row in read(api, key, by="team")} == {"hidden"}, key
    (back,) = read(api, "repeat_contacts", by="reason")
    assert (back["key"], back["den"]) == ("billing", 40) and back["num"] > 0
    (complained,) = read(api, "complaint_rate")
    assert (complained["value"], complained["num"], complained["n"]) == (0, 0, 40) and complained["hi"] > 0
    for key in ("volume", "first_response_time", "repeat_contacts", "service_level", "complaint_rate"):
        assert read(team_api, key)[0]["n"] == 36


def test_scores_by_how_soon_customers_were_served(api: APIClient, survey: Survey, team: Team) -> None:
    for number in range(12):
        invitation = invite(survey, sent_at=NOON, team=team)
        contact = invitation.interaction
        waited = 60 if number < 6 else 9 * 3600
        type(contact).objects.filter(pk=contact.pk).update(response_working_seconds=waited)
        answer(survey, 5 if number < 6 else 1, at=NOON, team=team, invitation=invitation)
    while rollups.roll_up():
        pass
    steps = {row["key"]: row for row in read(api, "csat", by="first_response")}
    assert (steps["m5"]["value"], steps["more"]["value"], steps["m5"]["name"]) == (1, 0, "up to 5 minutes")
    assert read(api, "forecast") == [] and read(api, "fast_and_good")[0]["n"] == 0


def test_scores_may_be_narrowed_to_an_agent_or_a_language(
    api: APIClient, team_api: APIClient, survey: Survey, team: Team, other_team: Team, agent: Agent
) -> None:
    answer_all(survey, [5] * 6, at=NOON, team=team, agent=agent, language="en")
    answer_all(survey, [1] * 30, at=NOON, team=team)
    stranger = Agent.objects.create(external_id="a-9", name="Пётр", team=other_team)
    while rollups.roll_up():
        pass
    assert read(api, "csat", agent=agent.external_id)[0]["n"] == 6
    assert [row["n"] for row in read(api, "csat", language="en", by="week") if row["n"]] == [6]
    assert read(team_api, "csat", agent=agent.external_id)[0]["value"] == 1
    assert (read(api, "mean_score", language="en")[0]["value"], read(api, "mean_score", language="en")[0]["n"]) == (
        5,
        6,
    )
    (own,) = read(team_api, "agent_score_plain")
    assert (own["key"], own["name"], own["n"], own["value"]) == (agent.external_id, agent.name, 6, 1)
    assert read(api, "agent_score", scale="nps") == []
    for asked in ({"agent": stranger.external_id}, {"agent": "none"}, {"topic": "none"}, {"segment": "plan"}):
        reply = team_api.get(f"{URL}csat/", asked)
        assert reply.status_code == 400 and reply.json()["errors"][0]["attr"] in asked


def test_a_table_for_bi_tools(api: APIClient, team_api: APIClient, answered: Survey, team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(name="=1+1")
    reply = team_api.get(f"{URL}csat/", {"by": "team", "format": "csv"})
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(io.StringIO(reply.content.decode("utf-8-sig")))
    told = dict(zip(head, row, strict=True))
    assert (told["metric"], told["key"], told["name"], told["n"], told["state"]) == (
        "csat", "first-line", "'=1+1", "100", "full",
    )  # fmt: skip
    assert float(told["value"]) == pytest.approx(0.95) and told["period_end"] == "2026-11-22"
    refused = api.get(f"{URL}csat/", {"by": "moon", "format": "csv"})
    assert refused.status_code == 400 and refused["Content-Type"].startswith("application/json")
    assert api.get(f"{URL}csat/", {"format": "xml"}).status_code == 404


def test_numbers_cost_few_statements_however_many_slots(
    api: APIClient, answered: Survey, django_assert_max_num_queries
) -> None:
    for asked in ({}, {"by": "day", "start": "2025-11-01", "end": "2026-11-22"}, {"by": "team,week"}):
        with django_assert_max_num_queries(8):
            read(api, "csat", **asked)


def test_service_is_told_once_a_level_is_set(api: APIClient) -> None:
    assert read(api, "within_target") == []
    ServiceLevel.objects.create(minutes=10, since=NOON.date())
    assert read(api, "within_target")[0]["n"] == 0 and read(api, "within_target", by="channel") == []
    assert read(api, "resolved_share")[0]["value"] is None


@pytest.mark.parametrize(("key", "asked", "attr"), [
    ("csat", {"by": "topic"}, "by"), ("csat", {"by": "week,day"}, "by"), ("csat", {"by": "team,channel"}, "by"),
    ("csat", {"percentile": "90"}, "percentile"), ("volume", {"agent": "a"}, "agent"),
    ("csat", {"agent": "a", "topic": "t"}, "topic"), ("first_response_time", {"percentile": "99"}, "percentile"),
    ("waiting_time", {"clock": "wall"}, "clock"), ("service_level", {"target": "7"}, "target"),
    ("csat", {"by": "first_response,week"}, "by"), ("csat", {"by": "replies", "language": "en"}, "by"),
    ("topic_impact", {"by": "week"}, "by"),
    ("csat", {"by": "day", "start": "2020-01-01", "end": "2026-11-01"}, "by"),
    ("nps", {"scale": "thumbs"}, "scale"), ("csat", {"start": "2026-11-01"}, None),
    ("csat", {"start": "2026-11-02", "end": "2026-11-01"}, None),
    ("csat", {"start": "1900-01-01", "end": "1900-01-02"}, None),
    ("csat", {"survey": "none-such"}, "survey"), ("csat", {"team": "\x00"}, "team"), ("csat", {"serch": "x"}, "serch"),
    ("csat", {"start": "yesterday", "end": "2026-11-01"}, "start"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    api: APIClient, key: str, asked: dict[str, str], attr: str | None
) -> None:
    reply = api.get(f"{URL}{key}/", asked)
    assert reply.status_code == 400
    error = reply.json()["errors"][0]
    assert error["detail"] and error["attr"] == (attr or "non_field_errors")


def test_unknown_metric_and_missing_key(api: APIClient) -> None:
    assert api.get(f"{URL}happiness/").status_code == 404
    assert APIClient().get(f"{URL}csat/").status_code == 401
