import datetime as dt
import json
from collections.abc import Iterator

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone, translation

from config import schema
from ground.models import ApiKey
from surveys import deciding
from surveys.models import Agent, Customer, Decision, Interaction, InteractionEvent, Invitation

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def two_days_later() -> Iterator[None]:
    """Soon after the contacts that the tests tell of: asked months later, nobody would be invited any more."""
    with time_machine.travel(NOON):
        yield


URL = "/api/v1/interactions/"


def body(**changes) -> dict:
    return {
        "source": "zendesk",
        "external_id": "4711",
        "updated_at": "2026-11-20T12:00:00Z",
        "closed_at": "2026-11-20T11:59:00Z",
        "channel": "email",
        "customer": {"external_id": "c1", "email": "Ivan@Example.org", "language": "ru"},
        "team": {"code": "support", "name": "Support"},
        "agent": {"external_id": "a7", "name": "Anna"},
        "reason": "billing",
        "tags": ["vip"],
    } | changes


def test_it_creates_all_that_it_names(api, rule) -> None:
    reply = api.post(URL, body(), format="json")
    assert reply.status_code == 202, reply.json()
    assert reply.json()["outcome"] == "created"
    assert reply.json()["decision"]["outcome"] == "send"
    interaction = Interaction.objects.get()
    assert interaction.customer.email == "ivan@example.org"
    assert (interaction.team.code, interaction.agent.name, interaction.tags) == ("support", "Anna", ["vip"])
    assert set(InteractionEvent.objects.values_list("kind", flat=True)) == {"created", "closed"}


def test_a_later_report_updates_and_an_older_one_is_ignored(api, rule) -> None:
    api.post(URL, body(), format="json")
    later = api.post(URL, body(updated_at="2026-11-20T13:00:00Z", reason="refund"), format="json")
    older = api.post(URL, body(updated_at="2026-11-20T09:00:00Z", reason="old"), format="json")
    again = api.post(URL, body(updated_at="2026-11-20T13:00:00Z", reason="again"), format="json")
    assert [reply.json()["outcome"] for reply in (later, older, again)] == ["updated", "stale", "stale"]
    assert Interaction.objects.get().reason == "refund"
    assert Invitation.objects.count() == Decision.objects.count() == 1


def test_a_reopened_interaction_is_closed_a_second_time(api, rule) -> None:
    api.post(URL, body(), format="json")
    api.post(URL, body(updated_at="2026-11-21T12:00:00Z", closed_at="2026-11-21T11:00:00Z"), format="json")
    assert Interaction.objects.get().closings == 2
    assert Decision.objects.filter(closing=2).get().reason == "survey_rest"


def test_the_same_key_gets_the_same_reply(api, rule) -> None:
    first = api.post(URL, body(), format="json", headers={"Idempotency-Key": "k1"})
    second = api.post(URL, body(), format="json", headers={"Idempotency-Key": "k1"})
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first.headers


def test_the_same_key_with_another_body_is_409_and_changes_nothing(api, rule) -> None:
    api.post(URL, body(), format="json", headers={"Idempotency-Key": "k1"})
    reply = api.post(URL, body(external_id="4712"), format="json", headers={"Idempotency-Key": "k1"})
    assert reply.status_code == 409
    assert Interaction.objects.count() == 1


def test_a_refused_request_leaves_its_key_free(api, rule) -> None:
    bad = api.post(URL, body(customer={}), format="json", headers={"Idempotency-Key": "k1"})
    good = api.post(URL, body(), format="json", headers={"Idempotency-Key": "k1"})
    assert (bad.status_code, good.status_code) == (400, 202)


