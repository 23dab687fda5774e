"""Teams and channels week by week: small charts on one scale, with n, intervals and a table each."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client

from analytics import rollups
from analytics.links import Links
from analytics.periods import Period
from analytics.reports import Filters
from analytics.side_by_side import MOST, Line, lines
from analytics.side_by_side_block import smalls
from ground.access import EVERYTHING
from ground.models import Team, User
from surveys.models import Survey
from tests.analytics.rows import answer_all
from tests.analytics.test_export import lines as csv_lines

URL = "/admin/dashboard/side-by-side/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
DAYS = Period(dt.date(2026, 10, 26), dt.date(2026, 11, 22))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()


@pytest.fixture
def answered(survey: Survey, team: Team, other_team: Team) -> None:
    """Two teams over weeks: one with many answers, one with few in the last week and none in the one before."""
    for back in range(3):
        answer_all(survey, [5] * 30 + [1] * 10, at=NOON - back * WEEK, team=team)
    answer_all(survey, [5] * 30, at=NOON - 3 * WEEK, team=other_team, channel="chat")
    answer_all(survey, [5] * 20, at=NOON - 2 * WEEK, team=other_team, channel="chat")
    answer_all(survey, [1] * 3, at=NOON, team=other_team, channel="chat")
    catch_up()


def found(column: str = "team", **chosen: object) -> tuple[Line, ...]:
    filters = Filters(scope=EVERYTHING, period=DAYS, before=DAYS.previous(), **chosen)
    return lines(filters, column, "csat_5", as_of=NOON)


def test_each_week_has_its_own_score_and_n(answered: None, team: Team, other_team: Team) -> None:
    first, second = found()
    assert (first.key, second.key) == (team.pk, other_team.pk)
    assert [week.n for week in first.weeks[-4:]] == [0, 40, 40, 40]
    assert first.weeks[-2].value == 0.75 and first.weeks[-2].lo is not None
    assert [week.n for week in second.weeks[-4:]] == [30, 20, 0, 3]
    assert (second.metric.n, len(second.weeks)) == (53, 12)


def test_the_few_of_a_week_cannot_be_worked_out_from_those_beside_them(answered: None) -> None:
    first, second = found()
    assert second.weeks[-1].state == "hidden" and second.weeks[-1].value is None
    assert first.weeks[-1].state == "hidden" and first.weeks[-2].state == "full"
    # Nor from the score of the period, of which the weeks beside it leave them.
    assert second.weeks[-3].state == "hidden" and first.weeks[-3].state == "hidden"


def test_all_stand_on_one_scale_and_who_has_no_chart_is_named(answered: None) -> None:
    every, links = found(), Links(Filters(scope=EVERYTHING, period=DAYS))
    names = {line.key: f"T{line.key}" for line in every}
    drawn = smalls(every, "team", whole=every[0].weeks, scale="csat_5", names=names, links=links, notes=())
    grids = [[tick.label for tick in small.trend.grid] for small in drawn["smalls"] if small.trend]
    assert len(grids) == 2 and grids[0] == grids[1] and drawn["rest"] == []
    crowd = every[:1] * (MOST + 2)
    drawn = smalls(crowd, "team", whole=every[0].weeks, scale="csat_5", names=names, links=links, notes=())
    assert len(drawn["smalls"]) == MOST and len(drawn["rest"]) == 2


def test_nothing_is_set_beside_one_alone(answered: None, team: Team) -> None:
    assert found(team=team.pk) == () and found("channel", team=team.pk) == () and len(found("channel")) == 2


def test_page_its_tables_and_its_file(
    login: Callable[[User], Client], administrator: User, manager: User, answered: None, team: Team
) -> None:
    User.objects.update(language="en")
    client = login(administrator)
    html = client.get(URL).content.decode()
    page = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "By team: CSAT" in page and "By channel: CSAT" in page and "75% (67–82), n=120" in page
    assert html.count('class="c trend"') == 4 and html.count("Show as a table") == 4
    address = re.search(r'href="(/admin/feedback/response/[^"]*from=2026-11-09[^"]*)">40<', html)
    assert address
    assert 'role="status"><b>40' in client.get(address[1].replace("&amp;", "&")).content.decode()
    told = csv_lines(client, f"{URL}?format=csv")
    assert [str(team), "2026-11-09", "share, 0 to 1", "0.75"] in [row[:4] for row in told]
    assert client.get(f"{URL}?scale=nonsense").status_code == 200 and client.get(f"{URL}?from=x").status_code == 400
    assert f'href="{URL}' in client.get("/admin/dashboard/").content.decode()
    assert "Nothing to set side by side" in login(manager).get(URL).content.decode()
