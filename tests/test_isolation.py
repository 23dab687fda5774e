"""Two teams beside each other: nobody of one meets a word of the other's, nor notices that its rows exist.

Who gets in where is recorded in `access.txt`, by every address and method. After a change that is meant, write it anew:
`RECORD_ACCESS=1 python -m pytest -p tests.servers tests/test_isolation.py -k recorded`.
"""

import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from analytics import rollups
from analytics.api.readers import READERS
from feedback.models import Comment
from ground import remembered, sessions
from ground.models import ApiKey, Membership, Role, Team, User
from surveys.starters import CSAT, start_survey
from tests import conftest, two_teams
from tests.hostile import api as bodies
from tests.two_teams import FORM, MISSING, MOMENT, PUBLIC, SECRETS, Seen, Whole, World, ask, try_out

pytestmark = pytest.mark.django_db
RECORD = Path(__file__).with_name("access.txt")
ROLES = [Role.AGENT, Role.VIEWER, Role.MANAGER]


class Place:
    """Both teams, an administrator, and what each of ours has seen of every address."""

    def __init__(self) -> None:
        conftest.make_organisation()
        survey = start_survey(CSAT, code="support", name="CSAT")
        self.ours = World(Team.objects.create(code="a", name="Первая"), "ourword", survey)
        self.theirs = World(Team.objects.create(code="b", name="Вторая"), "theirword", survey)
        self.theirs.serve(self.ours.customer, survey)  # both have served this one
        for row in self.theirs.rows:
            if row != self.ours.customer:
                self.theirs.mark(row)
        self.whole = Whole(survey, self.ours.customer).keys()
        self.missing = {kind: [MISSING] for kind in {**self.ours.keys(), **self.whole}}
        self.administrator = User.objects.create_user("admin@example.org", "correct horse battery")
        Membership.objects.create(user=self.administrator, team=None, role=Role.ADMINISTRATOR)
        self.survey = survey
        while rollups.roll_up():
            pass
        self._seen: dict[str, dict[str, Seen]] = {}

    def client(self, user: User) -> Client:
        sessions.end(user)  # or the page that lists them would grow
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def desk(self, role: str) -> Client:
        return self.client(self.administrator if role == Role.ADMINISTRATOR else self.ours.people[role])

    def seen(self, role: str) -> dict[str, Seen]:
        """What one of ours sees as long as nothing changes, looked at once for all tests."""
        if role not in self._seen:
            self._seen[role] = self.look(role)
        return self._seen[role]

    def opens(self, role: str, client: Client, address: str) -> bool:
        """Whether a page lets somebody in, asked where it was not seen before."""
        return (self._seen.get(role, {}).get(address) or try_out(client, address, "GET")).entered

    def look(self, role: str) -> dict[str, Seen]:
        """What somebody of ours sees everywhere, own comments having been opened before: that reads them."""
        client = self.desk(role)
        for pk in self.ours.keys()["feedback/comment"]:
            ask(client, reverse("admin:feedback_comment_change", args=[pk]))
        cache.clear()  # the sidebar's counts are remembered for a while
        found: dict[str, Seen] = {}
        for address in [*two_teams.lists(), *two_teams.walk(self.ours.keys(), self.whole), *two_teams.choosing()]:
            if address not in found:
                found[address] = ask(client, address)
                if address in two_teams.lists() and found[address].status == 200:
                    found |= {way: ask(client, way) for way in two_teams.ways(address)}
        return found


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """One for all tests of this file: each undoes what it does."""
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    patience = pytest.MonkeyPatch()
    patience.setattr(remembered, "COSTLY_SECONDS", float("inf"))
    patience.setattr(logging.getLogger("django.request"), "disabled", True)  # it prints a stack for each refusal
    with django_db_blocker.unblock(), quick, time_machine.travel(MOMENT, tick=False), transaction.atomic():
        cache.clear()
        yield Place()
        transaction.set_rollback(True)
    patience.undo()


