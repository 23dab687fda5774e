"""Counts by day equal a recount of the rows, whatever happened to the rows."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import rollups, tasks
from analytics.models import (
    AgentAnswerDay,
    AgentContactDay,
    AgentDurationDay,
    AgentScoreDay,
    AnswerDay,
    CommentDay,
    DecisionDay,
    RollupClock,
    ScoreDay,
    ServiceLevel,
    TopicDay,
)
from feedback.models import Answer, Comment, Response, Topic
from ground.models import Change, Organisation, Team
from surveys import deciding, interactions
from surveys.eligibility import Verdict
from surveys.models import Agent, Interaction, Invitation, Segment, Survey
from tests.analytics.histories import NOON, History
from tests.analytics.rows import answer, ask_further, say
from tests.factories import make_interaction

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def catch_up() -> None:
    for _ in range(300):
        if not rollups.has_work():
            return
        rollups.roll_up(limit=7)
    raise AssertionError("the roll-up never catches up")


@pytest.fixture
def topic() -> Topic:
    return Topic.objects.create(code="t-waiting", names={"ru": "Ожидание", "en": "Waiting"})


def test_counted_scores_only(survey: Survey, team: Team) -> None:
    for evidence in Response.Evidence.values:
        answer(survey, 4, at=NOON, team=team, evidence=evidence)
    answer(survey, None, at=NOON)
    catch_up()
    assert sorted(ScoreDay.objects.values_list("evidence", "score", "count")) == [
        ("confirmed", 4, 1),
        ("presumed", 4, 1),
    ]


def test_uncounted_comments_are_left_out(organisation: Organisation) -> None:
    say("negative", at=NOON)
    say("negative", at=NOON, is_counted=False)
    catch_up()
    assert list(CommentDay.objects.values_list("derived_class", "count")) == [("negative", 1)]


def test_comment_counts_once_per_topic_and_once_in_all(topic: Topic, organisation: Organisation) -> None:
    other = Topic.objects.create(code="t-price", names={"en": "Price"})
    say("negative", at=NOON, topics=(topic, other))
    catch_up()
    assert CommentDay.objects.get().count == 1
    assert sorted(TopicDay.objects.values_list("topic__code", "count")) == [("t-price", 1), ("t-waiting", 1)]


def test_decisions_count_by_reason_and_follow_their_contact(team: Team, other_team: Team) -> None:
    report = {"source": "crm", "external_id": "1", "customer": {"external_id": "Anna"}}
    told = {"channel": "phone", "created_at": NOON, "closed_at": NOON}
    contact = interactions.take(
        interactions.Report(**report, updated_at=NOON, team={"code": team.code}, fields=told)
    ).interaction
    deciding.consider(contact, now=NOON)
    deciding.store(contact, rule=None, verdict=Verdict(reason="staff", trace=()), now=NOON, closing=1, ordinal=9)
    catch_up()
    counted = DecisionDay.objects.order_by("reason").values_list("team", "channel", "outcome", "reason", "count")
    place = (team.pk, "phone", "refuse")
    assert list(counted) == [(*place, "no_rule", 1), (*place, "staff", 1)]
    interactions.take(interactions.Report(
        **report, updated_at=NOON + DAY, team={"code": other_team.code}, fields=told | {"channel": "chat"}
    ))  # fmt: skip
    catch_up()
    assert {row[:2] for row in counted.all()} == {(other_team.pk, "chat")}
    assert not rollups.verify().differences


def test_a_level_has_the_days_since_it_holds_counted_anew(organisation: Organisation) -> None:
    for ago in (0, 5):
        make_interaction(created_at=NOON - ago * DAY)
        Change.mark("interaction", NOON - ago * DAY)
    catch_up()
    with CaptureQueriesContext(connection) as asked:
        rollups.mark_contacts(NOON.date() - 2 * DAY)
    assert list(Change.objects.values_list("scope", "day")) == [("interaction", NOON.date())]
    assert not [query for query in asked if 'FROM "surveys_interaction"' in query["sql"]]


def test_each_row_counts_for_the_agent_it_names_and_anonymous_answers_for_none(
    survey: Survey, nps_survey: Survey, team: Team, agent: Agent
) -> None:
    answer(survey, 4, at=NOON, team=team, agent=agent, reason="price")
    answer(survey, 4, at=NOON, team=team)
    answer(survey, 4, at=NOON, team=team, agent=agent, evidence="held")
    Survey.objects.filter(pk=nps_survey.pk).update(is_anonymous=True)
    answer(nps_survey, 9, at=NOON, team=team, agent=agent)
    contact = make_interaction(team=team, agent=agent, created_at=NOON, is_complaint=True)
    Interaction.objects.filter(pk=contact.pk).update(resolution_working_seconds=3600)
    Change.mark("interaction", NOON)
    catch_up()
    assert list(AgentScoreDay.objects.values_list("agent", "reason", "score", "count")) == [(agent.pk, "price", 4, 1)]
    facts = AgentContactDay.objects.values_list("agent", "fact", "count").order_by("fact")
    assert list(facts) == [(agent.pk, "complaints", 1), (agent.pk, "contacts", 1)]
    assert list(AgentDurationDay.objects.values_list("agent", "span", "count")) == [(agent.pk, "resolution_working", 1)]
    assert ScoreDay.objects.filter(scale="nps").exists()  # it does count for the team


@pytest.mark.parametrize(("zone", "day"), [("Europe/Moscow", 11), ("UTC", 10), ("America/Havana", 10)])
def test_days_are_cut_in_the_reporting_zone(survey: Survey, organisation: Organisation, zone: str, day: int) -> None:
    Organisation.objects.update(timezone=zone)
    answer(survey, 5, at=NOON.replace(hour=21, minute=30))
    catch_up()
    assert ScoreDay.objects.get().day == dt.date(2026, 3, day)


def test_day_without_a_midnight_loses_nothing(survey: Survey, organisation: Organisation) -> None:
    Organisation.objects.update(timezone="America/Havana")  # 8 March 2026 begins there at 01:00
    for hour in range(48):
        answer(survey, 5, at=dt.datetime(2026, 3, 7, 6, 30, tzinfo=dt.UTC) + dt.timedelta(hours=hour))
    catch_up()
    assert sum(ScoreDay.objects.values_list("count", flat=True)) == 48
    assert rollups.verify().differences == ()


def test_new_zone_cuts_all_days_anew(survey: Survey, organisation: Organisation) -> None:
    answer(survey, 5, at=NOON.replace(hour=22))
    catch_up()
    Organisation.objects.update(timezone="America/New_York")
    assert rollups.has_work()
    catch_up()
    assert ScoreDay.objects.get().day == dt.date(2026, 3, 10)


def test_counts_by_an_older_zone_are_waiting_not_wrong(survey: Survey, organisation: Organisation) -> None:
    answer(survey, 5, at=NOON.replace(hour=22))
    catch_up()
    Organisation.objects.update(timezone="America/New_York")
    result = rollups.verify()
    assert result.waiting and result.differences == ()


def test_first_and_last_day_of_the_calendar_do_not_stop_the_recount(survey: Survey) -> None:
    Change.objects.create(scope="response", day=dt.date.max)
    Change.objects.create(scope="comment", day=dt.date.min)
    answer(survey, 5, at=NOON)
    catch_up()
    assert ScoreDay.objects.count() == 1 and not Change.objects.exists()


def test_mark_written_during_a_recount_survives(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(survey, 5, at=NOON)
    catch_up()
    answer(survey, 4, at=NOON)
    counted = rollups._counted

    def slow(scope: str, day: dt.date) -> dict:
        found = counted(scope, day)
        if scope == "response":  # the same recount counts the repeats of the day as well
            answer(survey, 1, at=NOON)
        return found

    monkeypatch.setattr(rollups, "_counted", slow)
    rollups.roll_up()
    monkeypatch.undo()
    assert Change.objects.count() == 1
    catch_up()
    assert sorted(ScoreDay.objects.values_list("score", flat=True)) == [1, 4, 5]


def test_other_peoples_marks_are_left_alone(organisation: Organisation) -> None:
    Change.objects.create(scope="weather", day=NOON.date())
    catch_up()
    assert Change.objects.get().scope == "weather"


def test_as_of_tells_the_last_complete_moment(survey: Survey, time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)
    assert rollups.as_of() is None
    catch_up()
    time_machine.move_to(NOON + dt.timedelta(hours=1), tick=False)
    assert rollups.as_of() == NOON + dt.timedelta(hours=1)
    answer(survey, 5)
    time_machine.move_to(NOON + dt.timedelta(hours=2), tick=False)
    assert rollups.as_of() == NOON


def test_bell_rings_only_while_a_change_waits(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[object] = []
    monkeypatch.setattr(tasks.roll_up, "apply_async", lambda **options: rung.append(options))
    monkeypatch.setattr(tasks.judge_days, "apply_async", lambda **options: None)
    catch_up()
    tasks.ring_due()
    assert not rung
    answer(survey, 5)
    tasks.ring_due()
    tasks.roll_up()
    tasks.ring_due()
    assert len(rung) == 1 and ScoreDay.objects.get().count == 1


def test_verify_names_what_differs_and_rebuild_repairs_it(survey: Survey) -> None:
    answer(survey, 5, at=NOON)
    catch_up()
    ScoreDay.objects.update(count=7)
    ScoreDay.objects.create(day=NOON.date(), survey=survey, scale="csat_5", evidence="presumed", score=1, count=2)
    told = StringIO()
    with pytest.raises(CommandError, match="2 counts differ"):
        call_command("verify_rollups", stdout=told)
    assert "stored 7, counted 1" in told.getvalue() and "stored 2, counted 0" in told.getvalue()
    call_command("rebuild_rollups", stdout=StringIO())
    call_command("verify_rollups", stdout=told)
    assert told.getvalue().endswith("no difference\n")


def test_counts_of_a_day_without_rows_are_found(survey: Survey) -> None:
    ScoreDay.objects.create(day=NOON.date(), survey=survey, scale="csat_5", evidence="presumed", score=1, count=2)
    catch_up()
    assert rollups.verify().differences == ()
    assert not ScoreDay.objects.exists()


def test_verify_passes_over_days_that_wait(survey: Survey) -> None:
    catch_up()
    answer(survey, 5, at=NOON)
    result = rollups.verify()
    assert (result.waiting, result.differences) == (1, ())


def test_rebuild_stopped_in_the_middle_is_finished_by_the_worker(survey: Survey) -> None:
    for day in range(3):
        answer(survey, 5, at=NOON + dt.timedelta(days=day))
    catch_up()
    ScoreDay.objects.update(count=9)
    next(rollups.rebuild())
    catch_up()
    assert rollups.verify().differences == ()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), zone=st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kathmandu"]))
def test_hostile_histories_end_in_equal_counts(
    survey: Survey, nps_survey: Survey, team: Team, other_team: Team, seed: int, zone: str
) -> None:
    for rows in (Response, Comment, Invitation, Interaction, ServiceLevel, Segment, Change):
        rows.objects.all().delete()  # of the history before this one
    for table in (table for tables in rollups.TABLES.values() for table in tables):
        table.cuts.all().delete()  # or every day of that one would be counted anew
    Organisation.objects.update(timezone=zone)
    rollups.mark_everything()
    if not survey.published.further:
        ask_further(survey)
    topics = [Topic.objects.get_or_create(code=code)[0] for code in ("t-waiting", "t-price", "t-courtesy")]
    history = History(seed, surveys=[survey, nps_survey], teams=[team, other_team, None], topics=topics)
    for _ in range(60):
        history.step()
    catch_up()
    result = rollups.verify()
    assert (result.waiting, result.differences) == (0, ())
    counted = Response.objects.filter(evidence__in=Response.COUNTED, score__isnull=False).count()
    assert sum(ScoreDay.objects.values_list("count", flat=True)) == counted
    values = AnswerDay.objects.filter(fact="value", question__code="score")
    assert sum(values.values_list("count", flat=True)) == counted
    of_agents = Response.objects.filter(evidence__in=Response.COUNTED, score__isnull=False, agent__isnull=False)
    assert sum(AgentScoreDay.objects.values_list("count", flat=True)) == of_agents.count()
    rated = Answer.objects.filter(
        response__evidence__in=Response.COUNTED, response__agent__isnull=False, question__code="aspects"
    )
    assert sum(AgentAnswerDay.objects.values_list("count", flat=True)) == rated.count()


@pytest.mark.django_db(transaction=True)
def test_answer_committed_while_its_day_is_recounted_is_not_lost(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets nobody write beside a recount")
    from concurrent.futures import ThreadPoolExecutor

    answer(survey, 5, at=NOON)
    counted = rollups._counted

    def elsewhere() -> None:
        try:
            answer(survey, 1, at=NOON)
        finally:
            connection.close()

    def slow(scope: str, day: dt.date) -> dict:
        found = counted(scope, day)
        if scope == "response":
            with ThreadPoolExecutor(1) as thread:
                thread.submit(elsewhere).result()
        return found

    catch_up_zone()
    monkeypatch.setattr(rollups, "_counted", slow)
    rollups.roll_up()
    monkeypatch.undo()
    assert Change.objects.count() == 1
    catch_up()
    assert sorted(ScoreDay.objects.values_list("score", flat=True)) == [1, 5]


def catch_up_zone() -> None:
    """Set the clock's zone, so that only the marks of the test wait."""
    RollupClock.objects.update_or_create(pk=1, defaults={"timezone": str(Organisation.current().timezone)})
