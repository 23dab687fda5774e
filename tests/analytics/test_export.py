"""What a page about a period shows comes as a file too: the same filters, the same numbers, nothing that it hides."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client

from analytics import rollups
from feedback.models import Topic
from ground.models import AuditEntry, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer_all, invite, say

URL = "/admin/dashboard/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def told(survey: Survey, team: Team, other_team: Team) -> None:
    """Answers of two teams, a topic that begins like a formula and one that few mention, and invitations."""
    User.objects.update(language="en")
    answer_all(survey, [5] * 80 + [1] * 20, at=NOON - dt.timedelta(days=1), team=team)
    answer_all(survey, [5] * 3, at=NOON - dt.timedelta(days=1), team=other_team, channel="chat")
    topics = [Topic.objects.create(code=code, names={"en": name}) for code, name in (("t-a", "=1+1"), ("t-b", "Rare"))]
    for _ in range(6):
        say("negative", team=team, topics=topics[:1])
    say("negative", team=team, topics=topics[1:])
    invite(survey, sent_at=NOON - dt.timedelta(days=2), team=team)
    while rollups.has_work():
        rollups.roll_up()


def book(client: Client, address: str) -> dict[str, list[list[Any]]]:
    response = client.get(address)
    assert response.status_code == 200 and "attachment" in response["Content-Disposition"]
    found = openpyxl.load_workbook(io.BytesIO(response.content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in found}


def lines(client: Client, address: str, *, delimiter: str = ",") -> list[list[str]]:
    text = client.get(address).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def test_a_workbook_has_a_sheet_for_each_table(login: Callable, administrator: User, told: None) -> None:
    sheets = book(login(administrator), f"{URL}?format=xlsx&channel=phone")
    assert ["Period", "2026-10-26", "2026-11-22"] in sheets["About"] and ["Channel", "phone", None] in sheets["About"]
    row = dict(zip(sheets["Scores"][0], sheets["Scores"][1], strict=True))
    assert row["Scale"] == "CSAT" and row["Unit"] == "share, 0 to 1" and row["Value"] == 0.8
    assert sheets["Scores"][1][2:6] == [0.8, pytest.approx(0.7112, abs=1e-4), pytest.approx(0.8666, abs=1e-4), 100]
    assert sheets["CSAT by week"][-1][:3] == ["2026-11-16", "share, 0 to 1", 0.8]
    assert sheets["Topics"][1][:3] == ["=1+1", 6, 6]
    assert sheets["Asked and answered"][1][:2] == ["Sent", 1]


def test_what_is_hidden_is_not_in_the_file(login: Callable, administrator: User, told: None) -> None:
    sheets = book(login(administrator), f"{URL}?format=xlsx")
    beside, few = sheets["By team"][1:]
    assert beside[1:6] == ["share, 0 to 1", None, None, None, None]
    assert few[1:6] == ["share, 0 to 1", None, None, None, "under 5"]
    assert sheets["Topics"][2][:3] == ["Rare", "under 5", None]


def test_a_table_of_csv_acts_as_no_formula_and_speaks_the_readers_language(
    login: Callable, administrator: User, told: None
) -> None:
    client = login(administrator)
    assert "'=1+1" in {line[0] for line in lines(client, f"{URL}?format=csv") if line}
    User.objects.update(language="ru")
    assert any(line[:1] == ["CSAT"] for line in lines(client, f"{URL}?format=csv", delimiter=";"))


def test_other_teams_rows_change_no_byte_of_my_file(
    login: Callable, manager: User, survey: Survey, other_team: Team, told: None
) -> None:
    client = login(manager)
    before = client.get(f"{URL}?format=csv").content
    answer_all(survey, [1] * 40, at=NOON - dt.timedelta(days=3), team=other_team)
    rollups.roll_up()
    assert client.get(f"{URL}?format=csv").content == before


@pytest.mark.parametrize("page", ["dashboard", "funnel", "fix-first"])
def test_each_page_offers_its_files_with_its_filters(
    login: Callable, administrator: User, team: Team, told: None, page: str
) -> None:
    client = login(administrator)
    html = client.get(f"/admin/{page}/?period=90&team={team.pk}").content.decode().replace("&amp;", "&")
    for form in ("csv", "xlsx"):
        address = f"?period=90&team={team.pk}&format={form}"
        assert f'href="{address}"' in html
        response = client.get(f"/admin/{page}/{address}")
        assert f'filename="otklik-{page}-2026-08-25_2026-11-22.{form}"' in response["Content-Disposition"]
        entry = AuditEntry.objects.get(verb="indicators.exported", detail__form=form)
        assert entry.actor == administrator and entry.detail["filters"] == ["period", "team"]


def test_another_file_is_refused(login: Callable, administrator: User) -> None:
    assert login(administrator).get(f"{URL}?format=pdf").status_code == 400
