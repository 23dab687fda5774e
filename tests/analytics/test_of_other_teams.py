"""What another team's rows must not change of mine: whose contacts are judged, and which segments are kept."""

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from analytics import reports, rollups, slice_counts, slices
from analytics.models import ScoreSliceDay, ServiceLevel, TellingSource
from analytics.periods import Period
from analytics.reports import Filters
from ground.access import EVERYTHING
from ground.models import Change, Organisation, Team, User
from surveys.models import Interaction, Segment, Survey
from tests.analytics.rows import answer, invite
from tests.analytics.test_service_series import DAY, MINUTE, NOON, TODAY, read, tell
from tests.factories import make_customer

MONTH = Period(TODAY - 27 * DAY, TODAY)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()
    cache.clear()


def pages(client: Client, *paths: str) -> list[str]:
    """The pages without what differs from one visit to the next."""
    found = []
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        html = re.sub(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken": )"[^"]*"', "", response.content.decode())
        found.append(html)
    return found


def test_their_replies_judge_none_of_my_contacts(
    client: Client, api: APIClient, team_api: APIClient, team: Team, other_team: Team, manager: User
) -> None:
    User.objects.update(language="en")
    ServiceLevel.objects.create(minutes=10, since=TODAY - 90 * DAY, is_working_time=False)
    for number in range(12):
        tell(number, ago=9, team=team, who=f"c{number}", took=None if number < 3 else 1)
    tell(20, ago=9, who="nobody's")
    catch_up()
    client.force_login(manager)
    paths = ("/admin/dashboard/", "/admin/service/", "/admin/surveys/interaction/?counted=no_times",
             "/admin/surveys/interaction/?counted=late")  # fmt: skip
    keys = ("within_target", "first_response_time", "resolution_time", "backlog")
    before = pages(client, *paths), [read(team_api, key, by="week") for key in keys]
    assert "12 came from a source that tells no reply times" in " ".join(re.sub(r"<[^>]*>", " ", before[0][0]).split())
    for number in range(100, 112):
        tell(number, ago=8, team=other_team, first_response_at=NOON - 8 * DAY + 5 * MINUTE)
    tell(120, ago=8, team=other_team, took=None)
    catch_up()
    assert (pages(client, *paths), [read(team_api, key, by="week") for key in keys]) == before
    (whole,) = read(api, "within_target")
    assert (whole["num"], whole["den"]) == (12, 13)  # of theirs one waits
    tell(30, ago=1, team=team, first_response_at=NOON - DAY + 5 * MINUTE)  # mine tells of them, too
    catch_up()
    (own,) = read(team_api, "within_target")
    assert (own["num"], own["den"]) == (1, 13)
    tell(40, ago=1, first_response_at=NOON - DAY + 5 * MINUTE)
    catch_up()
    (whole,) = read(api, "within_target")
    assert (whole["num"], whole["den"]) == (14, 28)
    assert set(TellingSource.objects.values_list("team", flat=True)) == {team.pk, other_team.pk, None}


def test_sources_are_told_by_team_after_the_update(team: Team, other_team: Team) -> None:
    for number, own in enumerate((team, other_team, None)):
        told = {} if own == other_team else {"first_response_at": NOON - DAY + 5 * MINUTE}
        tell(number, ago=1, team=own, **told)
    catch_up()
    known = set(TellingSource.objects.values_list("source", "channel", "team"))
    assert known == {("crm", "phone", team.pk), ("crm", "phone", None)}
    TellingSource.objects.all().delete()
    TellingSource.objects.create(source="crm", channel="phone")
    import_module("analytics.migrations.0025_count_by_team").count_anew(apps, None)
    assert set(TellingSource.objects.values_list("source", "channel", "team")) == known
    assert set(Change.objects.values_list("scope", "day")) == {("interaction", TODAY - DAY)}


def served(survey: Survey, team: Team, value: str, times: int, *, score: int = 5) -> None:
    for _ in range(times):
        customer = make_customer(attributes={"tariff": value})
        invitation = invite(survey, customer=customer, team=team, answered_at=NOON, answer_state="confirmed")
        answer(survey, score, at=NOON, invitation=invitation, customer=customer, team=team)


def answers(value: str, **chosen: object) -> int:
    only = slices.read(f"segment:tariff={value}", EVERYTHING)
    filters = Filters(scope=EVERYTHING, period=MONTH, slice=only, **chosen)
    return reports.metric(filters, "csat_5", as_of=NOON).n


def test_their_segments_push_out_none_of_mine(
    client: Client, team_api: APIClient, team: Team, other_team: Team, manager: User, survey: Survey,
    monkeypatch: pytest.MonkeyPatch, administrator: User,
) -> None:  # fmt: skip
    User.objects.update(language="en")
    monkeypatch.setattr(slice_counts, "MOST_VALUES", 2)
    Segment.objects.create(attribute="tariff", name="Plan")
    for value, times in (("gold", 7), ("zinc", 6), ("tin", 5)):
        served(survey, team, value, times)
    catch_up()
    client.force_login(manager)
    paths = ("/admin/dashboard/?only=segment:tariff%3Dgold", "/admin/dashboard/", "/admin/service/", "/admin/funnel/")
    keys = ("repeat_contacts", "resolved_share", "volume", "response_rate")
    before = pages(client, *paths), [read(team_api, key, by="segment") for key in keys]
    assert {row["key"] for row in before[1][2]} == {"tariff=gold", "tariff=zinc"}
    for value, times in (("a", 9), ("b", 8), ("gold", 1), ("zinc", 4)):
        served(survey, other_team, value, times, score=1)
    catch_up()
    assert (pages(client, *paths), [read(team_api, key, by="segment") for key in keys]) == before
    # Over all, zinc is among the two most frequent, though not among the other team's own: nothing of it is missing.
    for chosen in ({}, {"survey": survey.pk}, {"channel": "phone"}):
        assert (answers("zinc", **chosen), answers("a", **chosen), answers("gold", **chosen)) == (10, 9, 0)
    for chosen in ({"team": other_team.pk}, {"team": other_team.pk, "survey": survey.pk}):
        assert (answers("a", **chosen), answers("b", **chosen), answers("zinc", **chosen)) == (9, 8, 0)
    client.force_login(administrator)
    lines = [line for block in client.get("/admin/service/").context["segments"] for line in block["lines"]]
    assert {line["name"]: line["row"].contacts for line in lines} == {"zinc": 10, "a": 9}
    # Two for each team by team, survey and channel, and two where all teams stand together.
    assert ScoreSliceDay.objects.filter(kind="segment").count() == 4
    assert ScoreSliceDay.cuts.filter(kind="segment", cut="allteams").values("value").distinct().count() == 2
    assert Interaction.objects.count() == 40
