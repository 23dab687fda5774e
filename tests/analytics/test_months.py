"""Long ranges are read as whole months and the days at their edges, and tell what their days tell."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics import audit, month_sums, months, rollups, tasks
from analytics.models import AgentContactDay, ContactDay, DurationDay, MonthSum, ScoreDay, ServiceLevel, TopicDay
from analytics.periods import Period
from feedback.models import Topic
from ground import jobs
from ground.models import Change, Organisation, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer, invite, say
from tests.factories import make_customer, make_interaction
from tests.kept import Cast, again, kept

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)
DAY, AT_ONCE = dt.timedelta(days=1), dt.timedelta(0)
LONG = "from=2026-07-20&to=2026-11-10"
PAGES = ["dashboard", "agents", "service", "service/scores", "complaints", "funnel"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: Any, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with kept(django_db_blocker, at=NOON, fill=fill) as cast:
        yield cast


organisation, team, year = again("organisation"), again("team"), again("survey", called="year")


def fill(cast: Cast) -> None:
    """What came in of every kind, on some days of each of eleven months."""
    ServiceLevel.objects.create(minutes=30, since=dt.date(2025, 1, 1))
    topic = Topic.objects.create(code="t-waiting", names={"ru": "Ожидание", "en": "Waiting"})
    customer, survey = make_customer(), cast.survey
    for back in (*range(0, 140, 20), *range(150, 330, 30)):
        at = NOON - back * DAY
        own, who = (cast.team, cast.agent) if back % 3 else (cast.other_team, None)
        for n in range(3):
            where = {"team": own, "agent": who, "channel": "phone" if n else "chat"}
            solved = at + dt.timedelta(hours=1 + back % 7)
            contact = make_interaction(
                customer=customer, created_at=at, first_response_at=at + dt.timedelta(minutes=10 + back), reason="late",
                resolved_at=solved if n else None, closed_at=solved if n < 2 else None, is_complaint=n == 1,
                enqueued_at=at, answered_at=at + dt.timedelta(minutes=back % 9) if n == 2 else None, **where,
            )  # fmt: skip
            invitation = invite(survey, interaction=contact, sent_at=at, answer_state="confirmed", **where)
            answer(survey, 1 + (back + n) % 5, at=at, invitation=invitation, reason="late", **where)
            say("negative" if n else "positive", at=at, topics=(topic,), survey=survey, **where)
    catch_up()


def catch_up() -> None:
    while rollups.roll_up():
        pass


def page(client: Client, name: str, query: str) -> str:
    reply = client.get(f"/admin/{name}/?{query}")
    assert reply.status_code == 200
    passing = r'\b[A-Za-z0-9]{64}\b|nonce="[^"]*"'  # what keeps forms and scripts from being forged
    return re.sub(passing, "", reply.content.decode())


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_a_long_range_are_the_same_by_months(
    client: Client, year: Survey, administrator: User, manager: User, name: str
) -> None:
    readers = [(user, f"{LONG}{more}") for user in (administrator, manager) for more in ("", "&compare=year")]
    shown = []
    for _turn in range(2):
        for reader, query in readers:
            client.force_login(reader)
            with CaptureQueriesContext(connection) as seen:
                shown.append(page(client, name, query))
        by_months = any("1026-09-01" in each["sql"] for each in seen)
        month_sums.sum_all()
    assert shown[:4] == shown[4:]
    assert by_months


def test_sums_are_those_of_their_days(year: Survey) -> None:
    month_sums.sum_all()
    assert not rollups.verify().differences


def test_a_range_falls_into_months_and_days(year: Survey) -> None:
    month_sums.sum_all()
    period = Period(dt.date(2026, 8, 30), dt.date(2026, 11, 2))
    known = months.held(period)
    told = [dt.date(2026, 8, 30), dt.date(2026, 8, 31), dt.date(1026, 9, 1), dt.date(1026, 10, 1)]
    told += [dt.date(2026, 11, 1), dt.date(2026, 11, 2)]
    assert months.pieces(period, ScoreDay, known) == told
    MonthSum.objects.filter(scope="response").update(holds=False)
    assert months.pieces(period, ScoreDay, months.held(period)) == []
    assert months.pieces(period, ContactDay, months.held(period)) == told


@pytest.mark.parametrize("odd", [
    Period(dt.date.min, dt.date.max), Period(dt.date(9999, 12, 1), dt.date.max), Period(dt.date.min, dt.date(1, 1, 31)),
    Period(dt.date(1026, 9, 1), dt.date(1026, 9, 30)),
])  # fmt: skip
def test_odd_ranges_are_read_as_days(year: Survey, odd: Period) -> None:
    month_sums.sum_all()
    assert months.pieces(odd, ScoreDay, months.held(odd)) == []


def test_nothing_is_asked_for_a_range_without_a_whole_month(year: Survey) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert months.held(Period(dt.date(2026, 10, 2), dt.date(2026, 11, 18)), None) == {}
    assert not seen.captured_queries


def test_the_month_at_hand_is_not_summed_nor_one_just_over(year: Survey, time_machine: Any) -> None:
    month_sums.sum_all()
    assert max(month for _scope, month in month_sums.holding()) == dt.date(2026, 10, 1)
    time_machine.move_to(dt.datetime(2026, 12, 7, 9, tzinfo=dt.UTC), tick=False)
    month_sums.sum_all()
    assert max(month for _scope, month in month_sums.holding()) == dt.date(2026, 10, 1)
    time_machine.move_to(dt.datetime(2026, 12, 9, 9, tzinfo=dt.UTC), tick=False)
    month_sums.sum_all()
    assert max(month for _scope, month in month_sums.holding()) == dt.date(2026, 11, 1)


def test_what_comes_late_is_told_at_once_and_summed_once_it_is_quiet(
    client: Client, year: Survey, administrator: User, team: Team, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    month_sums.sum_all()
    client.force_login(administrator)
    before = page(client, "dashboard", LONG)
    answer(year, 1, at=NOON - 60 * DAY, team=team)
    catch_up()
    assert page(client, "dashboard", LONG) != before
    assert ("response", dt.date(2026, 9, 1)) not in month_sums.holding()
    assert ("comment", dt.date(2026, 9, 1)) in month_sums.holding()
    rung: list[Any] = []
    monkeypatch.setattr(tasks.roll_up, "apply_async", lambda **options: rung.append(options))
    monkeypatch.setattr(tasks.judge_days, "apply_async", lambda **options: None)
    tasks.ring_due()
    assert not rung
    time_machine.move_to(NOON + month_sums.QUIET, tick=False)
    tasks.ring_due()
    assert len(rung) == 1
    tasks.roll_up()
    assert ("response", dt.date(2026, 9, 1)) in month_sums.holding()
    assert not month_sums.is_due() and not rollups.verify().differences


def test_a_day_counted_anew_meanwhile_leaves_its_month_to_be_summed_again(
    year: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    write: Callable[..., None] = month_sums._write

    def slow(*told: Any) -> None:
        write(*told)
        MonthSum.objects.filter(scope="interaction").update(changed_at=NOON + DAY)

    monkeypatch.setattr(month_sums, "_write", slow)
    MonthSum.objects.exclude(scope="interaction", month=dt.date(2026, 9, 1)).delete()
    assert month_sums.sum_next(quiet=AT_ONCE)
    assert not month_sums.holding()


@pytest.mark.parametrize(("table", "change"), [
    (ScoreDay, {"count": 99}), (TopicDay, {"count": 99}), (DurationDay, {"buckets": "1:1"}), (ContactDay, None),
    (AgentContactDay, None),
])  # fmt: skip
def test_a_wrong_sum_is_found_and_made_anew(
    year: Survey, monkeypatch: pytest.MonkeyPatch, table: Any, change: dict[str, Any] | None
) -> None:
    month_sums.sum_all()
    rows = table.cuts.filter(day=dt.date(1026, 10, 1))
    chosen = rows.filter(pk=rows.order_by("pk").values_list("pk", flat=True)[0])
    if change:
        chosen.update(**change)
    else:
        chosen.delete()
    assert {found.table for found in rollups.verify().differences} == {table.__name__}
    monkeypatch.setattr(audit, "SHARE_OF_MONTHS", 1)
    monkeypatch.setattr(audit, "SHARE", 0)
    job = jobs.finish_now(audit.begin(rollups.buckets()))
    assert [found[:2] for found in job.result["differences"]] == [[table.__name__, "2026-10-01"]]
    month_sums.sum_all()
    assert not rollups.verify().differences


def test_a_rebuild_sums_and_the_night_finds_months_that_were_counted_before(year: Survey) -> None:
    MonthSum.objects.all().delete()
    audit.begin(rollups.buckets())
    month_sums.sum_all()
    held = month_sums.holding()
    assert {scope for scope, _month in held} == set(months.SUMMED) and len(held) >= 40
    MonthSum.objects.all().delete()
    list(rollups.rebuild())
    assert month_sums.holding() == held


def test_another_zone_cuts_months_anew(year: Survey, organisation: Organisation) -> None:
    month_sums.sum_all()
    Organisation.objects.update(timezone="Pacific/Auckland")
    while rollups.has_work():
        rollups.roll_up()
    assert not month_sums.holding()
    month_sums.sum_all()
    assert month_sums.holding() and not Change.objects.exists()
    assert not rollups.verify().differences
