"""How far invitations got: counted by the day of sending, whatever happens to them later, and what the page says."""

import datetime as dt
import re
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from analytics import asked_counts, asked_slices, rollups
from analytics.funnel import parts, rates_by, reach
from analytics.models import AskedDay, AskedSliceDay
from analytics.periods import Period
from analytics.reports import Filters
from feedback import counting, exclusions, intake, settlement
from feedback.intake import Given
from feedback.models import Response, Touch
from ground.access import scope_of
from ground.models import Change, Team, User
from surveys import bounces, sending, unsettled
from surveys.models import Invitation, Message, Question, Segment, Survey
from tests.analytics.rows import invite, mail
from tests.factories import make_customer, make_interaction, make_invitation

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


def asked(survey: Survey, **fields) -> Invitation:
    """An invitation that left two days ago, unless told otherwise."""
    return invite(survey, **({"sent_at": NOON - 2 * DAY} | fields))


def answered(survey: Survey, score: int | None = 5, text: str | None = None, **fields) -> Invitation:
    invitation = asked(survey, **fields)
    intake.record(invitation, Given(score=score, text=text))
    return invitation


def facts(**narrowed) -> dict[str, int]:
    """What the counts say after every change was followed."""
    rollups.roll_up()
    assert not rollups.has_work()
    assert [found for found in rollups.verify().differences if found.table == "AskedDay"] == []
    found: Counter[str] = Counter()
    for fact, count in AskedDay.objects.filter(**narrowed).values_list("fact", "count"):
        found[fact] += count
    return dict(found)


def opened(invitation: Invitation, **fields) -> Touch:
    defaults = {"score": 5, "at": NOON - DAY, "header_class": "navigate", "seconds_since_handover": 3600.0}
    return Touch.objects.create(invitation=invitation, prefix_hash="p", agent_hash="a", **(defaults | fields))


def test_each_step_is_counted_on_the_day_of_sending(survey: Survey) -> None:
    asked(survey)
    answered(survey, 5, "Быстро и вежливо")
    answered(survey, 2, "5+")  # one letter is no comment
    answered(survey, None, "Без оценки")
    day = (NOON - 2 * DAY).date()
    assert facts(day=day) == {
        "sent": 4, "started": 3, "answered": 3, "completed": 2, "commented": 2, "rated": 2, "satisfied": 1,
    }  # fmt: skip
    assert facts(day=NOON.date()) == {}


def test_completed_is_who_answered_everything_that_has_to_be_answered(survey: Survey) -> None:
    version = survey.published
    order = {"position": 9, "is_required": True, "texts": {"en": "?"}}
    choice = {"choices": ["a", "b"], "names": {"en": {"a": "A", "b": "B"}}}
    Question.objects.create(version=version, code="why", kind="single", options=choice, **order)
    only_low = {**choice, "when": {"question": "score", "in": ["low"]}}
    Question.objects.create(version=version, code="fix", kind="single", options=only_low, **order)

    def give(score: int, **answers: dict[str, int]) -> Invitation:
        invitation = asked(survey)
        intake.record(invitation, Given(score=score, answers=answers))
        return invitation

    give(5, why={"a": 1})
    late = give(5)  # lacks the reason
    give(1, why={"a": 1})  # lacks what is asked after a low score
    give(1, why={"a": 1}, fix={"b": 1})
    told = facts()
    assert (told["answered"], told["completed"]) == (4, 2)
    intake.record(late, Given(score=5, text="Вот почему", answers={"why": {"b": 1}}))
    assert facts()["completed"] == 3


def test_an_opened_page_counts_once_it_is_settled_as_a_persons(survey: Survey) -> None:
    seen, swept = asked(survey), asked(survey)
    opened(seen, score=None)
    for score in (1, 2, 3):
        opened(swept, score=score)
    assert facts() == {"sent": 2}
    settlement.settle([seen.pk, swept.pk])
    assert facts() == {"sent": 2, "started": 1}


def test_what_happens_later_changes_the_day_of_sending(survey: Survey) -> None:
    invitation = answered(survey)
    assert facts()["answered"] == 1
    bounces.bounced(mail(invitation), status="4.2.2", is_hard=False, source="test")
    assert facts()["bounced"] == 1
    counting.bring(Response.objects.get(), evidence=Response.Evidence.HELD)
    assert facts() == {"sent": 1, "bounced": 1}


