"""The dashboard: whose numbers it shows, how many queries it costs, and what it does with odd addresses."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client

from analytics import rollups
from feedback import intake
from feedback.intake import Given
from feedback.models import Topic
from ground.models import Team, User
from surveys.models import Survey
from surveys.starters import CSAT, start_survey
from tests.analytics.rows import answer_all, say

URL = "/admin/dashboard/"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def english(administrator: User) -> None:
    User.objects.update(language="en")


def catch_up() -> None:
    rollups.roll_up()
    assert not rollups.has_work()


def answers(survey: Survey, good: int, bad: int, *, days_ago: int = 1, high: int = 5, low: int = 1, **fields) -> None:
    answer_all(survey, [high] * good + [low] * bad, at=NOON - dt.timedelta(days=days_ago), **fields)


def seen(client: Client, query: str = "") -> str:
    """The page's text without its tags, white space folded."""
    response = client.get(URL + query)
    assert response.status_code == 200
    page = re.sub(r"</a>(?=[,.:;])", "", response.content.decode())  # a link ends where its word ends
    return " ".join(re.sub(r"<[^>]*>", " ", page).replace("\xa0", " ").split())


def test_scores_with_interval_n_and_significant_change(
    login: Callable, administrator: User, english: None, survey: Survey, team: Team
) -> None:
    answers(survey, 80, 20, team=team)
    answers(survey, 95, 5, team=team, days_ago=40)
    catch_up()
    page = seen(login(administrator))
    assert "80% interval 71–87 n = 100" in page
    assert "▼ −15.0 pp worse (−24.3…−5.9) against 28 Sep – 25 Oct 2026 : 95%" in page.replace("2026:", "2026 :")
    assert "Worse. CSAT 80% (n=100) against 95%: −15.0 pp (−24.3…−5.9), a significant change." in page


def test_nps_is_signed_and_split(login: Callable, administrator: User, english: None, nps_survey: Survey) -> None:
    answers(nps_survey, 50, 20, high=9, low=0)
    answers(nps_survey, 30, 0, high=7)
    catch_up()
    page = seen(login(administrator))
    assert "+30 interval +14…+44 n = 100" in page
    assert "promoters 9–10: 50 (50%)" in page and "detractors 0–6: 20 (20%)" in page


def test_presumed_answers_are_told_apart(login: Callable, administrator: User, english: None, survey: Survey) -> None:
    answers(survey, 40, 10)
    answers(survey, 50, 0, evidence="presumed")
    catch_up()
    page = seen(login(administrator))
    assert "Presumed answers: 50 of 100 (50%). Confirmed only: 80% (67–89): the score depends on" in page


@pytest.mark.parametrize(("good", "told"), [(4, "too few answers (under 5)"), (5, "100% interval 57–100 n = 5 few")])
def test_few_answers(login: Callable, administrator: User, english: None, survey: Survey, good: int, told: str) -> None:
    answers(survey, good, 0)
    catch_up()
    assert told in seen(login(administrator))


def test_stars_of_reviews_never_enter_a_score(
    login: Callable, administrator: User, english: None, survey: Survey
) -> None:
    say("negative", source="review", stars=1)
    answers(survey, 5, 0)
    catch_up()
    page = seen(login(administrator))
    assert "100% interval 57–100 n = 5" in page and "1 comment: 1 review." in page


def test_classes_and_topics(login: Callable, administrator: User, english: None) -> None:
    waiting = Topic.objects.create(code="t-waiting", names={"en": "Waiting on the line"})
    rare = Topic.objects.create(code="t-rare", names={"en": "Packaging"})
    for _ in range(6):
        say("negative", topics=(waiting,))
    for _ in range(3):
        say("positive", topics=(rare,), source="review")
    say()
    catch_up()
    client = login(administrator)
    page = seen(client)
    assert "10 comments: 7 from answers, 3 reviews. Shares of the 9 with a sure class." in page
    assert "Negative 67% (35–88), n=6" in page and "Not sure 1 of 10" in page
    assert "Waiting on the line: negative in 6 of 6 mentions, 60% of all comments." in page
    assert "Too few mentions (under 5): Packaging" in page
    assert "3 comments: 3 reviews." in seen(client, "?source=review")


def test_numbers_link_to_exactly_their_rows(
    login: Callable, administrator: User, english: None, survey: Survey, nps_survey: Survey, team: Team
) -> None:
    answers(survey, 7, 0, team=team)
    answers(nps_survey, 9, 0, high=10, team=team)
    catch_up()
    html = login(administrator).get(f"{URL}?team={team.pk}").content.decode().replace("&amp;", "&")
    link = f"from=2026-10-26&to=2026-11-22&team={team.pk}&evidence=counted&scale=csat_5"
    assert re.search(rf'<strong><a href="/admin/feedback/response/\?{link}">100%', html)