@pytest.mark.parametrize(
    ("changes", "attr"),
    [
        ({"colour": "red"}, "colour"),
        ({"customer": {"email": "ivan@example.org", "shoe": 43}}, "customer.shoe"),
        ({"customer": {}}, "customer"),
        ({"customer": "Ivan"}, "customer.non_field_errors"),
        ({"updated_at": "yesterday"}, "updated_at"),
        ({"updated_at": None}, "updated_at"),
        ({"updated_at": "2098-01-01T00:00:00Z"}, "updated_at"),
        ({"channel": "pigeon"}, "channel"),
        ({"tags": "vip"}, "tags"),
        ({"replies": -1}, "replies"),
        ({"closed_at": "0001-01-01T00:00:00Z"}, "closed_at"),
        ({"closed_at": "9999-12-31T23:59:59Z"}, "closed_at"),
        ({"customer": {"external_id": "c1", "timezone": "../../etc/passwd"}}, "customer.timezone"),
        ({"customer": {"external_id": "c1", "timezone": "x" * 300}}, "customer.timezone"),
        ({"source": ""}, "source"),
        ({"external_id": "x" * 129}, "external_id"),
    ],
)
def test_bad_input_is_400_and_names_the_field(api, changes: dict, attr: str) -> None:
    reply = api.post(URL, body(**changes), format="json")
    assert reply.status_code == 400
    assert attr in [error["attr"] for error in reply.json()["errors"]], reply.json()
    assert not Interaction.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50_000, 400),
        (b'{"source": NaN}', 400),
        (b'{"source": "a\\u0000b"}', 400),
        (b'{"source": "\\ud800"}', 400),
        (b'{"replies": 99999999999999999999999}', 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"text"', 400),
        (b" " * (10 * 1024 * 1024), 413),
    ],
)
def test_hostile_bodies(api, raw: bytes, status: int) -> None:
    reply = api.post(URL, raw, content_type="application/json")
    assert reply.status_code == status, reply.content[:300]
    assert reply.json()["errors"][0]["detail"]


def test_a_number_beyond_all_others_is_refused(api) -> None:
    raw = json.dumps(body(attributes={"depth": 0})).replace('"depth": 0', '"depth": [1e400]')
    assert api.post(URL, raw, content_type="application/json").status_code == 400


def test_an_unknown_address_answers_in_the_same_shape(client) -> None:
    reply = client.get("/api/v1/nothing/")
    assert reply.status_code == 404
    assert reply.json()["errors"][0]["code"] == "not_found"


def test_other_types_than_json_are_415(api) -> None:
    assert api.post(URL, "a=1", content_type="application/x-www-form-urlencoded").status_code == 415


def test_without_a_key_it_is_401(client) -> None:
    reply = client.post(URL, body(), content_type="application/json")
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == "Api-Key"


def test_an_unknown_key_is_401(client) -> None:
    reply = client.post(URL, body(), content_type="application/json", headers={"Authorization": "Api-Key nope.nope"})
    assert reply.status_code == 401


def test_an_expired_key_is_401(api) -> None:
    ApiKey.objects.update(expiry_date=timezone.now() - dt.timedelta(seconds=1))
    assert api.post(URL, body(), format="json").status_code == 401


def test_a_teams_key_writes_its_own_team_only(team_api, team, other_team, rule) -> None:
    own = team_api.post(URL, body(team={"code": team.code}), format="json")
    others = team_api.post(URL, body(external_id="2", team={"code": other_team.code}), format="json")
    nobodys = team_api.post(URL, body(external_id="3", team=None) | {}, format="json")
    assert own.status_code == 202
    assert others.status_code == 403
    assert nobodys.status_code in (400, 403)


def test_a_teams_key_moves_no_interaction_of_another_team_to_itself(team_api, api, team, other_team) -> None:
    api.post(URL, body(team={"code": other_team.code}), format="json")
    later = body(updated_at="2026-11-21T12:00:00Z", team={"code": team.code})
    assert team_api.post(URL, later, format="json").status_code == 403


def test_a_customer_known_by_address_is_adopted_by_the_crms_id(api) -> None:
    api.post(URL, body(customer={"email": "ivan@example.org"}), format="json")
    api.post(URL, body(external_id="2", customer={"external_id": "c9", "email": "ivan@example.org"}), format="json")
    assert Customer.objects.get().external_id == "c9"


def test_an_agents_name_is_brought_up_to_date(api) -> None:
    api.post(URL, body(), format="json")
    api.post(URL, body(external_id="2", agent={"external_id": "a7", "name": "Anna K."}), format="json")
    assert Agent.objects.get().name == "Anna K."


def test_the_schema_is_made_once_for_a_language_and_a_form(client, monkeypatch) -> None:
    made, make = [], schema.SchemaGenerator.get_schema

    def counted(*told, **how):
        made.append(translation.get_language())
        return make(*told, **how)

    monkeypatch.setattr(schema.SchemaGenerator, "get_schema", counted)
    schema._made.cache_clear()
    first = client.get("/api/schema/?format=json", headers={"Accept-Language": "ru"})
    for accept in ("ru", "ru", "en"):
        reply = client.get("/api/schema/?format=json", headers={"Accept-Language": accept})
        assert reply.status_code == 200 and reply["Content-Type"].startswith("application/json")
    assert made == ["ru", "en"] and first.json()["openapi"].startswith("3.")
    assert client.get("/api/schema/?format=json&lang=zz", headers={"Accept-Language": "ru"}).content == first.content
    assert b"openapi: 3" in client.get("/api/schema/").content
    assert client.get("/api/schema/?format=pdf").status_code == 404
    assert client.post("/api/schema/").status_code == 405