def test_a_mail_is_counted_when_the_server_takes_it_and_not_while_it_waits_again(
    survey: Survey, administrator: User
) -> None:
    invitation = make_invitation(survey, state=Invitation.State.SENDING, sent_at=None)
    message = mail(invitation, state=Message.State.SENDING)
    assert facts() == {}
    sending.record_accepted(message, at=NOON)
    assert facts(day=NOON.date()) == {"sent": 1}
    Invitation.objects.update(state=Invitation.State.UNCERTAIN)
    seen = {invitation.pk: message.pk}
    assert unsettled.send_again(seen, scope=scope_of(administrator), by=administrator).count == 1
    assert facts() == {}


def test_worker_that_died_leaves_its_mail_among_those_sent(survey: Survey) -> None:
    late = timezone.now() - DAY
    with_mail = make_invitation(survey, state=Invitation.State.SENDING, sent_at=None, leased_until=late)
    mail(with_mail, state=Message.State.SENDING, handed_over_at=late)
    make_invitation(survey, state=Invitation.State.SENDING, sent_at=None, leased_until=late)
    assert sending.sweep() == 2
    assert facts() == {"sent": 2}


def test_tries_and_public_links_are_nobodys_invitations(survey: Survey) -> None:
    asked(survey, is_test=True)
    asked(survey, sent_at=None)
    assert facts() == {}


def test_rates_their_limits_and_what_can_still_rise(survey: Survey, administrator: User) -> None:
    for _ in range(6):
        asked(survey)
    for score in (5, 5, 4, 1):
        answered(survey, score, "Хорошо" if score == 5 else None)
    bounces.bounced(mail(Invitation.objects.first()), status="4.2.2", is_hard=False, source="test")
    facts()
    found = reach(filters(administrator), as_of=NOON)
    assert found.facts["delivered"] == 9
    rate = found.rates["response_rate"]
    assert (rate.num, rate.den, rate.state, rate.preliminary) == (4, 9, "weak", True)
    assert rate.lo is not None and rate.lo < 4 / 9 < rate.hi
    assert found.rates["response_rate_strict"].value == 0.4
    assert found.rates["comment_rate"].value is None  # four answers are too few to say
    assert found.open_from == NOON.date() - 27 * DAY
    older = reach(filters(administrator, back=200), as_of=NOON)
    assert (older.open_from, older.facts["sent"], older.rates["response_rate"].value) == (None, 0, None)


def test_anonymous_surveys_are_in_the_rate_and_not_in_what_they_do_not_keep(
    survey: Survey, administrator: User
) -> None:
    for _ in range(5):
        answered(survey, 5)
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    facts()
    found = reach(filters(administrator), as_of=NOON)
    assert found.rates["response_rate"].value == 1.0
    assert found.rates["start_rate"].n == 0 and parts(filters(administrator), as_of=NOON).silent == ()


def test_weighting_by_who_was_asked_undoes_a_loud_channel(survey: Survey, administrator: User) -> None:
    for score in [5] * 18 + [1] * 2:
        answered(survey, score, channel="chat")
    for score in [1] * 16 + [5] * 4:
        answered(survey, score, channel="phone")
    for _ in range(80):
        asked(survey, channel="phone")
    facts()
    (silent,) = parts(filters(administrator), as_of=NOON).silent
    assert silent.bounds is not None and silent.can_be_weighted
    assert silent.score.unweighted == 22 / 40
    assert silent.score.weighted == pytest.approx((20 * 0.9 + 100 * 0.2) / 120)
    assert silent.score.n_eff < 40
    assert (silent.bounds.lo, silent.bounds.hi) == (22 / 120, 102 / 120)


def test_other_teams_change_nothing(survey: Survey, team: Team, other_team: Team, manager: User) -> None:
    for _ in range(6):
        answered(survey, 5, team=team)
    facts()
    mine = [told(filters(manager), as_of=NOON) for told in (reach, parts)]
    for _ in range(6):
        asked(survey, team=other_team)
    facts()
    assert [told(filters(manager), as_of=NOON) for told in (reach, parts)] == mine
    assert [segment.key for segment in rates_by(filters(manager), "response_rate", "team", as_of=NOON)] == [team.pk]