@pytest.fixture(autouse=True)
def still(place: Place, db: None) -> Iterator[None]:
    """Nothing on a page moves with the clock."""
    cache.clear()
    with time_machine.travel(MOMENT, tick=False):
        yield


def keyed(place: Place, name: str, path: str) -> tuple[list[str], str] | None:
    """The addresses of a route about a team's row with the other team's, and with a key that nobody has."""
    theirs = two_teams.addresses(name, path, place.theirs.keys())
    lost = two_teams.addresses(name, path, place.missing)
    return (theirs, lost[0]) if theirs and theirs != lost and ("<" in path or name in two_teams.ASKED) else None


def door(seen: Seen, address: str) -> tuple[int, str]:
    """What tells one answer from another without reading it."""
    key = re.search(r"/(\d+)/", address)
    return seen.status, seen.to.replace(f"/{key[1]}/", "/key/") if key else seen.to


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_a_word_of_the_other_team_nor_personal_data_of_ones_own(place: Place, role: str) -> None:
    assert len(place.seen(role)) > 350
    for address, seen in place.seen(role).items():
        assert seen.status < 500, address
        assert place.theirs.word not in seen.text, address
        assert not [secret for secret in SECRETS if secret in seen.text], address


@pytest.mark.parametrize("role", ROLES)
def test_the_other_teams_rows_look_like_none(place: Place, role: str) -> None:
    """Not a word of them, and the same answer as for a key that there is not, by whatever method."""
    client, before = place.desk(role), two_teams.snapshot()
    for name, path in two_teams.routes():
        if (found := keyed(place, name, path)) is None:
            continue
        theirs, lost = found
        methods = ["GET", "POST", *(["PUT", "PATCH", "DELETE"] if role == Role.MANAGER else [])]
        for method in methods:
            sent = {"data": FORM} if method == "POST" else {}
            none = door(try_out(client, lost, method, **sent), lost)
            for address in theirs if method in ("GET", "POST") else theirs[:1]:
                seen = ask(client, address, method, **sent)
                assert place.theirs.word not in seen.text, (method, address)
                assert door(seen, address) == none, (method, address)
    assert two_teams.snapshot() == before


@pytest.mark.parametrize("role", ROLES)
def test_no_act_on_chosen_rows_reaches_the_other_teams(place: Place, role: str) -> None:
    """Of one's own team an act may well delete some: a list has no others to take."""
    client, before = place.desk(role), two_teams.snapshot()
    theirs = place.theirs.keys() | {kind: pks for kind, pks in place.whole.items() if kind != "surveys/pause"}
    for address, form in two_teams.acts(theirs):
        assert place.theirs.word not in ask(client, address, "POST", data=form).text, (address, form)
    lost = before - two_teams.snapshot()
    assert [row for row in lost if place.ours.word not in row] == []


def exports(client: Client) -> dict[str, Seen]:
    """Every file that the lists give."""
    found = {}
    for kind in ("comment", "response"):
        for form in ("csv", "xlsx"):
            for personal in ({}, {"personal": "1"}):
                address = reverse(f"admin:feedback_{kind}_export")
                seen = try_out(client, address, "POST", data={"format": form} | personal)
                found[f"{kind} {form} {personal}"] = seen
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_file_holds_a_word_of_the_other_team(place: Place, role: str) -> None:
    files = exports(place.desk(role))
    assert place.ours.word in files["comment csv {}"].text and place.ours.word in files["comment xlsx {}"].text
    for name, seen in files.items():
        assert place.theirs.word not in seen.text, name
        assert role == Role.MANAGER or "personal" not in name or seen.status == 403, name


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_nobody_gets_in_without_logging_in(place: Place) -> None:
    client = Client()
    for address in two_teams.walk(place.ours.keys(), place.whole):
        for method in METHODS:
            seen = ask(client, address, method)
            assert not seen.entered and place.ours.word not in seen.text, (method, address, seen.status)


