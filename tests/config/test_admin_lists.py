"""Long lists: counted so far as somebody pages, searched by what an index finds, and narrowed along an index."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ground import paging
from ground.models import Team, User
from surveys import seeking
from surveys.models import Customer, Interaction, Invitation, Survey
from tests.factories import make_customer, make_interaction, make_invitation

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]
LIST = "/admin/surveys/{}/".format


@pytest.fixture(autouse=True)
def english(organisation: Any) -> None:
    organisation.language = "en"
    organisation.save()


@pytest.fixture
def desk(login: Login, administrator: User) -> Client:
    User.objects.update(language="en")
    return login(administrator)


def shown(desk: Client, name: str, **asked: str) -> set[int]:
    return {row.pk for row in desk.get(LIST(name), asked).context["cl"].result_list}


def test_rows_are_counted_as_far_as_somebody_pages(desk: Client, customer: Customer, monkeypatch: Any) -> None:
    monkeypatch.setattr(paging, "FURTHER", 5)
    for _number in range(60):
        make_interaction(customer=customer)
    page = desk.get(LIST("interaction")).content.decode()
    assert "More than 55" in page and "in all" not in page
    further = desk.get(LIST("interaction"), {"p": "2"})
    assert "60 in all" in further.content.decode()
    assert len(further.context["cl"].result_list) == 10
    assert "More than 55" in desk.get(LIST("interaction"), {"p": "9" * 18}, follow=True).content.decode()


def test_counting_costs_no_more_rows_than_are_told(desk: Client, customer: Customer) -> None:
    make_interaction(customer=customer)
    with CaptureQueriesContext(connection) as seen:
        desk.get(LIST("interaction"))
    counts = [each["sql"] for each in seen if "surveys_interaction" in each["sql"] and "COUNT(*)" in each["sql"]]
    assert counts and all(f"LIMIT {50 + paging.FURTHER + 1}" in sql for sql in counts)


@pytest.mark.parametrize("common", [0, 1000])
def test_contacts_are_found_by_whole_number_and_part_of_the_reason(
    desk: Client, customer: Customer, monkeypatch: Any, common: int
) -> None:
    monkeypatch.setattr(seeking, "MOST", common or 1)
    late, later, other = (
        make_interaction(customer=customer, external_id=f"N-{number}", reason=reason).pk
        for number, reason in enumerate(["Late delivery", "late again", "refund"])
    )
    none = make_interaction(customer=customer, external_id="N-9").pk
    assert shown(desk, "interaction", q="LATE") == {late, later}
    assert shown(desk, "interaction", q=" N-2 ") == {other}
    assert shown(desk, "interaction", q="N-9") == {none}
    assert shown(desk, "interaction", q="N-") == set()
    assert shown(desk, "interaction", q="%") == set()


def test_a_search_finds_nothing_of_another_team(
    login: Login, outsider: User, team: Team, other_team: Team, survey: Survey
) -> None:
    own = make_interaction(team=other_team, external_id="N-1", source="a", reason="late")
    sent = make_invitation(survey, interaction=make_interaction(team=team, external_id="N-1", reason="late"), team=team)
    sent.messages.create(address="who@example.org", channel="email", kind="invitation")
    client = login(outsider)
    assert shown(client, "interaction", q="N-1") == shown(client, "interaction", q="late") == {own.pk}
    for name, sought in (("invitation", "N-1"), ("decision", "N-1"), ("message", "who@example.org")):
        assert not shown(client, name, q=sought)


def test_reasons_are_told_once_each_in_order(customer: Customer) -> None:
    for reason in ("b", "a", "b", "", "c"):
        make_interaction(customer=customer, reason=reason)
    assert seeking.reasons_told() == ["a", "b", "c"]


PLANS = [
    ("interaction", {"channel__exact": "chat"}, "surveys_interaction_channel"),
    ("interaction", {"q": "N-1"}, "surveys_interaction_number"),
    ("interaction", {"q": "late"}, "surveys_interaction_reason"),
    ("invitation", {"state__exact": "failed"}, "surveys_invitation_state"),
    ("invitation", {"answer_state__exact": "held"}, "surveys_invitation_answer"),
    ("invitation", {"q": "N-1"}, "MULTI-INDEX OR"),
    ("decision", {"q": "N-1"}, "(interaction_id=?)"),
    ("message", {"q": "who@example.org"}, "surveys_message_address"),
]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of an empty table PostgreSQL reads all")
@pytest.mark.parametrize(("name", "asked", "index"), PLANS)
def test_a_list_is_narrowed_along_an_index_and_nothing_else_is_walked(
    desk: Client, survey: Survey, name: str, asked: dict[str, str], index: str
) -> None:
    customer = make_customer(external_id="N-1")
    made = make_invitation(survey, interaction=make_interaction(customer=customer, external_id="N-1", reason="late"))
    made.interaction.decisions.create(closing=1, outcome="send", reason="")
    made.messages.create(address="who@example.org", channel="email", kind="invitation")
    plans = _plans(desk, name, asked)
    assert any(index in plan for plan in plans), plans
    for plan in plans:
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan or "q" in asked, plan
        assert not [line for line in plan.splitlines() if line.startswith("SCAN surveys_")], plan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of an empty table PostgreSQL reads all")
def test_a_teams_customers_are_read_from_an_index_alone(login: Login, manager: User, team: Team) -> None:
    make_interaction(team=team)
    plans = [plan for plan in _plans(login(manager), "customer", {}) if "surveys_customer" in plan]
    assert any("COVERING INDEX surveys_interaction_of_team" in plan for plan in plans), plans


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how many rows a team has")
@pytest.mark.parametrize("name", ["decision", "message"])
def test_what_a_large_team_has_is_met_along_the_list(
    login: Login, manager: User, team: Team, other_team: Team, survey: Survey, monkeypatch: Any, name: str
) -> None:
    monkeypatch.setattr(seeking, "VAST", 0)
    own = set()
    for each in (team, other_team):
        made = make_invitation(survey, interaction=make_interaction(team=each), team=each)
        rows = made.interaction.decisions.create(closing=1, outcome="send", reason="")
        sent = made.messages.create(address="who@example.org", channel="email", kind="invitation")
        if each == team:
            own = {rows.pk if name == "decision" else sent.pk}
    client = login(manager)
    assert shown(client, name) == own
    plans = [plan for plan in _plans(client, name, {}) if f"SCAN surveys_{name}" in plan]
    assert plans and not any("USE TEMP B-TREE FOR ORDER BY" in plan for plan in plans), plans


def _plans(client: Client, name: str, asked: dict[str, str]) -> list[str]:
    """How SQLite finds what the list shows and counts."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(LIST(name), asked).status_code == 200
    tables = {model._meta.db_table for model in (Interaction, Invitation, Customer)} | {f"surveys_{name}"}
    plans = []
    with connection.cursor() as cursor:
        for statement in (each["sql"] for each in seen):
            if statement.startswith(("SELECT", "WITH")) and any(f'FROM "{table}"' in statement for table in tables):
                cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
                plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return plans


@pytest.mark.parametrize("sought", ["линия", "ПЕРВАЯ линия", "Лини", "first-line"])
def test_russian_names_are_found_however_they_are_written(
    desk: Client, team: Team, other_team: Team, sought: str
) -> None:
    found = desk.get("/admin/ground/team/", {"q": sought}).context["cl"].result_list
    assert [row.pk for row in found] == [team.pk]
