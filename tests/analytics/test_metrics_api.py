"""Programs read the numbers of the dashboard: the same values, no more than their team's."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from analytics import rollups
from analytics.models import ServiceLevel
from analytics.registry import METRICS
from feedback.models import Topic
from ground.models import Team
from surveys.models import Survey
from tests.analytics.rows import answer_all, say

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
    assert told["csat"]["by"] == ["channel", "team", "week"] and told["csat"]["has_values"]
    assert told["csat"]["source"] == "Ответы на опросы" and not told["forecast"]["has_values"]


def test_score_with_interval_change_and_flag(api: APIClient, answered: Survey) -> None:
    (value,) = read(api, "csat")
    assert (value["num"], value["den"], value["n"], value["state"], value["flag"]) == (98, 104, 104, "full", "up")
    assert value["value"] == pytest.approx(98 / 104) and value["lo"] < value["value"] < value["hi"]
    assert value["diff"] == pytest.approx(98 / 104 - 0.6) and value["p_adj"] < 0.001
    assert read(api, "csat", compare="none")[0]["prev"] is None
    assert read(api, "nps")[0]["value"] is None


def test_breakdowns_hide_what_pages_hide(api: APIClient, team_api: APIClient, answered: Survey, team: Team) -> None:
    rows = {row["key"]: row for row in read(api, "csat", by="team")}
    assert rows["first-line"]["state"] == "hidden"  # else the four of the other team could be worked out
    assert {row["state"] for row in rows.values()} == {"hidden"}
    assert all(row["value"] is None and row["num"] is None for row in rows.values())
    (own,) = read(team_api, "csat", by="team")
    assert (own["key"], own["name"], own["n"], own["state"]) == ("first-line", team.name, 100, "full")
    weeks = read(api, "csat", by="week")
    assert sum(week["n"] for week in weeks) == 204 and weeks[-1]["n"] == 104


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


def test_service_is_told_once_a_level_is_set(api: APIClient) -> None:
    assert read(api, "within_target") == []
    ServiceLevel.objects.create(minutes=10, since=NOON.date())
    assert read(api, "within_target")[0]["n"] == 0 and read(api, "within_target", by="channel") == []
    assert read(api, "resolved_share")[0]["value"] is None


@pytest.mark.parametrize(("key", "asked", "attr"), [
    ("csat", {"by": "topic"}, "by"), ("nps", {"scale": "thumbs"}, "scale"), ("csat", {"start": "2026-11-01"}, None),
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
