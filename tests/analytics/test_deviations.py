"""Deviations from counts to people: judged each night, told once, decided about, shown to their own teams alone."""

import datetime as dt
import random
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from analytics import rollups, tasks
from analytics.models import (
    Annotation,
    CommentDay,
    ContactDay,
    DurationDay,
    Incident,
    RollupClock,
    ScoreDay,
    ServiceLevel,
    TellingSource,
    TopicDay,
    Watch,
    WatchedSeries,
)
from analytics.periods import Period
from analytics.quantiles import bucket
from analytics.watch import counted, nightly, replay
from analytics.watch.judging import HISTORY
from feedback.models import Topic
from ground import jobs
from ground.models import Calendar, Notice, Organisation, Team, User
from surveys.models import Interaction, Survey
from tests.analytics.rows import keep

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = dt.datetime(2026, 11, 18, 6, tzinfo=MOSCOW)
UNTIL = dt.date(2026, 11, 17)
DAY = dt.timedelta(days=1)
PAGE = "/admin/deviations/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning(time_machine, organisation: Organisation) -> None:
    time_machine.move_to(NOW, tick=False)
    Calendar.objects.create(name="Always", holidays="", is_default=True)
    RollupClock.objects.create(pk=1, as_of=NOW, timezone="Europe/Moscow")


def days(count: int, until: dt.date = UNTIL) -> list[dt.date]:
    return [until - back * DAY for back in reversed(range(count))]


def scores(
    survey: Survey, team: Team | None, told: list[tuple[dt.date, int, int]], *, channel: str = "phone",
    scale: str = "csat_5", best: int = 5, worst: int = 1,
) -> None:  # fmt: skip
    """Counts of CSAT: (day, satisfied, answers)."""
    own = team.pk if team else None
    for day, good, n in told:
        found = {
            (survey.pk, scale, own, channel, "confirmed", score): count
            for score, count in ((best, good), (worst, n - good))
        }
        keep(ScoreDay, day, {key: count for key, count in found.items() if count})


def contacts(team: Team | None, told: dict[dt.date, int], *, channel: str = "phone", fact: str = "contacts") -> None:
    for day, count in told.items():
        keep(ContactDay, day, {(team.pk if team else None, channel, fact): count} if count else {})


def steady(source: random.Random, count: int, *, n: int = 40, share: float = 0.8, until: dt.date = UNTIL):
    return [(day, sum(source.random() < share for _ in range(n)), n) for day in days(count, until)]


@pytest.fixture
def fallen(survey: Survey, team: Team, other_team: Team) -> None:
    """Half a year of 80 %; in one team 55 % for the last ten days."""
    source = random.Random(4)
    good = steady(source, 172, until=UNTIL - 10 * DAY)
    bad = steady(source, 10, share=0.55)
    scores(survey, team, good + bad)
    scores(survey, other_team, steady(source, 182), channel="email")


def test_a_fall_is_found_told_once_and_its_place_named(fallen, team, manager, outsider, administrator) -> None:
    assert nightly.is_due() and nightly.judge_due() >= 3
    found = Incident.objects.get(metric="csat", team=team, direction="down")
    assert found.kind == "shift" and abs((found.began_on - (UNTIL - 9 * DAY)).days) <= 7
    assert found.extent["diff"] < -0.15 and found.extent["lo"] < found.extent["diff"] < found.extent["hi"] < 0
    whole = Incident.objects.get(metric="csat", team=None, channel="", direction="down")
    assert whole.extent["driver"]["team" if "team" in whole.extent["driver"] else "channel"] in (team.pk, "phone")
    assert not Incident.objects.filter(team__code="returns", direction="down").exists()
    told = {notice.user_id: Incident.objects.get(pk=notice.data["incident"]) for notice in Notice.objects.all()}
    assert told[manager.pk] == found and told[administrator.pk] == whole and outsider.pk not in told
    # A second scheduler, and the same night once more: nobody is told again.
    before = Notice.objects.count()
    assert not nightly.is_due() and nightly.judge_until(UNTIL) == 0 and Notice.objects.count() == before


