"""The page of service times: every number equal to what the rows give, and nobody else's rows in it."""

import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics import rollups
from analytics.models import ContactDay
from analytics.periods import Period
from analytics.quantiles import bucket, bucket_value, quantile_interval
from analytics.queue_steps import fact, queue
from analytics.reports import Filters
from analytics.serving.parts import ALL, WALL, WORKING, Part
from analytics.serving.queues import queues
from analytics.serving.report import Times, times
from analytics.serving.spans import _curve, spread
from analytics.serving.weeks import weekly
from analytics.waiting import Queue, service_level
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys.models import Interaction
from tests.analytics.test_dashboard import CHANGING
from tests.analytics.test_service import level, tell

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday, noon in Moscow
DAYS = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 18))
URL = "/admin/service/"
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)
    User.objects.update(language="en")


def catch_up() -> None:
    while rollups.roll_up():
        pass
    assert not rollups.verify().differences


def found(clock: str = WALL, **chosen: Any) -> Times:
    catch_up()
    return times(Filters(**({"scope": EVERYTHING, "period": DAYS} | chosen)), clock=clock, as_of=NOON)


def text(client: Client, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\xa0", " ").split())


def test_percentiles_and_their_limits_are_those_of_the_rows_within_a_percent() -> None:
    minutes = [number * number / 10 for number in range(1, 101)]
    for number, after in enumerate(minutes):
        tell(number, after=after, ago=dt.timedelta(days=3))
    told = found().total.response
    exact = sorted(60 * after for after in minutes)
    assert told.half.value == pytest.approx(exact[49], rel=0.01)
    assert told.nine.value == pytest.approx(exact[89], rel=0.01)
    limits = quantile_interval(exact, 0.9)
    assert (told.nine.lo, told.nine.hi) == (pytest.approx(limits.lo, rel=0.01), pytest.approx(limits.hi, rel=0.01))
    assert told.mean == pytest.approx(sum(exact) / 100, rel=0.01)


def test_whoever_still_waits_has_waited_at_least_so_long() -> None:
    for number in range(20):
        tell(number, after=10)
    for number in range(20, 50):  # two hours without a word
        tell(number)
    told = found().total.response
    assert (told.n, told.open) == (20, 30)
    assert told.half.value is None  # answered alone would show ten minutes
    hist = {bucket(600): 20}
    assert spread(hist).half.value == pytest.approx(600, rel=0.01)
    assert spread(hist, {300.0: 30}).half.value == pytest.approx(600, rel=0.01)


@pytest.mark.parametrize("n", [5, 31, 40, 333])
def test_ranks_and_the_curve_of_the_open_ones_agree(n: int) -> None:
    """One that is open for longer than any other lasted moves no percentile by more than a rank."""
    hist = Counter(bucket(2.0 ** (number % 11)) for number in range(n))
    plain, curve = spread(hist), _curve({bucket_value(key): count for key, count in hist.items()}, {0.5: 1})
    assert [plain.half.value, plain.nine.value] == [curve(0.5), curve(0.9) if n >= 30 else None]


def test_calls_outside_working_hours_wait_no_working_time(team: Team) -> None:
    for number in range(6):
        tell(number, after=9 * 60, ago=dt.timedelta(hours=13))  # from eleven in the evening to eight
    assert found(WALL).total.response.half.value == pytest.approx(9 * 3600, rel=0.01)
    assert (found(WORKING).total.response.half.value or 0) < 9 * 3600


def test_last_solution_moves_and_the_first_stays() -> None:
    for number in range(6):
        tell(number, after=5, ago=2 * DAY, resolved_at=NOON - 2 * DAY + 60 * MINUTE, closed_at=NOON - DAY,
             is_resolved=True)  # fmt: skip
        tell(number, ago=2 * DAY, updated_at=NOON + MINUTE, resolved_at=NOON - DAY, reopened_at=NOON - DAY - MINUTE)
    told = found()
    assert told.total.first_solved.half.value == pytest.approx(3600, rel=0.01)
    assert told.total.resolution.half.value == pytest.approx(86_400, rel=0.01)
    assert (told.total.reopened.num, told.total.reopened.den) == (6, 6)


def test_backlog_is_what_is_open_whenever_it_began() -> None:
    for number, age in enumerate([0, 1, 2, 9, 40, 100]):
        tell(number, after=1, ago=age * DAY)
    tell(50, after=1, closed_at=NOON)
    left = found().total.backlog
    assert (left.open, left.half, left.old.num, left.old.den) == (6, 2, 3, 6)
    assert Interaction.objects.filter(Interaction.open()).count() == 6


def test_what_is_open_stands_with_its_channel_and_its_team(team: Team, other_team: Team) -> None:
    for number, (own, channel, age) in enumerate([(team, "email", 1), (team, "chat", 9), (other_team, "chat", 40)]):
        tell(number, after=1, ago=age * DAY, team=own, channel=channel)
        tell(number + 10, after=1, ago=DAY, team=own, channel=channel, closed_at=NOON)
    told = found()
    assert {row.part.key: row.backlog.open for row in told.channels} == {"email": 1, "chat": 2}
    assert {row.part.key: row.backlog.open for row in told.teams} == {team.pk: 2, other_team.pk: 1}
    assert {row.part.key: row.resolution.open for row in told.channels} == {"email": 1, "chat": 1}
    assert told.total.backlog.open == 3 and told.total.resolution.open == 2


def test_open_is_the_same_in_rows_and_in_the_database() -> None:
    moments = [None, NOON, NOON + MINUTE]
    cases = itertools.product(moments, moments, moments, [None, True, False], [False, True])
    for number, (closed, solved, reopened, is_resolved, gave_up) in enumerate(cases):
        tell(number, after=1, closed_at=closed, resolved_at=solved, reopened_at=reopened, is_resolved=is_resolved,
             is_abandoned=gave_up)  # fmt: skip
    known = {row.pk for row in Interaction.objects.all() if row.is_open}
    assert known == set(Interaction.objects.filter(Interaction.open()).values_list("pk", flat=True)) and known
    catch_up()
    assert sum(ContactDay.objects.filter(fact="open").values_list("count", flat=True)) == len(known)


def call(number: int, waited: float, *, gave_up: bool = False, **fields: Any) -> None:
    began = NOON - dt.timedelta(hours=3)
    ended = began + dt.timedelta(seconds=waited)
    times_of = {"closed_at": ended} if gave_up else {"answered_at": ended}
    tell(number, ago=NOON - began, channel="phone", enqueued_at=began, is_abandoned=gave_up, **times_of, **fields)


def test_service_level_by_every_formula_and_waits_with_those_who_gave_up() -> None:
    for number in range(30):
        call(number, 10 if number < 20 else 40)
    for number, waited in enumerate([3, 4, 15, 90, 90]):
        call(100 + number, waited, gave_up=True)
    catch_up()
    filters = Filters(scope=EVERYTHING, period=DAYS)
    (phone,) = queues(filters, target=20, formula="f4", as_of=NOON)
    assert phone.queue == Queue(answered_in=20, answered=30, abandoned_in=3, abandoned=5, short=2)
    assert (phone.level.num, phone.level.den) == (20, 32)
    assert (phone.gave_up.num, phone.gave_up.den) == (3, 33)
    assert (phone.wait.n, phone.wait.open) == (30, 5)
    assert phone.wait.mean == pytest.approx(20, rel=0.01)
    for formula, parts in {"f1": (23, 35), "f2": (20, 30), "f3": (20, 35), "f5": (22, 35)}.items():
        (other,) = queues(filters, target=20, formula=formula, as_of=NOON)  # type: ignore[arg-type]
        assert (other.level.num, other.level.den) == parts


@pytest.mark.parametrize("target", [5, 20, 300])
def test_steps_of_waiting_tell_every_target_exactly(target: int) -> None:
    waits = [0, 4.9, 5, 5.1, 19.9, 20, 20.1, 300, 301, 5000]
    counts: dict[str, int] = {}
    for waited in waits:
        for gave_up in (False, True):
            name = fact(waited, gave_up=gave_up)
            counts[name] = counts.get(name, 0) + 1
    counts[fact(None, gave_up=True)] = 1
    inside = sum(waited <= target for waited in waits)
    told = queue(counts, target=target)
    assert told == Queue(answered_in=inside, answered=10, abandoned_in=inside, abandoned=11, short=2)
    assert service_level(told).den == 21 - inside


def test_weeks_count_the_overdue_where_they_began() -> None:
    level(30, is_working_time=False)
    for number in range(40):
        tell(number, after=10 if number < 30 else 60, ago=DAY)
    for number in range(50, 60):
        tell(number, ago=9 * DAY)
    told = found()
    weeks = weekly(Filters(scope=EVERYTHING, period=DAYS), clock=WALL, waiters=told.waiters, has_levels=True)
    last, before = weeks[ALL].within[-1], weeks[Part("channel", "email")].within[-2]
    assert (last.value, last.n) == (0.75, 40) and (before.value, before.n) == (0.0, 10)
    assert weeks[ALL].nine[-1].value == pytest.approx(3600, rel=0.01) and weeks[ALL].nine[-2].state == "hidden"


def test_page_tells_each_number_with_its_interval(login: Callable[[User], Client], administrator: User) -> None:
    level(30, is_working_time=False)
    for number in range(40):
        tell(number, after=10 if number < 30 else 60, handle_seconds=300, requester_wait_seconds=3600)
    for number in range(100, 110):
        call(number, 10)
    catch_up()
    User.objects.update(language="en")
    client = login(administrator)
    page = text(client, "?clock=wall&within=30&formula=f2")
    assert "10 min (10 min – 10 min), n=40" in page and "75% (60–86), n=40" in page
    assert "The customer waited for us, half within 1 h (1 h – 1 h), n=40" in page
    assert "Picked up within 30 seconds" in page and "answered in time, of the answered (f2)" in page
    assert "100% (72–100), n=10" in page and "Half is at most less than a day" not in page
    assert "Nothing is open." not in page
    assert "Picked up within 20 seconds" in text(client, "?clock=x&within=7&formula=f9")
    assert client.get(URL + "?from=x").status_code == 400
    told = client.get(URL + "?clock=wall&format=csv").content.decode()
    assert "First responses by time" in told and "Within the service level by week" in told
    assert "Nine in ten responded to within, by week" in told
    assert "First response by channel" in told and "Waiting by channel" in told and "Solving by channel" in told
    (address,) = {
        part for part in client.get(URL).content.decode().split('"') if part.endswith("?open=yes&amp;counted=contacts")
    }
    assert "T-1" in client.get(address.replace("&amp;", "&")).content.decode()
    assert "No contact began in this period" not in page
    Interaction.objects.all().delete()
    rollups.mark_everything()
    catch_up()
    assert "No contact began in this period" in text(client)


def test_rows_of_other_teams_change_no_byte(
    login: Callable[[User], Client], manager: User, team: Team, other_team: Team
) -> None:
    level(30)
    for number in range(8):
        tell(number, after=number, team=team)
    catch_up()
    client = login(manager)
    before = CHANGING.sub(b"", client.get(URL).content)
    for number in range(20, 40):
        tell(number, after=90, team=other_team)
        call(number + 100, 10, team=other_team)
    catch_up()
    assert CHANGING.sub(b"", client.get(URL).content) == before
    mine = times(Filters(scope=scope_of(manager), period=DAYS), clock=WALL, as_of=NOON)
    assert mine.total.contacts == 8


def test_query_count_does_not_grow(
    login: Callable[[User], Client], administrator: User, team: Team, other_team: Team,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    level(30)
    level(5, channel="phone")
    for number in range(60):
        tell(number, after=number, team=(team, other_team, None)[number % 3], ago=number * DAY / 4,
             channel=("email", "chat", "web", "messenger")[number % 4])  # fmt: skip
        tell(100 + number, team=(team, other_team)[number % 2], ago=number * DAY / 4)
        call(200 + number, number)
    catch_up()
    client = login(administrator)
    with django_assert_max_num_queries(33):
        assert client.get(URL).status_code == 200


def test_programs_read_the_same_numbers(api: APIClient) -> None:
    level(30, is_working_time=False)
    for number in range(40):
        tell(number, after=10 if number < 30 else 60, requester_wait_seconds=3600 if number < 20 else None)
    for number in range(100, 106):
        call(number, 10)
    tell(200, ago=DAY)
    catch_up()

    def read(key: str, **asked: str) -> dict[Any, Any]:
        reply = api.get(f"/api/v1/metrics/{key}/", asked)
        assert reply.status_code == 200, reply.content
        return {row["key"]: (row["value"], row["n"]) for row in reply.json()["values"]}

    mail = read("first_response_time", by="channel")["email"]
    assert mail == (pytest.approx(found(WORKING).channels[0].response.half.value), 40)
    assert read("within_target", by="channel")["email"] == (30 / 41, 41)
    assert read("requester_wait") == {None: (pytest.approx(3600, rel=0.01), 20)}
    assert read("requester_wait", by="channel", percentile="90")["email"] == (None, 20)
    assert read("service_level") == {None: (1.0, 6)} and read("abandonment", by="channel") == {"phone": (0.0, 6)}
    assert read("waiting_time")[None][0] == pytest.approx(10, rel=0.01)
    assert read("backlog") == {None: (47, 47)} and read("resolution_time") == {None: (None, 0)}
    assert read("fast_and_good") == {None: (None, 0)}
