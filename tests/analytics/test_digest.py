"""The weekly digest: once a week, of the reader's own rows, by real mail; it pauses when nothing is new."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from analytics import digest
from analytics.models import ContactDay, Incident, ScoreDay
from ground import notice_mail, outgoing
from ground.models import Notice, NoticeChoice, User
from ground.rowqueue import waiting_ids
from tests.analytics.rows import keep

MONDAY = dt.datetime(2026, 11, 16, 6, tzinfo=ZoneInfo("Europe/Moscow"))
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(time_machine, organisation) -> None:
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def week(survey, team, other_team) -> None:
    """CSAT and contacts of last week: 40 answers of the team, 30 of the other."""
    for own, good, bad, contacts in ((team, 30, 10, 120), (other_team, 29, 1, 7)):
        day = dt.date(2026, 11, 11)
        scored = {(survey.pk, "csat_5", own.pk, "phone", "confirmed", score): n for score, n in ((5, good), (1, bad))}
        keep(ScoreDay, day, scored)
        keep(ContactDay, day, {(own.pk, "phone", "contacts"): contacts})


def mail_of(smtp, user: User) -> str:
    outgoing.deliver(waiting_ids(outgoing.waiting(), limit=20))
    (found,) = [mail for mail in smtp.mails if mail["To"] == user.email]
    return f"{found['Subject']}\n{found.get_body(('plain',)).get_content()}"


def test_each_reads_of_the_own_rows_in_the_own_language_once(
    week, smtp, team, other_team, manager, outsider, viewer, administrator, time_machine
) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    Incident.objects.create(metric="csat", team=other_team, direction="down", kind="spike",
                            began_on=MONDAY, first_day=MONDAY, last_day=MONDAY)  # fmt: skip
    NoticeChoice.objects.create(user=administrator, kind="digest", pace="never")
    assert digest.begin_if_due() == 2
    assert digest.begin_if_due() == 0
    assert {row.user for row in Notice.objects.filter(kind="digest")} == {
        manager,
        outsider,
    }  # a viewer has not chosen it
    assert {row.due_at for row in Notice.objects.all()} == {MONDAY.replace(hour=9)}
    time_machine.move_to(MONDAY.replace(hour=9, minute=1), tick=False)
    notice_mail.gather([manager.pk, outsider.pk])
    mine, theirs = mail_of(smtp, manager), mail_of(smtp, outsider)
    assert "9–15 Nov" in mine and "75% (60–86), n=40" in mine and "120" in mine and "from=2026-11-09" in mine
    assert "n=30" in theirs and "n=40" not in theirs and "Возвраты" in theirs and "Возвраты" not in mine


def test_a_week_without_anything_new_is_told_once_then_nothing(week, manager, time_machine) -> None:
    told = []
    for weeks in range(4):
        time_machine.move_to(MONDAY + weeks * WEEK, tick=False)
        digest.begin_if_due()
        found = Notice.objects.filter(
            user=manager, kind="digest", key=f"digest:{(MONDAY + weeks * WEEK).date()}"
        ).first()
        told.append(found and found.data["is_quiet"])
    assert told == [False, True, None, None]
    rows = list(Notice.objects.filter(user=manager, data__is_quiet=True))
    letter = notice_mail.write(manager, rows)
    assert letter is not None and letter.text.count("* ") == 1


def test_a_server_that_was_down_on_monday_tells_on_tuesday_and_not_on_friday(week, manager, time_machine) -> None:
    time_machine.move_to(MONDAY.replace(hour=2), tick=False)
    assert digest.begin_if_due() == 0
    time_machine.move_to(MONDAY + DAY, tick=False)
    assert digest.begin_if_due() >= 1
    time_machine.move_to(MONDAY + WEEK + 4 * DAY, tick=False)
    assert digest.begin_if_due() == 0


def test_the_page_offers_it_and_shows_what_it_would_say(week, manager, login, agent) -> None:
    User.objects.filter(pk=manager.pk).update(language="en")
    page = login(manager).get("/admin/notifications/?preview=digest").content.decode()
    assert 'name="digest" value="weekly" checked' in page and 'name="digest" value="daily"' not in page
    assert "n=40" in page and "n=30" not in page
    assert 'name="mention" value="weekly"' not in page
