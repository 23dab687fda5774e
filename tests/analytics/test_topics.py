"""Topics: one by one, where they are mentioned more than elsewhere, and what people say of them."""

import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from analytics import reports, rollups
from analytics.periods import Period
from analytics.reports import Filters
from analytics.topics import words
from analytics.topics.report import About, about, classes_of
from analytics.topics.rising import rising
from feedback.filters import comments_found
from feedback.models import Comment, Topic
from ground.access import EVERYTHING, scope_of
from ground.models import Team, User
from surveys.models import Survey
from tests.analytics.rows import answer, say

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
YESTERDAY = NOON - dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def wait() -> Topic:
    return Topic.objects.create(code="t-wait", names={"en": "Waiting", "ru": "Ожидание"})


def catch_up() -> None:
    while rollups.has_work():
        rollups.roll_up()


def found(user: User, topic: Topic) -> About:
    catch_up()
    period = Period(NOON.date() - dt.timedelta(days=27), NOON.date())
    filters = Filters(scope=scope_of(user), period=period, before=period.previous())
    among = reports.classes(filters, as_of=NOON)
    row = next(row for row in reports.topics(filters, among=among, as_of=NOON) if row.topic == topic)
    return about(filters, row, among=among, every=classes_of(filters), as_of=NOON)


def test_what_is_mentioned_more_in_one_place_stands_out(
    administrator: User, wait: Topic, team: Team, other_team: Team, survey: Survey
) -> None:
    for number in range(60):
        say("negative" if number % 2 else "positive", at=YESTERDAY, team=team, topics=(wait,) if number < 40 else ())
        say("positive", at=YESTERDAY, team=other_team, topics=(wait,) if number < 5 else (), channel="chat")
    told = found(administrator, wait)
    teams = {part.key: part for part in told.portions["team"]}
    assert (teams[team.pk].mentions, teams[team.pk].metric.den, teams[other_team.pk].mentions) == (40, 60, 5)
    assert teams[team.pk].is_marked and (teams[team.pk].residual or 0) > 3
    assert teams[other_team.pk].is_marked and (teams[other_team.pk].residual or 0) < -3
    assert told.portions["survey"] == ()  # one alone says no more than the whole
    tones = {tone.name: tone for tone in told.tones}
    assert tones["negative"].count == 20 and tones["negative"].is_marked
    assert told.net.value == pytest.approx(100 * (25 - 20) / 45) and told.net.n == 45
    assert (told.weeks[-1].n, told.weeks[-1].value) == (120, pytest.approx(45 / 120))


def test_few_comments_beside_are_not_to_be_worked_out(
    administrator: User, wait: Topic, team: Team, other_team: Team
) -> None:
    for number in range(30):
        say("negative", at=YESTERDAY, team=team, topics=(wait,) if number < 10 else ())
    for _ in range(3):
        say("negative", at=YESTERDAY, team=other_team, topics=(wait,))
    teams = {part.key: part.metric.state for part in found(administrator, wait).portions["team"]}
    assert teams == {team.pk: "hidden", other_team.pk: "hidden"}


def test_words_of_the_topic_and_masked_quotes(administrator: User, wait: Topic, team: Team) -> None:
    for number in range(40):
        said = say("negative", at=YESTERDAY, topics=(wait,) if number < 20 else (), team=team)
        Comment.objects.filter(pk=said.pk).update(
            lemmas="долго ждать ответ" if number < 20 else "спасибо за помощь",
            text=f"Долго ждали, звоните +7 911 123-45-{number:02}",
        )
    catch_up()
    period = Period(NOON.date() - dt.timedelta(days=27), NOON.date())
    filters = Filters(scope=scope_of(administrator), period=period)
    told = words.telling_words(filters, wait)
    assert told and set(" ".join(told).split()) <= {"долго", "ждать", "ответ"}
    assert len(words.quotes(filters, wait)) == 3


