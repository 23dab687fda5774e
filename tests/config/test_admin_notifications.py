"""Everybody chooses what to be told of, and when; the page says when the next mail would come."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from ground import notices
from ground.access import scope_of
from ground.models import Notice, NoticeChoice, Outgoing, User
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db
PAGE = "/admin/notifications/"
USUAL = {
    "mention": "immediate", "contact_request": "immediate", "burst": "immediate", "negative_comment": "daily",
    "new_theme": "daily", "incident": "immediate", "digest": "weekly",
    "quiet_from": "", "quiet_until": "", "daily_at": "09:00",
}  # fmt: skip
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=ZoneInfo("Europe/Moscow"))


def test_the_page_offers_each_kind_and_says_when_the_next_would_come(login, manager) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    with time_machine.travel(NOON, tick=False):
        page = login(manager).get(PAGE).content.decode()
    for kind in notices.kinds_for(scope_of(manager)):
        assert f'name="{kind.name}"' in page
    assert page.count(" checked") == 7
    assert "18 Nov 2026,\u00a012:01" in page
    assert "19 Nov 2026,\u00a009:00" in page
    assert "23 Nov 2026,\u00a009:00" in page  # the digest, on Monday
    assert "Europe/Moscow" in page


def test_a_viewer_begins_with_mentions_alone(login, viewer) -> None:
    page = login(viewer).get(PAGE).content.decode()
    assert page.count('value="never" checked') == 6
    assert page.count('value="immediate" checked') == 1


def test_choices_are_kept_and_move_what_waits(login, manager, team) -> None:
    notices.tell([manager], kind="contact_request", key="response:1", data={"response": 1})
    notices.tell([manager], kind="negative_comment", key="comment:1", data={"comment": 1})
    hours = {"quiet_from": "22:00", "quiet_until": "08:30", "daily_at": "07:00"}
    given = USUAL | hours | {"contact_request": "never"}
    with time_machine.travel(NOON, tick=False):
        assert login(manager).post(PAGE, given).status_code == 302
    manager.refresh_from_db()
    assert (manager.quiet_from, manager.quiet_until, manager.daily_at) == (dt.time(22), dt.time(8, 30), dt.time(7))
    assert NoticeChoice.objects.get().kind == "contact_request"
    assert Notice.objects.get().due_at == NOON + dt.timedelta(hours=20, minutes=30)


def test_going_back_to_the_usual_leaves_no_choice(login, manager) -> None:
    NoticeChoice.objects.create(user=manager, kind="mention", pace="never")
    login(manager).post(PAGE, USUAL)
    assert not NoticeChoice.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_until": "22:00"},
        {"daily_at": ""},
        {"daily_at": "25:00"},
        {"quiet_from": "\x00", "quiet_until": "<b>"},
        {"mention": "hourly"},
        {"negative_comment": ""},
    ],
)
def test_nonsense_is_refused_with_a_sentence(login, manager, wrong) -> None:
    answer = login(manager).post(PAGE, USUAL | {"mention": "never"} | wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not NoticeChoice.objects.exists()


def test_an_empty_form_changes_nothing(login, manager) -> None:
    assert login(manager).post(PAGE).status_code == 400


def test_a_test_mail_comes_to_the_own_address_and_not_too_often(login, manager) -> None:
    client = login(manager)
    with time_machine.travel(NOON, tick=False):
        for _n in range(7):
            assert client.post(f"{PAGE}test/").status_code == 302
    assert {row.address for row in Outgoing.objects.all()} == {manager.email}
    assert Outgoing.objects.count() == 5
    assert client.get(f"{PAGE}test/").status_code == 405


def test_the_page_is_for_people_who_work_here(client, login, manager) -> None:
    assert client.get(PAGE).status_code == 302
    stranger = User.objects.create_user("stranger@example.org")
    assert login(stranger).get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ({"sent_at": NOON}, "The last mail left on 18 Nov"),
        ({"error": "ConnectionRefusedError"}, "It is tried again by itself"),
        ({"quarantined_at": NOON}, "Administrators see it in quarantine"),
        ({}, "A mail is on its way"),
    ],
)
def test_the_page_says_what_became_of_the_last_mail(login, manager, state, sentence) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    Outgoing.objects.create(user=manager, address=manager.email, subject="s", text="t", **state)
    assert sentence in login(manager).get(PAGE).content.decode()


def test_what_waits_costs_no_more_statements(login, manager, team, django_assert_max_num_queries) -> None:
    for _n in range(30):
        comment = make_comment(team=team)
        notices.tell([manager], kind="negative_comment", key=f"comment:{comment.pk}", data={"comment": comment.pk})
    client = login(manager)
    client.get(PAGE)
    with django_assert_max_num_queries(26):
        assert "30" in client.get(PAGE).content.decode()