def test_every_number_opens_exactly_as_many_rows(
    login: Callable, administrator: User, english: None, survey: Survey, nps_survey: Survey, team: Team
) -> None:
    waiting = Topic.objects.create(code="t-waiting", names={"en": "Waiting on the line"})
    for evidence, good, bad in (("confirmed", 37, 11), ("presumed", 5, 2), ("held", 3, 3)):
        answers(survey, good, bad, evidence=evidence, team=team)
        answers(nps_survey, bad, good, evidence=evidence, high=9, low=3)
    answers(survey, 9, 9, days_ago=28)
    answer_all(survey, [None, None], at=NOON)
    for number in range(14):
        say("negative" if number % 3 else "", topics=(waiting,), is_counted=number < 11)
        say("neutral", at=NOON - dt.timedelta(days=30))
    catch_up()
    client = login(administrator)
    html = client.get(URL).content.decode().replace("&amp;", "&")
    numbers = re.findall(r'href="(/admin/feedback/(?:response|comment)/\?[^"]*)">(?:n = )?(\d+)</a>', html)
    assert {number for _href, number in numbers} >= {"55", "42", "13", "11", "4"}
    for href, number in numbers:
        counted = re.search(r'role="status"><b>(\d+)', client.get(href).content.decode())
        assert counted and counted[1] == number, (href, number)


def test_other_teams_rows_change_no_byte_of_mine(
    login: Callable, manager: User, survey: Survey, nps_survey: Survey, team: Team, other_team: Team
) -> None:
    waiting = Topic.objects.create(code="t-waiting", names={"en": "Waiting"})
    answers(survey, 40, 10, team=team)
    say("negative", team=team, topics=(waiting,))
    catch_up()
    client = login(manager)
    before = CHANGING.sub(b"", client.get(URL).content)
    answers(survey, 10, 30, team=other_team, channel="chat")
    answers(nps_survey, 10, 30, team=None, high=10)
    answers(start_survey(CSAT, code="refunds", name="Refunds"), 3, 3, team=other_team)
    answers(survey, 10, 60, team=other_team, days_ago=35)
    say("positive", team=other_team, topics=(waiting,), source="review")
    catch_up()
    assert CHANGING.sub(b"", client.get(URL).content) == before


def test_rows_without_a_team_are_for_the_whole_organisation(
    login: Callable, manager: User, administrator: User, english: None, survey: Survey
) -> None:
    answers(survey, 6, 0, team=None)
    catch_up()
    assert "n = 6" in seen(login(administrator))
    assert "Nobody has answered yet" in seen(login(manager))


@pytest.mark.parametrize(
    "query",
    [
        "?period=5", "?compare=never", "?channel=pigeon", "?team=0", "?survey=x", "?source=%00", "?from=2026-01-01",
        "?from=2026-13-01&to=2026-01-01", "?from=2026-02-01&to=2026-01-01", "?from=0001-01-01&to=9999-12-31",
    ],
)  # fmt: skip
def test_odd_addresses_are_refused_with_a_sentence(
    login: Callable, administrator: User, english: None, query: str
) -> None:
    response = login(administrator).get(URL + query)
    assert response.status_code == 400
    assert "asks for something that does not exist" in response.content.decode()


def test_another_team_is_as_unknown_as_none(login: Callable, manager: User, other_team: Team) -> None:
    client = login(manager)
    assert client.get(f"{URL}?team={other_team.pk}").status_code == client.get(f"{URL}?team=999").status_code == 400


def test_only_people_with_a_role_may_look(client: Client, login: Callable, organisation: object) -> None:
    assert client.get(URL).status_code == 302
    assert login(User.objects.create_user("nobody@example.org", "x" * 12)).get(URL).status_code == 403


def test_empty_period_leads_to_the_newest_rows(
    login: Callable, administrator: User, english: None, survey: Survey
) -> None:
    client = login(administrator)
    assert "Publish a survey" in seen(client)
    answers(survey, 5, 0, days_ago=100)
    catch_up()
    assert "The newest answers and comments of this scope are of 14 Aug 2026." in seen(client)
    assert 'from=2026-07-18&amp;to=2026-08-14"' in client.get(URL).content.decode()


def test_comparison_may_be_another_year_or_none(
    login: Callable, administrator: User, english: None, survey: Survey
) -> None:
    answers(survey, 5, 0)
    catch_up()
    client = login(administrator)
    assert "with 27 Oct – 23 Nov 2025" in seen(client, "?compare=year")
    assert "no comparison is chosen" in seen(client, "?compare=none")