def test_the_pages_hold_in_as_many_statements_and_hide_personal_data(
    client: Client, administrator: User, wait: Topic, survey: Survey, team: Team, django_assert_max_num_queries: Any
) -> None:
    home = reverse("analytics:topics")
    client.force_login(administrator)
    assert client.get(home).status_code == 200
    inside = Topic.objects.create(code="t-phone", names={"en": "On the phone"}, parent=wait)
    for number in range(70):
        topics = (wait, inside) if number < 40 else ()
        response = answer(survey, 1 if number < 40 else 5, at=YESTERDAY, team=team)
        say("negative", at=YESTERDAY, topics=topics, text="Звоните +7 911 123-45-67", response=response, survey=survey,
            team=team)  # fmt: skip
    catch_up()
    client.get(home)
    for params, text in (({"sort": "points"}, "Waiting"), ({"about": "t-wait", "compare": "none"}, "On the phone")):
        with django_assert_max_num_queries(29):
            page = client.get(home, params, headers={"accept-language": "en"}).content.decode()
        assert text in page and "123-45-67" not in page
    assert f"{home}?about=t-wait" in client.get(home).content.decode()
    assert client.get(home, {"about": "t-wait", "format": "csv"}).status_code == 200
    assert client.get(home, {"format": "xlsx"}).status_code == 200
    assert client.get(home, {"about": "nothing"}).status_code == client.get(home, {"about": "\0"}).status_code == 200


def test_a_manager_reads_the_own_team_alone(
    client: Client, manager: User, wait: Topic, team: Team, other_team: Team
) -> None:
    for _ in range(6):
        say("negative", at=YESTERDAY, topics=(wait,), team=team, text="наши слова")
        say("negative", at=NOON, topics=(wait,), team=other_team, text="чужие слова")
    catch_up()
    client.force_login(manager)
    page = client.get(reverse("analytics:topics"), {"about": "t-wait"}).content.decode()
    assert "наши слова" in page and "чужие слова" not in page and other_team.name not in page


def test_what_the_last_week_spoke_of_more_is_told_on_the_page_and_by_the_api(
    client: Client, api: APIClient, administrator: User, wait: Topic, team: Team
) -> None:
    price = Topic.objects.create(code="t-price", names={"en": "Price", "ru": "Цена"})
    for week in range(13):
        at = NOON - dt.timedelta(days=9 + 7 * week)
        # Twice as many comments in the last week: no news of itself.
        for number in range(60 if week == 0 else 30):
            topics = (wait,) if number < (24 if week == 0 else 4) else (price,) if number % 6 == 5 else ()
            say("negative", at=at, topics=topics, team=team)
    catch_up()
    client.force_login(administrator)
    User.objects.update(language="en")
    page = client.get(reverse("analytics:topics")).content.decode()
    words_of = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    told = words_of.split("against the twelve weeks before, n=60 comments.")[1].split("What comments are about")[0]
    assert "Waiting 24 mentions" in told and "3.0 times as many" in told and "Price" not in told
    values = api.get("/api/v1/metrics/emerging_topics/").json()["values"]
    verdicts = {value["key"]: (value["n"], value["verdict"]) for value in values}
    assert verdicts["t-wait"] == (24, "certain") and verdicts["t-price"][1] is None


def test_a_week_that_is_not_over_is_not_compared(wait: Topic, team: Team) -> None:
    """On a Thursday the week before is the last one, and so it is in a period that ends on one."""
    monday = dt.date(2026, 11, 9)
    for week, number in enumerate((30, 24, *[4] * 12)):
        for at in range(30):
            said_on = NOON - dt.timedelta(days=3 + 7 * week)
            say("negative", at=said_on, topics=(wait,) if at < number else (), team=team)
    catch_up()
    days = Period(dt.date(2026, 10, 23), dt.date(2026, 11, 19))
    for today in (days.end, dt.date(2026, 12, 3)):
        found = rising(Filters(scope=EVERYTHING, period=days), today=today)
        assert (found.period, found.comments) == (Period(monday, monday + dt.timedelta(days=6)), 30)
        assert [one.found.mentions for one in found.certain] == [24]
    for last in (monday + dt.timedelta(days=6), monday + dt.timedelta(days=7)):  # on Monday the week is over
        found = rising(Filters(scope=EVERYTHING, period=Period(days.start, last)), today=dt.date(2026, 12, 3))
        assert found.period.start == monday