def test_page_block_and_api_say_the_same(client: Client, administrator: User, api: APIClient, survey: Survey) -> None:
    User.objects.update(language="en")
    for _ in range(30):
        asked(survey, channel="phone")
    for _ in range(10):
        answered(survey, 5, "Thanks a lot", channel="chat")
    facts()
    client.force_login(administrator)
    page = client.get("/admin/funnel/").content.decode()
    for words in ("Asked and answered", "Opened the page", "25%", "By channel", "preliminary", "Who stays silent"):
        assert words in page, words
    assert "Answered, of all sent" in page and "#response_rate_strict" in page
    assert '"Answered, of all sent",10,' in client.get("/admin/funnel/?format=csv").content.decode()
    assert "Opened the page" in client.get("/admin/dashboard/").content.decode()
    told = api.get("/api/v1/metrics/response_rate/", {"by": "channel"}).json()["values"]
    assert {row["key"]: row["value"] for row in told} == {"phone": 0.0, "chat": 1.0}
    whole = api.get("/api/v1/metrics/response_rate/").json()["values"]
    assert [(row["num"], row["den"], row["preliminary"]) for row in whole] == [(10, 40, True)]


def test_page_without_invitations_says_where_to_look(client: Client, administrator: User) -> None:
    User.objects.update(language="en")
    client.force_login(administrator)
    page = client.get("/admin/funnel/")
    assert "No invitation left in this period" in page.content.decode()
    assert client.get("/admin/funnel/?from=x").status_code == 400


def filters(user: User, *, back: int = 0) -> Filters:
    end = NOON.date() - back * DAY
    period = Period(end - 27 * DAY, end)
    return Filters(scope=scope_of(user), period=period, before=period.previous())


def test_marks_are_left_by_the_writers_alone(survey: Survey) -> None:
    """The same transaction: an answer that is taken back leaves no mark either."""
    invitation = asked(survey)
    facts()
    intake.record(invitation, Given(score=5))
    assert Change.objects.filter(scope="invitation").count() == 1


def test_nps_of_those_asked_is_weighted_with_its_effective_number(nps_survey: Survey, administrator: User) -> None:
    for score in [10] * 18 + [0] * 2:
        answered(nps_survey, score, channel="chat")
    for score in [0] * 16 + [10] * 4:
        answered(nps_survey, score, channel="phone")
    for _ in range(80):
        asked(nps_survey, channel="phone")
    facts()
    (silent,) = parts(filters(administrator), as_of=NOON).silent
    assert (silent.scale, silent.answered) == ("nps", 40)
    assert silent.score.unweighted == pytest.approx(100 * (22 - 18) / 40)
    assert silent.score.weighted == pytest.approx(100 * (20 * 0.8 - 100 * 0.6) / 120)
    weights = [20 / 120 / 0.5] * 20 + [100 / 120 / 0.5] * 20
    assert silent.score.n_eff == pytest.approx(sum(weights) ** 2 / sum(w * w for w in weights))
    assert silent.bounds is not None and silent.bounds.lo == pytest.approx(100 * (4 - 80) / 120)


@pytest.mark.parametrize(("look", "scale", "best", "worst"), [("three", "csat_3", 3, 2), ("thumbs", "thumbs", 1, 0)])
def test_every_scale_of_csat_is_weighted_by_itself(
    client: Client, administrator: User, api: APIClient, survey: Survey, look: str, scale: str, best: int, worst: int
) -> None:
    User.objects.update(language="en")
    Question.objects.filter(version__survey=survey, code="score").update(options={"look": look})
    for score in [best] * 18 + [worst] * 2:
        answered(survey, score, channel="chat")
    for score in [worst] * 16 + [best] * 4:
        answered(survey, score, channel="phone")
    for _ in range(80):
        asked(survey, channel="phone")
    facts()
    (silent,) = parts(filters(administrator), as_of=NOON).silent
    assert (silent.scale, silent.answered, silent.score.unweighted) == (scale, 40, 22 / 40)
    (value,) = api.get("/api/v1/metrics/weighted_score/", {"scale": scale}).json()["values"]
    assert value["value"] == pytest.approx((20 * 0.9 + 100 * 0.2) / 120) and value["n_eff"] < 40
    assert api.get("/api/v1/metrics/weighted_score/").json()["values"] == []
    client.force_login(administrator)
    page = client.get("/admin/funnel/").content.decode().replace("&amp;", "&")
    behind = re.search(r'href="([^"]*counted=rated_[^"]*)">n=40<', page)
    assert behind and client.get(behind[1]).context["cl"].result_count == 40


