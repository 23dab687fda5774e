"""Service slot by slot over the API: each slot equals what the rows of its days give, and nobody else's are in it."""

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from analytics import rollups
from analytics.models import ServiceLevel
from analytics.periods import Period
from analytics.reports import Filters
from analytics.serving.backlog import backlogs
from analytics.serving.history import left_open
from analytics.serving.parts import ALL, WALL, Part
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys import interactions
from surveys.models import Interaction

URL = "/api/v1/metrics/"
NOON = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)  # a Sunday, noon in Moscow
TODAY = NOON.date()
DAY, MINUTE, SECOND = dt.timedelta(days=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def tell(number: int, *, ago: float, took: float | None = 0.1, team: Team | None = None, **fields: Any) -> Interaction:
    """A contact of so many days ago that took so many days; None: it is open."""
    began = NOON - ago * DAY
    report = interactions.Report(
        source="crm", external_id=f"T-{number}", updated_at=NOON, customer={"external_id": fields.pop("who", "c1")},
        team={"code": team.code} if team else None,
        fields={"channel": "phone", "created_at": began, "reason": "delivery", "is_resolved": True,
                "closed_at": None if took is None else began + took * DAY} | fields,
    )  # fmt: skip
    return interactions.take(report).interaction


def catch_up() -> None:
    while rollups.roll_up():
        pass
    cache.clear()


def read(client: APIClient, key: str, **asked: str) -> list[dict]:
    reply = client.get(f"{URL}{key}/", asked, headers={"Accept-Language": "en"})
    assert reply.status_code == 200, reply.json()
    return reply.json()["values"]


def by_week(client: APIClient, key: str, **asked: str) -> dict[Any, dict]:
    return {row["start"]: row for row in read(client, key, **({"by": "week"} | asked))}


def test_within_the_level_by_week_counts_who_still_waits_as_late(api: APIClient, team: Team) -> None:
    ServiceLevel.objects.create(minutes=10, since=TODAY - 90 * DAY, is_working_time=False)
    for number in range(12):
        began = NOON - 10 * DAY
        tell(number, ago=10, team=team, first_response_at=began + (5 if number < 9 else 60) * MINUTE)
    tell(20, ago=10, took=None, team=team)  # nobody has responded for ten days
    tell(21, ago=0.001, took=None, team=team)  # still in time
    catch_up()
    weeks = by_week(api, "within_target")
    assert [weeks["2026-11-09"][name] for name in ("num", "den", "preliminary")] == [9, 13, False]
    assert (weeks["2026-11-16"]["den"], weeks["2026-11-16"]["preliminary"]) == (None, True)
    assert weeks["2026-11-09"]["lo"] < 9 / 13 < weeks["2026-11-09"]["hi"]
    (whole,) = read(api, "within_target")
    assert (whole["num"], whole["den"]) == (9, 13)


def test_queues_by_slot_and_team_add_up_to_the_whole(api: APIClient, team_api: APIClient, team: Team) -> None:
    other = Team.objects.create(code="night", name="Night")
    for number in range(40):
        queued = NOON - (3 if number % 2 else 12) * DAY
        gave_up = number % 10 == 0
        waited = (10 + number) * SECOND
        told = {"is_abandoned": True, "is_resolved": False} if gave_up else {"answered_at": queued + waited}
        tell(number, ago=3 if number % 2 else 12, enqueued_at=queued, team=team if number < 30 else other, **told,
             closed_at=queued + waited)  # fmt: skip
    catch_up()
    for key, asked in (("service_level", {"target": "30"}), ("abandonment", {})):
        (whole,) = read(api, key, **asked)
        weeks = by_week(api, key, **asked)
        assert sum(row["num"] or 0 for row in weeks.values()) == whole["num"]
        assert sum(row["den"] or 0 for row in weeks.values()) == whole["den"] > 20
        teams = {row["key"]: row for row in read(api, key, by="team", **asked)}
        assert sum(row["num"] for row in teams.values()) == whole["num"]
        assert read(team_api, key, **asked)[0]["num"] == teams[team.code]["num"]
    waits = by_week(api, "waiting_time")
    assert {row["n"] for row in waits.values()} == {0, 20, 16}
    assert waits["2026-11-16"]["value"] == pytest.approx(30, rel=0.06)
    assert {row["key"] for row in read(team_api, "waiting_time", by="team,week")} == {team.code}


def test_who_came_back_by_week_with_what_cannot_be_judged_yet(api: APIClient, team: Team) -> None:
    for number in range(10):
        tell(number, ago=20, who=f"c{number}", team=team)
        if number < 3:
            tell(100 + number, ago=16, who=f"c{number}", team=team)
        tell(200 + number, ago=2, who=f"d{number}", team=team, is_complaint=number < 2)
    catch_up()
    weeks = by_week(api, "repeat_contacts", by="reason,week")
    first, last = weeks["2026-11-02"], weeks["2026-11-16"]
    assert (first["num"], first["den"], first["preliminary"]) == (3, 13, False)
    assert (last["den"], last["preliminary"]) == (None, True)
    assert by_week(api, "first_contact_resolution")["2026-11-02"]["num"] == 7
    assert by_week(api, "repeat_load")["2026-11-02"]["num"] == 3
    complained = by_week(api, "complaint_rate")
    assert (complained["2026-11-16"]["num"], complained["2026-11-16"]["value"]) == (2, 200)
    for key in ("repeat_contacts", "repeat_load", "first_contact_resolution", "complaint_rate"):
        (whole,) = read(api, key)
        assert sum(row["num"] or 0 for row in by_week(api, key).values()) == whole["num"]


def test_the_backlog_of_each_day_is_what_the_rows_say(api: APIClient, team_api: APIClient, team: Team) -> None:
    took = (0.1, 1.5, 4, None, 9, 30, None, 0.4)
    every = []
    for number in range(120):
        ago, long = 40 - number % 40, took[number % len(took)]
        is_over = long is not None and long < ago
        every.append(tell(number, ago=ago, took=long if is_over else None, team=team if number % 3 else None))
    Interaction.objects.filter(pk=every[7].pk).update(reopened_at=NOON - DAY)
    catch_up()
    zone = Organisation.current().timezone
    days = Period(TODAY - 20 * DAY, TODAY)
    chosen = Filters(scope=EVERYTHING, period=days)
    found = left_open(chosen, as_of=NOON)[None]
    for day, count in found.items():
        end = Period(day, day).moments(zone)[1]
        over = [row.ended_at for row in Interaction.objects.all() if row.created_at < end]
        assert count == sum(moment is None or moment >= end for moment in over), day
    assert len(found) == 21 and len(set(found.values())) > 3
    assert found[TODAY] == backlogs(chosen, clock=WALL, as_of=NOON)[ALL].open
    by_team = left_open(chosen, by="team", as_of=NOON)
    now = backlogs(chosen, clock=WALL, as_of=NOON)
    assert {key: now[Part("team", key)].open for key in by_team} == {key: each[TODAY] for key, each in by_team.items()}
    assert now[Part("channel", "phone")].open == now[ALL].open
    assert [sum(each[day] for each in by_team.values()) for day in found] == list(found.values())
    weeks = by_week(api, "backlog", start=str(days.start), end=str(TODAY + 5 * DAY))
    assert weeks["2026-11-09"]["value"] == found[dt.date(2026, 11, 15)]
    assert (weeks["2026-11-16"]["value"], weeks["2026-11-16"]["preliminary"]) == (found[TODAY], True)
    assert "2026-11-23" not in weeks  # it has not begun
    own = by_week(team_api, "backlog", start=str(days.start), end=str(TODAY))
    assert own["2026-11-16"]["value"] == by_team[team.pk][TODAY]


def test_other_teams_rows_change_no_value_of_mine(
    api: APIClient, team_api: APIClient, team: Team, other_team: Team, manager: User
) -> None:
    ServiceLevel.objects.create(minutes=10, since=TODAY - 90 * DAY, is_working_time=False)
    keys = ("within_target", "service_level", "abandonment", "waiting_time", "backlog", "repeat_contacts",
            "first_contact_resolution", "repeat_load", "complaint_rate")  # fmt: skip
    queued = {"enqueued_at": NOON - 9 * DAY, "answered_at": NOON - 9 * DAY + 8 * SECOND}
    for number in range(8):
        tell(number, ago=9, team=team, who=f"c{number}", **queued)
    catch_up()
    before = [read(team_api, key, by="week") for key in keys]
    for number in range(100, 120):
        tell(number, ago=8, team=other_team, who=f"c{number % 8}", is_complaint=True, took=None if number % 2 else 1,
             enqueued_at=NOON - 8 * DAY, answered_at=NOON - 8 * DAY + 90 * SECOND)  # fmt: skip
    catch_up()
    assert [read(team_api, key, by="week") for key in keys] == before
    assert read(api, "backlog", by="week") != before[keys.index("backlog")]
    assert list(left_open(Filters(scope=scope_of(manager), period=Period(TODAY, TODAY)), as_of=NOON)[None]) == [TODAY]


def test_a_year_of_days_costs_few_statements(api: APIClient, team: Team, django_assert_max_num_queries: Any) -> None:
    tell(1, ago=3, team=team, enqueued_at=NOON - 3 * DAY, answered_at=NOON - 3 * DAY)
    catch_up()
    year = {"by": "channel,day", "start": "2025-11-23", "end": "2026-11-22"}
    for key in ("within_target", "service_level", "waiting_time", "backlog", "repeat_contacts", "complaint_rate"):
        with django_assert_max_num_queries(10):
            read(api, key, **year)


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/admin/service/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_reasons_transfers_and_clocks_that_differ(
    login: Callable, administrator: User, api: APIClient, team: Team
) -> None:
    User.objects.update(language="en")
    for number in range(40):
        began = NOON - 3 * DAY
        tell(number, ago=3, team=team, reason="billing" if number < 30 else "", took=None if number % 10 == 0 else 0.2,
             transfers=number % 2, first_response_at=began + (number - 2) * MINUTE)  # fmt: skip
    catch_up()
    assert {row["key"]: row["value"] for row in read(api, "volume", by="reason")} == {"billing": 30, None: 10}
    assert {row["key"]: row["value"] for row in read(api, "backlog", by="reason")} == {"billing": 3, None: 1}
    (share,) = read(api, "transferred")
    assert (share["num"], share["den"]) == (20, 40) and by_week(api, "transferred")["2026-11-16"]["num"] == 20
    client = login(administrator)
    response = client.get("/admin/service/")
    html = response.content.decode()
    text = " ".join(re.sub(r"<[^>]*>", " ", html).replace("\xa0", " ").split())
    assert "3 were responded to as they began or before" in text and "Transferred" in text
    assert "today is not over" in text and "the last week is not over" in text
    for row in response.context["reason_rows"]:
        assert client.get(row["href"]).context["cl"].result_count == row["row"].contacts
        assert client.get(row["open_href"]).context["cl"].result_count == row["row"].open
    assert client.get(response.context["skewed_href"]).context["cl"].result_count == 3
    transferred = response.context["channel_rows"][0]["transferred_href"]
    assert client.get(transferred).context["cl"].result_count == 20
    yesterday = page(client, f"?from={TODAY - 9 * DAY}&to={TODAY - DAY}")
    assert "today is not over" not in yesterday and "the last week goes on after the period" in yesterday
    sunday = page(client, f"?from={TODAY - 20 * DAY}&to={TODAY - 7 * DAY}")
    assert "goes-on" not in sunday and "the last week goes on" not in sunday


def test_the_page_shows_what_was_open_as_each_day_ended_and_leads_to_it(
    login: Callable, administrator: User, team: Team
) -> None:
    User.objects.update(language="en")
    for number in range(9):
        tell(number, ago=6, took=3 if number < 4 else None, team=team, channel="phone" if number % 2 else "email")
    catch_up()
    client = login(administrator)
    html = page(client)
    assert "Open at the end of each day" in html and "goes-on" in html
    days = dict(re.findall(r"open=(2026-11-\d\d)[^\"]*\">(\d+)</a>", html.replace("&amp;", "&")))
    assert (days["2026-11-15"], days["2026-11-18"], days["2026-11-19"]) == ("0", "9", "5")
    then = client.get("/admin/surveys/interaction/?open=2026-11-18&counted=contacts").context["cl"]
    (chosen,) = [one for one in then.filter_specs if getattr(one, "parameter_name", "") == "open"]
    assert then.result_count == 9 and "2026-11-18" in dict(chosen.lookup_choices)
    after = client.get("/admin/surveys/interaction/?open=2026-11-19&counted=contacts").context["cl"]
    assert after.result_count == 5
    assert client.get("/admin/surveys/interaction/?open=nonsense").status_code == 200
    assert "Open at the end of each week" in page(client, "?period=365")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/admin/service/?format=xlsx").content))
    rows = [[cell.value for cell in row] for row in book["Open as the day ended"].iter_rows()]
    assert rows[0] == ["Day", "Open contacts", "E-mail", "Phone"] and rows[-1] == ["2026-11-22", 5, 3, 2]
