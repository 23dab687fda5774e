"""How long it takes, with those that are not over yet: a heap never looks faster, and all pages say the same."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db.models import Q
from django.test import Client

from analytics import over_time
from analytics.periods import Period
from analytics.reports import Filters
from analytics.serving.parts import WALL, WORKING
from analytics.serving.report import times
from analytics.serving.weeks import weekly
from analytics.work import work_by
from ground.access import EVERYTHING
from ground.models import Calendar, Organisation, Team, User
from surveys.models import Agent
from tests.analytics.test_service import NOON, found, tell

DAYS = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 18))
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
WHOLE = Filters(scope=EVERYTHING, period=DAYS)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)
    Calendar.objects.create(name="Always", is_default=True, timezone="Europe/Moscow", holidays="",
                            week={str(day): [["00:00", "24:00"]] for day in range(7)})  # fmt: skip


@pytest.fixture
def heap(team: Team) -> Agent:
    """Forty solved in an hour, and thirty that nobody has touched for days."""
    agent = Agent.objects.create(external_id="a1", team=team)
    began = NOON - 3 * DAY
    for number in range(40):
        tell(number, after=10, ago=3 * DAY, team=team, agent=agent, resolved_at=began + HOUR, is_resolved=True,
             closed_at=began + HOUR)  # fmt: skip
    for number in range(40, 70):
        tell(number, ago=3 * DAY, team=team, agent=agent)
    return agent


def test_dashboard_and_service_page_say_the_same_of_it(heap: Agent) -> None:
    told = found()
    page = times(WHOLE, clock=WORKING, as_of=NOON).total
    assert told.total.response == page.response and told.resolution == page.resolution
    assert (told.total.response.n, told.total.response.open, told.resolution.open) == (40, 30, 30)
    assert told.resolution.half.value == pytest.approx(3600, rel=0.011) and told.resolution.half.lo is not None
    assert told.resolution.nine.value is None and told.total.response.nine.value is None


def test_closing_them_unanswered_makes_no_response_faster(heap: Agent) -> None:
    before = found().total.response
    for number in range(40, 70):
        tell(number, ago=3 * DAY, updated_at=NOON + HOUR, closed_at=NOON)
    after = found().total.response
    assert (after.half, after.nine, after.open) == (before.half, before.nine, before.open)
    page = times(WHOLE, clock=WALL, as_of=NOON)
    assert page.total.response.nine.value is None and page.total.response.open == 30
    (weeks,) = [one for part, one in weekly(WHOLE, clock=WALL, waiters=(), has_levels=False).items() if part.by]
    assert weeks.nine[-2].n == 40 and weeks.nine[-2].value is None


def test_weeks_and_series_count_those_who_wait(heap: Agent) -> None:
    found()
    waiters = times(WHOLE, clock=WALL, as_of=NOON).waiters
    (weeks,) = [one for part, one in weekly(WHOLE, clock=WALL, waiters=waiters, has_levels=False).items() if part.by]
    assert weeks.nine[-2].n == 40 and weeks.nine[-2].value is None
    for kind in ("response", "resolution"):
        for clock in (WORKING, WALL):
            for by in ("", "channel", "team"):
                told = over_time.durations(WHOLE, kind, "week", clock=clock, by=by, as_of=NOON)
                spread = next(spread for _key, _day, spread in told if spread.n)
                assert (spread.n, spread.open, spread.nine.value) == (40, 30, None), (kind, clock, by)
                assert spread.half.value is not None


def test_whoever_gave_up_in_the_queue_waited_at_least_so_long() -> None:
    began = NOON - 2 * HOUR
    for number in range(40):
        tell(number, channel="phone", enqueued_at=began, answered_at=began + dt.timedelta(minutes=1))
    for number in range(40, 60):
        tell(number, channel="phone", enqueued_at=began, is_abandoned=True, closed_at=began + dt.timedelta(minutes=9))
    wait = found().wait
    assert (wait.n, wait.open, wait.nine.value) == (40, 20, None)


def test_agent_with_a_heap_is_not_the_quick_one(heap: Agent, team: Team) -> None:
    found()
    for column, key in (("agent", heap.pk), ("team", team.pk)):
        resolution = work_by(column, WHOLE, Q(), as_of=NOON)[key].resolution
        assert (resolution.n, resolution.open, resolution.nine.value) == (40, 30, None)


def test_pages_say_the_limits_and_why_nine_in_ten_is_not_told(
    heap: Agent, login: Callable[[User], Client], administrator: User
) -> None:
    User.objects.update(language="en")
    found()
    client = login(administrator)
    page = " ".join(re.sub(r"<[^>]*>", " ", client.get("/admin/dashboard/").content.decode()).split())
    assert re.search(r"10 min \((10 min – \S+ \S+|from 10 min)\), n=40 — more than one in ten is open yet", page)
