"""Who is told how soon, what waits for a quiet night, and one mail for whatever is due."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from ground import notice_mail, notices, outgoing
from ground.access import scope_of
from ground.models import Notice, NoticeChoice, Outgoing, User
from ground.notices import Event, Kind, Line, Pace, Section
from ground.rowqueue import waiting_ids

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=MOSCOW)
NIGHT = dt.datetime(2026, 11, 18, 23, 30, tzinfo=MOSCOW)


def section(user, scope, rows, most) -> Section | None:
    rows = [row for row in rows if not row.data.get("gone")]
    lines = tuple(Line(about=row.key, text="<b>text</b>", at=row.created_at, path="/x/") for row in rows[:most])
    return (
        Section(count=f"{len(rows)} events", lines=lines, more=len(rows) - len(lines), path="/all/") if rows else None
    )


@pytest.fixture
def kind(monkeypatch, settings) -> Kind:
    """A kind that managers hear of at once and nobody else."""
    notices.kinds()
    kind = Kind(
        "event", "Event", "It happened.", lambda scope: "immediate" if notices.leads(scope) else "never", section
    )
    monkeypatch.setattr(notices, "_kinds", {"event": kind})
    return kind


def tell(*users: User, key: str = "k", **data) -> int:
    return notices.tell(users, kind="event", key=key, data=data)


def gather_at(moment: dt.datetime, *users: User) -> int:
    with time_machine.travel(moment, tick=False):
        return notice_mail.gather([user.pk for user in users])


def test_an_event_is_told_once_at_the_pace_of_each_person(kind, manager, viewer, outsider) -> None:
    NoticeChoice.objects.create(user=outsider, kind="event", pace=Pace.DAILY)
    with time_machine.travel(NOON, tick=False):
        assert tell(manager, viewer, outsider) == 2
        tell(manager, viewer, outsider)
    due = {row.user: row.due_at for row in Notice.objects.select_related("user")}
    assert due == {manager: NOON + dt.timedelta(minutes=1), outsider: NOON + dt.timedelta(hours=21)}


def test_the_daily_hour_is_the_persons_own(kind, manager) -> None:
    manager.timezone, manager.daily_at = ZoneInfo("Asia/Vladivostok"), dt.time(7, 30)
    manager.save()
    NoticeChoice.objects.create(user=manager, kind="event", pace=Pace.DAILY)
    with time_machine.travel(NOON, tick=False):
        tell(manager)
    assert Notice.objects.get().due_at == dt.datetime(2026, 11, 19, 7, 30, tzinfo=ZoneInfo("Asia/Vladivostok"))


def test_five_hundred_events_of_a_minute_are_one_mail(kind, manager) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for minute_part in range(5):
            notices.tell_all([Event(manager, f"{minute_part}-{n}", {}) for n in range(100)], kind="event")
            clock.shift(12)
        assert notice_mail.due_people(limit=9) == [manager.pk]
        assert notice_mail.gather([manager.pk]) == 1
        assert notice_mail.gather([manager.pk]) == 0
    assert not Notice.objects.filter(told_at=None).exists()
    letter = Outgoing.objects.get()
    assert letter.subject == "500 events"
    assert letter.text.count("* ") == notice_mail.MOST_LINES
    assert "450" in letter.text
    assert "<b>text</b>" not in letter.html
    assert "&lt;b&gt;text" in letter.html


def test_mails_to_one_person_keep_their_distance(kind, manager) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        tell(manager, key="first")
        clock.shift(60)
        notice_mail.gather([manager.pk])
        clock.shift(30)
        tell(manager, key="second")
    assert Notice.objects.get(key="second").due_at == NOON + dt.timedelta(minutes=6)


def test_a_quiet_night_ends_with_one_mail(kind, manager) -> None:
    manager.quiet_from, manager.quiet_until = dt.time(22), dt.time(8)
    manager.save()
    morning = dt.datetime(2026, 11, 19, 8, tzinfo=MOSCOW)
    for hour in range(5):
        with time_machine.travel(NIGHT + dt.timedelta(hours=hour), tick=False):
            tell(manager, key=f"k{hour}")
            assert notice_mail.due_people(limit=9) == []
    with time_machine.travel(morning, tick=False):
        assert notice_mail.due_people(limit=9) == [manager.pk]
        assert notice_mail.gather([manager.pk]) == 1
    assert Outgoing.objects.get().subject == "5 events"


def test_quiet_time_chosen_afterwards_holds_too(kind, manager) -> None:
    with time_machine.travel(NIGHT, tick=False):
        tell(manager)
    User.objects.filter(pk=manager.pk).update(quiet_from=dt.time(22), quiet_until=dt.time(8))
    assert gather_at(NIGHT + dt.timedelta(minutes=2), manager) == 0
    assert Notice.objects.get().due_at == dt.datetime(2026, 11, 19, 8, tzinfo=MOSCOW)


@pytest.mark.parametrize("change", ["left", "does not want", "nothing to tell"])
def test_whoever_should_not_hear_of_it_any_more_does_not(kind, manager, change) -> None:
    with time_machine.travel(NOON, tick=False):
        tell(manager, gone=change == "nothing to tell")
    if change == "left":
        User.objects.filter(pk=manager.pk).update(is_active=False)
    if change == "does not want":
        NoticeChoice.objects.create(user=manager, kind="event", pace=Pace.NEVER)
    assert gather_at(NOON + dt.timedelta(minutes=2), manager) == 0
    assert not Outgoing.objects.exists()
    assert not Notice.objects.filter(told_at=None).exists()


def test_the_mail_speaks_the_persons_language_and_shows_their_clock(kind, manager) -> None:
    User.objects.filter(pk=manager.pk).update(language="en", timezone="Asia/Tokyo")
    with time_machine.travel(NOON, tick=False):
        tell(manager)
    gather_at(NOON + dt.timedelta(minutes=2), manager)
    letter = Outgoing.objects.get()
    assert "Choose what you are told of" in letter.text
    assert "18:00" in letter.text
    assert 'lang="en"' in letter.html


def test_a_mail_that_cannot_be_written_waits_and_holds_up_nobody(kind, manager, outsider, monkeypatch, caplog) -> None:
    def broken(user, scope, rows, most):
        if user == manager:
            raise ValueError("what a customer wrote")
        return section(user, scope, rows, most)

    monkeypatch.setattr(notices, "_kinds", {"event": Kind("event", "", "", lambda scope: "immediate", broken)})
    with time_machine.travel(NOON, tick=False):
        tell(manager, outsider)
    later = NOON + dt.timedelta(minutes=2)
    assert gather_at(later, manager, outsider) == 1
    assert Notice.objects.get(told_at=None).due_at == later + notice_mail.PAUSE
    assert "ValueError" in caplog.text
    assert "customer" not in caplog.text


def test_a_kind_that_cannot_be_written_keeps_no_other_back(kind, manager, monkeypatch, caplog) -> None:
    def broken(user, scope, rows, most):
        raise ValueError("what a customer wrote")

    other = Kind("broken", "", "", lambda scope: "immediate", broken)
    monkeypatch.setattr(notices, "_kinds", {"broken": other, "event": kind})
    with time_machine.travel(NOON, tick=False):
        tell(manager)
        notices.tell([manager], kind="broken", key="k")
    later = NOON + dt.timedelta(minutes=2)
    assert gather_at(later, manager) == 1 and Outgoing.objects.get().subject == "1 events"
    waiting = Notice.objects.get(told_at=None)
    assert (waiting.kind, waiting.due_at) == ("broken", later + notice_mail.PAUSE)
    assert "ValueError" in caplog.text and "customer" not in caplog.text


def test_other_choices_move_what_waits(kind, manager) -> None:
    scope = scope_of(manager)
    with time_machine.travel(NOON, tick=False):
        tell(manager)
        NoticeChoice.objects.create(user=manager, kind="event", pace=Pace.DAILY)
        notices.reschedule(manager, scope)
        assert Notice.objects.get().due_at == NOON + dt.timedelta(hours=21)
        NoticeChoice.objects.update(pace=Pace.NEVER)
        notices.reschedule(manager, scope)
    assert not Notice.objects.exists()


def test_no_choice_tells_of_what_nobody_can_know_yet(kind, manager) -> None:
    known = NOON + dt.timedelta(minutes=20)
    with time_machine.travel(NOON, tick=False):
        notices.tell_all([Event(manager, "k", {}, not_before=known)], kind="event")
        notices.reschedule(manager, scope_of(manager))
    assert Notice.objects.get().due_at == known


def test_the_number_of_statements_does_not_grow_with_the_people(
    kind, manager, outsider, django_assert_num_queries
) -> None:
    crowd = [User.objects.create(email=f"p{n}@example.org") for n in range(40)]
    with django_assert_num_queries(5):
        notices.tell_all([Event(user, "k", {}) for user in (manager, outsider, *crowd)], kind="event")
    assert Notice.objects.count() == 2


def test_what_was_told_long_ago_is_forgotten(kind, manager) -> None:
    with time_machine.travel(NOON, tick=False):
        tell(manager, key="old")
    gather_at(NOON + dt.timedelta(minutes=2), manager)
    Outgoing.objects.update(sent_at=NOON)
    with time_machine.travel(NOON + dt.timedelta(days=29), tick=False):
        tell(manager, key="waits")
        notices.forget_old(), outgoing.forget_old()
        assert (Notice.objects.count(), Outgoing.objects.count()) == (2, 1)
    with time_machine.travel(NOON + dt.timedelta(days=31), tick=False):
        notices.forget_old(), outgoing.forget_old()
    assert [row.key for row in Notice.objects.all()] == ["waits"]
    assert waiting_ids(outgoing.waiting(), limit=9) == []
    assert not Outgoing.objects.exists()
