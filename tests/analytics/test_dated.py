"""Scores may count for the day on which the contact ended instead of that of the answer."""

import datetime as dt

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics import reports, rollups
from analytics.models import AgentEndedDay, EndedScoreDay
from analytics.periods import Period
from analytics.reports import CSAT, Filters
from feedback import intake, retention
from feedback.filters import BY_CONTACT, responses_found
from feedback.intake import Given
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys import interactions
from surveys.models import Agent, Interaction, Survey
from tests.analytics.rows import invite
from tests.factories import make_interaction

NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def answered(survey: Survey, score: int, *, ended: float, ago: float, **fields: object) -> Interaction:
    """An answer of so many days ago about a contact that ended so many days ago."""
    contact = make_interaction(created_at=NOON - (ended + 0.1) * DAY, closed_at=NOON - ended * DAY, **fields)
    invitation = invite(survey, interaction=contact, sent_at=NOON - ended * DAY)
    intake.record(invitation, Given(score=score, at=NOON - ago * DAY))
    return contact


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()


def told(first: float, last: float, dated: str = BY_CONTACT, **chosen: object) -> Filters:
    period = Period((NOON - first * DAY).date(), (NOON - last * DAY).date())
    chosen = {"scope": EVERYTHING} | chosen
    return Filters(period=period, before=period.previous(), dated=dated, **chosen)  # type: ignore[arg-type]


def test_an_answer_counts_for_the_end_of_its_contact(survey: Survey) -> None:
    for number in range(6):
        answered(survey, 5 if number else 1, ended=60, ago=50)
    answered(survey, 5, ended=200, ago=50)  # too far from its contact to be counted by it
    catch_up()
    by_contact, by_answer = told(62, 58), told(62, 58, "")
    metric = reports.card(by_contact, CSAT, as_of=NOON).metric
    assert (metric.num, metric.n, metric.preliminary) == (5, 6, False)
    assert reports.card(by_answer, CSAT, as_of=NOON).metric.n == 0
    assert reports.card(told(52, 48, ""), CSAT, as_of=NOON).metric.n == 7
    assert reports.card(told(202, 48), CSAT, as_of=NOON).metric.n == 6


def test_it_is_preliminary_while_links_live(survey: Survey) -> None:
    for _number in range(40):
        answered(survey, 5, ended=5, ago=3)
        answered(survey, 1, ended=20, ago=19)
    catch_up()
    metric = reports.card(told(13, 0), CSAT, as_of=NOON).metric
    assert (metric.n, metric.preliminary, metric.flag) == (40, True, None)
    plain = reports.card(told(13, 0, ""), CSAT, as_of=NOON).metric
    assert (plain.preliminary, plain.flag) == (False, "up")


def test_a_contact_that_ends_later_takes_its_answer_along(survey: Survey) -> None:
    contact = answered(survey, 5, ended=10, ago=9)
    catch_up()
    assert set(EndedScoreDay.objects.values_list("day", flat=True)) == {(NOON - 10 * DAY).date()}
    interactions.take(interactions.Report(
        source=contact.source, external_id=contact.external_id, updated_at=NOON + DAY,
        customer={"external_id": contact.customer.external_id},
        fields={"channel": contact.channel, "created_at": contact.created_at, "closed_at": NOON - 4 * DAY},
    ))  # fmt: skip
    catch_up()
    assert set(EndedScoreDay.objects.values_list("day", flat=True)) == {(NOON - 4 * DAY).date()}


def test_a_forgotten_answer_keeps_its_day(survey: Survey) -> None:
    answered(survey, 5, ended=80.2, ago=80)
    catch_up()
    before = list(EndedScoreDay.cuts.values_list("cut", "day", "score", "count").order_by("cut"))
    Survey.objects.filter(pk=survey.pk).update(retention_days=60)
    retention.forget([survey.pk])
    rollups.mark_everything()
    catch_up()
    assert list(EndedScoreDay.cuts.values_list("cut", "day", "score", "count").order_by("cut")) == before


