"""Nobody sets with a form or a call what is not theirs to say: team, owner, where a score comes from, flags."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from feedback.models import Comment, Response
from ground.models import ApiKey, Role, Team, User
from surveys.models import Customer, Interaction, Survey
from tests import two_teams
from tests.conftest import client_with_key
from tests.feedback.answering import Fields
from tests.hostile import api as bodies
from tests.hostile.corpus import FORM
from tests.hostile.pages import fresh_form
from tests.hostile.world import CLIENT, form, make_world

pytestmark = pytest.mark.django_db
# What our rows keep and nobody outside may say.
OURS = {
    "id", "team_id", "agent_id", "owner", "author", "by", "score", "evidence", "held_for", "score_source", "labels",
    "invitation", "answer_state", "decision", "role", "is_active", "customer_id", "token_hash", "lease",
}  # fmt: skip
# What an answer's row takes from its link, and not from its form.
COPIED = (
    "team_id",
    "agent_id",
    "survey_id",
    "version_id",
    "evidence",
    "held_for",
    "score",
    "scale",
    "channel",
    "reason",
)
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "interactions/": ("post", "interactions/", bodies.INTERACTION),
    "interactions/bulk/": ("post", "interactions/bulk/", bodies.INTERACTION),
    "interactions/skip/": ("post", "interactions/skip/", bodies.SKIP),
    "customers/": ("post", "customers/", bodies.CUSTOMER),
    "customers/bulk/": ("post", "customers/bulk/", bodies.CUSTOMER),
    "customers/<path:external_id>/": ("patch", "customers/known/", {"name": "x"}),
    "comments/": ("post", "comments/", bodies.COMMENT),
    "suppressions/": ("post", "suppressions/", bodies.ENTRY),
}


def objects(body: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every object of known fields in a body; attributes are the caller's own words."""
    if isinstance(body, dict):
        yield way
        for name, value in body.items():
            if name != "attributes":
                yield from objects(value, (*way, name))
    elif isinstance(body, list):
        for place, value in enumerate(body):
            yield from objects(value, (*way, place))


def test_every_route_that_takes_a_body_is_here() -> None:
    from django.urls import get_resolver

    taking = set()
    for pattern in get_resolver().url_patterns:
        for one in getattr(pattern, "url_patterns", [pattern]):
            path = (str(pattern.pattern) if one is not pattern else "") + str(one.pattern)
            methods = set(getattr(getattr(one.callback, "cls", None), "http_method_names", ()))
            if path.startswith("api/v1/") and methods & {"post", "put", "patch"}:
                taking.add(path.removeprefix("api/v1/"))
    assert taking == set(BODIES)


@pytest.mark.parametrize("route", BODIES)
def test_a_program_says_nothing_that_is_ours(route: str, team: Team, survey: Survey) -> None:
    """In none of the objects of a body; it is told which field is not known."""
    method, path, body = BODIES[route]
    Customer.objects.create(external_id="known", email="known@example.org")
    client, before = client_with_key(ApiKey.objects.create_key(name="x")[1]), Customer.objects.count()
    for way in objects(body):
        for name in OURS:
            sent = copy.deepcopy(body)
            place = sent
            for step in way:
                place = place[step]
            if name in place or (route == "suppressions/" and name in ("survey",)):
                continue  # the caller's to say here
            place[name] = 1
            whole = {"items": [sent]} if "bulk" in route else sent
            reply = getattr(client, method)(f"/api/v1/{path}", json.dumps(whole), content_type="application/json")
            errors = reply.json()["results"][0]["errors"] if "bulk" in route else reply.json()["errors"]
            assert reply.status_code == (200 if "bulk" in route else 400), (way, name)
            assert any(error["attr"].split(".")[-1] == name for error in errors), (way, name, errors)
    assert (Customer.objects.count(), Interaction.objects.count(), Comment.objects.count()) == (before, 0, 0)


@pytest.mark.parametrize("place", ["r", "q", "t", "w"])
def test_a_customer_sets_only_the_answer(place: str, organisation: Any, team: Team, other_team: Team) -> None:
    """Whatever else a form sends beside it changes nothing about the row."""
    world = make_world(team)
    known = Customer.objects.get()
    kept: list[dict[str, Any]] = []
    ours = {name: str(known.pk) for name in OURS - {"score"}} | {"team": str(other_team.pk), "source": "x"}
    for more in ({}, ours):
        path, fields = fresh_form(world, place)
        with transaction.atomic():  # a second answer from here would be looked at more closely
            assert CLIENT.post(path, form(fields | {"comment": "x"} | more), content_type=FORM).status_code == 200
            row = Response.objects.order_by("-pk").values()[0]
            transaction.set_rollback(True)
        assert place == "r" or row["customer_id"] != known.pk
        kept.append({name: row[name] for name in COPIED})
    assert kept[0] == kept[1]


@pytest.fixture
def worlds(organisation: Any, survey: Survey) -> tuple[two_teams.World, two_teams.World]:
    ours = two_teams.World(Team.objects.create(code="a", name="A"), "ourword", survey)
    return ours, two_teams.World(Team.objects.create(code="b", name="B"), "theirword", survey)


def columns(row: models.Model) -> dict[str, Any]:
    return type(row)._default_manager.filter(pk=row.pk).values().get()


def test_a_form_of_the_desk_changes_only_what_it_shows(
    worlds: tuple[two_teams.World, two_teams.World], administrator: User
) -> None:
    """Every column that is not on the page is sent beside the page's own fields, with the other team's values."""
    ours, theirs = worlds
    tried = 0
    for user in (ours.people[Role.MANAGER], administrator):
        client = Client()
        client.force_login(user)
        for row in ours.rows:
            if not admin.site.is_registered(type(row)):
                continue
            address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
            page = client.get(address)
            if page.status_code != 200 or "adminform" not in (page.context or {}):
                continue
            shown = set(page.context["adminform"].form.fields)
            twin = next((one for one in theirs.rows if type(one) is type(row)), row)
            extra = {
                field.name: field.value_from_object(twin) or "1" for field in row._meta.concrete_fields
                if field.name not in shown and not field.primary_key and not isinstance(field, models.BinaryField)
            }  # fmt: skip
            before = columns(row)
            client.post(address, Fields(page).values | extra)
            after = columns(row)
            fields = {field.name: field.attname for field in row._meta.concrete_fields}
            changed = [name for name in extra if before[fields[name]] != after[fields[name]]]
            assert changed == [], (user, address)
            tried += 1
    assert tried > 10