def test_who_gets_in_is_as_recorded(place: Place) -> None:
    """Each address of the desk and of the API with one's own rows. A new one fails here until it is recorded."""
    found = [*into_the_desk(place), *into_the_api(place)]
    lines = [" | ".join([path, *(f"{method} {', '.join(who)}" for method, who in ways)]) for path, ways in found]
    if os.environ.get("RECORD_ACCESS"):
        RECORD.write_text("".join(f"{line}\n" for line in sorted(set(lines))), encoding="utf-8")
    recorded = RECORD.read_text(encoding="utf-8").splitlines()
    assert (sorted(set(lines) - set(recorded)), sorted(set(recorded) - set(lines))) == ([], [])


# What nobody may, what only leads on to a change, and a page by a ticket that is signed for one person.
NOBODYS = re.compile(r"/add/|/delete/|/<path:object_id>/|/import/<str:ticket>/|\(\?P<url>\.\*\)\$")


def test_each_route_lets_somebody_in_or_is_known_not_to() -> None:
    """A line without anybody holds nothing: the walk had no row with which the page opens."""
    lines = [line.split(" | ") for line in RECORD.read_text(encoding="utf-8").splitlines()]
    empty = [path for path, *who in lines if not who]
    assert [path for path in empty if not NOBODYS.search(path)] == []
    met = {path for path, *_who in lines}
    skipped = [path for name, path in two_teams.routes() if name not in PUBLIC and path not in met]
    assert skipped == ["admin/r/<path:content_type_id>/<path:object_id>/"]  # no model has a page on the site


Ways = Iterator[tuple[str, list[tuple[str, list[str]]]]]


def into_the_desk(place: Place) -> Ways:
    """By address and method: the roles that get past the doors, with a row of their team or of the whole."""
    clients = {role: place.desk(role) for role in (*ROLES, Role.ADMINISTRATOR)}
    own = place.ours.keys() | place.whole
    for name, path in two_teams.routes():
        if name in PUBLIC or not (found := two_teams.addresses(name, path, own)):
            continue
        assert len(found) == 1 or "<" in path or name in two_teams.ASKED, path
        gets = [role for role, client in clients.items() if place.opens(role, client, found[0])]
        posts = [role for role, client in clients.items() if try_out(client, found[0], "POST", data=FORM).entered]
        yield path, [(method, who) for method, who in (("GET", gets), ("POST", posts)) if who]


def test_the_walk_would_meet_the_word(place: Place) -> None:
    """On most kinds of pages our own people do meet ours."""
    for role, least in ((Role.AGENT, 20), (Role.VIEWER, 40), (Role.MANAGER, 45)):
        met = {
            re.sub(r"\d+", "1", address) for address, seen in place.seen(role).items() if place.ours.word in seen.text
        }
        assert len(met) >= least, sorted(met)


# --- programs ----------------------------------------------------------------------------------------------------
def calls(place: Place, world: World) -> dict[str, list[tuple[str, str, Any]]]:
    """By route of the API, as the resolver spells it: method, address and body, about this team's rows."""
    interaction = world.of("surveys/interaction")
    named = {"code": world.team.code}
    said = {"external_id": world.agent.external_id}
    contact = bodies.INTERACTION | {
        "external_id": interaction.external_id, "customer": {"external_id": world.customer.external_id},
        "team": named, "agent": said,
    }  # fmt: skip
    person = {"external_id": world.customer.external_id, "name": "x"}
    comment = bodies.COMMENT | {"team": world.team.code, "customer": {"external_id": world.customer.external_id}}
    skip = {
        "source": interaction.source,
        "external_id": interaction.external_id,
        "reason": "x",
        "agent": world.agent.external_id,
    }
    entry = str(place.whole["surveys/suppression"][0])
    of_metric = [f"?by={by}" for by in ("team", "agent")] + [f"?team={world.team.code}"]
    return {
        "interactions/": [("POST", "", contact)],
        "interactions/bulk/": [("POST", "", {"items": [contact]})],
        "interactions/skip/": [("POST", "", skip)],
        "decisions/": [("GET", "", None), ("GET", f"?external_id={interaction.external_id}", None)],
        "decisions/counts/": [("GET", "", None)],
        "customers/": [("GET", "", None), ("POST", "", person)],
        "customers/bulk/": [("POST", "", {"items": [person]})],
        "customers/<path:external_id>/": [
            ("GET", person["external_id"], None), ("PATCH", person["external_id"], {"name": "x"}),
        ],
        "suppressions/": [("GET", "", None), ("POST", "", bodies.ENTRY | {"survey": "support"})],
        "suppressions/<int:pk>/": [(method, entry, None) for method in ("GET", "DELETE")],
        "metrics/": [("GET", "", None)],
        "metrics/<slug:key>/": [("GET", f"{key}/{more}", None) for key in READERS for more in of_metric],
        "comments/": [("POST", "", comment)],
        "ideas/": [("GET", "", None)],
    }  # fmt: skip