def test_a_link_to_a_merged_topic_leads_to_the_one_that_stands_for_it(
    client: Client, administrator: User, wait: Topic, team: Team
) -> None:
    for _ in range(7):
        say("negative", at=YESTERDAY, topics=(wait,), team=team)
    Topic.objects.create(code="t-queue", names={"en": "Queues", "ru": "Очереди"}, merged_into=wait, is_active=False)
    catch_up()
    client.force_login(administrator)
    page = client.get(reverse("analytics:topics"), {"about": "t-queue"})
    assert page.context["topic"] == wait and page.context["row"].mentions == 7
    assert "about=t-wait" in page.context["controls"]["presets"][0]["href"]


def test_without_weeks_before_nothing_is_new(client: Client, administrator: User, wait: Topic) -> None:
    for _ in range(7):
        say("negative", at=YESTERDAY, topics=(wait,))
    catch_up()
    client.force_login(administrator)
    User.objects.update(language="en")
    assert "There are no comments to compare with." in client.get(reverse("analytics:topics")).content.decode()


def test_comments_of_no_survey_open_as_such_and_quotes_tell_the_reporting_day(
    client: Client, administrator: User, wait: Topic, survey: Survey
) -> None:
    User.objects.update(language="en")
    past_midnight = NOON - dt.timedelta(hours=14)  # one at night in Moscow
    for number in range(20):
        say("negative", at=past_midnight, topics=(wait,), survey=survey if number < 12 else None)
    catch_up()
    client.force_login(administrator)
    page = client.get(reverse("analytics:topics"), {"about": "t-wait"}).context
    ((by_survey, _marked),) = page["portions"]
    behind = [
        comments_found(dict(parse_qsl(urlsplit(row["href"]).query)), reader=administrator, scope=EVERYTHING).count()
        for row in by_survey.rows
    ]
    assert behind == [row["metric"].num for row in by_survey.rows] == [12, 8]
    assert {quote["day"] for quote in page["quotes"]} == {"22\xa0Nov"}


def told_words(reader: User, topic: Topic, *, text: str, lemmas: str, team: Team) -> list[str]:
    for number in range(40):
        said = say("negative", at=YESTERDAY, topics=(topic,) if number < 20 else (), team=team)
        own = {"lemmas": lemmas, "text": text} if number < 20 else {"lemmas": "спасибо за помощь"}
        Comment.objects.filter(pk=said.pk).update(**own)
    catch_up()
    period = Period(NOON.date() - dt.timedelta(days=27), NOON.date())
    return words.telling_words(Filters(scope=scope_of(reader), period=period), topic)


def test_a_name_that_texts_hide_is_no_word_of_a_topic(administrator: User, wait: Topic, team: Team) -> None:
    text, lemmas = "Ваш менеджер Иван Кукушкин нахамил", "иван кукушкин нахамить"
    told = " ".join(told_words(administrator, wait, text=text, lemmas=lemmas, team=team))
    assert "нахамить" in told and "кукушкин" not in told and "иван" not in told


def test_english_words_of_a_topic_stand_as_they_are_written(administrator: User, wait: Topic, team: Team) -> None:
    told = told_words(administrator, wait, text="Delivery slots cancelled", lemmas="deliveri slot cancel", team=team)
    assert told and set(" ".join(told).split()) <= {"delivery", "slots", "cancelled"}
