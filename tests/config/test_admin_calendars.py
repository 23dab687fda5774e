"""A manager's way to working hours: a line for each weekday, a country's holidays, days that differ."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ground.calendar_form import parse_days, parse_hours
from ground.models import Calendar

pytestmark = pytest.mark.django_db
ADD = reverse("admin:ground_calendar_add")


@pytest.fixture
def desk(login, administrator) -> Client:
    return login(administrator)


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Офис", "timezone": "Europe/Moscow", "holidays": "RU", "day_0": "9-13, 14:00–18:00", "other_days": "",
    } | fields  # fmt: skip


def test_hours_holidays_and_other_days_are_kept(desk) -> None:
    desk.post(ADD, typed(day_5="10.00 - 24:00", other_days="2026-12-31: 9-15\n02.01.2027", is_default="on"))
    calendar = Calendar.objects.get()
    assert calendar.week == {"0": [["09:00", "13:00"], ["14:00", "18:00"]], "5": [["10:00", "24:00"]]}
    assert calendar.days == {"2026-12-31": [["09:00", "15:00"]], "2027-01-02": []}
    assert (calendar.holidays, calendar.is_default) == ("RU", True)
    page = desk.get(reverse("admin:ground_calendar_change", args=[calendar.pk])).content.decode()
    assert "09:00–13:00, 14:00–18:00" in page
    assert "2026-12-31: 09:00–15:00\n2027-01-02: —" in page
    listed = desk.get(reverse("admin:ground_calendar_changelist")).content.decode()
    assert "10:00–24:00" in listed


@pytest.mark.parametrize("fields", [
    {"day_0": "morning"}, {"day_0": "18-9"}, {"day_0": "9-25"}, {"day_0": ""}, {"other_days": "tomorrow"},
    {"other_days": "2026-02-30"}, {"other_days": "2026-12-31: late"}, {"holidays": "XX"},
])  # fmt: skip
def test_what_cannot_be_read_is_refused(desk, fields) -> None:
    assert desk.post(ADD, typed(**fields)).status_code == 200
    assert not Calendar.objects.exists()


def test_one_calendar_holds_for_everybody_else(desk) -> None:
    desk.post(ADD, typed(is_default="on"))
    page = desk.post(ADD, typed(name="Ночь", is_default="on"))
    assert page.status_code == 200
    assert "Офис" in page.content.decode()
    assert Calendar.objects.count() == 1


def test_a_country_set_by_its_code_stays(desk) -> None:
    calendar = Calendar.objects.create(name="Bayern", holidays="DE-BY")
    change = reverse("admin:ground_calendar_change", args=[calendar.pk])
    desk.post(change, typed(name="Bayern", holidays="DE-BY"))
    calendar.refresh_from_db()
    assert calendar.holidays == "DE-BY"
    assert calendar.week == {"0": [["09:00", "13:00"], ["14:00", "18:00"]]}


def test_a_team_names_its_calendar(desk, team) -> None:
    calendar = Calendar.objects.create(name="Ночь")
    desk.post(reverse("admin:ground_team_change", args=[team.pk]),
              {"name": team.name, "code": team.code, "calendar": calendar.pk, "is_active": "on"})  # fmt: skip
    team.refresh_from_db()
    assert team.calendar == calendar


def test_managers_of_all_look_and_others_do_not(login, manager, organisation) -> None:
    assert login(manager).get(reverse("admin:ground_calendar_changelist")).status_code == 403


def test_days_off_are_said_in_many_ways() -> None:
    assert parse_hours("выходной") == parse_hours("") == parse_hours("—") == []
    assert parse_days("01.05.2026 выходной") == {"2026-05-01": []}
    with pytest.raises(ValidationError):
        parse_hours("09:00")
