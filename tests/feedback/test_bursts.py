"""Ballot stuffing through links that anybody may open: taken with thanks, held, and out of the score."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics import rollups
from analytics.models import ScoreDay
from feedback import bursts, nonces, notices
from feedback.models import Comment, Response, Revision
from ground.limits import Limit
from ground.models import Notice, Team, User
from surveys import links, public_links
from surveys.models import Agent, Invitation, Link, Survey
from tests.campaign import accounts
from tests.feedback.answering import Fields
from tests.feedback.voting import address, counted_mean, honest, vote

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 18, 12, 0, tzinfo=dt.UTC)
CALM = dt.timedelta(minutes=7)


@pytest.fixture
def desk(survey: Survey, team: Team, agent: Agent) -> Link:
    return Link.objects.create(
        label="Касса 4", survey=survey, team=team, agent=agent, public_key=public_links.new_key()
    )


def held() -> dict[str, int]:
    rows = Response.objects.exclude(held_for="").values_list("held_for", flat=True)
    return {why: list(rows).count(why) for why in set(rows)}


# --- one device, many answers ------------------------------------------------------------------------------------


def test_a_second_answer_of_one_device_is_held_and_nobody_is_told(desk: Link) -> None:
    first = vote(desk, 5, at=NOON, comment="Быстро").content.decode()
    second = vote(desk, 1, at=NOON + CALM, comment="Ужас").content.decode()
    assert first.replace("Быстро", "Ужас").split("</h1>")[0] == second.split("</h1>")[0]
    one, two = Response.objects.order_by("pk")
    assert (one.evidence, one.held_for, one.link) == ("confirmed", "", desk)
    assert (two.evidence, two.held_for, two.comments.get().is_counted) == ("held", "duplicate", False)
    assert list(Invitation.objects.order_by("pk").values_list("answer_state", flat=True)) == ["confirmed", "held"]


@pytest.mark.parametrize(
    ("later", "more"),
    [
        (dt.timedelta(hours=24, minutes=1), {}),
        (CALM, {"address": "203.0.113.5"}),
        (CALM, {"agent": "Mozilla/5.0 (iPhone)"}),
    ],
)
def test_another_day_network_or_device_is_another_person(desk: Link, later: dt.timedelta, more: dict[str, Any]) -> None:
    vote(desk, 5, at=NOON)
    vote(desk, 1, at=NOON + later, **more)
    assert held() == {}


def test_a_tablet_for_many_customers_is_no_fraud(desk: Link) -> None:
    Link.objects.update(is_shared=True)
    for number in range(5):
        vote(desk, 5, at=NOON + CALM * number)
    assert held() == {}


def test_one_device_at_two_desks_is_a_customer_of_both(desk: Link, survey: Survey) -> None:
    other = Link.objects.create(label="Касса 5", survey=survey, public_key=public_links.new_key())
    vote(desk, 5, at=NOON)
    vote(other, 5, at=NOON + CALM)
    assert held() == {}


def test_what_was_flagged_stays_so_when_its_author_writes_more(desk: Link) -> None:
    vote(desk, 5, at=NOON)
    thanks = vote(desk, 1, at=NOON + CALM)
    with time_machine.travel(NOON + dt.timedelta(days=2), tick=False):
        client = Client(REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) Mobile")
        client.post(public_links.path(desk), Fields(thanks).values | {"score": "2", "comment": "Ещё"})
    again = Response.objects.latest("pk")
    assert (again.score, again.evidence, again.held_for, again.comments.get().is_counted) == (
        2,
        "held",
        "duplicate",
        False,
    )


def test_what_a_person_released_counts_also_after_an_edit(desk: Link) -> None:
    vote(desk, 5, at=NOON)
    thanks = vote(desk, 1, at=NOON + CALM)
    Response.objects.filter(held_for="duplicate").update(evidence="confirmed", review="released")
    with time_machine.travel(NOON + CALM * 2, tick=False):
        Client().post(public_links.path(desk), Fields(thanks).values | {"score": "2"})
    assert Response.objects.get(score=2).evidence == "confirmed"


# --- bursts ------------------------------------------------------------------------------------------------------


def bot(desk: Link, votes: int, *, networks: int, seconds: float = 1) -> None:
    for number in range(votes):
        at = NOON + dt.timedelta(seconds=seconds * number)
        vote(desk, 1, at=at, address=address(number % networks), agent=f"bot {number}")


@pytest.mark.parametrize("networks", [1, 40])
def test_a_bot_moves_the_score_by_nothing(desk: Link, manager: User, networks: int) -> None:
    with time_machine.travel(NOON, tick=False):
        before = honest(desk, [5, 4, 5, 3] * 10)
    mean = counted_mean(desk)
    bot(desk, 80, networks=networks)
    assert counted_mean(desk) == mean
    assert held() == {"velocity": 80}
    assert Response.objects.filter(pk__in=[one.pk for one in before], evidence="confirmed").count() == 40
    assert Invitation.objects.filter(answer_state="held", answered_at=None).count() == 80
    while rollups.roll_up():
        pass
    assert not ScoreDay.objects.filter(score=1).exists()


def test_a_burst_is_told_once_to_who_leads_the_team(desk: Link, manager: User, outsider: User) -> None:
    bot(desk, 45, networks=45)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.data["link"]) == (manager, "burst", desk.pk)
    section = notices.BURST.section(manager, _scope(manager), [notice], 9)
    assert section is not None and len(section.lines) == 1
    assert "45" in section.lines[0].text
    assert notices.BURST.section(outsider, _scope(outsider), [notice], 9) is None


def _scope(user: User) -> Any:
    from ground.access import scope_of

    return scope_of(user)


def test_words_of_the_burst_wait_as_well(desk: Link) -> None:
    for number in range(32):
        vote(desk, 1, at=NOON + dt.timedelta(seconds=number), address=address(number), comment=f"Плохо {number}")
    assert not Comment.objects.filter(is_counted=True).exists()
    assert set(Comment.objects.values_list("evidence", flat=True)) == {"held"}


def test_it_holds_across_the_full_hour(desk: Link) -> None:
    """A counter that begins anew each hour would let the thirty before and the thirty after it through."""
    for number in range(50):
        vote(desk, 1, at=NOON + dt.timedelta(seconds=10 * (number - 25)), address=address(number))
    assert held()["velocity"] == 50


def test_a_busy_desk_is_used_to_more(desk: Link) -> None:
    with time_machine.travel(NOON, tick=False):
        honest(desk, [5] * 60, hours=0.1)  # ten an hour
    assert bursts.usual(desk, NOON) in (9, 10)
    for number in range(60):
        vote(desk, 4, at=NOON + dt.timedelta(seconds=30 * number), address=address(number))
    assert held() == {}


def test_what_was_held_is_not_what_is_usual(desk: Link) -> None:
    with time_machine.travel(NOON, tick=False):
        honest(desk, [1] * 60, hours=0.001)
    assert bursts.usual(desk, NOON) >= 30
    Response.objects.update(evidence="held", held_for="velocity")
    assert bursts.usual(desk, NOON) == 0


def test_what_a_person_released_stays_when_the_next_one_trips(desk: Link) -> None:
    bot(desk, 40, networks=40)
    kept = Response.objects.order_by("pk").first()
    Response.objects.filter(pk=kept.pk).update(evidence="confirmed", review="released")
    vote(desk, 1, at=NOON + dt.timedelta(minutes=5), address=address(99))
    kept.refresh_from_db()
    assert kept.evidence == "confirmed"
    assert held()["velocity"] == 41


def test_a_network_that_is_too_quick_is_held_on_every_link(
    desk: Link, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "OF_NEIGHBOURS", Limit("public-neighbours", 5, 600))
    desks = [desk] + [
        Link.objects.create(label=f"Касса {number}", survey=survey, public_key=public_links.new_key())
        for number in range(6)
    ]
    for number, each in enumerate(desks):
        vote(each, 1, at=NOON + dt.timedelta(seconds=number), agent=f"bot {number}")
    vote(desk, 5, at=NOON + dt.timedelta(seconds=30), address="203.0.113.5")
    assert held() == {"velocity": 7}
    assert Response.objects.get(evidence="confirmed").score == 5


def test_a_survey_answered_quicker_than_people_are_about_is_held(desk: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bursts, "OF_SURVEY", Limit("public-survey", 3, 1))
    for number in range(5):
        vote(desk, 1, at=NOON, address=address(number))
    vote(desk, 5, at=NOON + CALM, address=address(9))
    assert held() == {"velocity": 5}


@pytest.mark.usefixtures("early")
def test_a_help_desks_link_is_watched_and_a_signed_number_is_not(survey: Survey, monkeypatch: Any) -> None:
    monkeypatch.setattr(bursts, "BURST", 2)
    template = Link.objects.create(
        kind="template", label="Zendesk", survey=survey, public_key=public_links.new_key(), channel="email"
    )
    public_links.new_secret(template)
    for number in range(5):
        client, now = Client(), timezone.now()
        path = public_links.signed_path(template, str(number), time=int(now.timestamp()))
        with time_machine.travel(now - dt.timedelta(seconds=6), tick=False):
            page = Fields(client.get(path))
        client.post(path, page.values | {"score": "5"})
    assert held() == {}
    for number in range(10, 15):
        path = public_links.template_path(template, str(number))
        with time_machine.travel(timezone.now() - dt.timedelta(seconds=6), tick=False):
            page = Fields(client.get(path))
        client.post(path, page.values | {"score": "1"})
    assert held()["velocity"] >= 5


def test_a_bot_does_not_close_a_survey_that_wants_so_many_answers(desk: Link, survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(response_limit=20)
    bot(desk, 20, networks=20, seconds=0.01)
    assert Survey.objects.get(pk=survey.pk).is_full  # people might have been as quick
    Survey.objects.filter(pk=survey.pk).update(response_limit=35, is_full=False)
    for number in range(20, 40):
        vote(desk, 1, at=NOON + dt.timedelta(seconds=number), address=address(number))
    assert not Survey.objects.get(pk=survey.pk).is_full
    assert held()["velocity"] == 40


# --- who must not be touched -------------------------------------------------------------------------------------


def test_five_hundred_customers_behind_one_address_are_none_of_our_business(
    make_invitation: Callable[..., Any],
) -> None:
    """In a minute, each with a link of the own: what a mobile network looks like."""
    invitations, now = [make_invitation() for _number in range(500)], timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        codes = set()
        for each in invitations:
            served = timezone.now() - dt.timedelta(seconds=6)
            nonce = nonces.make(nonces.of_invitation(each), score=5, now=served)
            codes.add(Client().post(links.answer_path(each), {"score": "5", "nonce": nonce}).status_code)
            clock.shift(dt.timedelta(milliseconds=100))
    assert codes == {200}
    assert Response.objects.filter(evidence="confirmed", held_for="", device="").count() == 500


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("number", "limit"), [(200, 60), pytest.param(1000, 300, marks=pytest.mark.campaign)])
def test_two_hundred_at_once_never_pass_a_limit_by_more_than_one(
    desk: Link, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, limit: int
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    monkeypatch.setattr(bursts, "OF_NEIGHBOURS", Limit("public-neighbours", limit, 86_400))
    monkeypatch.setattr(bursts, "BURST", 10_000)
    monkeypatch.setattr(bursts, "OF_SURVEY", Limit("public-survey", 10_000, 86_400))
    released: list[int] = []
    monkeypatch.setattr(bursts, "hold", _only_itself(released))
    path, served = public_links.path(desk), timezone.now() - dt.timedelta(seconds=9)
    subject = nonces.of_link(desk, "")
    pages = [nonces.make(subject, score=None, now=served, is_unique=True) for _number in range(number)]

    def answer(nonce: str) -> int:
        """Pressed again, as the page asks to, while the database has too much to do."""
        client, status = Client(HTTP_USER_AGENT=nonce), 503
        try:
            for _time in range(20):
                status = client.post(path, {"nonce": nonce, "score": "1"}).status_code
                if status != 503:
                    break
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(answer, pages))
    passed, stored = Response.objects.filter(evidence="confirmed").count(), Revision.objects.count()
    told = accounts.line(
        attempted=number, acknowledged=codes.count(200), lost=number - stored, doubled=max(0, stored - number)
    )
    accounts.tell(capsys, f"limits, answers at once: {told}; let through {passed} of {limit}")
    assert codes == [200] * number
    assert passed in (limit, limit + 1)
    assert stored == number


def _only_itself(seen: list[int]) -> Callable[..., int]:
    """`hold` without what came before, so that the limit itself shows."""
    hold = bursts.hold

    def held(responses: Any, *, why: str) -> int:
        seen.append(len(responses))
        return hold(responses, why=why) if len(responses) == 1 else 0

    return held