def test_one_group_has_nothing_to_weight(client: Client, administrator: User, api: APIClient, survey: Survey) -> None:
    User.objects.update(language="en")
    for _ in range(30):
        answered(survey, 5, channel="phone")
    facts()
    client.force_login(administrator)
    page = client.get("/admin/funnel/").content.decode()
    assert "Nothing to weight" in page and "effective n=" not in page
    assert api.get("/api/v1/metrics/weighted_score/").json()["values"] == []
    for score in [1] * 6:
        answered(survey, score, channel="chat")
    for _ in range(30):
        asked(survey, channel="chat")
    facts()
    page = client.get("/admin/funnel/").content.decode()
    assert "effective n=" in page
    (value,) = api.get("/api/v1/metrics/weighted_score/").json()["values"]
    assert value["value"] == pytest.approx(30 / 66) and value["n_eff"] < 36
    assert client.get("/admin/funnel/?format=csv").status_code == 200


def test_who_answers_by_last_score_and_by_segment(
    client: Client, administrator: User, api: APIClient, survey: Survey, team: Team
) -> None:
    User.objects.update(language="en")
    Segment.objects.create(attribute="tariff")
    for number in range(12):
        customer = make_customer(attributes={"tariff": "gold" if number % 2 else "silver"})
        earlier = make_interaction(customer=customer, team=team)
        before = invite(survey, interaction=earlier, sent_at=NOON - 100 * DAY)
        intake.record(before, Given(score=5 if number < 6 else 1, at=NOON - 99 * DAY))
        invitation = asked(survey, interaction=make_interaction(customer=customer, team=team))
        if number < 6:
            intake.record(invitation, Given(score=4))
    for _ in range(5):
        asked(survey, interaction=make_interaction(team=team))
    facts()
    assert rollups.verify().differences == ()
    found = parts(filters(administrator), as_of=NOON)
    told = {one.key: (one.metric.num, one.metric.den) for one in found.moods}
    assert told == {"high": (6, 6), "low": (0, 6), "none": (0, 5)}
    assert [one.key for one in found.moods] == ["high", "low", "none"]
    assert {one.key: one.metric.den for one in found.attributes["tariff"]} == {"gold": 6, "silver": 6}
    client.force_login(administrator)
    page = client.get("/admin/funnel/")
    assert "By the last score before" in page.content.decode() and "By segment: tariff" in page.content.decode()
    rows = {str(row["name"]): row for block in page.context["tables"] for row in block.rows}
    for name, count in (("satisfied", 6), ("dissatisfied", 6), ("no score before", 5), ("gold", 6)):
        assert client.get(rows[name]["href"]).context["cl"].result_count == count, name
    values = api.get("/api/v1/metrics/response_rate/", {"by": "last_score"}).json()["values"]
    assert {value["key"]: value["n"] for value in values} == {"high": 6, "low": 6, "none": 5}
    values = api.get("/api/v1/metrics/response_rate/", {"by": "segment"}).json()["values"]
    assert {value["key"] for value in values} == {"tariff=gold", "tariff=silver"}
    assert api.get("/api/v1/metrics/start_rate/", {"by": "segment"}).status_code == 400
    assert api.get("/api/v1/metrics/response_rate/", {"by": "segment,week"}).status_code == 400


def test_an_earlier_answer_that_ceases_to_count_is_no_last_score(
    survey: Survey, administrator: User, manager: User, team: Team, other_team: Team
) -> None:
    customer = make_customer()
    before = invite(survey, interaction=make_interaction(customer=customer, team=other_team), sent_at=NOON - 20 * DAY)
    intake.record(before, Given(score=1, at=NOON - 19 * DAY))
    asked(survey, interaction=make_interaction(customer=customer, team=team))
    facts()

    def moods(kind: str) -> set[str]:
        rows = AskedSliceDay.objects.filter(kind=kind, team=team, fact="sent")
        return set(rows.values_list("value", flat=True))

    assert (moods("mood"), moods("moodteam")) == ({"low"}, {"none"})  # what others heard is not this team's to know
    exclusions.exclude(Response.objects.get(), reason="test", by=administrator)
    facts()
    assert moods("mood") == {"none"} and rollups.verify().differences == ()


@pytest.mark.skipif(connection.vendor == "postgresql", reason="a plan of empty tables tells nothing there")
@pytest.mark.parametrize("kind", [asked_slices.MOOD, asked_slices.MOOD_OF_TEAM])
def test_what_a_customer_last_said_is_looked_for_among_the_own_answers(db: None, kind: str) -> None:
    plan = asked_counts.invited().annotate(last=asked_slices.last_said(kind)).values("last").explain()
    assert "feedback_response_customer" in plan and "feedback_response_team_at" not in plan
