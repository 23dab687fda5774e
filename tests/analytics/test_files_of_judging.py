"""The pages of deviations and of quality come as files: what the reader sees there, and nothing else."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from analytics import rollups
from analytics.models import Incident, Watch, WatchedSeries
from feedback.models import LearnedModel
from ground.models import AuditEntry, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer_all
from tests.analytics.test_export import book, lines
from tests.analytics.test_quality import checked
from tests.config.reading import make_topic

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DEVIATIONS, QUALITY = "/admin/deviations/", "/admin/quality/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def odd(team: Team, other_team: Team) -> None:
    """One that goes on in a team, one that is over in another, and what is watched."""
    days = {"began_on": dt.date(2026, 11, 9), "first_day": dt.date(2026, 11, 10), "last_day": dt.date(2026, 11, 20)}
    told = {"now": 0.55, "now_lo": 0.5, "now_hi": 0.6, "n": 400, "before": 0.8, "diff": -0.25, "lo": -0.3, "hi": -0.2}
    Incident.objects.create(
        metric="csat", team=team, direction="down", kind="shift", extent=told, **days,
        points=[["2026-11-19", None, 0.8, 0.7, 0.9], ["2026-11-20", 0.55, 0.8, 0.7, 0.9]],
    )  # fmt: skip
    more = {"now": 120, "n": 120, "before": 60, "diff": 1.0, "lo": 0.6, "hi": 1.4}
    Incident.objects.create(
        metric="contacts", team=other_team, direction="up", kind="spike", over_on=dt.date(2026, 11, 21), extent=more,
        state="dismissed", **days,
    )  # fmt: skip
    for own in (team, other_team):
        WatchedSeries.objects.create(metric="csat", team=own, by="day", per_day=41.5, quarter="down")
    Watch.objects.create(pk=1, judged_until=dt.date(2026, 11, 20))
    User.objects.update(language="en")


def test_deviations_of_the_own_teams_alone_are_in_the_file(
    login: Callable[..., Client], administrator: User, manager: User, team: Team, other_team: Team, odd: None
) -> None:
    client = login(administrator)
    html = client.get(DEVIATIONS).content.decode()
    assert 'href="?format=csv"' in html and 'href="?format=xlsx"' in html
    sheets = book(client, f"{DEVIATIONS}?format=xlsx")
    assert ["Judged up to", "2026-11-20"] in sheets["About"]
    going = dict(zip(*sheets["Going on"], strict=True))
    assert (going["Indicator"], going["Where"]) == ("CSAT: lower than usual", team.name)
    assert [going[name] for name in ("Value", "n", "Usual value", "Change")] == [0.55, 400, 0.8, -0.25]
    over = dict(zip(*sheets["Over"], strict=True))
    assert over["State"] == "not worth it" and over["Change"] == 1 and "of the usual" in over["Unit of the change"]
    assert sheets["By day or week"][1][2:] == ["2026-11-19", None, 0.8, 0.7, 0.9]
    assert {row[0] for row in sheets["What is watched"][1:]} == {team.name, other_team.name}
    assert sheets["What is watched"][1][3] == 41.5 and "How easily it tells" in sheets
    entry = AuditEntry.objects.get(verb="indicators.exported")
    assert entry.actor == administrator and entry.detail["page"] == "Deviations"
    told = lines(login(manager), f"{DEVIATIONS}?format=csv")
    assert any(team.name in line for line in told) and not any(other_team.name in line for line in told)
    assert client.get(f"{DEVIATIONS}?format=pdf").status_code == 400


def test_a_place_says_which_scale_of_csat_is_watched_there(
    login: Callable[..., Client], administrator: User, survey: Survey, team: Team, other_team: Team, odd: None
) -> None:
    at = NOON - dt.timedelta(days=3)
    answer_all(survey, [1] * 30, at=at, team=team, scale="thumbs", channel="")
    answer_all(survey, [5] * 20, at=at, team=team, channel="")
    answer_all(survey, [5] * 9, at=at, team=other_team, channel="")
    while rollups.roll_up():
        pass
    page = login(administrator).get(DEVIATIONS).content.decode()
    said = "Watched as most answer, Thumbs up (n=30): scales are not mixed. Not watched: CSAT (n=20)."
    assert page.count(said) == 2 and page.count("scales are not mixed") == 2  # on its card, and where it is watched
    assert any(said in line for line in lines(login(administrator), f"{DEVIATIONS}?format=csv"))


def test_quality_comes_as_a_file_with_what_is_hidden_left_out(
    login: Callable[..., Client], administrator: User, manager: User, team: Team
) -> None:
    User.objects.update(language="en")
    topic, rare = make_topic("speed"), make_topic("price")
    for number in range(12):
        checked("negative", "positive" if number < 3 else "negative", by=administrator, true_topic=topic,
                read_topic=topic)  # fmt: skip
    checked("positive", "positive", by=administrator, language="en", true_topic=rare, read_topic=rare, team=team)
    tally = {"n": 40, "rules": [20, 40, 40], "before": [20, 40, 40], "after": [36, 40, 40], "verdict": "good"}
    LearnedModel.objects.create(
        scheme="topic", figures={"ru": tally}, languages=["ru"], manifest={"comments": 40}, difference={}
    )
    while rollups.roll_up():
        pass
    client = login(administrator)
    assert 'href="?language=ru&amp;format=csv"' in client.get(f"{QUALITY}?language=ru").content.decode()
    sheets = book(client, f"{QUALITY}?format=xlsx")
    negative = next(row for row in sheets["By class"] if row[0] == "Negative")
    assert negative[1] == 0.75 and negative[-1] == 12
    assert next(row for row in sheets["By class"] if row[0] == "Neutral")[1:4] == [None, None, None]
    assert sheets["By topic"][1][:2] == [topic.names["en"], 1]
    assert sheets["By topic"][2] == [rare.names["en"], *[None] * 9, "under 5"]
    assert sheets["By language"][1][:2] == ["Russian", "A sure class is right"]
    learned = next(row for row in sheets["Learned from corrections"] if row[3] == "Russian")
    assert learned[4:] == [40, 0.5, 0.5, 0.9, 0.9, "good enough"]
    assert any(isinstance(row[2], float) for row in sheets["Frozen benchmark"])
    narrowed = book(client, f"{QUALITY}?language=ru&format=xlsx")
    assert ["Language", "Russian"] in narrowed["About"] and len(narrowed["By topic"]) == 2
    assert AuditEntry.objects.filter(verb="indicators.exported", detail__filters=["language"]).count() == 1
    own = book(login(manager), f"{QUALITY}?format=xlsx")
    assert ["Checked", 1] in own["About"] and all(row[3] != "Russian" for row in own["Learned from corrections"])
    assert client.get(f"{QUALITY}?format=pdf").status_code == 400