def test_the_schema_documents_it(client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    assert "/api/v1/interactions/" in schema["paths"]


def test_a_missing_database_is_503_in_the_same_shape(api, monkeypatch) -> None:
    def gone(report, **options):
        raise OperationalError("database is locked")

    monkeypatch.setattr(deciding, "receive", gone)
    reply = api.post(URL, body(), format="json")
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert reply.json()["errors"][0]["code"] == "unavailable"


def test_a_later_report_brings_the_customer_up_to_date(api, rule) -> None:
    api.post(URL, body(), format="json")
    later = body(updated_at="2026-11-20T13:00:00Z", customer={"external_id": "c1", "no_consent": True, "name": "Ivan"})
    assert api.post(URL, later, format="json").json()["outcome"] == "updated"
    customer = Customer.objects.get()
    assert (customer.no_consent, customer.name, customer.email) == (True, "Ivan", "ivan@example.org")


def test_a_later_report_may_leave_out_who_the_customer_is(api, rule) -> None:
    api.post(URL, body(), format="json")
    api.post(URL, body(updated_at="2026-11-20T13:00:00Z", customer={"no_consent": True}), format="json")
    assert Customer.objects.get().no_consent


def test_a_later_report_renames_the_team(api) -> None:
    api.post(URL, body(), format="json")
    api.post(URL, body(updated_at="2026-11-20T13:00:00Z", team={"code": "support", "name": "Care"}), format="json")
    assert Interaction.objects.get().team.name == "Care"


def test_a_teams_key_changes_no_customer_or_agent_of_another_team(api, team_api, team, other_team) -> None:
    api.post(URL, body(team={"code": other_team.code}), format="json")
    evil = {"external_id": "c1", "email": "evil@example.org"}
    taking = body(external_id="2", team={"code": team.code}, customer=evil, agent={"external_id": "own"})
    assert team_api.post(URL, taking, format="json").status_code == 202
    assert Customer.objects.get().email == "ivan@example.org"
    taking |= {"agent": {"external_id": "a7", "name": "Evil"}, "updated_at": "2026-11-21T12:00:00Z"}
    reply = team_api.post(URL, taking, format="json")
    assert (reply.status_code, reply.json()["errors"][0]["attr"]) == (400, "agent")
    agent = Agent.objects.get(external_id="a7")
    assert (agent.name, agent.team) == ("Anna", other_team)


@pytest.mark.parametrize(("changes", "attr"), [
    ({"created_at": "2026-11-20T12:00:00Z", "closed_at": "2026-11-20T11:00:00Z"}, "closed_at"),
    ({"created_at": "2026-11-20T12:00:00Z", "first_response_at": "2026-11-20T11:54:00Z", "closed_at": None},
     "first_response_at"),
    ({"enqueued_at": "2026-11-20T11:00:00Z", "answered_at": "2026-11-20T10:00:00Z"}, "answered_at"),
    ({"answered_at": "2026-11-20T11:00:00Z", "is_abandoned": True}, "is_abandoned"),
])  # fmt: skip
def test_what_cannot_be_true_together_is_refused_in_a_sentence(api, changes, attr) -> None:
    told = {name: value for name, value in body(**changes).items() if value is not None}
    reply = api.post(URL, told, format="json")
    assert reply.status_code == 400
    (error,) = reply.json()["errors"]
    assert error["attr"] == attr and error["detail"]
    bulk = api.post(f"{URL}bulk/", {"items": [told, body(external_id="2")]}, format="json").json()
    assert (bulk["counts"]["refused"], bulk["counts"]["created"]) == (1, 1)
    assert list(Interaction.objects.values_list("external_id", flat=True)) == ["2"]


def test_clocks_that_differ_a_little_contradict_nothing(api) -> None:
    told = body(created_at="2026-11-20T11:00:00Z", first_response_at="2026-11-20T10:58:00Z")
    assert api.post(URL, told, format="json").status_code == 202