@pytest.mark.parametrize(("scale", "best", "worst"), [("csat_3", 3, 2), ("thumbs", 1, 0)])
def test_a_place_is_watched_on_the_scale_that_most_answer_on(
    survey: Survey, team: Team, other_team: Team, scale: str, best: int, worst: int
) -> None:
    source = random.Random(4)
    good, bad = steady(source, 172, until=UNTIL - 10 * DAY), steady(source, 10, share=0.55)
    scores(survey, team, good + bad, scale=scale, best=best, worst=worst)
    # A few answers on five steps, all of them bad, are not mixed in.
    scores(survey, team, [(day, 0, 2) for day in days(60)])
    scores(survey, other_team, steady(source, 182), channel="email")
    found = counted.read(Period(UNTIL - 59 * DAY, UNTIL))
    own, other = counted.Subject("csat", team.pk), counted.Subject("csat", other_team.pk)
    assert found[own][UNTIL] == bad[-1][1:] and found[other][UNTIL][1] == 40
    assert not {one.metric for one in found} & {"csat_5", "csat_3", "thumbs"}
    told = list(counted.rows_of(own, Period(UNTIL, UNTIL)))
    assert {row.metric for row, _day, _parts in told} == {"csat"}
    assert sum(parts[1] for _row, _day, parts in told) == 40
    nightly.judge_due()
    incident = Incident.objects.get(metric="csat", team=team, direction="down")
    assert incident.extent["diff"] < -0.15 and not Incident.objects.filter(team=other_team).exists()


def test_the_next_nights_go_on_with_it_and_it_ends(fallen, survey, team, other_team, manager, time_machine) -> None:
    nightly.judge_due()
    known, source = Incident.objects.get(metric="csat", team=team), random.Random(9)
    notices = Notice.objects.filter(user=manager).count()
    for night in range(1, 16):
        day, share = UNTIL + night * DAY, 0.55 if night < 5 else 0.8
        scores(survey, team, [(day, round(share * 40), 40)])
        scores(survey, other_team, steady(source, 1, until=day), channel="email")
        if night % 3 == 0:  # the nights between were spent without power
            time_machine.move_to(NOW + night * DAY, tick=False)
            RollupClock.objects.update(as_of=NOW + night * DAY)
            tasks.judge_days()
    assert Watch.objects.get().judged_until == UNTIL + 15 * DAY
    known.refresh_from_db()
    assert known.last_day > UNTIL and known.over_on == known.last_day + DAY
    assert list(Incident.objects.filter(metric="csat", team=team, direction="down")) == [known]
    assert Notice.objects.filter(user=manager, data__incident=known.pk).count() == 1 <= notices


def test_nothing_is_judged_before_its_day_is_counted(fallen, time_machine) -> None:
    RollupClock.objects.update(as_of=NOW - DAY)
    rollups.Change.mark("response", NOW)
    assert not nightly.is_due()
    rollups.Change.objects.all().delete()
    assert nightly.is_due()
    time_machine.move_to(NOW.replace(hour=2), tick=False)
    assert not nightly.is_due()


