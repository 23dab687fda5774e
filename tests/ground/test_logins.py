"""Logging in: limits that tell nothing, a second factor that is taken once, sessions that can be ended."""

import datetime as dt
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ground import audit_words, second_factor, sessions
from ground.models import AuditEntry, LimitCounter, Membership, Organisation, Role, SecondFactor, Session, Team, User
from tests.config.forms_of_pages import as_typed

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("early")]
PASSWORD = "correct horse battery"
LOGIN, HOME = "/admin/login/", "/admin/feedback/comment/"
Login = Callable[..., Client]


def enter(client: Client, email: str, password: str = PASSWORD, **headers: str) -> Any:
    return client.post(LOGIN, {"username": email, "password": password}, headers=headers)


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def code_of(factor: SecondFactor, *, steps: int = 0) -> str:
    now = int(timezone.now().timestamp()) // second_factor.SECONDS
    return second_factor.code_at(second_factor.secret_of(factor), now + steps)


@pytest.fixture
def with_code(manager: User) -> SecondFactor:
    factor = second_factor.begin(manager)
    assert second_factor.confirm(factor, code_of(factor, steps=-1))
    return factor


# --- limits ------------------------------------------------------------------------------------------------------
def test_after_five_wrong_tries_even_the_right_password_waits(client: Client, manager: User) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 1, tzinfo=dt.UTC), tick=False) as clock:
        assert [enter(client, manager.email, "wrong").status_code for _try in range(5)] == [200] * 5
        locked = enter(client, manager.email)
        assert locked.status_code == 429 and not is_in(client)
        assert "14 минут" in locked.content.decode()
        clock.shift(dt.timedelta(minutes=15))
        assert enter(client, manager.email).status_code == 302 and is_in(client)


def test_a_log_in_that_succeeds_begins_the_count_anew(client: Client, manager: User) -> None:
    for _round in range(3):
        for _try in range(4):
            enter(client, manager.email, "wrong")
        assert enter(client, manager.email).status_code == 302