def call(client: Client, route: str, method: str, more: str, body: Any, secret: str = "") -> Seen:
    plain = re.sub(r"<[^>]+>/?", "", route)
    address = f"/api/v1/{plain}{more}" + ("/" if "<" in route and "/" not in more else "")
    sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
    headers = {"Authorization": f"Api-Key {secret}"} if secret else {}
    return try_out(client, address, method, headers=headers, **sent)


def into_the_api(place: Place) -> Ways:
    """By address and method: the keys that get past the doors, for rows of the key's own team."""
    known = calls(place, place.ours)
    spelt = [path.removeprefix("api/v1/") for _name, path in two_teams.every_route() if path.startswith("api/v1/")]
    assert set(spelt) == set(known), "tell how it is called"
    secrets = {"nobody": "", "team": place.ours.secret, "whole": ApiKey.objects.create_key(name="whole")[1]}
    client = Client(raise_request_exception=False)
    for route, listed in known.items():
        ways = []
        for method in METHODS:
            more, body = next(((more, body) for way, more, body in listed if way == method), ("", None))
            who = [name for name, secret in secrets.items() if call(client, route, method, more, body, secret).entered]
            ways += [(method, who)] if who else []
        yield f"api/v1/{route}", ways


def test_no_call_of_a_teams_key_reaches_the_other_team(place: Place) -> None:
    client, before = Client(raise_request_exception=False), two_teams.snapshot()
    for about in (place.ours, place.theirs):
        for route, listed in calls(place, about).items():
            for method, more, body in listed:
                seen = call(client, route, method, more, body, place.ours.secret)
                assert place.theirs.word not in seen.text.replace(f"{place.theirs.word}-c", ""), (method, route, more)
                if about is place.theirs and method != "GET":
                    assert seen.status >= 400 or '"outcome":"refused"' in seen.text, (method, route, more)
    assert two_teams.snapshot() == before


def told(place: Place) -> dict[str, Seen]:
    """What our team's program is told."""
    client = Client(raise_request_exception=False)
    listed = calls(place, place.ours).items()
    return {
        f"{route} {more}": call(client, route, method, more, body, place.ours.secret)
        for route, those in listed for method, more, body in those if method == "GET"
    }  # fmt: skip


def test_more_rows_of_the_other_team_change_no_byte(place: Place) -> None:
    """Of no page, file, reply to a program, or choice offered while one types."""
    before = {role: exports(place.desk(role)) for role in ROLES}
    replies = told(place)
    first = {role: place.seen(role) for role in (Role.AGENT, Role.MANAGER)}
    for _more in range(3):
        place.theirs.serve(place.ours.customer, place.survey)
    World(Team.objects.create(code="c", name="Третья"), "thirdword", place.survey)
    Comment.objects.filter(team=place.theirs.team).update(text="thirdword")
    while rollups.roll_up():
        pass
    cache.clear()
    assert told(place) == replies
    for role in ROLES:
        assert exports(place.desk(role)) == before[role]
    for role, seen in first.items():
        now = place.look(role)
        assert [address for address, what in seen.items() if now[address] != what] == []
