"""Contacts that end without a reply: late, or in no share, by the level that held; told by page, list and API alike."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client

from analytics import rollups, served_counts, unanswered
from analytics.models import ContactDay, ServedDay, TellingSource
from analytics.rows_behind import OF_CONTACTS
from ground.models import Calendar, Organisation, User
from surveys.models import Interaction, Survey
from tests.analytics.rows import answer
from tests.analytics.test_service import NOON, found, level, tell
from tests.factories import make_invitation

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
BEGAN = NOON - 2 * HOUR
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def behind(name: str) -> set[str]:
    return set(OF_CONTACTS[name].rows(Interaction.objects.all()).values_list("external_id", flat=True))


def without_tags(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\xa0", " ").split())


def test_closing_those_whom_nobody_answered_makes_nothing_better() -> None:
    level(30, is_working_time=False)
    for number in range(60):
        tell(number, after=10)
    for number in range(60, 80):
        tell(number)
    before = found().total.within
    assert before is not None and (before.num, before.den) == (60, 80)
    for number in range(60, 80):
        tell(number, updated_at=NOON + HOUR, closed_at=NOON - number * dt.timedelta(seconds=1))
    after = found().total.within
    assert after is not None and (after.num, after.den) == (60, 80)


@pytest.mark.parametrize("is_working_time", [True, False])
def test_each_end_is_judged_as_its_row_is(is_working_time: bool) -> None:
    level(30, is_working_time=is_working_time)
    Organisation.objects.update(timezone="Europe/Moscow")
    tell(1, after=10)
    tell(2, closed_at=BEGAN + 31 * MINUTE)  # its time had passed
    tell(3, closed_at=BEGAN + 30 * MINUTE)  # needed no reply
    tell(4, resolved_at=BEGAN + 31 * MINUTE)
    tell(5, resolved_at=BEGAN + 20 * MINUTE, closed_at=NOON)  # ended with its solution
    tell(6, resolved_at=BEGAN + 20 * MINUTE, reopened_at=BEGAN + 40 * MINUTE)  # is waited for again
    tell(7, resolved_at=BEGAN + 20 * MINUTE, is_resolved=False)  # was not solved
    tell(8, is_abandoned=True, closed_at=NOON)
    tell(9, ago=10 * MINUTE)
    told = found()
    assert told.total.within is not None and (told.total.within.num, told.total.within.den) == (1, 5)
    assert (told.facts["no_reply"], told.total.waiting) == (2, 1)
    assert behind("late") == {"T-2", "T-4", "T-6", "T-7"}
    assert behind("judged") == behind("late") | behind("within") == behind("late") | {"T-1"}
    assert (behind("no_reply"), behind("waiting"), behind("no_times")) == ({"T-3", "T-5"}, {"T-9"}, set())


def test_source_that_tells_no_replies_is_not_judged_until_it_tells_one() -> None:
    level(30, is_working_time=False)
    Interaction.objects.all().delete()
    for number in range(5):
        tell(number)
    tell(5, closed_at=NOON)
    tell(6, channel="chat", ago=dt.timedelta(days=3), closed_at=NOON)
    told = found()
    assert told.total.within is not None and told.total.within.n == 0 and told.facts["no_times"] == 7
    assert behind("no_times") == {f"T-{number}" for number in range(7)} and not behind("late")
    tell(7, after=10, ago=dt.timedelta(days=5))
    told = found()
    assert told.total.within is not None and (told.total.within.num, told.total.within.den) == (1, 7)
    assert told.facts["no_times"] == 1 and behind("no_times") == {"T-6"}  # no chat has been replied to
    assert list(TellingSource.objects.values_list("source", "channel", "team")) == [("crm", "email", None)]


def test_hours_changed_later_judge_nothing_anew() -> None:
    Calendar.objects.create(name="days", is_default=True, timezone="Europe/Moscow", holidays="")
    level(60)
    tell(1, after=10)
    row = tell(2, ago=dt.timedelta(hours=20), closed_at=NOON - HOUR)  # Tuesday 16:00 to Wednesday 11:00
    assert row.unanswered_working_seconds == 4 * 3600
    assert found().facts["late"] == 1
    Calendar.objects.update(week={})
    rollups.mark_everything()
    assert found().facts["late"] == 1


def test_no_waiter_is_dropped_but_the_newest_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    level(30, is_working_time=False)
    tell(0, after=1)
    for number in range(1, 6):
        tell(number, ago=number * 10 * MINUTE)
    monkeypatch.setattr(unanswered, "MOST_WAITING", 3)
    told = found()
    assert told.total.within is not None and told.total.within.n == 3
    assert told.is_cut and told.total.waiting == 1


def test_answers_about_them_are_not_of_the_fast(survey: Survey) -> None:
    level(30, is_working_time=False)
    tell(0, after=1)
    for number, minutes in ((1, 60), (2, 5)):
        contact = tell(number, closed_at=BEGAN + minutes * MINUTE)
        answer(survey, 5, at=NOON, invitation=make_invitation(survey, interaction=contact, answered_at=NOON))
    found()
    told = served_counts.histograms(ServedDay.objects.all())
    assert {step: hist for (aspect, step), hist in told.items() if aspect == "within"} == {"late": {5: 1}}


def test_page_tells_who_is_in_no_share(login: Callable[[User], Client], administrator: User) -> None:
    User.objects.update(language="en")
    level(30, is_working_time=False)
    tell(0, after=1)
    tell(1, closed_at=BEGAN + MINUTE)
    tell(2, channel="chat")
    found()
    client = login(administrator)
    for page in ("/admin/dashboard/", "/admin/service/"):
        page = without_tags(client.get(page).content.decode())
        assert "1 ended without a reply before the service level had passed" in page
        assert "1 came from a source that tells no reply times in its channel" in page
    html = client.get("/admin/dashboard/").content.decode().replace("&amp;", "&")
    for name, row in (("no_reply", "T-1"), ("no_times", "T-2")):
        (href,) = set(re.findall(rf'href="([^"]*counted={name})"', html))
        assert set(re.findall(r"T-\d", client.get(href).content.decode())) == {row}
    assert set(ContactDay.objects.filter(fact__startswith="no_").values_list("fact", flat=True)) == {
        "no_reply", "no_times",
    }  # fmt: skip