def test_a_worker_killed_while_storing_leaves_nothing_and_the_next_does_it_all(fallen, monkeypatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(nightly.telling, "tell", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            nightly.judge_due()
    assert not Incident.objects.exists() and not WatchedSeries.objects.exists() and nightly.is_due()
    assert nightly.judge_due()


def test_late_answers_are_judged_again_and_holidays_and_outages_never(survey, team) -> None:
    scores(survey, team, steady(random.Random(4), 182, until=UNTIL))
    ScoreDay.cuts.filter(day=UNTIL - 2 * DAY).delete()
    nightly.judge_due()
    assert not Incident.objects.filter(metric="csat").exists()
    scores(survey, team, [(UNTIL - 2 * DAY, 8, 40)])
    Watch.objects.update(judged_until=UNTIL - DAY)
    Calendar.objects.update(days={(UNTIL - 2 * DAY).isoformat(): []})
    nightly.judge_until(UNTIL)
    assert not Incident.objects.filter(metric="csat").exists()
    Calendar.objects.update(days={})
    outage = Annotation.objects.create(kind="outage", start=UNTIL - 3 * DAY, end=UNTIL - 2 * DAY, text="CRM")
    Watch.objects.update(judged_until=UNTIL - DAY)
    nightly.judge_until(UNTIL)
    assert not Incident.objects.filter(metric="csat").exists()
    outage.delete()
    Watch.objects.update(judged_until=UNTIL - DAY)
    nightly.judge_until(UNTIL)
    odd = Incident.objects.get(metric="csat", team=team)
    assert (odd.kind, odd.first_day, odd.extent["n"]) == ("spike", UNTIL - 2 * DAY, 40)


def test_volume_topics_and_waits_are_watched_too(survey, team, organisation) -> None:
    source, topic = random.Random(2), Topic.objects.create(code="t-late", names={"en": "Late"})
    for place, day in enumerate(days(182)):
        is_odd = place >= 170
        contacts(team, {day: source.randint(52, 68) + 45 * is_odd})
        late = (12 if is_odd else 3) + source.randint(-2, 2)
        keep(CommentDay, day, {("survey", survey.pk, team.pk, "phone", "neutral"): 30})
        keep(TopicDay, day, {("survey", survey.pk, team.pk, "phone", topic.pk, "negative"): late})
        waits = (bucket(source.lognormvariate(6 + 1.2 * is_odd, 1)) for _ in range(20))
        keep(DurationDay, day, Counter((team.pk, "phone", "response_working", wait) for wait in waits))
    nightly.judge_due()
    of_team = {row.metric: row for row in Incident.objects.filter(team=team)}
    assert {name: row.direction for name, row in of_team.items()} == {
        "contacts": "up", "topic": "up", "first_response": "up"
    }  # fmt: skip
    assert of_team["topic"].topic == topic
    assert 0.5 < of_team["contacts"].extent["diff"] < 1 and of_team["first_response"].extent["diff"] > 1
    assert of_team["first_response"].last_day <= UNTIL - 3 * DAY  # who still waits is not known sooner
    assert not Incident.objects.filter(metric="topic").exclude(channel="").exists()


def efforts(survey: Survey, team: Team, source: random.Random, told: list[dt.date], *, share: float) -> None:
    """Forty CES answers a day, so many of which agree that it was easy; every fourth of the others is undecided."""
    for day in told:
        n = max(20, round(source.gauss(40, 6)))
        given = Counter(
            source.choice((5, 6, 7)) if source.random() < share else source.choice((1, 2, 3, 4)) for _ in range(n)
        )
        keep(
            ScoreDay, day, {(survey.pk, "ces_7", team.pk, "phone", "confirmed", score): n for score, n in given.items()}
        )


def test_team_that_stops_replying_is_found(survey, team, other_team, customer) -> None:
    ServiceLevel.objects.create(minutes=60, since=UNTIL - 400 * DAY, is_working_time=False)
    TellingSource.objects.create(source="crm", channel="phone", team=team)
    source, quiet = random.Random(3), 8
    for own in (team, other_team):
        kept = {day: sum(source.random() < 0.9 for _ in range(20)) for day in days(182)}
        if own == team:
            kept = {day: good for day, good in kept.items() if day <= UNTIL - quiet * DAY}
        contacts(own, {day: 20 for day in days(182)})
        for day, good in kept.items():
            keep(ContactDay, day, {(own.pk, "phone", fact): n for fact, n in (("met", good), ("late", 20 - good)) if n})
    came = [NOW.replace(hour=12) - back * DAY for back in range(1, quiet + 1) for _ in range(20)]
    Interaction.objects.bulk_create(
        Interaction(source="crm", external_id=str(number), customer=customer, team=team, channel="phone",
                    created_at=at, updated_at=at)
        for number, at in enumerate(came)
    )  # fmt: skip
    nightly.judge_due()
    found = Incident.objects.get(metric="within_level", team=team, direction="down")
    assert found.extent["now"] < 0.5 and found.extent["n"] >= 100
    assert Incident.objects.filter(metric="within_level", team=None, channel="", direction="down").exists()
    assert not Incident.objects.filter(metric="within_level", team=other_team).exists()


def test_effort_is_watched_as_its_card_tells_it(survey, team, other_team, manager, login) -> None:
    source = random.Random(14)
    efforts(survey, other_team, source, days(182), share=0.8)
    efforts(survey, team, source, days(172, UNTIL - 10 * DAY), share=0.8)
    nightly.judge_until(UNTIL - 10 * DAY)
    assert not Incident.objects.exists()
    efforts(survey, team, source, days(10), share=0.6)
    nightly.judge_until(UNTIL)
    fallen = Incident.objects.get(metric="ces", team=team)
    assert (fallen.direction, fallen.kind) == ("down", "shift") and fallen.days[0] <= str(UNTIL - 3 * DAY)
    assert 0.5 < fallen.extent["now"] < 0.7 and fallen.extent["hi"] < 0
    assert not Incident.objects.filter(team=other_team).exists()
    page = login(manager).get(PAGE).content.decode()
    assert f'id="i{fallen.pk}"' in page and 'value="ces"' not in page  # only who leads all chooses what is watched
    assert "class=negative" in page


def test_few_answers_are_looked_at_by_the_week_and_fewer_not_at_all(survey, team, other_team) -> None:
    source = random.Random(6)
    scores(
        survey, team, steady(source, 154, n=3, share=0.85, until=UNTIL - 28 * DAY) + steady(source, 28, n=3, share=0.2)
    )
    scores(survey, other_team, [(day, 1, 1) for day in days(182)[::5]], channel="email")
    nightly.judge_due()
    found = Incident.objects.get(metric="csat", team=team)
    assert found.is_weekly and found.direction == "down" and found.last_day.weekday() == 6
    assert WatchedSeries.objects.get(metric="csat", team=other_team).by == "few"
    assert not Incident.objects.filter(team=other_team).exists()


def test_a_rare_topic_is_no_alarm_by_its_first_mention(survey, team) -> None:
    topic = Topic.objects.create(code="t-rare", names={"en": "Rare"})
    for place, day in enumerate(days(182)):
        keep(CommentDay, day, {("survey", survey.pk, team.pk, "phone", "neutral"): 6})
        if place in (10, 178):
            keep(TopicDay, day, {("survey", survey.pk, team.pk, "phone", topic.pk, "negative"): 1})
    nightly.judge_due()
    assert {row.by for row in WatchedSeries.objects.filter(metric="topic")} == {"few"}
    assert not Incident.objects.exists()


def test_the_first_look_keeps_what_is_over_and_tells_nobody_of_it(survey, team, manager) -> None:
    told = steady(random.Random(4), 182)
    told[-15] = (told[-15][0], 8, 40)
    scores(survey, team, told)
    nightly.judge_due()
    known = Incident.objects.get(metric="csat", team=team)
    assert known.over_on == known.last_day + DAY == UNTIL - 13 * DAY and known.points
    assert not Notice.objects.exists()


def test_young_series_wait_and_the_number_of_queries_does_not_grow(survey, team, django_assert_max_num_queries) -> None:
    scores(survey, team, steady(random.Random(1), 40))
    with django_assert_max_num_queries(9):
        counted.read(Period(UNTIL - HISTORY, UNTIL))
    nightly.judge_due()
    assert {row.by for row in WatchedSeries.objects.filter(metric="csat")} == {"young"}


# --- the page ----------------------------------------------------------------------------------------------------


def test_each_manager_sees_the_own_teams_and_the_other_teams_change_no_byte(
    fallen, team, other_team, manager, outsider, login, survey, django_assert_max_num_queries
) -> None:
    nightly.judge_due()
    mine = Incident.objects.get(metric="csat", team=team)
    client = login(manager)
    page = client.get(PAGE).content.decode()
    assert f'id="i{mine.pk}"' in page and "Возвраты" not in page
    assert "n=" in page and 'class="alarm"' in page
    assert f"{PAGE}#i{mine.pk}" in client.get("/admin/dashboard/").content.decode()
    assert f"{PAGE}#i" not in login(outsider).get("/admin/dashboard/").content.decode()
    theirs = login(outsider).get(PAGE).content.decode()
    assert f'id="i{mine.pk}"' not in theirs and "Первая линия" not in theirs
    Incident.objects.create(
        metric="nps", team=other_team, direction="down", kind="spike", began_on=UNTIL, first_day=UNTIL, last_day=UNTIL
    )
    client = login(manager)
    client.get(PAGE)
    with django_assert_max_num_queries(26):
        again = client.get(PAGE).content.decode()
    assert strip(again) == strip(page)
    other = Incident.objects.get(metric="nps")
    assert client.post(f"{PAGE}{other.pk}/decide/", {"act": "dismiss"}).status_code == 404
    assert client.get(f"{PAGE}{mine.pk}/decide/").status_code == 405


def strip(page: str) -> str:
    """The page without what differs from one look to the next."""
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_a_deviation_is_acknowledged_put_off_told_again_and_dismissed(
    fallen, team, manager, viewer, login, time_machine
) -> None:
    nightly.judge_due()
    row = Incident.objects.get(metric="csat", team=team)
    decide = f"{PAGE}{row.pk}/decide/"
    assert login(viewer).post(decide, {"act": "acknowledge"}).status_code == 403
    client = login(manager)
    client.post(decide, {"act": "acknowledge"})
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("acknowledged", manager)
    for until in ("", "tomorrow", "2026-02-30", "2020-01-01", "2099-01-01", UNTIL.isoformat()):
        client.post(decide, {"act": "snooze", "for": "until", "until": until})
        row.refresh_from_db()
        assert row.state == "acknowledged", until
    client.post(decide, {"act": "snooze", "for": "day"})
    row.refresh_from_db()
    assert (row.state, row.snoozed_until) == ("snoozed", UNTIL + 2 * DAY)
    time_machine.move_to(NOW + DAY, tick=False)
    RollupClock.objects.update(as_of=NOW + DAY)
    nightly.judge_due()
    row.refresh_from_db()
    assert row.state == "open" and Notice.objects.filter(user=manager, data__incident=row.pk).count() == 2
    client.post(decide, {"act": "dismiss"})
    page = client.get(PAGE).content.decode()
    assert page.index('id="past"') < page.index(f'id="i{row.pk}"')


def test_the_profile_says_its_price_and_a_year_is_replayed_for_the_own_teams(
    fallen, team, manager, administrator, login
) -> None:
    nightly.judge_due()
    boss = login(administrator)
    boss.post("/admin/deviations/set-up/", {"profile": "quiet", "metric": ["csat", "nps"], "save": "1"})
    watch = Watch.objects.get()
    assert watch.profile == "quiet" and "contacts" in watch.left_out and "csat" not in watch.left_out
    client = login(manager)
    assert client.post("/admin/deviations/set-up/", {"profile": "sensitive"}).status_code == 403
    client.post("/admin/deviations/set-up/", {"profile": "standard", "replay": "1"})
    job = replay.last(manager)
    jobs.finish_now(job)
    found = replay.found_by(replay.last(manager))
    assert {row["team"] for row in found} == {team.pk}
    assert any(row["metric"] == "csat" and row["direction"] == "down" for row in found)
    page = client.get(PAGE).content.decode()
    assert 'id="replay"' in page and 'class="told"' in page


def test_nothing_yet_and_too_little_say_so(login, administrator, client: Client) -> None:
    User.objects.filter(pk=administrator.pk).update(language="en")
    page = login(administrator).get(PAGE).content.decode()
    assert "Nothing has been judged yet" in page
    nightly.judge_due()
    assert "Too little to watch yet" in login(administrator).get(PAGE).content.decode()