def test_the_lock_is_of_the_name_and_the_neighbourhood(
    client: Client, manager: User, viewer: User, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    for _try in range(6):
        enter(client, manager.email.upper(), "wrong", **{"X-Forwarded-For": "198.51.100.7"})
    assert enter(client, manager.email, **{"X-Forwarded-For": "198.51.100.200"}).status_code == 429
    assert enter(client, viewer.email, **{"X-Forwarded-For": "198.51.100.7"}).status_code == 302
    assert enter(Client(), manager.email, **{"X-Forwarded-For": "203.0.113.7"}).status_code == 302


def test_many_names_from_one_neighbourhood_are_stopped(client: Client, viewer: User) -> None:
    for number in range(100):
        enter(client, f"{number}@example.org", "wrong")
    assert enter(client, viewer.email).status_code == 429


def test_nothing_tells_whether_somebody_exists(client: Client, manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words, and a password is hashed once for either."""
    nobody = User.objects.create_user("norole@example.org", PASSWORD)
    idle = User.objects.create_user("idle@example.org", PASSWORD, is_active=False)
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda *given, **more: (hashed.append("x"), encode(*given, **more))[1]
    )
    told = {}
    for email, password in (
        (manager.email, "wrong"), ("unknown@example.org", "wrong"), (nobody.email, PASSWORD), (idle.email, PASSWORD),
        (nobody.email, "wrong"), (idle.email, "wrong"),
    ):  # fmt: skip
        hashed.clear()
        page = enter(client, email, password)
        told[email, password] = (page.status_code, str(page.context["form"].non_field_errors()), len(hashed))
    assert len(set(told.values())) == 1, told
    locked = [[enter(client, email, "x").status_code for _try in range(6)] for email in ("a@b.example", manager.email)]
    assert locked[0][-1] == locked[1][-1] == 429


@pytest.mark.parametrize(("wanted", "leads"), [
    (HOME, HOME), ("https://evil.example/", None), ("//evil.example/", None), ("/\\evil.example/", None),
    ("javascript:alert(1)", None), ("https://testserver.evil.example/", None), ("nowhere", None), ('"><b>', None),
])  # fmt: skip
def test_it_leads_on_within_the_desk_alone(client: Client, manager: User, wanted: str, leads: str | None) -> None:
    usual = enter(Client(), manager.email)["Location"]
    form = {"username": manager.email, "password": PASSWORD, "next": wanted}
    assert client.post(LOGIN, form)["Location"] == (leads or usual)
    assert client.get(LOGIN, {"next": wanted})["Location"] == (leads or usual)  # whoever is in is led on


def logged() -> list[tuple[str, int | None, str, dict[str, str]]]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "actor", "subject", "detail"))


def test_log_ins_lock_outs_and_own_passwords_stand_in_the_audit_log(client: Client, manager: User) -> None:
    person = f"ground.user:{manager.pk}"
    for _try in range(8):
        enter(client, manager.email.upper(), "wrong")
    for _try in range(7):
        enter(client, "my-secret-password", "wrong")
    locked = ("person.locked_out", None, person, {"step": "password"})
    unknown = ("person.locked_out", None, "", {"step": "password"})
    assert logged() == [locked, unknown]
    LimitCounter.objects.all().delete()
    enter(client, manager.email)
    page, new = reverse("admin:password_change"), "a longer horse battery"
    client.post(page, {"old_password": "wrong", "new_password1": new, "new_password2": new})
    client.post(page, {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert is_in(client)
    assert logged()[2:] == [
        ("person.logged_in", manager.pk, person, {}), ("password.changed", manager.pk, person, {}),
    ]  # fmt: skip
    assert all(audit_words.did(verb) != verb for verb, *_rest in logged())


def test_a_neighbourhood_and_codes_that_were_closed_stand_in_it_once(
    client: Client, manager: User, with_code: SecondFactor
) -> None:
    enter(client, manager.email)
    for _try in range(13):
        client.post(reverse("desk:login_code"), {"code": "000000"})
    for number in range(103):
        enter(Client(), f"{number}@example.org", "wrong")
    assert [detail for _verb, _by, _of, detail in logged()] == [{"step": "code"}, {"step": "neighbourhood"}]
    assert logged()[0][2] == f"ground.user:{manager.pk}" and logged()[1][2] == ""


def test_what_was_typed_as_a_name_stands_nowhere(client: Client, organisation: Any) -> None:
    enter(client, "my-secret-password", "x")
    assert not LimitCounter.objects.filter(key__contains="secret").exists()


@pytest.mark.parametrize("password", ["short", "password123", "1234567890", "manager@example.org"])
def test_weak_passwords_are_refused(login: Login, manager: User, password: str) -> None:
    form = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    assert login(manager).post(reverse("admin:password_change"), form).status_code == 200
    manager.refresh_from_db()
    assert manager.check_password(PASSWORD)


# --- second factor -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert second_factor.code_at(b"12345678901234567890", seconds // 30) == code


def test_it_is_set_up_on_the_page_and_then_asked_for(client: Client, manager: User) -> None:
    enter(client, manager.email)
    elsewhere = Client()
    enter(elsewhere, manager.email)
    page = client.post(reverse("desk:second_factor"), {"act": "begin"})
    assert "data:image/svg+xml" in page.content.decode()
    factor = SecondFactor(user=manager, salt=client.session["second_factor_salt"])
    wrong = client.post(reverse("desk:second_factor"), {"act": "confirm", "code": "000000"})
    assert wrong.status_code == 400 and second_factor.of(manager) is None
    done = client.post(reverse("desk:second_factor"), {"act": "confirm", "code": code_of(factor)})
    assert len(done.context["codes"]) == 10
    assert is_in(client) and not is_in(elsewhere)
    fresh = Client()
    asked = enter(fresh, manager.email)
    assert asked["Location"] == "/admin/login/code/" and not is_in(fresh)
    assert fresh.post(asked["Location"], {"code": code_of(factor, steps=1)})["Location"] == "admin:index" or is_in(
        fresh
    )
    assert AuditEntry.objects.filter(verb="second_factor.set_up", actor=manager).exists()


def test_a_code_is_taken_once(client: Client, manager: User, with_code: SecondFactor) -> None:
    code = code_of(with_code)
    assert second_factor.passes(manager, code)
    enter(client, manager.email)
    client.post(reverse("desk:login_code"), {"code": code})
    assert not is_in(client)
    assert not second_factor.passes(manager, code_of(with_code, steps=-1))  # nor an earlier one
    client.post(reverse("desk:login_code"), {"code": code_of(with_code, steps=1)})
    assert is_in(client)


def test_kept_codes_open_once_each(client: Client, manager: User, with_code: SecondFactor) -> None:
    code = second_factor.renew_codes(with_code)[3]
    enter(client, manager.email)
    client.post(reverse("desk:login_code"), {"code": f" {code.upper()} "})
    assert is_in(client)
    assert not second_factor.passes(manager, code)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00", "x" * 5000, "٠١٢٣٤٥"])
def test_what_is_no_code_is_refused(client: Client, manager: User, with_code: SecondFactor, code: str) -> None:
    enter(client, manager.email)
    assert client.post(reverse("desk:login_code"), {"code": code}).status_code == 200
    assert not is_in(client)


def test_codes_are_guessed_ten_times_from_wherever(manager: User, with_code: SecondFactor, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(11):
        client, headers = Client(), {"X-Forwarded-For": f"198.51.{number}.7"}
        enter(client, manager.email, **headers)
        tried = client.post(reverse("desk:login_code"), {"code": "000000"}, headers=headers)
    assert tried.status_code == 429
    assert client.post(reverse("desk:login_code"), {"code": code_of(with_code)}, headers=headers).status_code == 429


def test_the_code_alone_opens_nothing(client: Client, manager: User, with_code: SecondFactor) -> None:
    assert client.post(reverse("desk:login_code"), {"code": code_of(with_code)})["Location"] == LOGIN
    enter(client, manager.email)
    manager.set_password("another horse battery")
    manager.save()
    assert client.post(reverse("desk:login_code"), {"code": code_of(with_code)})["Location"] == LOGIN


def test_the_database_alone_makes_no_code(manager: User, with_code: SecondFactor, settings: Any) -> None:
    code = code_of(with_code)
    settings.LINK_KEY = "another"
    assert code_of(with_code) != code


@pytest.mark.parametrize("asked", [[], ["administrator"], ["manager"], ["viewer", "agent"], list(Role.values)])
def test_a_role_that_has_to_gets_no_further_without_it(
    manager: User, viewer: User, administrator: User, login: Login, asked: list[str]
) -> None:
    """Each role by itself, as it is ticked on the organisation's page."""
    page = reverse("admin:ground_organisation_change", args=[Organisation.current().pk])
    desk = login(administrator)
    assert desk.post(page, as_typed(desk.get(page), second_factor_roles=asked)).status_code == 302
    assert sorted(Organisation.current().second_factor_roles) == sorted(asked)
    for name, person in (("administrator", administrator), ("manager", manager), ("viewer", viewer)):
        client = Client()
        enter(client, person.email)
        page = client.get(HOME)
        assert (page.status_code == 302 and page["Location"] == "/admin/security/") == (name in asked)
        assert client.get("/admin/security/").status_code == 200
    enter(client := Client(), administrator.email)
    if "administrator" in asked:
        for address in ("/admin/security/extra", "/admin/ground/apikey/add/", "/admin/jobs/"):
            assert client.post(address).status_code == 302
        client.post(reverse("desk:second_factor"), {"act": "begin"})
        factor = SecondFactor(user=administrator, salt=client.session["second_factor_salt"])
        client.post(reverse("desk:second_factor"), {"act": "confirm", "code": code_of(factor)})
        assert is_in(client)
        client.post(reverse("desk:second_factor"), {"act": "remove"})
        assert second_factor.of(administrator)  # the organisation asks for it


def test_a_role_in_any_team_has_to(manager: User, other_team: Team) -> None:
    """A manager here who is a viewer there has to where viewers have to."""
    Organisation.objects.update(second_factor_roles=["viewer"])
    enter(client := Client(), manager.email)
    assert is_in(client)
    Membership.objects.create(user=manager, team=other_team, role=Role.VIEWER)
    assert client.get(HOME)["Location"] == "/admin/security/"


@pytest.mark.parametrize(("least", "roles"), [
    ("", []), ("administrator", ["administrator"]), ("manager", ["administrator", "manager"]),
    ("viewer", ["administrator", "manager", "viewer"]), ("agent", ["administrator", "manager", "viewer", "agent"]),
])  # fmt: skip
def test_the_former_setting_goes_on_as_the_roles_it_meant(organisation: Any, least: str, roles: list[str]) -> None:
    module = import_module("ground.migrations.0008_second_factor_by_role")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ground_organisation SET second_factor_from = %s", [least])
    state = MigrationLoader(connection).project_state(("ground", "0007_audit_whole"))
    for operation in module.Migration.operations[:2]:
        operation.state_forwards("ground", state)
    module.tell_roles(state.apps, None)
    organisation.refresh_from_db()
    assert organisation.second_factor_roles == roles


def test_a_lost_phone_is_helped_by_an_administrator_or_the_command(
    login: Login, administrator: User, manager: User, with_code: SecondFactor, client: Client
) -> None:
    other = Client()
    enter(other, manager.email)
    other.post(reverse("desk:login_code"), {"code": code_of(with_code)})
    page = reverse("desk:person_sessions", args=[manager.pk])
    assert login(administrator).post(page, {"act": "second_factor"}).status_code == 302
    assert second_factor.of(manager) is None and not is_in(other)
    assert set(AuditEntry.objects.values_list("verb", "actor")) >= {
        ("second_factor.removed", administrator.pk), ("sessions.ended", administrator.pk),
    }  # fmt: skip
    factor = second_factor.begin(administrator)
    second_factor.confirm(factor, code_of(factor))
    call_command("remove_second_factor", administrator.email.upper())
    assert second_factor.of(administrator) is None


# --- sessions ----------------------------------------------------------------------------------------------------
def test_people_see_and_end_their_sessions(manager: User, viewer: User) -> None:
    here, there, third = Client(), Client(), Client()
    for client, program in (
        (here, "Mozilla/5.0 (X11; Linux) Firefox/140.0"),
        (there, "Mozilla/5.0 (Windows) Chrome/1"),
    ):
        enter(client, manager.email, **{"User-Agent": program})
    enter(third, viewer.email)
    page = here.get("/admin/security/").content.decode()
    assert "Firefox, Linux" in page and "Chrome, Windows" in page and "127.0.0.1" in page
    assert not [row for row in Session.objects.all() if row.pk in page]
    foreign = sessions.mark(Session.objects.get(user=viewer))
    here.post("/admin/security/", {"session": foreign})
    assert is_in(third)
    [other] = [one for one in sessions.shown(manager) if "Chrome" in one["program"]]
    here.post("/admin/security/", {"session": other["mark"]})
    assert is_in(here) and not is_in(there)
    enter(there, manager.email)
    here.post("/admin/security/")
    assert is_in(here) and not is_in(there)


def test_administrators_end_another_persons_sessions(login: Login, administrator: User, manager: User) -> None:
    client = Client()
    enter(client, manager.email)
    desk = login(administrator)
    assert (
        reverse("desk:person_sessions", args=[manager.pk])
        in desk.get(reverse("admin:ground_user_change", args=[manager.pk])).content.decode()
    )
    desk.post(reverse("desk:person_sessions", args=[manager.pk]), {"act": "sessions"})
    assert not is_in(client)
    enter(client, manager.email)
    assert client.post(reverse("desk:person_sessions", args=[administrator.pk])).status_code == 403


def test_another_password_ends_the_other_sessions(manager: User) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        enter(client, manager.email)
    new = "a longer horse battery"
    here.post(reverse("admin:password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert is_in(here) and not is_in(there)


def test_use_is_noted_and_expired_sessions_go(client: Client, manager: User) -> None:
    enter(client, manager.email)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6), tick=False):
        is_in(client)
        assert Session.objects.get().seen_at == timezone.now()
    with time_machine.travel(timezone.now() + dt.timedelta(days=15), tick=False):
        assert sessions.forget_expired() == 1


def test_a_role_that_changes_holds_at_the_next_request(client: Client, manager: User) -> None:
    enter(client, manager.email)
    keys = reverse("admin:ground_apikey_changelist")
    assert client.get(keys).status_code == 403
    Membership.objects.filter(user=manager).update(team=None, role=Role.ADMINISTRATOR)
    assert client.get(keys).status_code == 200
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert not is_in(client)
