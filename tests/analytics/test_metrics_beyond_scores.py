"""Programs read what the questions of a survey were answered, whom the hours need, who left, and what is unusual."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from analytics import rollups
from analytics.models import DurationDay, Incident, Staying
from analytics.quantiles import bucket
from analytics.staying import counting
from feedback import intake
from feedback.intake import Given
from ground import jobs
from ground.models import Job, Team
from surveys.models import Survey
from tests.analytics.rows import ask_further, invite
from tests.analytics.test_load_and_staff import came
from tests.analytics.test_load_and_staff import keep as keep_contacts
from tests.analytics.test_metrics_api import URL, read
from tests.analytics.test_returns import DAY, tell

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday, noon in Moscow
TODAY = NOON.date()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asked(survey: Survey, team: Team, other_team: Team) -> Survey:
    """Forty answers of one team with everything that may be answered, and four of the other."""
    ask_further(survey)
    survey = Survey.objects.get(pk=survey.pk)
    for number in range(44):
        intake.record(invite(survey, team=team if number < 40 else other_team), Given(
            score=5 if number % 4 else 2, text="Спасибо" if number < 12 else "", wants_contact=number < 8,
            answers={"aspects": {"speed": 2, "manners": 4}, "again": {"yes" if number % 4 else "no": 1}},
            language="en" if number < 10 else "ru",
        ))  # fmt: skip
    while rollups.has_work():
        rollups.roll_up()
    return survey


def by_key(client: APIClient, key: str, survey: Survey, **more: str) -> dict[str, dict]:
    return {row["key"]: row for row in read(client, key, by="question", survey=survey.code, **more)}


def test_each_kind_of_question_in_the_numbers_that_it_has(team_api: APIClient, asked: Survey) -> None:
    score = by_key(team_api, "csat", asked)["score"]
    assert (score["num"], score["den"], score["state"]) == (30, 40, "full") and score["lo"] < 0.75 < score["hi"]
    means = by_key(team_api, "mean_score", asked)
    assert (means["score"]["value"], means["aspects/speed"]["value"], means["aspects/manners"]["value"]) == (4.25, 2, 4)
    index = by_key(team_api, "score_index", asked)["score"]
    assert index["value"] == 81.25 and index["lo"] < 81.25 < index["hi"] <= 100
    shares = by_key(team_api, "answer_share", asked)
    assert (shares["again/yes"]["num"], shares["again/yes"]["name"]) == (30, "Again: Yes")
    assert (shares["score/5"]["value"], shares["score/4"]["value"], shares["aspects/speed/2"]["num"]) == (0.75, 0, 10)
    assert next(row for key, row in shares.items() if "/" not in key)["num"] == 8  # the tick
    assert {row["num"] for row in by_key(team_api, "skipped_questions", asked).values()} == {0, 10, 28, 32, 40}
    classes = by_key(team_api, "comment_class", asked)
    assert all(key.endswith(("positive", "negative", "constructive", "neutral")) for key in classes) and classes
    assert by_key(team_api, "nps", asked) == {}


def test_questions_are_narrowed_by_version_and_language_and_told_of_own_teams(
    api: APIClient, team_api: APIClient, asked: Survey
) -> None:
    assert by_key(api, "csat", asked)["score"]["n"] == 44
    assert by_key(team_api, "csat", asked, language="en")["score"]["n"] == 10
    assert by_key(api, "csat", asked, team="returns")["score"]["state"] == "hidden"
    assert by_key(team_api, "csat", asked, version="1")["score"]["n"] == 40
    strange = Survey.objects.create(code="others", name="Others")
    assert by_key(team_api, "answer_share", strange) == {}


def test_people_by_hour_with_those_for_the_upper_limit_of_what_comes(api: APIClient, team: Team) -> None:
    came(70, per_day=lambda ago: 30, team=team)
    keep_contacts(DurationDay, TODAY - DAY, {(team.pk, "phone", "handle", bucket(300)): 40})
    rows = {row["key"]: row for row in read(api, "staffing", target="30")}
    assert set(rows) == {f"phone/{day}-10" for day in range(1, 8)}
    monday = rows["phone/1-10"]
    assert (monday["n"], monday["state"], monday["name"]) == (56, "full", "phone, Mon 10–11 h")
    assert 0 < monday["num"] < monday["value"] <= monday["hi"] and monday["lo"] is None
    fast = {row["key"]: row for row in read(api, "staffing", target="30", minutes_phone="1")}["phone/1-10"]
    rested = {row["key"]: row for row in read(api, "staffing", target="30", shrinkage="80")}["phone/1-10"]
    easy = {row["key"]: row for row in read(api, "staffing", target="300", level="50", occupancy="99")}["phone/1-10"]
    assert fast["num"] < monday["num"] and rested["value"] > monday["value"] and easy["num"] < monday["num"]
    assert [row["key"] for row in read(api, "volume", by="hour")] == [f"{day}-10" for day in range(1, 8)]
    reply = api.get(f"{URL}staffing/", headers={"Accept-Language": "ru"}).json()
    assert reply["period"] is None and reply["before"] is None
    assert api.get(f"{URL}staffing/", {"format": "csv"}).status_code == 200


def test_customers_are_counted_for_the_first_reader_and_told_of_own_teams(
    api: APIClient, team_api: APIClient, team: Team, other_team: Team
) -> None:
    for number in range(20):
        tell(number, ago=150, who=f"k{number}", team=team)
        tell(100 + number, ago=1 if number % 4 else 130, who=f"k{number}", team=team)
    tell(999, ago=400, who="once", team=other_team)
    assert read(api, "retention") == [] and read(team_api, "inactivity_churn") == []
    assert Job.objects.filter(kind=counting.KIND).count() == 2
    for job in Job.objects.all():
        jobs.work([job.pk])
    assert set(Staying.objects.values_list("scope", flat=True)) == {"all", str(team.pk)}
    (last,) = read(api, "inactivity_churn")
    months = read(api, "inactivity_churn", by="month")
    assert last["start"] == months[-1]["start"] == "2026-10-01"
    assert (last["num"], last["den"]) == (months[-1]["num"], months[-1]["den"]) and last["den"] == 20
    assert read(api, "contract_churn")[0]["value"] is None
    kept = {(row["key"], row["start"]): row for row in read(team_api, "retention")}
    june = kept["2026-06", "2026-06-01"]
    assert (june["value"], june["n"], june["name"]) == (1, 20, "Jun\xa02026")
    assert kept["2026-06", "2026-10-01"]["den"] == 20
    assert [row for key, row in kept.items() if key[0] == "2025-10"] == []
    assert read(api, "retention", team=team.code) == read(team_api, "retention")


def incident(**fields: object) -> Incident:
    told = {"now": 0.6, "now_lo": 0.5, "now_hi": 0.7, "before": 0.8, "diff": -0.2, "lo": -0.3, "hi": -0.1, "n": 90}
    days = {"began_on": TODAY - 9 * DAY, "first_day": TODAY - 5 * DAY, "last_day": TODAY - 2 * DAY}
    usual = {"metric": "csat", "direction": "down", "kind": "shift", "extent": told}
    return Incident.objects.create(**usual | days | fields)


def test_deviations_that_went_on_in_the_period_of_own_teams(
    api: APIClient, team_api: APIClient, team: Team, other_team: Team
) -> None:
    incident(team=team)
    incident(team=other_team, state="acknowledged")
    incident(metric="contacts", channel="phone", direction="up", extent={"now": 3, "before": 1.0, "diff": 2.0, "n": 3})
    incident(team=team, direction="up", over_on=TODAY - 59 * DAY, began_on=TODAY - 65 * DAY,
             first_day=TODAY - 65 * DAY, last_day=TODAY - 60 * DAY)  # fmt: skip
    incident(metric="nps", extent={"now": 10, "n": 4})
    (own,) = read(team_api, "deviations")
    assert (own["key"], own["start"], own["verdict"]) == ("csat/first-line", "2026-11-09", "open")
    assert own["name"] == f"CSAT: lower than usual ({team.name})"
    assert (own["value"], own["prev"], own["diff"], own["diff_lo"], own["flag"]) == (0.6, 0.8, -0.2, -0.3, "down")
    rows = {row["key"]: row for row in read(api, "deviations")}
    assert set(rows) == {"csat/first-line", f"csat/{other_team.code}", "contacts/phone", "nps"}
    assert rows[f"csat/{other_team.code}"]["verdict"] == "acknowledged"
    assert (rows["contacts/phone"]["value"], rows["contacts/phone"]["state"]) == (3, "full")
    assert (rows["nps"]["value"], rows["nps"]["state"]) == (None, "hidden")
    assert [row["key"] for row in read(api, "deviations", team=other_team.code)] == [f"csat/{other_team.code}"]
    past = {"start": str(TODAY - 70 * DAY), "end": str(TODAY - 55 * DAY)}
    assert [row["verdict"] for row in read(team_api, "deviations", **past)] == ["over"]


@pytest.mark.parametrize(("key", "asked_for", "attr"), [
    ("csat", {"by": "question"}, "survey"), ("csat", {"by": "question,week", "survey": "support"}, "by"),
    ("csat", {"version": "1"}, "version"), ("csat", {"by": "question", "version": "99999"}, "version"),
    ("csat", {"by": "question", "survey": "support", "topic": "t"}, "topic"), ("answer_share", {}, "survey"),
    ("fast_and_good", {"language": "en"}, "language"), ("volume", {"by": "hour,week"}, "by"),
    ("staffing", {"start": "2026-11-01", "end": "2026-11-02"}, "end"), ("staffing", {"formula": "f1"}, "formula"),
    ("staffing", {"chats": "0"}, "chats"), ("volume", {"shrinkage": "30"}, "shrinkage"),
    ("staffing", {"minutes_fax": "3"}, "minutes_fax"), ("staffing", {"minutes_phone": "NaN"}, "minutes_phone"),
    ("contract_churn", {"channel": "phone"}, "channel"), ("retention", {"by": "month"}, "by"),
    ("deviations", {"survey": "support"}, "survey"),
])  # fmt: skip
def test_what_would_change_nothing_is_refused(
    api: APIClient, survey: Survey, key: str, asked_for: dict[str, str], attr: str
) -> None:
    reply = api.get(f"{URL}{key}/", asked_for)
    assert reply.status_code == 400 and reply.json()["errors"][0]["attr"] == attr