def test_the_page_the_rows_behind_and_programs(
    survey: Survey, client: Client, administrator: User, api: APIClient
) -> None:
    User.objects.update(language="en")
    client.force_login(administrator)
    for _number in range(6):
        answered(survey, 5, ended=40, ago=2)
    catch_up()
    days = f"from={(NOON - 45 * DAY).date()}&to={(NOON - 35 * DAY).date()}"
    page = client.get(f"/admin/dashboard/?{days}&dated=contact")
    assert "By the day on which the contact ended." in page.content.decode()
    (card,) = [block for block in page.context["cards"] if block.key == "csat"]
    assert card.card.metric.n == 6 and "dated=contact" in card.href
    asked = dict(part.split("=") for part in card.href.partition("?")[2].split("&"))
    assert responses_found(asked, scope=EVERYTHING).count() == 6
    assert client.get(card.href).status_code == 200
    assert "dated=contact" in page.context["side_by_side_href"]
    assert client.get(page.context["side_by_side_href"]).status_code == 200
    assert client.get(f"/admin/dashboard/?{days}").context["cards"][0].card.metric.n == 0
    given = {"start": (NOON - 45 * DAY).date(), "end": (NOON - 35 * DAY).date()}
    assert api.get("/api/v1/metrics/csat/", given | {"dated": "contact"}).json()["values"][0]["n"] == 6
    assert api.get("/api/v1/metrics/csat/", given).json()["values"][0]["n"] == 0
    for wrong in ({"by": "replies"}, {"language": "ru"}):
        assert api.get("/api/v1/metrics/csat/", given | {"dated": "contact"} | wrong).status_code == 400
    assert api.get("/api/v1/metrics/volume/", given | {"dated": "contact"}).status_code == 400


def test_agents_are_told_by_the_end_of_their_contacts(
    survey: Survey, client: Client, administrator: User, api: APIClient, team: Team
) -> None:
    User.objects.update(language="en")
    agent = Agent.objects.create(name="Anna", external_id="anna", team=team)
    for number in range(6):
        answered(survey, 5 if number else 1, ended=40, ago=2, agent=agent, team=team)
    catch_up()
    client.force_login(administrator)
    days = f"from={(NOON - 45 * DAY).date()}&to={(NOON - 35 * DAY).date()}"
    page = client.get(f"/admin/agents/?{days}&dated=contact")
    (row,) = page.context["rows"]
    assert (row["metric"].num, row["metric"].n) == (5, 6)
    assert "count for the day on which the contact ended" in page.content.decode()
    asked = dict(part.split("=") for part in row["answers_href"].partition("?")[2].split("&"))
    assert responses_found(asked, scope=EVERYTHING).count() == 6
    assert "dated=contact" in row["href"]
    (card,) = [block for block in client.get(row["href"]).context["cards"] if block.key == "csat"]
    assert card.card.metric.n == 6
    plain = client.get(f"/admin/agents/?{days}")
    assert [row["metric"] for row in plain.context["rows"]] == [None]
    assert "count for the day of the answer" in plain.content.decode()
    given = {"start": (NOON - 45 * DAY).date(), "end": (NOON - 35 * DAY).date()}
    (value,) = api.get("/api/v1/metrics/agent_score_plain/", given | {"dated": "contact"}).json()["values"]
    assert (value["key"], value["num"], value["n"]) == ("anna", 5, 6)
    assert api.get("/api/v1/metrics/agent_score_plain/", given).json()["values"] == []
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    rollups.mark_everything()
    catch_up()
    assert not AgentEndedDay.objects.exists()


def test_a_team_sees_its_own(survey: Survey, viewer: User, team: Team, other_team: Team) -> None:
    for place in (team, team, other_team):
        for _number in range(5):
            answered(survey, 5, ended=40, ago=2, team=place)
    catch_up()
    assert reports.card(told(45, 35, scope=scope_of(viewer)), CSAT, as_of=NOON).metric.n == 10