def test_without_a_comparison_nothing_is_said_of_where_it_changed(
    login: Callable, administrator: User, english: None, survey: Survey, team: Team, other_team: Team
) -> None:
    for own in (team, other_team):
        answers(survey, 40, 10, team=own)
    catch_up()
    page = seen(login(administrator), "?compare=none")
    assert "A comparison needs 30 answers" not in page and page.count("No comparison is chosen.") == 2


def test_russian_page_writes_numbers_the_russian_way(login: Callable, administrator: User, survey: Survey) -> None:
    User.objects.update(language="ru")
    answers(survey, 800, 200)
    catch_up()
    html = login(administrator).get(URL).content.decode()
    assert "80,0\xa0%" in html and "1\xa0000" in html and "77,4–82,4" in html and "22\xa0ноя" in html
    assert not re.search(r'(?:cx|x1|x2|y1|y2|width)="-?\d+,\d', html)


def test_each_scale_that_was_answered_on_has_its_card(
    login: Callable, administrator: User, english: None, survey: Survey, team: Team
) -> None:
    answers(survey, 30, 10, team=team, scale="ces_7", high=6, low=2)
    answers(survey, 8, 2, team=team, scale="thumbs", high=1, low=0)
    answers(survey, 6, 4, team=team, scale="yes_no", high=1, low=0)
    answers(survey, 9, 1, team=team, scale="csat_3", high=3, low=1)
    catch_up()
    page = seen(login(administrator))
    assert "CES “it was easy”, 5–7 of 7" in page and "easy 5–7: 30 (75%)" in page and "not easy 1–3: 10" in page
    assert "CSAT of 3" in page and "90% interval 60–98 n = 10" in page
    assert "thumbs down: 2 (20%)" in page and "yes: 6 (60%)" in page
    assert "NPS: " not in page and "CES 75% (60–86)" in page


def test_where_tells_which_scale_of_csat_it_is_about(
    login: Callable, administrator: User, english: None, survey: Survey, team: Team, other_team: Team
) -> None:
    for own in (team, other_team):
        answers(survey, 20, 5, team=own)
    catch_up()
    client = login(administrator)
    assert "different scales are not mixed" not in seen(client)
    answers(survey, 8, 2, team=team, scale="thumbs", high=1, low=0)
    catch_up()
    assert "CSAT alone: different scales are not mixed. Not told apart here: Thumbs up (n=10)." in seen(client)


def test_query_count_does_not_grow(
    login: Callable, administrator: User, survey: Survey, nps_survey: Survey, team: Team, other_team: Team,
    django_assert_max_num_queries: Callable,
) -> None:  # fmt: skip
    client = login(administrator)
    for number in range(8):
        topic = Topic.objects.create(code=f"t{number}", names={"en": f"Topic {number}"})
        for place in (team, other_team):
            answers(survey, 5, 3, team=place, days_ago=number * 5, channel="chat")
            answers(nps_survey, 5, 3, team=place, days_ago=number * 5, high=10)
            say("negative", team=place, topics=(topic,), at=NOON - dt.timedelta(days=number))
    catch_up()
    with django_assert_max_num_queries(44):
        assert client.get(URL).status_code == 200


def test_the_rows_without_a_team_can_be_opened(login, administrator, make_invitation, team) -> None:

    for where in (None, team):
        intake.record(make_invitation(team=where), Given(score=5, text="Всё хорошо"))
    client = login(administrator)
    for page in ("response", "comment"):
        reply = client.get(f"/admin/feedback/{page}/?team=none")
        assert reply.content.decode().count('<article class="row') == 1


def test_presumed_answers_can_be_left_out(login: Callable, administrator: User, english: None, survey: Survey) -> None:
    answers(survey, 40, 10)
    answers(survey, 50, 0, evidence="presumed")
    catch_up()
    client = login(administrator)
    assert "90% interval" in seen(client)
    page = seen(client, "?evidence=confirmed")
    assert "80% interval 67–89 n = 50" in page and "Confirmed answers only." in page
    assert "evidence=confirmed" in client.get(URL + "?evidence=confirmed").content.decode().split('class="presets"')[1]
    assert client.get(URL + "?evidence=held").status_code == 400


def test_paper_states_the_filters_that_are_chosen(
    login: Callable, administrator: User, english: None, survey: Survey, team: Team
) -> None:
    answers(survey, 7, 0, team=team)
    catch_up()
    client = login(administrator)
    html = client.get(f"{URL}?team={team.pk}&channel=phone&evidence=confirmed").content.decode()
    (stated,) = re.findall(r'<p class="stated">(.*?)</p>', html)
    words = " ".join(re.sub(r"<[^>]*>", " ", stated).split())
    assert words == f"Team: {team} · Channel: phone · Answers in the scores: confirmed only"
    assert "stated" not in client.get(URL).content.decode()
